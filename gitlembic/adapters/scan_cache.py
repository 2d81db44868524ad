"""Remembers what the files of a work tree declare, so that unchanged ones are not read again.

A file is taken for unchanged if its size, its times and its inode are, and if it was left alone
for a while before they were noted: whoever writes twice within one tick of the clock leaves the
same times (git calls such entries racy). Losing or damaging this changes nothing but speed.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitlembic.adapters.atomic_file import write_atomically
from gitlembic.adapters.order_cache import cache_key, place_name
from gitlembic.core.history import FileId
from gitlembic.core.snapshot import VERSION, migration_from_row, migration_row, seal, unseal

if TYPE_CHECKING:
    from pathlib import Path

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.migration import Migration
    from gitlembic.core.presence import Place

_TICK = 2_000_000_000
"""Nanoseconds: the coarsest clock of a file system that is in use (FAT)."""

_Stat = tuple[int, int, int, int]


@dataclass(frozen=True)
class Remembered:
    """A file as it was read: which version, what it declares, and whether it surely is the same still."""

    file: FileId
    migration: Migration
    is_certain: bool


class ScanCache:
    """The files of some locations in one work tree; without a `directory` nothing is remembered."""

    def __init__(self, directory: GitDirectory | None = None, place: Place = ()) -> None:
        self._path: Path | None = None
        if directory is not None:
            name = f"{directory.work_tree}\n{place_name(place)}"
            self._path = directory.cache_dir / f"files-{VERSION}-{cache_key(name)}.json"
        self._written_at, self._rows = self._read()
        self._is_changed = False

    def find(self, path: str, stat: os.stat_result) -> Remembered | None:
        """What is remembered of a file that now has this status."""
        try:
            status, file, declared = self._rows[path]
            if tuple(status) != _status(stat):
                return None
            migration = migration_from_row(declared)
        except (LookupError, TypeError, ValueError):  # not there, or not what we write
            return None
        return Remembered(FileId(file), migration, max(stat.st_mtime_ns, stat.st_ctime_ns) + _TICK < self._written_at)

    def keep(self, path: str, stat: os.stat_result, file: FileId, migration: Migration) -> None:
        """Remember a file; `stat` is its status from before it was read."""
        self._rows[path] = [_status(stat), file, migration_row(migration)]
        self._is_changed = True

    def write(self, present: frozenset[str]) -> None:
        """Keep this for later, without files that are not there any more."""
        if self._path is None or not self._is_changed:
            return
        rows = {path: row for path, row in self._rows.items() if path in present}
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            write_atomically(self._path, seal(rows), durable=False)

    def _read(self) -> tuple[int, dict[str, Any]]:
        if self._path is None:
            return 0, {}
        try:
            with self._path.open(encoding="utf-8") as file:
                written_at, rows = os.fstat(file.fileno()).st_mtime_ns, unseal(file.read())
        except (OSError, ValueError):
            return 0, {}
        return (written_at, rows) if isinstance(rows, dict) else (0, {})


def _status(stat: os.stat_result) -> _Stat:
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino
