"""The working trees that hold a project's locations, with their whole history to compare with."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.commands.git_part import remember_head
from gitlembic.commands.part import checked, is_dynamic, open_repository
from gitlembic.core.fold import git_groups
from gitlembic.core.history import WORKING_TREE
from gitlembic.core.presence import Presences
from gitlembic.errors import CannotTellError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.project_home import Home
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.core.presence import Place


@dataclass(frozen=True)
class Checkout:
    """The working tree of one repository, with the locations in it that share a chain."""

    home: Home
    repository: RememberedRepository
    history: WorkingTreeHistory
    presences: Presences
    groups: tuple[Place, ...]


@contextmanager
def open_checkouts(project: Project) -> Iterator[tuple[Checkout, ...]]:
    """The working trees of a project; refuses what is in no repository, or cannot be read.

    Raises `HistoryUnknownError` where a shallow clone does not tell which locations share a chain.
    """
    with ExitStack() as stack:
        yield tuple(_open(home, stack) for home in find_homes(project))


def _open(home: Home, stack: ExitStack) -> Checkout:
    repository = open_repository(home, stack)
    if repository is None:
        raise CannotTellError(
            f"{home.root} is in no git repository, so there is no mainline to compare with",
            "run this in the repository of the project",
        )
    history = WorkingTreeHistory(home.root, repository, ScanCache(home.repository, home.place))
    presences = Presences(history)
    groups: tuple[Place, ...] = (home.place,)  # where nothing is dynamic, the declarations part the branches
    if is_dynamic(checked(presences, WORKING_TREE, home.place)):
        remember_head(repository, presences, history, home.place)
        groups = git_groups(presences, WORKING_TREE, home.place, repository.known)
    stack.callback(history.remember)
    return Checkout(home, repository, history, presences, groups)
