"""A schema for every server, and deliberate small changes to it, each of which a comparison has to find.

They are in `tests/mutations`, a statement a line: under `-- base` the schema, then under a line with
its name every change. What is a part of a statement in the base is changed by two lines, `- old` and
`+ new`; other lines run after the base.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_DIRECTORY = Path(__file__).parent.parent / "mutations"


@dataclass(frozen=True)
class Mutation:
    """The whole base, changed in its text, and the statements that run after it."""

    base: tuple[str, ...]
    then: tuple[str, ...]


def read_mutations(server: str) -> tuple[tuple[str, ...], dict[str, Mutation]]:
    """The statements of the base, and the changes by name."""
    text = (_DIRECTORY / f"{server}.sql").read_text(encoding="utf-8")
    (_, base), *parts = ((name, lines) for name, *lines in (part.splitlines() for part in text[3:].split("\n\n-- ")))
    return tuple(base), {name: _mutation(tuple(base), lines) for name, lines in parts}


def _mutation(base: tuple[str, ...], lines: list[str]) -> Mutation:
    if not lines[0].startswith("- "):
        return Mutation(base, tuple(lines))
    old, new, *then = lines
    changed = tuple(statement.replace(old[2:], new[2:]) for statement in base)
    assert sum(one != other for one, other in zip(base, changed, strict=True)) == 1, old
    return Mutation(changed, tuple(then))
