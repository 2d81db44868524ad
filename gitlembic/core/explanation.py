"""Why Alembic stopped, and what is said about it beside Alembic's own message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitlembic.core.migration import RevisionId


@dataclass(frozen=True, slots=True)
class SeveralHeads:
    """One revision was wanted, and there are several."""

    heads: tuple[RevisionId, ...]


@dataclass(frozen=True, slots=True)
class UnknownRevision:
    """No one revision here goes by a name; if it was not `typed`, a database stands there."""

    name: str
    typed: bool


Stop = SeveralHeads | UnknownRevision


@dataclass(frozen=True, slots=True)
class Explanation:
    """The facts, a line each, and the next commands to type. Not yet safe for a terminal."""

    facts: tuple[str, ...]
    hint: str
