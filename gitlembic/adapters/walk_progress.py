"""Says on a terminal that history is being read, where that takes long enough to wonder."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE = 0.5  # seconds until something is shown
_PAUSE = 0.1  # seconds between two figures
_STEPS = 50
"""Commits between two looks at the clock; so many are read in a few milliseconds."""

_ERASE = "\r\x1b[K"


class WalkProgress:
    """Counts commits as they are read. How many there will be is not known: a walk stops where it has its answer."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._due = clock() + _PATIENCE
        self._count = 0
        self._shown = False

    def step(self) -> None:
        """One more commit was read."""
        self._count += 1
        if self._count % _STEPS == 0 and self._clock() >= self._due and self._stream.isatty():
            self._stream.write(f"{_ERASE}reading git history: {self._count:,} commits")
            self._stream.flush()
            self._shown = True
            self._due = self._clock() + _PAUSE

    def clear(self) -> None:
        """Take away what is shown, before anything else is written."""
        if self._shown:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._shown = False
