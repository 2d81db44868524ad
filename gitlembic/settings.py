"""What a project has configured for gitlembic itself; passed in, never global."""

from __future__ import annotations

from typing import NamedTuple


class Settings(NamedTuple):
    """The keys of `[tool.gitlembic]`, with what holds where they are not given.

    `mainline` is the branch that deployments come from; `None` to take what git says.
    `doctor_ignore` are the checks that `doctor` leaves out, by code, beginning of a code, or name.
    `lock` says whether what writes to a database takes a lock there first, `lock_timeout` for how
    many seconds it waits for it. `journal` says whether a database keeps a journal of what ran.
    """

    mainline: str | None = None
    doctor_ignore: tuple[str, ...] = ()
    lock: bool = True
    lock_timeout: float = 60.0
    journal: bool = False
