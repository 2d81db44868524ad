"""Shows long text as git does: in the pager that `GIT_PAGER` or `PAGER` names, else in less."""

from __future__ import annotations

import contextlib
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL = "less"
_NONE = frozenset({"", "cat"})
_NOT_FOUND = 127
# What git sets where the user has not: quit if it fits on the screen, keep colours, leave it there.
_SETTINGS = {"LESS": "FRX", "LV": "-c"}


def pager_command(environment: Mapping[str, str]) -> str | None:
    """The command line of the pager, for a shell; `None` if the text is to be printed as it is."""
    chosen = environment.get("GIT_PAGER", environment.get("PAGER", _USUAL)).strip()
    return None if chosen in _NONE else chosen


def page(text: bytes, environment: Mapping[str, str]) -> bool:
    """Show `text`; whether there is a pager that did. The user may leave it before the end."""
    command = pager_command(environment)
    if command is None:
        return False
    pager = subprocess.Popen(  # noqa: S602 -- the user's own setting, which git hands to a shell as well
        command, shell=True, stdin=subprocess.PIPE, env={**_SETTINGS, **environment}
    )
    with contextlib.suppress(BrokenPipeError):
        pager.communicate(text)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # less stays: what is typed there is its own
            return pager.wait() != _NOT_FOUND
