"""Who watches env.py while an Alembic command runs, as the project has it configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitlembic.adapters.environment import Watcher

_WRITING = frozenset({"upgrade", "downgrade", "stamp"})


def watchers_of(command: str, project_options: Sequence[str], say: Callable[[str], None]) -> Sequence[Watcher]:
    """Those of one of Alembic's commands; none for what does not write to a database, which costs nothing then.

    `say` is given what the user has to know while the command runs.
    """
    if command not in _WRITING:
        return ()
    from gitlembic.adapters.settings_files import read_settings  # noqa: PLC0415 -- reads two kinds of files

    settings = read_settings(project_options)
    watchers: list[Watcher] = []
    if settings.lock:
        from gitlembic.adapters.database_lock import DatabaseLock  # noqa: PLC0415 -- not for `heads`

        watchers.append(DatabaseLock(settings.lock_timeout, say))
    return watchers
