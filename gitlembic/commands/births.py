"""The births that a resolution does not tell, as far as finding them takes no walk through history."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gitlembic.adapters.birth_cache import BirthNotes, read_birth_notes, write_birth_notes
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.core.chain import Source
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.migration import Migration
from gitlembic.core.presence import Presences
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.adapters.git_repository import GitRepository
    from gitlembic.adapters.project import Project
    from gitlembic.adapters.project_home import Home
    from gitlembic.core.chain import Chain
    from gitlembic.core.history import CommitId, FileId
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution

_FURTHEST = 10_000
"""Commits between the one of the notes and HEAD: so far they are followed."""


def keep_births(project: Project, resolution: Resolution) -> None:
    """Remember what was found by a walk."""
    with contextlib.suppress(GitlembicError, HistoryUnknownError):
        for home, directory in _only_home(project):
            head = directory.read_head()
            if head is not None and head == resolution.head:  # whoever switched meanwhile
                found = {
                    link.revision: resolution.births[link.born]
                    for link in resolution.links.values()
                    if link.born is not None and link.born in resolution.births
                }
                write_birth_notes(directory, home.place, BirthNotes(head, _read_paths(directory, head, home), found))


def with_known_births(project: Project, resolution: Resolution) -> Resolution:
    """The same chains of the working tree, with births that are remembered, and with who is not committed."""
    if all(link.born for link in resolution.links.values()):
        return resolution
    with contextlib.suppress(GitlembicError, HistoryUnknownError):
        for home, directory in _only_home(project):
            head = directory.read_head()
            notes = BirthNotes(WORKING_TREE, frozenset(), {}) if head is None else _notes(home, directory, head)
            new = _uncommitted(home, directory, resolution, notes)
            births = {birth.commit: birth for birth in notes.births.values()}
            chains = tuple(_with_births(chain, notes, new) for chain in resolution.chains)
            return resolution._replace(chains=chains, births={**births, **resolution.births})
    return resolution


def _with_births(chain: Chain, notes: BirthNotes, new: frozenset[RevisionId]) -> Chain:
    def born(revision: RevisionId, known: CommitId | None) -> CommitId | None:
        if known is not None or revision in new:
            return known or WORKING_TREE
        return notes.births[revision].commit if revision in notes.births else None

    return chain._replace(links=tuple(link._replace(born=born(link.revision, link.born)) for link in chain.links))


def _only_home(project: Project) -> Iterable[tuple[Home, GitDirectory]]:
    """Of several repositories, HEAD is that of one."""
    homes = find_homes(project)
    return [(home, home.repository) for home in homes if len(homes) == 1 and home.repository is not None]


def _notes(home: Home, directory: GitDirectory, head: CommitId) -> BirthNotes:
    """What is known at HEAD: births of its first-parent line stay what they are while it grows, and they are there."""
    known = read_birth_notes(directory, home.place)
    if known is not None and known.commit == head:
        return known
    gone = _gone(directory, head, known.commit, home) if known is not None and known.births else None
    births = known.births if known is not None and gone is not None else {}
    lasting = {revision: birth for revision, birth in births.items() if revision not in (gone or ())}
    notes = BirthNotes(head, _read_paths(directory, head, home), lasting)
    write_birth_notes(directory, home.place, notes)
    return notes


def _uncommitted(
    home: Home, directory: GitDirectory, resolution: Resolution, notes: BirthNotes
) -> frozenset[RevisionId]:
    """Those of chains that need no history which HEAD, and what is being merged, has under no path.

    Of a location that is nowhere at HEAD it is asked where it was there (ORDER.md 3).
    """
    declared = [link for chain in resolution.chains if chain.source is Source.DECLARED for link in chain.links]
    new = {link.revision for link in declared if link.placed.path not in notes.paths}
    gone = notes.paths - {link.placed.path for link in resolution.links.values()}
    merging = directory.read_merge_heads()
    moved = notes.commit != WORKING_TREE and not all(any(map(one.holds, notes.paths)) for one in home.place)
    if not new or not (gone or merging or moved):
        return frozenset(new)
    with _opened(directory) as repository:
        commits = [*([notes.commit] if gone or moved else ()), *map(repository.peel, merging)]
        on_disk = Presences(WorkingTreeHistory(home.root, repository, ScanCache(directory, home.place)))
        then = on_disk.place_at_parent(notes.commit, WORKING_TREE, home.place) if moved else ()
        parsed = (
            repository.parse(path, file)
            for commit in commits
            for location in dict.fromkeys((*home.place, *then))
            for path, file in repository.files(commit, location).items()
            if path not in notes.paths or path in gone
        )
        return frozenset(new.difference(one.revision for one in parsed if isinstance(one, Migration)))


def _read_paths(directory: GitDirectory, commit: CommitId, home: Home) -> frozenset[str]:
    with _opened(directory) as repository:
        return frozenset(path for location in home.place for path in repository.files(commit, location))


def _gone(directory: GitDirectory, head: CommitId, commit: CommitId, home: Home) -> frozenset[RevisionId] | None:
    """Who was taken away between a commit and HEAD, even if it came back; `None` if the one does not lead to the other.

    Only files that a commit changed are read.
    """
    with _opened(directory) as repository:
        gone: set[RevisionId] = set()
        current, files = head, _read_files(repository, head, home)
        for _ in range(_FURTHEST):
            if current == commit:
                return frozenset(gone)
            parent = next(iter(repository.parents(current)), None)
            if parent is None:
                break
            if any(repository.fingerprint(current, one) != repository.fingerprint(parent, one) for one in home.place):
                before = _read_files(repository, parent, home)
                gone |= _declared(repository, before - files) - _declared(repository, files - before)
                files = before
            current = parent
        return None


def _read_files(repository: GitRepository, commit: CommitId, home: Home) -> frozenset[tuple[str, FileId]]:
    return frozenset(pair for location in home.place for pair in repository.files(commit, location).items())


def _declared(repository: GitRepository, files: Iterable[tuple[str, FileId]]) -> set[RevisionId]:
    parsed = (repository.parse(path, file) for path, file in files)
    return {one.revision for one in parsed if isinstance(one, Migration)}


def _opened(directory: GitDirectory) -> GitRepository:
    from gitlembic.adapters.git_repository import GitRepository  # takes long to import  # noqa: PLC0415

    return GitRepository(directory)
