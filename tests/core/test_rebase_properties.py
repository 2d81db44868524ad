"""Random histories: what a rebase of one commit's files, seen from another commit, promises (ORDER.md 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, event
from hypothesis import strategies as st

from gitlembic.core.chain import chain_from_line
from gitlembic.core.crossing import Crossing, Mainline
from gitlembic.core.fold import fold_line, fold_state
from gitlembic.core.freezing import plan_freeze
from gitlembic.core.history import WORKING_TREE, CommitId
from gitlembic.core.migration import Kind
from gitlembic.core.presence import Presences
from gitlembic.core.rebase import plan_moves
from gitlembic.errors import GitlembicError
from tests.support.memory_history import MemoryHistory, RandomHistory, hold, random_histories

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.chain import Chain
    from gitlembic.core.fold import State
    from gitlembic.core.history import Location
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.presence import Place
    from gitlembic.core.rebase import Move

COUNTS = pytest.mark.parametrize("examples", [60, pytest.param(5_000, marks=pytest.mark.full)])
MERGED = CommitId("merged")


def _crossing(story: RandomHistory, tip: CommitId, head: CommitId) -> Crossing:
    """The files of `head` as the working tree, and `tip` as the mainline."""
    history = story.history
    history.add(WORKING_TREE, (head,), history.tree(head))
    shared = history.ancestors(tip) & history.ancestors(head)
    bases = [one for one in shared if not any(one != other and one in history.ancestors(other) for other in shared)]
    return Crossing(Presences(history), (story.locations[head],), Mainline("main", tip, tuple(bases)))


def _going_on(crossing: Crossing, remembered: CommitId) -> Crossing:
    """The same question, where somebody has folded one of the commits before."""
    presences = Presences(crossing.presences.history)
    state = fold_state(presences, remembered, presences.place_at_parent(remembered, WORKING_TREE, crossing.place))

    def known(commit: CommitId, place: Place) -> State | None:
        return state if commit == remembered and set(place) <= state.place else None

    return Crossing(presences, crossing.place, crossing.mainline, known)


def _merge_for_real(story: RandomHistory, crossing: Crossing, moves: tuple[Move, ...], location: Location) -> Chain:
    """Rewrite the files, commit them, and merge them into the mainline."""
    history = story.history
    declared = {move.placed.path: move.declared for move in moves}
    history.add(WORKING_TREE, history.commits[WORKING_TREE].parents, {**history.tree(WORKING_TREE), **declared})
    edits = {move.revision: move.declared for move in moves}
    merged = crossing.merged(edits).migrations
    tree = {_free_path(placed, location): placed.migration for placed in merged.values()}
    history.add(MERGED, (crossing.mainline.tip, WORKING_TREE), tree)
    return _chain(history, MERGED, location)


def _free_path(placed: PlacedMigration, location: Location) -> str:
    """In the location, which may have been elsewhere; both sides may have its name. They stay in their order."""
    path = placed.path if location.holds(placed.path) else f"{location.path}/{placed.path.rpartition('/')[2]}"
    return f"{path.removesuffix('.py')}_{placed.migration.revision}.py"


def _chain(history: MemoryHistory, commit: CommitId, location: Location) -> Chain:
    return chain_from_line((location,), fold_line(Presences(history), commit, (location,)))


def _parents(chain: Chain) -> Mapping[RevisionId, tuple[RevisionId, ...]]:
    return {link.revision: link.parents for link in chain.links}


def _roots(chain: Chain) -> list[RevisionId]:
    return [link.revision for link in chain.links if not link.parents]


def _one_head_for_each_tree(chain: Chain) -> bool:
    """Whether nobody has two heads behind them."""
    return all(len({revision, *_followers(chain, revision)} & {*chain.heads}) == 1 for revision in _roots(chain))


def _lacks_parents(chain: Chain) -> bool:
    parents = _parents(chain)
    return not {parent for above in parents.values() for parent in above} <= parents.keys()


def _followers(chain: Chain, revision: RevisionId) -> set[RevisionId]:
    found = {revision}
    while more := {link.revision for link in chain.links if found & {*link.parents}} - found:
        found |= more
    return found - {revision}


@COUNTS
@pytest.mark.parametrize("only_adding", [True, False])
@pytest.mark.parametrize("kind", list(Kind))
def test_one_head_and_the_mainline_as_it_was(examples: int, kind: Kind, *, only_adding: bool) -> None:
    @hold(examples, random_histories(only_adding=only_adding), st.data())
    def _(story: RandomHistory, data: st.DataObject) -> None:
        tip, head = data.draw(st.sampled_from(story.commits)), data.draw(st.sampled_from(story.commits))
        location = story.locations[head]
        assume(story.locations[tip] == location)
        crossing = _crossing(story, tip, head)
        presence = Presences(story.history).at(WORKING_TREE, (location,))
        assume(not presence.duplicates and not presence.unparsable)
        before, here = crossing.merged_chain({}), crossing.chain({})
        if crossing.unmerged_dynamic():
            assert _parents(here) == _parents(_chain(story.history, WORKING_TREE, location))
        for other in (tip, head, data.draw(st.sampled_from(story.commits))):
            again = _going_on(crossing, other)
            assert (again.merged_chain({}), again.chain({})) == (before, here)
        if _lacks_parents(before) or _lacks_parents(here):  # which no command comes past
            return
        try:
            moves = plan_moves(crossing, kind)
        except GitlembicError as refusal:
            event(f"refused: {' '.join(refusal.message.split()[3:7])}")
            return
        event(f"{min(len(moves), 3)} moves")
        foreseen = crossing.merged_chain({move.revision: move.declared for move in moves})
        after = _merge_for_real(story, crossing, moves, location)
        assert (_parents(after), after.end) == (_parents(foreseen), foreseen.end)
        for chain in (after, _chain(story.history, WORKING_TREE, location)):
            assert _one_head_for_each_tree(chain)
            assert len(chain.heads) <= 1 or crossing.there.keys() >= {*_roots(after)}  # the mainline has them all
        # The mainline's line is at the beginning, in its order, and everybody there keeps their parents.
        line = [name for name in crossing.merged({}).members() if name in crossing.protected]
        assert [name for name in _parents(after) if name in crossing.protected] == line
        assert {name: _parents(after)[name] for name in line} == {name: _parents(before)[name] for name in line}
        assert crossing.protected.isdisjoint(move.revision for move in moves)
        if kind is Kind.STATIC and moves:  # what follows a moved one here goes on following it
            now = _chain(story.history, WORKING_TREE, location)
            for move in moves:
                # Save whom the mainline will have before it in any case: then both have one order from now on.
                turned = {one for one in _followers(here, move.revision) if move.revision in _followers(before, one)}
                followers = _followers(here, move.revision) - crossing.protected - turned
                assert followers <= _followers(now, move.revision)
                assert followers <= _followers(after, move.revision)
        # Done once, there is nothing left to do.
        story.history.commits.pop(MERGED)
        assert plan_moves(Crossing(Presences(story.history), (location,), crossing.mainline), kind) == ()


@COUNTS
def test_freezing_changes_no_parent(examples: int) -> None:
    @hold(examples, random_histories(), st.data())
    def _(story: RandomHistory, data: st.DataObject) -> None:
        tip, head = data.draw(st.sampled_from(story.commits)), data.draw(st.sampled_from(story.commits))
        location = story.locations[head]
        assume(story.locations[tip] == location)
        crossing = _crossing(story, tip, head)
        presence = Presences(story.history).at(WORKING_TREE, (location,))
        assume(not presence.duplicates and not presence.unparsable)
        merged, here = crossing.merged_chain({}), _chain(story.history, WORKING_TREE, location)
        line = [name for name in crossing.merged({}).members() if name in crossing.protected]
        newest = data.draw(st.sampled_from([None, "head", *line]))
        try:
            moves = plan_freeze(crossing, newest)
        except GitlembicError:
            event("refused")
            return
        event(f"{min(len(moves), 3)} moves")
        upto = line if newest is None or newest == "head" else line[: list[str](line).index(newest) + 1]
        migrations = crossing.merged({}).migrations
        dynamic = {name for name in upto if migrations[name].migration.is_dynamic}
        assert {move.revision for move in moves} == dynamic
        assert _parents(_merge_for_real(story, crossing, moves, location)) == _parents(merged)
        assert _parents(_chain(story.history, WORKING_TREE, location)) == _parents(here)
