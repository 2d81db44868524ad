"""The rule of alembic-git-revisions by values; `tests/git` holds it against the library."""

from __future__ import annotations

from gitlembic.core.chain_file import Contradiction
from gitlembic.core.history import CommitId
from gitlembic.core.library_order import first_appearances, library_parents, topological_order
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId

HISTORY = {"base": (), "x": ("base",), "f": ("base",), "update": ("f", "x"), "merge": ("x", "update")}
"""A branch that was brought up to date before it was merged."""


def _placed(revision: str, *parents: str, dynamic: bool = True) -> PlacedMigration:
    kind = Kind.DYNAMIC if dynamic else Kind.STATIC
    return PlacedMigration(
        f"versions/{revision}_x.py", Migration(RevisionId(revision), kind, tuple(map(RevisionId, parents)))
    )


def _topological(tip: str) -> tuple[CommitId, ...]:
    return topological_order(CommitId(tip), lambda commit: tuple(map(CommitId, HISTORY[commit])))


def test_the_second_parent_may_come_before_what_was_there() -> None:
    assert _topological("merge") == ("base", "f", "x", "update", "merge")
    assert _topological("x") == ("base", "x")


def test_a_file_is_known_by_its_name_and_its_first_appearance() -> None:
    added = {"base": ["old/a.py", "b.py"], "f": ["new/a.py", "é/c.py", 'q".py'], "x": ["other.py", "c.py"]}
    commits = map(CommitId, ["base", "f", "x"])
    wanted = {"a.py", "b.py", "c.py", 'q".py'}
    assert first_appearances(commits, lambda commit: added[commit], wanted) == {"a.py": 0, "b.py": 1, "c.py": 2}


def test_dynamic_ones_follow_the_static_head_then_one_another() -> None:
    base, next_one = _placed("a", dynamic=False), _placed("b", "a", dynamic=False)
    parents = library_parents([_placed("e"), _placed("d"), _placed("c"), next_one, base], {"c_x.py": 1, "e_x.py": 0})
    assert list(parents.items()) == [("e", "b"), ("c", "e"), ("d", "c")]


def test_a_static_one_stands_right_behind_the_dynamic_one_that_it_declares() -> None:
    migrations = [_placed("a", dynamic=False), _placed("b"), _placed("c"), _placed("z", "b", dynamic=False)]
    assert library_parents(migrations, {"b_x.py": 0, "c_x.py": 1, "z_x.py": 2}) == {"b": "a", "c": "z"}


def test_two_static_heads_leave_the_first_without_a_parent() -> None:
    migrations = [_placed("a", dynamic=False), _placed("b", dynamic=False), _placed("c"), _placed("d")]
    assert library_parents(migrations, {}) == {"d": "c"}


def test_who_slipped_in_in_front_of_whom() -> None:
    in_file, in_git = (tuple(map(RevisionId, names)) for names in ("fxgy", "xyfg"))
    assert Contradiction(in_file, in_git).slipped_in == (("f", "y"), ("g", "y"))
