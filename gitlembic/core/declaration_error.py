"""Errors about what migrations declare, with the places where they declare it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.visible_text import visible
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

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

    def at(self, ref: str) -> DeclarationError:
        """The same of a commit that was named: nothing that is on disk now mends that."""
        return DeclarationError((f"at {visible(ref)}: ", *self.parts), "mend it there, or name another commit")


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

    def inside(self, squash: PlacedMigration, replaced: Collection[str]) -> MissingRevisionError:
        """The same of a migration that a squash stands for; what named it can follow the squash.

        Not if its own file is one of the `replaced` that the squash stands for: it would run once more.
        """
        by = squash.migration.revision
        path = next((visible(part.path) for part in self.parts if isinstance(part, Declared)), "")
        if path in replaced:
            fact, hint = f"{visible(self.revision)}, and for {path} as well", delete_replaced(path)
        else:
            fact, hint = visible(self.revision), f"name {by!r} in place of {self.revision!r} in {path}"
        parts = (*self.parts, f"\nThe squash {by} ({squash.shown}) stands for {fact}.")
        return MissingRevisionError(parts, hint, self.revision)


def delete_replaced(path: str) -> str:
    """What to do with the file of a migration that is still beside the squash that stands for it."""
    return f"delete {path}: after the squash it would run once more"


def _with_lines(parts: Sequence[str | Declared], line_of: Callable[[Declared], int]) -> list[str | Declared]:
    return [part._replace(line=line_of(part)) if isinstance(part, Declared) else part for part in parts]
