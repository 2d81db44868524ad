"""Stops `downgrade -N` before it begins where a squash is among what it would undo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from alembic.runtime.migration import RevisionStep

from gitlembic.adapters.environment import Watcher
from gitlembic.adapters.stored_scripts import source_of
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.errors import RefusedError

if TYPE_CHECKING:
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext

_STEPS = re.compile(r"[-+]\d+$")


class RelativeDowngrade(Watcher):
    """One step over a squash undoes all that it stands for, which nobody meant who counted.

    The squash refuses it as well, also under plain Alembic, but only in its turn: when others have been undone.
    """

    def after_configure(self, environment: EnvironmentContext, migrations: MigrationContext) -> None:
        target = environment.context_opts.get("destination_rev")
        steps = migrations._migrations_fn  # noqa: SLF001 -- Alembic has no other place for it
        if steps is None or not isinstance(target, str) or not _STEPS.search(target):
            return

        def checked(heads: tuple[str, ...], context: MigrationContext) -> list[Any]:
            found: list[Any] = list(steps(heads, context))
            for script in (step.revision for step in found if isinstance(step, RevisionStep)):
                replaced = replaced_revisions(source_of(script))
                if replaced:
                    down = script.down_revision or "base"
                    raise RefusedError(
                        f"{script.revision} stands for {len(replaced) + 1} migrations, and {target!r} "
                        "would undo all of them: nothing was done",
                        f"name what to downgrade to: {down if isinstance(down, str) else ' or '.join(down)}",
                    )
            return found

        migrations._migrations_fn = checked  # noqa: SLF001 -- likewise
