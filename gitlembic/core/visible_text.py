"""Makes text from git and migration files safe for a terminal, and measures it there."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COMBINING = frozenset({"Mn", "Me"})


def visible(text: str) -> str:
    """`text` on one line, with escapes, control and bidirectional characters spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if unicodedata.category(character) not in _INVISIBLE else _spelled(character) for character in text
    )


def _spelled(character: str) -> str:
    return " " if character in "\n\t" else character.encode("unicode_escape").decode()


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: combining characters none, wide ones two."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=256)  # the strokes of a picture are few, and measured again and again
def _columns(character: str) -> int:
    if unicodedata.category(character) in _COMBINING:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """`text`, or as much of its beginning as fits into `width` columns with an ellipsis after it."""
    if columns(text) <= width:
        return text
    left = width - len(ellipsis)
    if left < 0:
        return ellipsis[:width]
    for number, character in enumerate(text):
        left -= _columns(character)
        if left < 0:
            return f"{text[:number]}{ellipsis}"
    return text
