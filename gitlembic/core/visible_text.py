"""Makes text from git and migration files safe for a terminal."""

from __future__ import annotations

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """`text` on one line, with escapes, control and bidirectional characters spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if unicodedata.category(character) not in _INVISIBLE else _spelled(character) for character in text
    )


def _spelled(character: str) -> str:
    return " " if character in "\n\t" else character.encode("unicode_escape").decode()
