"""Who watches env.py while an Alembic command runs, as the project has it configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.migration import RevisionId
from gitlembic.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gitlembic.adapters.environment import Watcher
    from gitlembic.core.explanation import Explanation
    from gitlembic.core.resolution import Resolution

_RUNNING = frozenset({"upgrade", "downgrade"})
_WRITING = _RUNNING | {"stamp"}
_COMPARING = frozenset({"revision", "check"})


class Told(NamedTuple):
    """`say` tells the user something while the command runs, `say_last` after the error that has ended it.

    `resolutions` are what it has loaded so far.
    """

    say: Callable[[str], None]
    say_last: Callable[[Explanation], None]
    resolutions: Callable[[], Sequence[Resolution]]


def watchers_of(
    command: str,
    project_options: Sequence[str],
    told: Told,
    *,
    out_of_order: bool = False,
    rescues: bool = False,
) -> Sequence[Watcher]:
    """Those of one of Alembic's commands; what does not write to a database costs nothing.

    Where it `rescues`, a stamp changes nothing of what the journal counts as run, and a database's journal is
    kept even if the project keeps none. Raises `RefusedError` for an upgrade out of order without a journal.
    """
    if command in _WRITING:
        return [*_writing(command, project_options, told, out_of_order=out_of_order, rescues=rescues)]
    if command in _COMPARING:
        from gitlembic.adapters.hidden_journal import HiddenJournal  # noqa: PLC0415 -- not for `heads`

        return [HiddenJournal()]
    return ()


def _writing(
    command: str, project_options: Sequence[str], told: Told, *, out_of_order: bool, rescues: bool
) -> Iterator[Watcher]:
    """The lock comes first: what the others read is read under it."""
    from gitlembic.adapters.settings_files import read_settings  # noqa: PLC0415 -- reads two kinds of files

    settings = read_settings(project_options)
    if settings.lock:
        from gitlembic.adapters.database_lock import DatabaseLock  # noqa: PLC0415 -- not for `heads`

        yield DatabaseLock(settings.lock_timeout, told.say)
    if settings.journal or rescues:
        from gitlembic.adapters.journal import Journal, Keeper  # noqa: PLC0415 -- likewise

        keeper = Keeper(lambda: _commit(told), lambda revision: _describe(told, revision), told.say)
        yield Journal(command, keeper, out_of_order=out_of_order, keeps_what_ran=rescues, makes_one=settings.journal)
    elif out_of_order:
        raise RefusedError(
            "--out-of-order runs what the journal lacks, and this project keeps none",
            "`gitlembic adopt --journal` makes it keep one from now on",
        )
    else:
        from gitlembic.adapters.unwritten_journal import UnwrittenJournal  # noqa: PLC0415 -- likewise

        yield UnwrittenJournal(told.say)
    if command == "downgrade":
        from gitlembic.adapters.relative_downgrade import RelativeDowngrade  # noqa: PLC0415 -- likewise

        yield RelativeDowngrade()
    if command in _RUNNING:
        from gitlembic.adapters.run_record import RunRecord  # noqa: PLC0415 -- likewise
        from gitlembic.core.interrupted_run import explain_interruption  # noqa: PLC0415 -- likewise

        yield RunRecord(lambda runs: told.say_last(explain_interruption(runs)))


def _commit(told: Told) -> str | None:
    return next((resolution.head for resolution in told.resolutions() if resolution.head is not None), None)


def _describe(told: Told, revision: str) -> str:
    """`f00d (versions/f00d_add_orders.py), brought by Ada on 2026-01-01 in 18bf9bef1`, as far as it is known."""
    from gitlembic.core.whereabouts_text import describe_birth  # only refusals describe  # noqa: PLC0415

    for resolution in told.resolutions():
        link = resolution.links.get(RevisionId(revision))
        if link is not None:
            said = f"{revision} ({link.placed.path})"
            birth = resolution.births.get(link.born) if link.born is not None else None
            return said if birth is None else f"{said}, brought {describe_birth(birth)}"
    return revision
