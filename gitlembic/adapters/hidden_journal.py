"""Keeps the journal out of what Alembic compares with the models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitlembic.adapters.environment import Watcher
from gitlembic.adapters.journal_table import journal_name

if TYPE_CHECKING:
    from alembic.runtime.environment import EnvironmentContext


class HiddenJournal(Watcher):
    """Keeps autogenerate from proposing to drop the journal, which is in nobody's models."""

    def before_configure(self, environment: EnvironmentContext, options: dict[str, Any]) -> None:  # noqa: ARG002 -- as every watcher
        given = options.get("include_name")
        hidden = journal_name(options.get("version_table", "alembic_version"))
        schema = options.get("version_table_schema")

        def include_name(name: str | None, kind: str, parents: Any) -> bool:
            if kind == "table" and name == hidden and parents.get("schema_name") in {schema, None}:
                return False
            return given is None or bool(given(name, kind, parents))

        options["include_name"] = include_name
