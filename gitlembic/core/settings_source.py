"""The text of a configuration file -> the same with `journal = true` for gitlembic; nothing else changes."""

from __future__ import annotations

import re

INI_TABLE = "gitlembic"
TOML_TABLE = "tool.gitlembic"

_HEADER = re.compile(r"\s*\[(?P<name>[^\]]*)\]\s*(?:[#;].*)?$")
_KEY = re.compile(r"\s*journal\s*[=:]")


def with_journal(text: str, table: str) -> str:
    """With the key set in a table (`[table]`), which is added at the end where there is none.

    Line endings stay. Whether the file says so now, parsing it has to tell: a key in another
    spelling is not seen.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if _name(line) == table), None)
    said = f"journal = true{newline}"
    if start is None:
        gap = "" if not text else newline if text.endswith("\n") else 2 * newline
        return f"{text}{gap}[{table}]{newline}{said}"
    end = next((number for number in range(start + 1, len(lines)) if _name(lines[number]) is not None), len(lines))
    for number in range(start + 1, end):
        if _KEY.match(lines[number]):
            return "".join([*lines[:number], said, *lines[number + 1 :]])
    header = lines[start] if lines[start].endswith("\n") else f"{lines[start]}{newline}"
    return "".join([*lines[:start], header, said, *lines[start + 1 :]])


def _name(line: str) -> str | None:
    """The table that a line begins; `None` for any other line."""
    header = _HEADER.match(line.rstrip("\r\n"))
    return "".join(header["name"].split()) if header else None
