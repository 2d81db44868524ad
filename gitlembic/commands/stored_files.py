"""The files of a chain as git has them: of the commit that was resolved, or else those on disk."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.stored_scripts import StoredFile
from gitlembic.core.history import SHORT_COMMIT, HistoryUnknownError
from gitlembic.errors import CannotTellError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution


def read_stored_files(project: Project, resolution: Resolution) -> dict[RevisionId, StoredFile]:
    """A file for every migration of a resolution.

    Chains of another repository than the commit's, of which it says nothing, are as they are on disk.
    Raises `CannotTellError` for what this clone lacks.
    """
    found = dict(_on_disk(resolution))
    if resolution.at is not None and resolution.head is not None:
        for home in find_homes(project):
            if home.repository is not None:
                with GitRepository(home.repository) as repository:
                    for chain in resolution.chains:
                        found |= _committed(repository, resolution.head, chain)
    missing = [link.placed.shown for link in resolution.links.values() if link.revision not in found]
    if missing:
        raise CannotTellError(
            f"git has not all files of {resolution.at or 'the working tree'} here: {missing[0]} is missing",
            "`git fetch --refetch` brings what is missing, `git fsck` looks for damage",
        )
    return found


def _on_disk(resolution: Resolution) -> Iterator[tuple[RevisionId, StoredFile]]:
    for chain in resolution.chains:
        for link in chain.links:
            path = _path(chain, link)
            with contextlib.suppress(OSError):
                yield link.revision, StoredFile(Path(path).read_bytes(), path, link.placed.path)


def _committed(repository: GitRepository, commit: CommitId, chain: Chain) -> Iterator[tuple[RevisionId, StoredFile]]:
    try:
        files = {path: file for location in chain.place for path, file in repository.files(commit, location).items()}
        for link in chain.links:
            if link.placed.path in files:
                source = repository.contents(files[link.placed.path])
                shown = f"{commit[:SHORT_COMMIT]}:{link.placed.path}"
                yield link.revision, StoredFile(source, _path(chain, link), shown)
    except HistoryUnknownError:  # another repository's commit, or objects that are missing
        return


def _path(chain: Chain, link: Link) -> str:
    return os.path.join(chain.root, *link.placed.path.split("/"))  # noqa: PTH118 -- a text, as Alembic keeps it
