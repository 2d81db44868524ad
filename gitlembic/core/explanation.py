"""Why Alembic stopped, and what is said about it beside Alembic's own message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.core.migration import RevisionId


_STEPS = re.compile(r"[+-]\d+$")


class SeveralHeads(NamedTuple):
    """One revision was wanted, and there are several; no `heads` where a number of steps does not tell which way."""

    heads: tuple[RevisionId, ...]


class UnknownRevision(NamedTuple):
    """No one revision here goes by a name; if it was not `typed`, a database stands there."""

    name: str
    typed: bool


class Explained(NamedTuple):
    """Something whose `explanation` needs no look at git."""

    explanation: Explanation


def is_typed(name: str, arguments: Iterable[str]) -> bool:
    """Whether one of these revision arguments names it: in a range, on a branch, or so many steps from it."""
    parts = {part for argument in arguments for part in (argument, *re.split("[:@,]", argument))}
    return name in parts | {_STEPS.sub("", part) for part in parts}


Stop = SeveralHeads | UnknownRevision | Explained


class Explanation(NamedTuple):
    """The facts, a line each, and the next commands to type. Not yet safe for a terminal."""

    facts: tuple[str, ...]
    hint: str
