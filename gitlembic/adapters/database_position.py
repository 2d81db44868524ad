"""Where a project's databases stand, asked through its own env.py, as `alembic current` asks."""

from __future__ import annotations

import contextlib
import logging
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alembic.runtime.environment import EnvironmentContext

from gitlembic.adapters.alembic_project import load_script
from gitlembic.adapters.journal_table import JournalTable
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alembic.runtime.migration import MigrationContext

    from gitlembic.core.journal import Entry


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """One database: its URL without a password, the revisions in its table of versions, and its journal.

    No revision before the first migration; no entry where there is no journal.
    """

    url: str
    heads: frozenset[str]
    journal: tuple[Entry, ...]

    @property
    def tells_what_ran(self) -> bool:
        """Whether the journal does: there is one, and nothing without it has moved the database since."""
        return bool(self.journal) and self.journal[-1].heads == self.heads


def read_databases(arguments: Sequence[str]) -> tuple[DatabaseState, ...]:
    """Every database that env.py configures, in its order. Nothing is written; what env.py prints goes to stderr.

    Raises `GitlembicError` for whatever env.py or the database stops at.
    """
    script, config = load_script(arguments)
    found: list[DatabaseState] = []

    def take(revisions: str | Sequence[str], context: MigrationContext) -> list[Any]:
        heads = frozenset([revisions] if isinstance(revisions, str) else revisions)
        connection = context.connection
        url = connection.engine.url.render_as_string() if connection is not None else ""
        table = JournalTable(context)
        table.is_in_transaction = True  # whoever began one ends it: nothing is written
        found.append(DatabaseState(url, heads, tuple(table.read())))
        return []

    try:
        with (
            _quiet(),
            contextlib.redirect_stdout(sys.stdout and sys.stderr),  # where somebody silenced it, it stays so
            EnvironmentContext(config, script, fn=take, dont_mutate=True),
        ):
            script.run_env()
    except GitlembicError:
        raise
    except Exception as error:
        raise GitlembicError(
            f"cannot ask the database through {script.env_py_location}: "
            f"{type(error).__name__}: {str(error).partition(chr(10))[0]}",
            "`gitlembic current` asks it in the same way, and shows where env.py stops",
        ) from error
    return tuple(found)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Alembic's lines on which dialect it has found are those of a run; warnings are let through."""

    def is_warning(record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING

    logger = logging.getLogger("alembic.runtime.migration")
    logger.addFilter(is_warning)
    try:
        yield
    finally:
        logger.removeFilter(is_warning)
