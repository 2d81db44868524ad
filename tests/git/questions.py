"""What the tests ask of a repository: the order and the chain, in a notation that fits a line."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import Project
from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.commands.resolve import resolve
from gitlembic.core.history import WORKING_TREE, CommitId, Location
from gitlembic.core.presence import Presences
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.orders import compute_order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.resolution import Resolution
    from tests.support.migrations import Down

LOCATION = "migrations/versions"


def migration(
    revision: str,
    down: Down = DYNAMIC,
    *,
    location: str = LOCATION,
    name: str = "",
    revises: str = "",
    create_date: str = "",
    labels: tuple[str, ...] = (),
    depends_on: tuple[str, ...] = (),
    message: str = "",
) -> dict[str, str]:
    """One migration in a file named for it, unless `name` says otherwise."""
    source = migration_source(
        revision,
        down,
        revises=revises,
        create_date=create_date,
        labels=labels,
        depends_on=depends_on,
        message=message,
    )
    return {f"{location}/{name or 'add_' + revision}.py" if location else f"{name or 'add_' + revision}.py": source}


def without(*revisions: str, location: str = LOCATION) -> dict[str, None]:
    """What a commit deletes: the files of these migrations."""
    return {f"{location}/add_{revision}.py": None for revision in revisions}


def renamed(files: dict[str, str], target: str, *, source_location: str = LOCATION) -> dict[str, str | None]:
    """The files of a location in another one: what the commit that moves them deletes and adds."""
    moved: dict[str, str | None] = dict.fromkeys(files)
    return moved | {target + path[len(source_location) :]: text for path, text in files.items()}


def write_files(root: Path, files: dict[str, str]) -> None:
    """Put files into the working tree, uncommitted."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def order(root: Path, commit: CommitId = WORKING_TREE, location: str = LOCATION, *, recursive: bool = False) -> str:
    """The order of a location at a commit, oldest first: `a b c`."""
    directory = find_git_directory(root)
    assert directory is not None
    with GitRepository(directory) as repository:
        presences = Presences(WorkingTreeHistory(root, repository))
        return " ".join(compute_order(presences, commit, (Location(location, recursive),)))


def resolve_project(
    root: Path, *locations: str, at: str | None = None, recursive: bool = False, all_births: bool = False
) -> Resolution:
    """The chains of the project that has these locations, by default the usual one."""
    paths = tuple(root / location for location in locations or (LOCATION,))
    return resolve(Project(root, paths, recursive), at=at, all_births=all_births)


def chains(root: Path, *locations: str, at: str | None = None, recursive: bool = False) -> list[list[str]]:
    """The chains of a project, each as `draw` draws it."""
    return [draw(chain) for chain in resolve_project(root, *locations, at=at, recursive=recursive).chains]


def chain(root: Path, *locations: str, at: str | None = None, recursive: bool = False) -> list[str]:
    """The only chain of a project, as `draw` draws it."""
    (only,) = chains(root, *locations, at=at, recursive=recursive)
    return only


def draw(found: Chain) -> list[str]:
    """Every migration with its parents, in the order of the chain, and a star at the end of its line.

    For instance `["z", "a < z *", "s < z (side head)"]`.
    """
    return [_draw_link(link, is_end=link.revision == found.end) for link in found.links]


def _draw_link(link: Link, *, is_end: bool) -> str:
    parents = f" < {' '.join(link.parents)}" if link.parents else ""
    return f"{link.revision}{parents}{' (side head)' if link.side_head else ''}{' *' if is_end else ''}"


def in_a_row(revisions: str) -> list[str]:
    """The chain in which each of these follows the one before: `a b c`."""
    names: Sequence[str] = revisions.split()
    drawn = [names[0], *(f"{name} < {before}" for before, name in itertools.pairwise(names))]
    return [*drawn[:-1], f"{drawn[-1]} *"]


def remove(root: Path, *revisions: str, location: str = LOCATION) -> None:
    """Delete files from the working tree."""
    for path in without(*revisions, location=location):
        (root / path).unlink()
