"""What a comparison of two databases finds, by values."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gitlembic.squash.create_table import split_create_table
from gitlembic.squash.schema_diff import Catalogue, Difference, Item, Table, judge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

_ITEMS = frozenset({Item("table", "t", ""), Item("column", "t/1", "id INTEGER")})


def _with(*rows: tuple[str, ...], items: frozenset[Item] = _ITEMS) -> Catalogue:
    return Catalogue(items, {"t": Table(("id", "name", "at"), rows)})


ADA = ("1", "'ada'", "12:00")


def test_equal() -> None:
    verdict = judge(_with(ADA), _with(ADA), _with(ADA))
    assert verdict.is_equal
    assert verdict.counts == {"table": 1, "column": 1, "row": 1}


def test_what_differs_between_two_runs_is_masked_and_nothing_else() -> None:
    later, latest = ("1", "'ada'", "12:01"), ("1", "'ada'", "12:02")
    verdict = judge(_with(ADA), _with(later), _with(latest))
    assert verdict.is_equal
    assert verdict.masked == ("t.at",)
    verdict = judge(_with(ADA), _with(later), _with(("1", "'bob'", "12:02")))
    assert verdict.differences == (Difference("rows", "t", "id=1, name='ada'", "id=1, name='bob'"),)


def _settings(secret: str, *, name: str = "'shop'", at: str = "1") -> Catalogue:
    return Catalogue(
        _ITEMS,
        {"s": Table(("key", "value", "at"), (("'secret'", secret, at), ("'name'", name, at), ("'size'", "3", at)))},
    )


def test_of_a_masked_column_the_rows_are_compared_in_which_it_is_the_same_each_time() -> None:
    first, second = _settings("'x'"), _settings("'y'", at="2")
    verdict = judge(first, second, _settings("'z'", at="3"))
    assert verdict.is_equal
    assert verdict.masked == ("s.value", "s.at")
    verdict = judge(first, second, _settings("'z'", name="'store'", at="3"))
    assert verdict.differences == (Difference("rows", "s", "key='name', value='shop'", "key='name', value='store'"),)


def test_values_that_are_paired_at_random_are_compared_column_by_column() -> None:
    def pairs(*rows: tuple[str, str]) -> Catalogue:
        return Catalogue(_ITEMS, {"p": Table(("a", "b"), rows)})

    first, second = pairs(("1", "x"), ("2", "y"), ("3", "z")), pairs(("1", "y"), ("2", "x"), ("3", "z"))
    verdict = judge(first, second, pairs(("1", "z"), ("2", "y"), ("3", "x")))
    assert verdict.is_equal
    assert verdict.masked == ("p (which values stand in one row)",)
    verdict = judge(first, second, pairs(("1", "z"), ("2", "y"), ("3", "w")))
    assert verdict.differences == (Difference("rows", "p", "b=x", "b=w"),)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")), max_size=6), st.randoms(use_true_random=False))
def test_runs_that_differ_in_random_ids_only_are_equal(names: list[tuple[str, str]], random: Random) -> None:
    """However many rows are alike, and in whatever order they come."""

    def run(ids: Iterator[int]) -> Catalogue:
        rows = [(str(next(ids)), *row) for row in names]
        random.shuffle(rows)
        return Catalogue(_ITEMS, {"t": Table(("id", "name", "at"), tuple(rows))})

    ids = count()
    assert judge(run(ids), run(ids), run(ids)).is_equal


def test_rows_are_compared_in_any_order_and_with_their_number() -> None:
    bob = ("2", "'bob'", "12:00")
    assert judge(_with(ADA, bob), _with(bob, ADA), _with(bob, ADA)).is_equal
    verdict = judge(_with(ADA), _with(ADA), _with(ADA, ADA))
    assert [(one.kind, one.name) for one in verdict.differences] == [("rows", "t")]


def test_the_schema_is_compared_object_by_object() -> None:
    other = frozenset({Item("table", "t", ""), Item("column", "t/1", "id BIGINT"), Item("index", "t/i", "x")})
    verdict = judge(_with(), _with(), _with(items=other))
    assert verdict.differences == (
        Difference("column", "t/1", "id INTEGER", "id BIGINT"),
        Difference("index", "t/i", None, "x"),
    )
    assert not verdict.unstable


def test_originals_that_differ_from_themselves_are_no_measure() -> None:
    other = frozenset({Item("table", "t_6f2c", "")})
    verdict = judge(_with(), _with(items=other), _with())
    assert verdict.unstable
    assert not verdict.is_equal


def test_create_table_is_taken_apart() -> None:
    made = split_create_table(
        """CREATE TABLE "a (b" (id INTEGER NOT NULL, -- x, y
  n NUMERIC(10, 2) DEFAULT (1+(2)), t TEXT DEFAULT 'a,)b''',
  CONSTRAINT z CHECK (n > 0), UNIQUE (n, t), PRIMARY KEY(id)) STRICT,  WITHOUT ROWID"""
    )
    assert made.columns == ("id INTEGER NOT NULL", "n NUMERIC(10, 2) DEFAULT (1+(2))", "t TEXT DEFAULT 'a,)b'''")
    assert made.constraints == ("CONSTRAINT z CHECK (n > 0)", "PRIMARY KEY(id)", "UNIQUE (n, t)")
    assert made.options == "STRICT, WITHOUT ROWID"
