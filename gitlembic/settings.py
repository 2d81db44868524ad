"""What a project has configured for gitlembic itself; passed in, never global."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The keys of `[tool.gitlembic]`, with what holds where they are not given.

    `mainline` is the branch that deployments come from; `None` to take what git says.
    `doctor_ignore` are the checks that `doctor` leaves out, by code, beginning of a code, or name.
    """

    mainline: str | None = None
    doctor_ignore: tuple[str, ...] = ()
