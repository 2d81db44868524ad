"""Where a project's database stands, asked through its own env.py, as `alembic current` asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.runtime.environment import EnvironmentContext

from gitlembic.adapters.alembic_project import load_script
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_database_heads(arguments: Sequence[str]) -> frozenset[str]:
    """The revisions in the table of versions; none before the first migration.

    Those of all databases, where env.py runs for several. Nothing is written. Raises `GitlembicError`
    for whatever env.py or the database stops at.
    """
    script, config = load_script(arguments)
    found: set[str] = set()

    def take(revisions: str | Sequence[str], _context: Any) -> list[Any]:
        found.update([revisions] if isinstance(revisions, str) else revisions)
        return []

    try:
        with EnvironmentContext(config, script, fn=take, dont_mutate=True):
            script.run_env()
    except Exception as error:
        raise GitlembicError(
            f"cannot ask the database through {script.env_py_location}: "
            f"{type(error).__name__}: {str(error).partition(chr(10))[0]}",
            "`gitlembic current` asks it in the same way, and shows where env.py stops",
        ) from error
    return frozenset(found)
