"""Who can say in which order the migrations of a location came: git, or only a chain file."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gitlembic.adapters.project_home import Home, find_homes
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.commands.part import Question, open_repository
from gitlembic.core.chain import Source
from gitlembic.core.history import WORKING_TREE
from gitlembic.core.presence import Presences
from gitlembic.errors import CannotTellError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.core.history import CommitId, Location
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.presence import Place
    from gitlembic.core.resolution import Resolution


def find_witnesses(
    home: Home,
    presences: Presences,
    history: WorkingTreeHistory,
    repository: RememberedRepository,
    question: Question,
) -> tuple[Place, Place]:
    """The locations that git answers for, and those for which only a chain file can.

    Git knows nothing of what it ignores (a package in an environment). Of what it could track but
    does not, a chain file that records it is the better witness.
    """
    by_file = []
    for location in home.place:
        if is_tracked(presences, history.head, location):
            continue
        here = presences.at(WORKING_TREE, (location,))
        entries = home.read_chain_files((location,)) if question.use_chain_file else None
        recorded = entries is not None and any(
            placed.migration.is_dynamic and revision in entries for revision, placed in here.migrations.items()
        )
        if recorded or repository.ignores(location, history.files(WORKING_TREE, location)):
            by_file.append(location)
        else:
            _check_untracked(here.migrations)
    return tuple(location for location in home.place if location not in by_file), tuple(by_file)


def is_tracked(presences: Presences, head: CommitId | None, location: Location) -> bool:
    """Whether HEAD has migrations in a location, or had them where it was before."""
    if head is None:
        return False
    return bool(
        presences.at(head, (location,)).migrations
        or presences.at(head, presences.place_at_parent(head, WORKING_TREE, (location,))).migrations
    )


def _check_untracked(migrations: Mapping[RevisionId, PlacedMigration]) -> None:
    """Refuse to arrange migrations of which git has seen none, where they were written side by side.

    Of a new project this is never so; of a copy that lies in somebody else's repository it is.
    """
    written: dict[RevisionId, PlacedMigration] = {}
    for placed in migrations.values():
        for parent in placed.migration.named_parents:
            other = written.setdefault(parent, placed)
            if other is not placed and (other.migration.is_dynamic or placed.migration.is_dynamic):
                raise CannotTellError(
                    f"git tracks none of the migrations here, and {other.migration.revision} ({other.shown}) and "
                    f"{placed.migration.revision} ({placed.shown}) were both written after {parent}, "
                    "so nothing tells which came first",
                    "if they were made here, commit them; else run this in the repository they come from, "
                    "or bring a chain file written there by `gitlembic chain --write`",
                )


def check_untracked_with(project: Project, directory: Path, new: PlacedMigration) -> None:
    """Refuse a migration in `directory` where git has seen none of those there, and could not place them with it."""
    real = os.path.realpath(directory)
    for home in find_homes(project):
        for location, paths in home.configured.items():
            if real in map(os.path.realpath, paths):
                with ExitStack() as stack:
                    repository = open_repository(home, stack)
                    if repository is None:
                        continue
                    history = WorkingTreeHistory(home.root).on_top_of(repository)
                    presences = Presences(history)
                    here = presences.at(WORKING_TREE, (location,))
                    if not is_tracked(presences, history.head, location) and not repository.ignores(location, ()):
                        _check_untracked({**here.migrations, new.migration.revision: new})


def git_could_place(project: Project, directory: Path, resolution: Resolution) -> bool:
    """Whether git will be able to tell the place of a new dynamic migration in `directory`.

    `resolution` is the answer for the project without it.
    """
    real = os.path.realpath(directory)
    source = next(
        (chain.source for chain in resolution.chains if real in map(os.path.realpath, chain.directories)), None
    )
    if source is Source.DECLARED:
        return any(
            _could_track(home, (location,))
            for home in find_homes(project)
            for location, paths in home.configured.items()
            if real in map(os.path.realpath, paths)
        )
    return source in {Source.GIT, Source.GIT_AND_CHAIN_FILE}


def _could_track(home: Home, place: Place) -> bool:
    with ExitStack() as stack:
        repository = open_repository(home, stack)
        return repository is not None and not any(repository.ignores(one, ()) for one in place)
