"""Real histories with migrations turned dynamic: computed parents are append-only, and right."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.git_repository import GitRepository
from gitlembic.commands.resolve import resolve
from gitlembic.core.chain import Chain, chain_from_line
from gitlembic.core.fold import fold_line
from gitlembic.core.presence import Presences
from gitlembic.errors import CannotTellError
from tests.histories.conftest import neighbours
from tests.histories.rebuild import Conversion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.histories.conftest import Build
    from tests.histories.rebuild import Rebuilt
    from tests.histories.recorded import RecordedCommit, RecordedHistory

CI_STEP = 24


def chains_of(rebuilt: Rebuilt, numbers: Iterable[int]) -> dict[int, Chain]:
    """The chain at some commits, each computed from its own tip."""
    chains = {}
    with GitRepository(rebuilt.directory) as repository:
        presences = Presences(repository)
        for number in numbers:
            place = rebuilt.place(number)
            chains[number] = chain_from_line(place, fold_line(presences, rebuilt.ids[number], place))
    return chains


def line_of(chain: Chain) -> tuple[str, ...]:
    """The migrations on the line, oldest first."""
    everybody = tuple(link.revision for link in chain.links)
    return everybody[: everybody.index(chain.end) + 1] if chain.end is not None else ()


def computed_parents(chain: Chain) -> dict[str, tuple[str, ...]]:
    return {link.revision: link.parents for link in chain.links if link.placed.migration.is_dynamic}


def moved_by_hand(history: RecordedHistory, before: int, after: int, line: tuple[str, ...]) -> set[str]:
    """Static migrations that were declared anew onto somebody later, and those that hang on them."""
    old, new = history.migrations(before), history.migrations(after)
    place = {revision: number for number, revision in enumerate(line)}
    newest_place = len(line)
    moved = {
        name
        for name in old.keys() & new.keys()
        if old[name].parents != new[name].parents
        and any(place.get(parent, newest_place) > place.get(name, newest_place) for parent in new[name].parents)
    }
    while hanging := {name for name in new if name not in moved and not moved.isdisjoint(new[name].parents)}:
        moved |= hanging
    return moved


def check_append_only(history: RecordedHistory, chains: dict[int, Chain]) -> None:
    """Nobody is put in front of anybody, and a computed parent stays while it keeps its own place.

    Those who leave the line because somebody declared them anew onto a later one may go.
    """
    for (number, before), (following, chain) in itertools.pairwise(chains.items()):
        if not before.is_dynamic:
            continue
        where = history.commits[following].name
        dynamic = computed_parents(chain)
        left = moved_by_hand(history, number, following, line_of(before)) - dynamic.keys()
        present = {link.revision for link in chain.links} - left
        kept = tuple(revision for revision in line_of(before) if revision in present)
        now = tuple(revision for revision in line_of(chain) if revision not in left)
        assert now[: len(kept)] == kept, where
        for revision, parents in computed_parents(before).items():
            if present.issuperset((revision, *parents)):
                assert dynamic[revision] == parents, (where, revision)


def check_all_dynamic(history: RecordedHistory, chains: dict[int, Chain]) -> None:
    for number, chain in chains.items():
        if chain.is_dynamic:
            assert len(line_of(chain)) == len(chain.links), history.commits[number].name
            assert not chain.side_heads


def pairs_of_chains(rebuilt: Rebuilt, first: int, step: int) -> Iterator[dict[int, Chain]]:
    pairs = neighbours([number for number in rebuilt.history.changes if number >= first], step)
    chains = chains_of(rebuilt, [number for pair in pairs for number in pair])
    return ({number: chains[number] for number in pair} for pair in pairs)


def born_since(history: RecordedHistory, first: int) -> frozenset[str]:
    """The migrations that no commit before `first` had."""

    def revisions(commits: Iterable[RecordedCommit]) -> frozenset[str]:
        return frozenset(
            version.revision for commit in commits for version in commit.files.values() if version is not None
        )

    return revisions(history.commits) - revisions(history.commits[:first])


@dataclass(frozen=True)
class Adoption:
    """A project that went over to gitlembic when a share of its changes had happened."""

    name: str
    share: float

    def first(self, history: RecordedHistory) -> int:
        return history.changes[int(len(history.changes) * self.share)]


ADOPTIONS = [Adoption(name, share) for name in ("warehouse", "backend.ai") for share in (0.0, 0.5, 0.8)]


@pytest.mark.parametrize("adoption", ADOPTIONS, ids=lambda adoption: f"{adoption.name}-{adoption.share}")
def test_all_made_dynamic_by_one_commit(
    adoption: Adoption, condensed_histories: dict[str, RecordedHistory], build: Build
) -> None:
    history = condensed_histories[adoption.name]
    first = adoption.first(history)
    rebuilt = build(history, Conversion(revisions=None, since=first))
    for chains in pairs_of_chains(rebuilt, first, CI_STEP):
        check_append_only(history, chains)
        check_all_dynamic(history, chains)
        if not first:
            assert {number: line_of(chain) for number, chain in chains.items()} == {
                number: history.orders[number] for number in chains
            }


@pytest.mark.parametrize("adoption", ADOPTIONS, ids=lambda adoption: f"{adoption.name}-{adoption.share}")
def test_new_ones_dynamic_from_their_birth(
    adoption: Adoption, condensed_histories: dict[str, RecordedHistory], build: Build
) -> None:
    history = condensed_histories[adoption.name]
    first = adoption.first(history)
    rebuilt = build(history, Conversion(revisions=born_since(history, first)))
    for chains in pairs_of_chains(rebuilt, first, CI_STEP):
        check_append_only(history, chains)


@pytest.mark.full
@pytest.mark.parametrize("adoption", ADOPTIONS, ids=lambda adoption: f"{adoption.name}-{adoption.share}")
def test_every_change_of_a_project_that_went_over(
    adoption: Adoption, condensed_histories: dict[str, RecordedHistory], build: Build
) -> None:
    history = condensed_histories[adoption.name]
    first = adoption.first(history)
    everybody = Conversion(revisions=None, since=first)
    newcomers = Conversion(revisions=born_since(history, first))
    for conversion in (everybody, newcomers):
        rebuilt = build(history, conversion)
        check_append_only(history, chains_of(rebuilt, [number for number in history.changes if number >= first]))


def newest(history: RecordedHistory, count: int) -> list[str]:
    """Those of the newest migrations at HEAD that declare one parent."""
    declared = history.migrations(history.head)
    return [revision for revision in history.orders[history.head][-count:] if len(declared[revision].parents) == 1]


@pytest.mark.parametrize(
    ("name", "count", "differing"),
    [("warehouse", 30, 0), ("warehouse", 100, 0), ("backend.ai", 30, 2), ("backend.ai", 100, 17)],
)
def test_newest_dynamic_since_birth_follow_whom_they_declared(
    name: str, count: int, differing: int, histories: dict[str, RecordedHistory], build: Build
) -> None:
    history = histories[name]
    revisions = newest(history, count)
    resolution = resolve(build(history, Conversion(frozenset(revisions))).project)
    declared = history.migrations(history.head)
    links = resolution.links
    different = {link.revision for link in links.values() if link.parents != declared[link.revision].parents}
    assert len(different) == differing
    assert different <= set(revisions)


def test_chain_of_neutron_with_new_dynamic_migrations_is_refused(
    histories: dict[str, RecordedHistory], build: Build
) -> None:
    history = histories["neutron"]
    with pytest.raises(CannotTellError, match="cannot know its branch"):
        resolve(build(history, Conversion(frozenset(newest(history, 5)))).project)
