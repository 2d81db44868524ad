"""How the shells ask, and what each of them is told."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitlembic.cli.completion import Candidate, Paths
from gitlembic.cli.shells import _for_bash, _for_fish, _for_zsh, split_bash


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("gitlembic", ["gitlembic"]),
        ("gitlembic ", ["gitlembic", ""]),
        ("gitlembic  up", ["gitlembic", "up"]),
        ("g a:b c@d --x=y", ["g", "a:b", "c@d", "--x=y"]),
        ("g 'a b' c", ["g", "a b", "c"]),
        ("g 'a b", ["g", "a b"]),
        ("g \"a'b", ["g", "a'b"]),
        ("g a\\ b", ["g", "a b"]),
        ("g '' ", ["g", "", ""]),
        ("g 'a\\b'", ["g", "a\\b"]),
        ("g a\\", ["g", "a"]),
        ("", [""]),
    ],
)
def test_bash_words(line: str, words: list[str]) -> None:
    assert split_bash(line) == words


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
def test_bash_words_are_what_was_quoted(words: list[str]) -> None:
    assert split_bash(f"{shlex.join(words)} ") == [*words, ""]


@pytest.mark.parametrize(
    ("current", "replaced", "replies"),
    [
        ("a1:b", "b", ["b2", "b3"]),
        ("a1:b", "a1:b", ["a1:b2", "a1:b3"]),  # without the colon in COMP_WORDBREAKS
        ("a1:b", "1:b", ["1:b2", "1:b3"]),
        ("a1:", "", ["b2", "b3"]),
        ("a1:b", "x", []),
    ],
)
def test_bash_gets_the_part_that_it_replaces(current: str, replaced: str, replies: list[str]) -> None:
    found = (Candidate("a1:b2", "two"), Candidate("a1:b3", "three"))
    assert list(_for_bash(found, current, replaced))[1:] == replies


def test_bash_gets_nothing_that_it_would_expand() -> None:
    found = (Candidate("a$(b)"), Candidate("a;b"), Candidate("a b"), Candidate("a`b`"), Candidate("über/v1.0~2^3@x"))
    assert list(_for_bash(found, "", "")) == ["words", "über/v1.0~2^3@x"]


def test_zsh_gets_what_describe_reads() -> None:
    found = (Candidate("a:b@c", "d: \\e"), Candidate("f\\g"))
    assert list(_for_zsh(found)) == ["words", "a\\:b@c:d: \\\\e", "f\\\\g"]


def test_fish_gets_columns() -> None:
    assert list(_for_fish((Candidate("a:b", "c: d"), Candidate("e")))) == ["words", "a:b\tc: d", "e\t"]


@pytest.mark.parametrize("paths", Paths)
def test_paths_are_a_word_for_the_script(paths: Paths) -> None:
    assert list(_for_bash(paths, "", "")) == list(_for_zsh(paths)) == list(_for_fish(paths)) == [paths.value]
