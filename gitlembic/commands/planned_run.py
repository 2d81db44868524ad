"""Steps that were planned for databases, run where each of them still stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic import get_down_revision
from gitlembic.adapters.alembic_session import Hooks, run_steps
from gitlembic.adapters.database_position import read_databases
from gitlembic.adapters.stored_scripts import read_stored_scripts
from gitlembic.commands.look_up import remember
from gitlembic.commands.watchers import Told, watchers_of
from gitlembic.errors import GitlembicError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from gitlembic.commands.standing import Standing
    from gitlembic.core.explanation import Explanation
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution

    Planned = Mapping[tuple[RevisionId, ...], Callable[[ScriptDirectory], list[Any]]]
    """The steps of a database, by where it stands."""


@dataclass(frozen=True)
class PlannedRun:
    """What a command like `upgrade` is to do to databases, along a chain that need not be this checkout's.

    `options` are Alembic's global ones. `say` tells the user something while it runs. A
    stamp changes nothing of what the journal counts as run.
    """

    options: tuple[str, ...]
    chain: Standing
    say: Callable[[str], None]

    def run(self, command: Sequence[str], planned: Planned) -> None:
        """With `--sql` in the `command`, what is printed starts at the first place that is planned for.

        Raises `RefusedError` for a database that stands elsewhere by now, and what the migrations,
        env.py and the watchers raise.
        """
        by_place = {frozenset[str](heads): steps for heads, steps in planned.items()}

        def steps(script: ScriptDirectory, heads: tuple[str, ...]) -> list[Any]:
            found = by_place.get(frozenset(heads))
            if found is None:
                raise RefusedError(
                    f"the database stands at {', '.join(sorted(heads)) or 'base'}, "
                    "where it did not when this was planned",
                    "run the same command again: it plans anew",
                )
            return found(script)

        run_steps([*self.options, *command], self._hooks(), steps, next(iter(planned)))

    def _hooks(self) -> Hooks:
        resolution = self.chain.resolution

        def say_all(explanation: Explanation) -> None:
            for fact in explanation.facts:
                self.say(fact)

        def resolve_planned(script: ScriptDirectory, _: Config) -> Resolution:
            remember(script, resolution)
            return resolution

        return Hooks(
            resolve=resolve_planned,
            get_down_revision=get_down_revision,
            check_new=lambda *_: None,
            explain=lambda _: None,
            made_project=lambda _: None,
            watch=lambda command, _: watchers_of(
                command,
                self.options,
                Told(self.say, say_all, lambda: [resolution]),
                rescues=True,
            ),
            scripts=lambda found, before_import: read_stored_scripts(
                found.links.values(), self.chain.files, before_import
            ),
        )


def stopped(options: Sequence[str], error: Exception) -> GitlembicError:
    """What to say after a failure in the middle: what it was, and where each database stands now."""
    if isinstance(error, RefusedError):
        return GitlembicError(error.message, error.hint)
    what = error.message if isinstance(error, GitlembicError) else f"{type(error).__name__}: {error}"
    try:
        stands = "; ".join(", ".join(sorted(state.heads)) or "base" for state in read_databases(options))
    except GitlembicError as unreadable:
        stands = f"where it cannot be asked ({unreadable.message})"
    return GitlembicError(
        f"it stopped: {what}\nThe database stands at {stands} now.",
        "mend the cause, undo by hand what is said to stay, and run the same command again: it goes on from there; "
        "`--raiseerr` before its `rescue` shows the traceback",
    )
