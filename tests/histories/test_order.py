"""The order of ORDER.md 1 to 3 on real histories: append-only, and what a slow reading says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.git_repository import GitRepository
from gitlembic.core.presence import Presences
from tests.histories.conftest import neighbours
from tests.histories.rebuild import Conversion
from tests.support.orders import compute_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.histories.conftest import Build
    from tests.histories.rebuild import Rebuilt
    from tests.histories.recorded import Order, RecordedHistory

CI_STEP = {"warehouse": 16, "backend.ai": 32, "neutron": 1}
"""Neutron has the merges and the deletions; the others have many migrations."""

KNOWN_FIGURES = {"warehouse": 0, "backend.ai": 9, "neutron": 2}
"""Migrations at HEAD that come before a parent they declare: forks re-chained by hand."""


def orders_of(rebuilt: Rebuilt, numbers: Iterable[int]) -> dict[int, Order]:
    """The order at some commits, each computed from its own tip."""
    with GitRepository(rebuilt.directory) as repository:
        presences = Presences(repository)
        return {number: compute_order(presences, rebuilt.ids[number], rebuilt.place(number)) for number in numbers}


def check_append_only(history: RecordedHistory, orders: dict[int, Order]) -> None:
    """Every order continues the one before it, as far as that is still present, and has everybody once."""
    before: Order = ()
    for number, order in orders.items():
        present = history.migrations(number).keys()
        kept = tuple(revision for revision in before if revision in present)
        assert order[: len(kept)] == kept, history.commits[number].name
        assert sorted(order) == sorted(present), history.commits[number].name
        before = order


def differing(history: RecordedHistory, orders: dict[int, Order]) -> list[str]:
    return [history.commits[number].name for number, order in orders.items() if order != history.orders[number]]


def test_order_is_append_only(condensed: Rebuilt) -> None:
    history = condensed.history
    pairs = neighbours(history.changes, CI_STEP[history.name])
    orders = orders_of(condensed, dict.fromkeys(number for pair in pairs for number in pair))
    for pair in pairs:
        check_append_only(history, {number: orders[number] for number in pair})
    assert differing(history, orders) == []


@pytest.mark.full
def test_order_is_append_only_at_every_change(condensed: Rebuilt) -> None:
    history = condensed.history
    orders = orders_of(condensed, history.changes)
    check_append_only(history, orders)
    assert differing(history, orders) == []


def test_reference_order_is_append_only_at_every_change(histories: dict[str, RecordedHistory]) -> None:
    for history in histories.values():
        check_append_only(history, {number: history.orders[number] for number in history.changes})


def test_order_with_every_migration_dynamic_is_the_same(
    build: Build, condensed_histories: dict[str, RecordedHistory]
) -> None:
    for history in condensed_histories.values():
        dynamic = build(history, Conversion(revisions=None))
        assert differing(history, orders_of(dynamic, history.changes[::30])) == []


def test_order_at_head_has_the_known_figures(whole: Rebuilt) -> None:
    history = whole.history
    order = orders_of(whole, [history.head])[history.head]
    place = {revision: number for number, revision in enumerate(order)}
    declared = history.migrations(history.head)
    early = [name for name in order if any(place[parent] > place[name] for parent in declared[name].parents)]
    assert len(early) == KNOWN_FIGURES[history.name]
    assert order == history.orders[history.head]


def test_dropping_commits_that_change_nothing_changes_no_order(
    histories: dict[str, RecordedHistory], condensed_histories: dict[str, RecordedHistory]
) -> None:
    for name, history in histories.items():
        few = condensed_histories[name]
        assert [few.orders[number] for number in few.changes[: len(history.changes)]] == [
            history.orders[number] for number in history.changes
        ]


@pytest.mark.full
def test_order_among_all_commits(whole: Rebuilt) -> None:
    history = whole.history
    pairs = neighbours(history.changes, 20)
    orders = orders_of(whole, dict.fromkeys(number for pair in pairs for number in pair))
    for pair in pairs:
        check_append_only(history, {number: orders[number] for number in pair})
    assert differing(history, orders) == []
