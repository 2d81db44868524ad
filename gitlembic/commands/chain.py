"""The chain command: show it, write the chain file, check that it is fresh."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project
from gitlembic.adapters.chain_file import chain_file_paths, read_chain_file, write_chain_file
from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.project_home import find_homes
from gitlembic.commands.kept_chain import keep
from gitlembic.commands.resolve import resolve
from gitlembic.core.chain import Source
from gitlembic.core.chain_file import find_contradiction, parse_chain_file, render_chain_file
from gitlembic.core.history import Location
from gitlembic.doctor.evidence import FileFault
from gitlembic.errors import BrokenInputError, CannotTellError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitlembic.core.chain import Chain
    from gitlembic.core.chain_file import Contradiction, Entries
    from gitlembic.core.resolution import Resolution


def show_chain(options: Sequence[str], *, at: str | None, all_births: bool) -> Resolution:
    """The chains of the project that Alembic's global options choose."""
    project = load_project(options)
    resolution = resolve(project, at=at, all_births=all_births)
    if at is None:
        keep(project, resolution)
    return resolution


def write_chain(options: Sequence[str]) -> tuple[Path, ...]:
    """Write the chain files from git; which they are.

    Each holds the dynamic migrations of the chains that have a location beside it, so there is
    none without them. Refuses where git cannot be asked: a chain file must not be made from itself.
    """
    texts = {path: render_chain_file(chains) for path, chains in _files(options).items()}
    write_chain_files(texts)
    return tuple(texts)


def unignored_chain_files(options: Sequence[str], paths: Sequence[Path]) -> tuple[str, ...]:
    """Those of some chain files that git would take into a commit, relative to the root of the repository."""
    found: list[str] = []
    real = [Path(os.path.realpath(path)) for path in paths]
    for home in find_homes(load_project(options)):
        root = os.path.realpath(home.root)
        below = [path.relative_to(root).as_posix() for path in real if path.is_relative_to(root)]
        if home.repository is not None and below:
            with GitRepository(home.repository) as repository, suppress(BrokenInputError):  # git will say so
                found += [path for path in below if not repository.ignores(Location(""), [path])]
    return tuple(dict.fromkeys(found))


def write_chain_files(texts: Mapping[Path, str]) -> None:
    """Write chain files, each whole or not at all."""
    for path, text in texts.items():
        write_chain_file(path, text)


def plan_stale_chain_files(options: Sequence[str]) -> dict[Path, str]:
    """What to write into the chain files that are there and merely stale."""
    return {
        path: render_chain_file(chains)
        for path, chains in _files(options).items()
        if _state(path, chains).fault is FileFault.STALE
    }


@dataclass(frozen=True, slots=True)
class ChainFileState:
    """A chain file that the project needs; `fault` and `reason` where it is not what `write_chain` would write."""

    path: Path
    fault: FileFault | None = None
    reason: str = ""

    @property
    def is_only_record(self) -> bool:
        """Whether it holds an order that nothing else tells, and that writing it again would destroy."""
        return self.fault is FileFault.CONTRADICTING


def chain_file_states(options: Sequence[str]) -> tuple[ChainFileState, ...]:
    """The chain files that `write_chain` would write, and how they are now."""
    return tuple(_state(path, chains) for path, chains in _files(options).items())


def _state(path: Path, chains: Sequence[Chain]) -> ChainFileState:
    try:
        recorded = read_chain_file(path)
    except GitlembicError as error:
        return ChainFileState(path, FileFault.STALE, error.message.replace(f"{path} ", "", 1))
    if recorded is None:
        return ChainFileState(path, FileFault.MISSING, "missing")
    contradiction = next(filter(None, (find_contradiction(recorded, chain) for chain in chains)), None)
    if contradiction is not None:
        return ChainFileState(path, FileFault.CONTRADICTING, _both_orders(contradiction))
    reason = _difference(recorded, path, chains)
    return ChainFileState(path, FileFault.STALE if reason else None, reason)


def _files(options: Sequence[str]) -> dict[Path, list[Chain]]:
    """The chain files that a project needs, and the chains that each records."""
    files: dict[Path, list[Chain]] = {}
    dynamic = [chain for chain in resolve(load_project(options), use_chain_file=False).chains if chain.is_dynamic]
    from_git = [chain for chain in dynamic if chain.source is Source.GIT]
    if dynamic and not from_git:
        raise CannotTellError(
            "a chain file is made from git, and git does not track the migrations here",
            "run this in the repository that the migrations come from",
        )
    for chain in from_git:
        for path in chain_file_paths(tuple(map(Path, chain.directories))):
            files.setdefault(path, []).append(chain)
    return files


def _both_orders(found: Contradiction) -> str:
    return f"contradicts git: it has {', '.join(found.in_file)}, git has {', '.join(found.in_git)}"


def _difference(old: Entries, path: Path, chains: Sequence[Chain]) -> str:
    new = parse_chain_file(render_chain_file(chains), os.fspath(path))
    changes = (
        ("lacks", [revision for revision in new if revision not in old]),
        ("has too many", [revision for revision in old if revision not in new]),
        (
            "has another parent for",
            [revision for revision in new if revision in old and old[revision] != new[revision]],
        ),
    )
    said = [f"{verb} {', '.join(revisions)}" for verb, revisions in changes if revisions]
    # Another layout or order of the same entries: alembic-git-revisions sorts them by name.
    return "stale: it " + "; it ".join(said) if said else ""
