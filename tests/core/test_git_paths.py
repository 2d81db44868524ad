"""Paths in git commands."""

from __future__ import annotations

import shlex

import pytest

from gitlembic.core.git_paths import git_path


@pytest.mark.parametrize("path", ["versions/a1.py", "my app/a1; rm -rf ~.py", "-n/a'1.py", "versions/$(x)`y`.py"])
def test_a_path_is_one_word_that_starts_at_the_root(path: str) -> None:
    assert shlex.split(f"git add {git_path(path)}") == ["git", "add", f":/{path}"]


def test_a_plain_path_needs_no_quotes() -> None:
    assert git_path("versions/a1.py") == ":/versions/a1.py"
