"""Lines of spans -> text with the colours of a terminal, or without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gitlembic.graph.marks import Tone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitlembic.graph.lines import Line

_STYLES: Mapping[Tone, Mapping[str, Any]] = {
    Tone.UNIQUE: {"fg": "bright_yellow", "bold": True},
    Tone.REVISION: {"dim": True},
    Tone.HEAD: {"fg": "green", "bold": True},
    Tone.BASE: {"fg": "blue", "bold": True},
    Tone.LABEL: {"fg": "cyan", "bold": True},
    Tone.SIDE_HEAD: {"fg": "red", "bold": True},
    Tone.UNCOMMITTED: {"fg": "magenta"},
    Tone.DATABASE: {"fg": "bright_blue", "bold": True},
    Tone.SQUASH: {"fg": "cyan"},
    Tone.PENDING: {"fg": "yellow"},
    Tone.MISSING: {"fg": "red", "bold": True},
    Tone.ADDED: {"fg": "green"},
    Tone.MOVED: {"fg": "yellow"},
    Tone.DROPPED: {"fg": "red"},
    Tone.AGE: {"fg": "cyan"},
    Tone.COMMIT: {"fg": "yellow"},
    Tone.FAINT: {"dim": True},
    Tone.TITLE: {"bold": True},
}


def paint(lines: Iterable[Line], *, coloured: bool) -> str:
    """The lines as text, each ending in a newline."""
    return "".join(
        "".join(_painted(text, tone) if coloured else text for text, tone in line).rstrip() + "\n" for line in lines
    )


_BEGINNINGS = {tone: click.style("", **style, reset=False) for tone, style in _STYLES.items()}
"""What click would work out for each of thousands of pieces."""

_END = click.style("")


def _painted(text: str, tone: Tone | None) -> str:
    return f"{_BEGINNINGS[tone]}{text}{_END}" if tone is not None and text else text
