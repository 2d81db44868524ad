"""The working trees that hold a project's locations, with their whole history to compare with."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.core.chain_check import check_presence
from gitlembic.core.fold import git_groups
from gitlembic.core.grouping import declared_connections, group_locations
from gitlembic.core.history import WORKING_TREE
from gitlembic.core.presence import Presences
from gitlembic.errors import CannotTellError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.presence import Place


@dataclass(frozen=True)
class Checkout:
    """The working tree of one repository, with the locations in it that share a chain."""

    root: Path
    repository: GitRepository
    history: WorkingTreeHistory
    groups: tuple[Place, ...]


@contextmanager
def open_checkouts(project: Project) -> Iterator[tuple[Checkout, ...]]:
    """The working trees of a project; refuses what is in no repository, or cannot be read."""
    with ExitStack() as stack:
        checkouts = []
        for home in find_homes(project):
            if home.directory is None:
                raise CannotTellError(
                    f"{home.root} is in no git repository, so there is no mainline to compare with",
                    "run this in the repository of the project",
                )
            repository = stack.enter_context(GitRepository(home.directory))
            history = WorkingTreeHistory(home.root, repository)
            groups = _groups(Presences(history), home.place)
            checkouts.append(Checkout(home.root, repository, history, groups))
        yield tuple(checkouts)


def _groups(presences: Presences, place: Place) -> tuple[Place, ...]:
    presence = presences.at(WORKING_TREE, place)
    check_presence(presence)
    if not any(placed.migration.is_dynamic for placed in presence.migrations.values()):
        return group_locations(place, declared_connections(place, presence.migrations))
    return git_groups(presences, WORKING_TREE, place)
