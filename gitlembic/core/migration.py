"""What one migration file declares, as plain values."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple, NewType

from gitlembic.core.visible_text import visible

if TYPE_CHECKING:
    from datetime import datetime

RevisionId = NewType("RevisionId", str)
"""A revision id as Alembic knows it: any text without `@`, `-` or `+` that is not empty."""

FOREIGN_LIBRARY = "alembic_git_revisions"
"""The library whose projects we run unchanged, as they import it."""

ANSWER = "__gitlembic_down_revision__"
"""The global of a migration's module that holds its computed parent, where whoever executes it knows that."""


class Kind(enum.Enum):
    """Where a migration's parent comes from."""

    STATIC = "static"
    """From its file: a literal, a tuple of literals (a merge), or `None`."""

    DYNAMIC = "dynamic"
    """From git: `down_revision = get_down_revision(revision)`."""


class Migration(NamedTuple):
    """The declarations of one migration.

    `parents` are the literal parents of a static migration, in the order of its tuple; empty
    for a base and for a dynamic one. `revises` and `create_date` come from the docstring's
    `Revises:` and `Create Date:` lines; a date without a zone counts as UTC. `docstring` is as the
    source has it. `unreadable` names the assignments (`down_revision`, `branch_labels`,
    `depends_on`, `__doc__`) whose value is not a literal, so that only running the file would tell
    it; their fields are empty, but for the docstring.
    """

    revision: RevisionId
    kind: Kind
    parents: tuple[RevisionId, ...] = ()
    branch_labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    docstring: str = ""
    create_date: datetime | None = None
    revises: tuple[RevisionId, ...] = ()
    unreadable: frozenset[str] = frozenset()

    @property
    def is_dynamic(self) -> bool:
        return self.kind is Kind.DYNAMIC

    @property
    def message(self) -> str:
        """The first paragraph of the docstring."""
        return self.docstring.strip().split("\n\n", 1)[0]

    @property
    def named_parents(self) -> tuple[RevisionId, ...]:
        """Whom the author wrote it against: ORDER.md 2 arranges births in one commit by it."""
        return self.revises if self.is_dynamic else self.parents

    @property
    def declaration(self) -> tuple[Kind, tuple[RevisionId, ...]]:
        """The part that places it in the chain; a change of anything else changes no chain."""
        return self.kind, self.parents


class NotAMigration:
    """A Python file that assigns no `revision`: Alembic will not accept it as a migration."""


class Unparsable(NamedTuple):
    """A file that Python cannot parse, or whose revision id only running it would tell (`needs_running`).

    `line` is 1-based, 0 where there is none. `declares` is what its top level says, where that can
    be read although the rest cannot.
    """

    reason: str
    line: int = 0
    needs_running: bool = False
    declares: Migration | None = None


Parsed = Migration | NotAMigration | Unparsable


class PlacedMigration(NamedTuple):
    """A migration and its path, relative to the repository's root, with `/`."""

    path: str
    migration: Migration

    @property
    def shown(self) -> str:
        """The path in a message: on one line, whatever the file is called."""
        return visible(self.path)
