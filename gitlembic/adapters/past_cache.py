"""Remembers what the commits of a first-parent line did to migrations, which never changes.

Losing it, damaging it, or being forbidden to write it changes nothing but speed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gitlembic.adapters.cache_files import cache_key, mark_used, place_name, write_cache
from gitlembic.core.sealed import VERSION, seal, unseal
from gitlembic.doctor.event_rows import event_from_row, event_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.presence import Place
    from gitlembic.doctor.event_rows import PlacedEvent


class PastCache:
    """The events of some locations, oldest first, for whoever is in the same `state`; all worktrees share them."""

    def __init__(self, directory: GitDirectory, place: Place, state: list[Any]) -> None:
        self._root = directory.cache_dir
        self._name = f"past-{VERSION}-{cache_key(place_name(place))}.json"
        self._state = state

    def load(self) -> tuple[PlacedEvent, ...]:
        """What is remembered: a whole line, from its root on; nothing of another state."""
        path = self._root / self._name
        try:
            with path.open(encoding="utf-8") as file:
                mark_used(path, os.fstat(file.fileno()))
                state, rows = unseal(file.read())
            return tuple(map(event_from_row, rows)) if state == self._state else ()
        except (OSError, LookupError, TypeError, ValueError):  # not there, or not what we write
            return ()

    def save(self, events: Sequence[PlacedEvent]) -> None:
        """Keep a whole line, in place of what was kept before."""
        write_cache(self._root, self._name, seal([self._state, [event_row(event) for event in events]]))
