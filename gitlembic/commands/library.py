"""Holds the order of a project of `alembic-git-revisions` against ours, before it changes over."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.chain_file import chain_file_paths, read_chain_file
from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.versions_dir import read_source
from gitlembic.commands.recall import scan
from gitlembic.commands.resolve import resolve
from gitlembic.core.chain_file import find_contradiction
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.library_order import find_disagreements, first_appearances, library_parents, topological_order
from gitlembic.core.line import on_or_after_cycles
from gitlembic.core.migration import FOREIGN_LIBRARY
from gitlembic.core.presence import Presences
from gitlembic.errors import CannotTellError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.project_home import Home
    from gitlembic.core.chain import Link
    from gitlembic.core.chain_file import Contradiction
    from gitlembic.core.library_order import Disagreement
    from gitlembic.core.migration import PlacedMigration, RevisionId


@dataclass(frozen=True)
class LibraryOrder:
    """What that library says where a project asks it.

    `disagreements` are the migrations that follow somebody else there; `contradictions` the stretches
    in which the two orders differ. `unknown` says why they could not be compared.
    """

    disagreements: tuple[Disagreement, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    unknown: str = ""


def compare_with_library(project: Project) -> LibraryOrder | None:
    """The two orders of a project, compared; `None` if no migration that can be read asks that library."""
    try:
        asking = {home.root: directories for home in find_homes(project) if (directories := _asking(home))}
    except GitlembicError:  # whoever loads the migrations is told
        return None
    if not asking:
        return None
    try:
        theirs: dict[RevisionId, RevisionId] = {}
        for home in find_homes(project):
            for directory, migrations in asking.get(home.root, {}).items():
                theirs |= _parents(home, directory, migrations)
        chains = resolve(project, use_chain_file=False).chains
        links = [link for chain in chains for link in chain.links]
        if on_or_after_cycles({link.revision: _followed(theirs, link) for link in links}):
            raise CannotTellError("that library's order is a circle, so nothing can have been deployed in it")
    except GitlembicError as error:
        return LibraryOrder(unknown=error.message)
    contradictions = (find_contradiction({**theirs}, chain) for chain in chains)
    return LibraryOrder(
        find_disagreements(theirs, links),
        tuple(filter(None, contradictions)),
    )


def _followed(theirs: Mapping[RevisionId, RevisionId], link: Link) -> tuple[RevisionId, ...]:
    if link.placed.migration.is_dynamic and link.revision in theirs:
        return (theirs[link.revision],)
    return link.parents


def _asking(home: Home) -> dict[str, Sequence[PlacedMigration]]:
    """The directories in which a migration asks that library, with all migrations there."""
    directories: dict[str, list[PlacedMigration]] = {}
    for placed in Presences(scan(home)).at(WORKING_TREE, home.place).migrations.values():
        directories.setdefault(posixpath.dirname(placed.path), []).append(placed)
    return {
        directory: migrations
        for directory, migrations in directories.items()
        if any(placed.migration.is_dynamic and _asks(home.root / placed.path) for placed in migrations)
    }


def _asks(path: Path) -> bool:
    return FOREIGN_LIBRARY.encode() in read_source(path)


def _parents(home: Home, directory: str, migrations: Sequence[PlacedMigration]) -> dict[RevisionId, RevisionId]:
    """Whom the dynamic migrations of one directory follow there: its chain file counts more than git."""
    (path,) = chain_file_paths((home.root / directory,))
    recorded = read_chain_file(path)
    if recorded is not None:
        parents = {revision: parent for revision, parent in recorded.items() if parent is not None}
    else:
        parents = _parents_by_git(home, migrations)
    for placed in migrations:
        if placed.migration.is_dynamic and placed.migration.revision not in parents:
            raise CannotTellError(
                f"that library finds no parent for {placed.migration.revision} ({placed.path})"
                + (f" in {os.fspath(path)}" if recorded is not None else "")
            )
    return parents


def _parents_by_git(home: Home, migrations: Sequence[PlacedMigration]) -> dict[RevisionId, RevisionId]:
    if home.directory is None:
        raise CannotTellError(f"{home.root} is in no git repository")
    head = home.directory.read_head()
    names = {posixpath.basename(placed.path) for placed in migrations}
    with GitRepository(home.directory) as repository:
        try:
            commits = () if head is None else topological_order(head, repository.parents)
            appeared = first_appearances(commits, repository.added_files, names)
        except HistoryUnknownError as unknown:
            raise CannotTellError(
                f"that library needs the whole history, and this clone ends at {unknown.commit[:12]}"
            ) from unknown
    return library_parents(migrations, appeared)
