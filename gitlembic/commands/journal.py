"""The journal command: what ran on the project's databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.adapters.database_position import DatabaseState, read_databases
from gitlembic.adapters.settings_files import read_settings
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_journals(options: Sequence[str]) -> tuple[DatabaseState, ...]:
    """The databases of the project that Alembic's global options choose, which have a journal.

    Raises `GitlembicError` where none has one.
    """
    found = tuple(database for database in read_databases(options) if database.journal)
    if not found:
        raise GitlembicError("this database has no journal", _beginning(options))
    return found


def _beginning(options: Sequence[str]) -> str:
    if read_settings(options).journal:
        return "`gitlembic upgrade head` begins it"
    return "`gitlembic adopt --journal` makes the project keep one; the next upgrade begins it"
