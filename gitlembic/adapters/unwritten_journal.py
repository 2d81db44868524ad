"""Says where a journal is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.util import to_tuple

from gitlembic.adapters.environment import Watcher
from gitlembic.adapters.journal_table import has_journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext

_LEFT_BEHIND = (
    "this database has a journal, and nothing of this is written there: `journal = true` is not set in this checkout "
    "(`gitlembic adopt --journal`)"
)


class UnwrittenJournal(Watcher):
    """Tells once of a journal that a project without one moves its database away from.

    A branch that was begun before the project kept a journal does.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._unwritten: set[int] = set()

    def before_configure(self, environment: EnvironmentContext, options: dict[str, Any]) -> None:  # noqa: ARG002 -- as every watcher
        given = to_tuple(options.get("on_version_apply"), default=())
        options["on_version_apply"] = (*given, self._tell)

    def after_configure(self, environment: EnvironmentContext, migrations: MigrationContext) -> None:  # noqa: ARG002 -- as every watcher
        if not migrations.as_sql and has_journal(migrations):
            self._unwritten.add(id(migrations))

    def _tell(self, *, ctx: MigrationContext, **_: Any) -> None:
        if id(ctx) in self._unwritten:
            self._unwritten.clear()
            self._say(_LEFT_BEHIND)
