"""Where a database stands: by values, and for any chain, position and journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gitlembic.core.journal import Action, Entry, changed_since
from gitlembic.core.migration import RevisionId
from gitlembic.core.standing import Standing, run_before, stand
from tests.support.evidence import link, placed

if TYPE_CHECKING:
    from gitlembic.core.chain import Link

LINKS = {RevisionId(name): link(placed(name), *parents) for name, parents in {"a": (), "b": "a", "c": "b"}.items()}


def _upgrades(names: str) -> list[Entry]:
    return [Entry(Action.UPGRADE, name, frozenset(name)) for name in names]


def test_without_a_journal_the_position_is_all_there_is() -> None:
    assert stand(LINKS, frozenset("b"), []) == Standing((), ("c",))
    assert stand(LINKS, frozenset("x"), []) == Standing(("x",), ())
    assert not stand(LINKS, frozenset("x"), []).is_ahead


def test_the_journal_knows_what_is_missing() -> None:
    assert stand(LINKS, frozenset("c"), _upgrades("ac")).missing == ("b",)
    assert stand(LINKS, frozenset("b"), _upgrades("ab")) == Standing(
        (), ("c",), ran=dict(zip("ab", _upgrades("ab"), strict=True))
    )


def test_at_an_unknown_position_whatever_never_ran_is_missing() -> None:
    assert stand(LINKS, frozenset("x"), _upgrades("acx")).missing == ("b",)
    assert stand(LINKS, frozenset("x"), _upgrades("abcx")).is_ahead


def test_what_ran_and_comes_after_the_position_is_not_pending() -> None:
    standing = stand(
        LINKS, frozenset("a"), [*_upgrades("ac"), Entry(Action.STAMP, None, frozenset("a"), frozenset("ac"))]
    )
    assert (standing.pending, standing.passed, standing.missing) == (("b",), ("c",), ())


def test_what_something_else_has_run_since_is_taken_as_run() -> None:
    assert stand(LINKS, frozenset("c"), _upgrades("ab")).missing == ()


def test_what_runs_before_includes_what_is_depended_on() -> None:
    links = {
        RevisionId("a"): link(placed("a", labels=("blue",))),
        RevisionId("b"): link(placed("b")),
        RevisionId("c"): link(placed("c", depends_on=("blue",)), "b"),
    }
    assert run_before(links, ["c"]) == ("a", "b", "c")
    assert run_before(links, ["b", "x"]) == ("b",)


def test_a_squash_ran_for_all_that_it_stands_for() -> None:
    squash = Entry(Action.UPGRADE, "c", frozenset("c"), frozenset("ab"))
    assert stand(LINKS, frozenset("c"), [squash]).missing == ()
    undone = Entry(Action.DOWNGRADE, "c", frozenset(), frozenset("ab"))
    assert stand(LINKS, frozenset(), [squash, undone]).ran == {}
    assert changed_since({"b": squash, "c": squash}, {"b": "1:new", "c": "1:new"}) == ()


@st.composite
def _cases(draw: st.DrawFn) -> tuple[dict[RevisionId, Link], frozenset[str], frozenset[str]]:
    """A chain with forks and merges, some heads, and what ran of it."""
    names = [f"r{number}" for number in range(draw(st.integers(1, 12)))]
    links: dict[RevisionId, Link] = {}
    for number, name in enumerate(names):
        parents = draw(st.sets(st.sampled_from(names[:number]), max_size=2)) if number else set()
        links[RevisionId(name)] = link(placed(name), *sorted(parents))
    heads = draw(st.frozensets(st.sampled_from([*names, "unknown"]), max_size=3))
    return links, heads, draw(st.frozensets(st.sampled_from(names)))


@given(_cases())
def test_every_migration_is_run_missing_or_pending(
    case: tuple[dict[RevisionId, Link], frozenset[str], frozenset[str]],
) -> None:
    links, heads, ran = case
    journal = [Entry(Action.UPGRADE, name, heads) for name in sorted(ran)]
    standing = stand(links, heads, journal)
    if not journal:
        assert standing.missing == ()
        return
    assert standing.ran is not None
    assert standing.ran.keys() == ran
    assert not ran & set(standing.missing)
    if heads <= links.keys():
        before = set(run_before(links, heads))
        assert before.union(standing.pending, standing.passed) == links.keys()
        assert set(standing.passed) == ran - before
        assert not ran & set(standing.pending)
        assert set(standing.missing) == before - ran
    else:
        assert (standing.pending, standing.passed) == ((), ())
        assert standing.is_ahead == (links.keys() <= ran)
