"""Errors about what migrations declare, with the places where they declare it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.visible_text import visible
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitlembic.core.migration import PlacedMigration


class Declared(NamedTuple):
    """The place where a file assigns a name; `line` is 1-based, 0 while nobody has looked."""

    path: str
    name: str
    line: int = 0

    def __str__(self) -> str:
        path = visible(self.path)  # on one line: what looks like a line of ours would be taken for one
        return f"{path}:{self.line}" if self.line else path


class DeclarationError(BrokenInputError):
    """What migrations declare does not fit together; `parts` are the message, with the places in it."""

    def __init__(self, parts: Sequence[str | Declared], hint: str) -> None:
        super().__init__("".join(map(str, parts)), hint)
        self.parts = tuple(parts)

    def located(self, line_of: Callable[[Declared], int]) -> DeclarationError:
        """The same, with the lines of the places."""
        return DeclarationError(_with_lines(self.parts, line_of), self.hint)


class MissingRevisionError(DeclarationError):
    """A migration names another one that is not here: `revision`. Git may know where that is."""

    def __init__(self, parts: Sequence[str | Declared], hint: str, revision: str) -> None:
        super().__init__(parts, hint)
        self.revision = revision

    def located(self, line_of: Callable[[Declared], int]) -> MissingRevisionError:
        return MissingRevisionError(_with_lines(self.parts, line_of), self.hint, self.revision)

    def found(self, facts: Sequence[str], hint: str) -> MissingRevisionError:
        """The same, with what git knows, and what to do with that first."""
        parts = (*self.parts, *(f"\n{visible(fact)}" for fact in facts))
        return MissingRevisionError(parts, f"{hint}; {self.hint}", self.revision)

    def inside(self, squash: PlacedMigration) -> MissingRevisionError:
        """The same of a migration that a squash stands for; what named it can follow the squash."""
        by = squash.migration.revision
        parts = (*self.parts, f"\nThe squash {by} ({squash.shown}) stands for {visible(self.revision)}.")
        where = next((f" in {visible(part.path)}" for part in self.parts if isinstance(part, Declared)), "")
        return MissingRevisionError(parts, f"name {by!r} in place of {self.revision!r}{where}", self.revision)


def _with_lines(parts: Sequence[str | Declared], line_of: Callable[[Declared], int]) -> list[str | Declared]:
    return [part._replace(line=line_of(part)) if isinstance(part, Declared) else part for part in parts]
