"""What one witness answers: a repository, the chain files, or the files alone."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.adapters.order_cache import OrderCache
from gitlembic.adapters.remembered_repository import RememberedRepository
from gitlembic.commands.recall import placed_at
from gitlembic.core.chain import Chain, Source, declared_chain
from gitlembic.core.chain_check import check_presence
from gitlembic.core.grouping import declared_connections, group_locations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack

    from gitlembic.adapters.project_home import Home
    from gitlembic.core.chain import Birth
    from gitlembic.core.history import CommitId
    from gitlembic.core.presence import Place, Presence, Presences


class Question(NamedTuple):
    """What `resolve` was asked for."""

    at: str | None
    all_births: bool
    use_chain_file: bool


class Part(NamedTuple):
    """The chains that one witness answers for: a repository, the chain files, or the files alone.

    `is_told_by_files`: they follow from the files on disk and the commits of the repository alone.
    """

    chains: tuple[Chain, ...]
    head: CommitId | None = None
    births: Mapping[CommitId, Birth] = MappingProxyType({})
    is_told_by_files: bool = False


def declared_chains(home: Home, presences: Presences, commit: CommitId, place: Place) -> tuple[Chain, ...]:
    """The chains of locations in which nothing is dynamic."""
    groups = group_locations(place, declared_connections(place, presences.at(commit, place).migrations))
    chains = (declared_chain(group, presences.at(commit, group)) for group in groups)
    return tuple(placed_at(home, chain, Source.DECLARED) for chain in chains)


def checked(presences: Presences, commit: CommitId, place: Place) -> Presence:
    """What stands there; refuses what is not one migration with an id of its own."""
    presence = presences.at(commit, place)
    check_presence(presence)
    return presence


def is_dynamic(presence: Presence) -> bool:
    """Whether any migration needs an order."""
    return any(placed.migration.is_dynamic for placed in presence.migrations.values())


def open_repository(home: Home, stack: ExitStack) -> RememberedRepository | None:
    """The repository of a home until `stack` is left, `None` without one; raises for a damaged one."""
    if home.directory is None:
        return None
    return stack.enter_context(RememberedRepository(home.directory, OrderCache(home.directory, home.place)))


def why_not_git(home: Home) -> str:
    """Why only a chain file can tell an order here, as the beginning of a sentence."""
    return f"{home.root} is in no git repository" if home.directory is None else "git ignores the migrations here"
