"""Whether a revision that Alembic does not know was typed, or is where a database stands."""

from __future__ import annotations

import pytest

from gitlembic.core.explanation import is_typed


@pytest.mark.parametrize(
    ("name", "argument", "typed"),
    [
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("abc", "abc:def", True),
        ("def", "abc:def", True),
        ("def", "left@def", True),
        ("left", "left@head", True),
        ("abc", "abc+2", True),
        ("abc", "left@abc-1", True),
        ("head-1", "head-1", True),
        ("1", "+1", False),
        ("1", "head-1", False),
        ("", "abc", False),
    ],
)
def test_only_whole_names_count_without_steps(name: str, argument: str, *, typed: bool) -> None:
    assert is_typed(name, ["other", argument]) is typed
