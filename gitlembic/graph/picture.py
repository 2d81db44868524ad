"""All that is needed to show a chain, whatever it is shown on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.chain import Birth, Link
    from gitlembic.graph.layout import Layout
    from gitlembic.graph.marks import Mark, Tone


@dataclass(frozen=True, slots=True)
class Entry:
    """A migration as it is shown.

    `unique` is how many characters of its id tell it from all others. `tone` is set where the
    whole row stands out.
    """

    link: Link
    unique: int
    marks: tuple[Mark, ...] = ()
    birth: Birth | None = None
    tone: Tone | None = None

    @property
    def message(self) -> str:
        """The first line of the docstring."""
        return self.link.placed.migration.message.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line above some rows: the commit that brought their migrations, and its subject; or why there is none."""

    birth: Birth | None
    subject: str


@dataclass(frozen=True)
class Picture:
    """Rows with their lanes, and what each row shows: a migration, or how many it stands for.

    `title` says which chains are drawn; `headings` come above the rows of these names.
    """

    title: str
    layout: Layout
    entries: Mapping[str, Entry]
    elided: Mapping[str, int] = field(default_factory=dict)
    headings: Mapping[str, Heading] = field(default_factory=dict)
