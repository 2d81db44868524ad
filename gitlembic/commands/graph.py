"""The graph command: the chains of a project as pictures."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.remembered_project import recall_project
from gitlembic.commands.births import keep_births, with_known_births
from gitlembic.commands.kept_chain import keep
from gitlembic.commands.resolve import resolve
from gitlembic.core.history import HistoryUnknownError
from gitlembic.graph.draw import Parenthood, View, draw

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.adapters.project import Project
    from gitlembic.commands.positions import Positions
    from gitlembic.core.chain import Chain
    from gitlembic.core.explanation import Explanation
    from gitlembic.core.history import CommitId
    from gitlembic.core.resolution import Resolution
    from gitlembic.graph.picture import Picture


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to draw: at which commit, which part and how much of it, against which commit, and how."""

    at: str | None = None
    all_births: bool = False
    range: str | None = None
    limit: int | None = None
    against: str | None = None
    parenthood: Parenthood = Parenthood.COMPUTED
    by_commit: bool = False
    with_database: bool = False


@dataclass(frozen=True)
class Drawn:
    """What was drawn, and from what; `remarks` are about databases."""

    resolution: Resolution
    pictures: tuple[Picture, ...]
    remarks: tuple[Explanation, ...] = ()


def draw_graph(options: Sequence[str], wanted: Wanted) -> Drawn:
    """The chains of the project that Alembic's global options choose."""
    project = recall_project(options)
    resolution = resolve(project, at=wanted.at, all_births=wanted.all_births or wanted.by_commit)
    if wanted.at is None:
        keep(project, resolution)
        if wanted.all_births or wanted.by_commit:
            keep_births(project, resolution)
        else:
            resolution = with_known_births(project, resolution)
    positions = _read_positions(project, options, resolution) if wanted.with_database else None
    view = View(
        asked=_asked(project, resolution, wanted.range, positions),
        limit=wanted.limit,
        parenthood=wanted.parenthood,
        against=None if wanted.against is None else resolve(project, at=wanted.against),
        subjects=_subjects(project, resolution.births) if wanted.by_commit else None,
        positions=() if positions is None else positions.databases,
    )
    remarks = () if positions is None else (*positions.unknown, *positions.remarks)
    return Drawn(resolution, draw(resolution, view), remarks)


def read_sources(options: Sequence[str], drawn: Drawn) -> dict[str, str]:
    """The texts of the migrations that were drawn, by path: from the commit that was asked for, or from disk."""
    project = recall_project(options)
    found: dict[str, str] = {}
    for home in find_homes(project):
        if drawn.resolution.at is None:
            paths = [link.placed.path for link in drawn.resolution.links.values()]
            found |= {path: _text((home.root / path).read_bytes()) for path in paths if (home.root / path).is_file()}
        elif home.directory is not None and drawn.resolution.head is not None:
            found |= _committed_sources(home.directory, drawn.resolution.head, drawn.resolution.chains)
    return found


def _committed_sources(directory: GitDirectory, commit: CommitId, chains: Iterable[Chain]) -> dict[str, str]:
    from gitlembic.adapters.git_repository import GitRepository  # takes long to import  # noqa: PLC0415

    with GitRepository(directory) as repository, contextlib.suppress(HistoryUnknownError):
        return {
            path: _text(repository.contents(file))
            for chain in chains
            for location in chain.place
            for path, file in repository.files(commit, location).items()
        }
    return {}


def _text(source: bytes) -> str:
    return source.decode("utf-8", "replace")


def _subjects(project: Project, commits: Iterable[CommitId]) -> dict[CommitId, str]:
    """The first line of each commit's message, from whichever repository has that commit."""
    from gitlembic.adapters.git_repository import GitRepository  # takes long to import  # noqa: PLC0415

    found: dict[CommitId, str] = {}
    for directory in filter(None, (home.directory for home in find_homes(project))):
        with GitRepository(directory) as repository:
            for commit in commits:
                with contextlib.suppress(HistoryUnknownError):
                    found[commit] = repository.subject(commit)
    return found


def _read_positions(project: Project, options: Sequence[str], resolution: Resolution) -> Positions:
    from gitlembic.commands.positions import read_positions  # imports Alembic  # noqa: PLC0415

    return read_positions(project, options, resolution)


def _asked(
    project: Project, resolution: Resolution, text: str | None, positions: Positions | None
) -> frozenset[str] | None:
    """The revisions of a range; `None` for all."""
    if text is None:
        return None
    from gitlembic.commands.chain_range import revisions_in  # likewise  # noqa: PLC0415

    return revisions_in(project, resolution, text, positions)
