"""Pictures as the lines of a terminal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitlembic.core.history import CommitId
from gitlembic.core.resolution import Resolution
from gitlembic.core.visible_text import columns, visible
from gitlembic.graph.draw import View, draw
from gitlembic.graph.glyphs import ASCII, ROUNDED
from gitlembic.graph.marks import Tone
from gitlembic.graph.text import Screen, render_pictures
from tests.support.chains import BORN, link, resolution

NOW = BORN + timedelta(days=21)
CHAIN = resolution(
    [
        link('ba5e00000001: "create users'),
        link('*f00dada00002: ba5e00000001 "create orders'),
        link('*c0ffee000003: f00dada00002 "create prices', branch_labels=("shop",)),
        link('51de00000004: ba5e00000001 "create taxes'),
    ],
    end="c0ffee000003",
    births={"f00dada00002": "1" * 40, "c0ffee000003": "2" * 40},
)


def _lines(
    chains: Resolution, width: int | None = None, view: View | None = None, *, ascii_only: bool = False
) -> list[str]:
    glyphs = ASCII if ascii_only else ROUNDED
    lines = render_pictures(draw(chains, view or View()), Screen(width, glyphs, NOW))
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def test_a_line_for_each_migration() -> None:
    assert _lines(CHAIN) == [
        "  ○  51de0000  (head) create taxes              2026-01-02",
        "● │  c0ffee00  (head, shop) create prices  Ada  3 weeks ago  222222222",
        "● │  f00dada0  create orders               Ada  3 weeks ago  111111111",
        "○─╯  ba5e0000  (base) create users              2026-01-02",
    ]


def test_headings_stand_between_the_rows_and_are_not_said_again() -> None:
    view = View(subjects={CommitId("1" * 40): "Merge orders", CommitId("2" * 40): "Merge prices"})
    assert _lines(CHAIN, view=view) == [
        "     in no commit that is known",
        "  ○  51de0000  (head) create taxes",
        "  │  222222222 Merge prices (Ada, 3 weeks ago)",
        "● │  c0ffee00  (head, shop) create prices",
        "│ │  111111111 Merge orders (Ada, 3 weeks ago)",
        "● │  f00dada0  create orders",
        "│ │  in no commit that is known",
        "○─╯  ba5e0000  (base) create users",
    ]
    assert _lines(CHAIN, 30, view)[2] == "  │  222222222 Merge prices (…"


def test_unconnected_rows_do_not_touch() -> None:
    assert [line[:4] for line in _lines(resolution([link("a:"), link("b:")]))] == ["○  b", "", "○  a"]


def test_what_has_no_room_is_left_out_and_messages_are_cut() -> None:
    assert _lines(CHAIN, 60)[1] == "● │  c0ffee00  (head, shop) create prices  Ada  3 weeks ago"
    assert _lines(CHAIN, 52)[1] == "● │  c0ffee00  (head, shop) create pri…  3 weeks ago"
    assert _lines(CHAIN, 30)[1] == "● │  c0ffee00  (head, shop) c…"
    assert _lines(CHAIN, 30, ascii_only=True)[1] == "* |  c0ffee00  (head, shop)..."


def test_what_is_left_out_is_counted() -> None:
    assert _lines(CHAIN, view=View(limit=2))[2:] == ["~─╯  (2 older migrations)"]
    shown = _lines(CHAIN, view=View(frozenset({"f00dada00002"})))
    assert [line[:5] for line in shown] == ["~  (1", "●  f0", "~  (1"]
    assert shown[0] == "~  (1 newer migration)"
    assert shown[2] == "~  (1 older migration)"
    line = resolution([link("a:"), link("b: a"), link("c: b"), link("d: c")])
    assert _lines(line, view=View(frozenset("ad")))[1] == "~  (2 migrations between)"


def test_nothing_of_a_control_character_is_left() -> None:
    evil = resolution([link('a\x1b[2J: "b\x1b[31m\u202e')])
    assert _lines(evil) == ["○  a\\x1b[2J  (head, base) b\\x1b[31m\\u202e  2026-01-02"]


def test_several_chains_have_titles_and_an_empty_one_says_so() -> None:
    assert _lines(Resolution((*resolution([]).chains,))) == ["Chain of versions: no migrations"]
    both = Resolution((*resolution([link("a:")]).chains, *resolution([link("b:")]).chains))
    assert [line[:8] for line in _lines(both)] == ["Chain of", "○  a  (h", "", "Chain of", "○  b  (h"]


@given(
    messages=st.lists(st.text(max_size=60), min_size=3, max_size=3),
    width=st.integers(1, 120),
    ascii_only=st.booleans(),
)
def test_no_line_is_wider_than_the_screen(messages: list[str], width: int, ascii_only: bool) -> None:  # noqa: FBT001
    links = [link(f'*{name}: "x', docstring=message) for name, message in zip("abc", messages, strict=True)]
    for line in _lines(resolution(links, births={"b": "1" * 40}), width, ascii_only=ascii_only):
        assert columns(line) <= width
        assert visible(line) == line


@pytest.mark.parametrize(("mark", "tone"), [("head", Tone.HEAD), ("base", Tone.BASE), ("shop", Tone.LABEL)])
def test_pieces_say_what_they_are(mark: str, tone: Tone) -> None:
    lines = render_pictures(draw(CHAIN, View()), Screen(None, ROUNDED, NOW))
    assert {each.tone for line in lines for each in line if each.text == mark} == {tone}
    assert [each.text for each in lines[1] if each.tone in {Tone.UNIQUE, Tone.REVISION}] == ["c0ff", "ee00"]
