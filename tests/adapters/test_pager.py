"""Which pager shows long text, and what happens when it is not there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.pager import page, pager_command

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({}, "less"),
        ({"PAGER": "more"}, "more"),
        ({"PAGER": "more", "GIT_PAGER": "less -S"}, "less -S"),
        ({"PAGER": "more", "GIT_PAGER": ""}, None),
        ({"PAGER": "cat"}, None),
    ],
)
def test_the_command_is_chosen_as_git_does(environment: dict[str, str], command: str | None) -> None:
    assert pager_command(environment) == command


def test_the_pager_gets_the_text_and_the_usual_settings(tmp_path: Path) -> None:
    target = tmp_path / "shown"
    pager = f"sh -c 'echo $LESS; cat' >{target}"
    assert page(b"text\n", {**os.environ, "GIT_PAGER": pager, "LESS": "-X"})
    assert target.read_text() == "-X\ntext\n"
    assert page(b"text\n", {"PATH": os.environ["PATH"], "PAGER": pager})
    assert target.read_text() == "FRX\ntext\n"


def test_who_leaves_the_pager_has_seen_enough() -> None:
    assert page(b"text\n" * 100_000, {**os.environ, "GIT_PAGER": "true"})


def test_a_pager_that_is_not_there_shows_nothing() -> None:
    assert not page(b"text\n", {**os.environ, "GIT_PAGER": "no-such-pager-at-all 2>/dev/null"})
    assert not page(b"text\n", {**os.environ, "GIT_PAGER": "cat"})
