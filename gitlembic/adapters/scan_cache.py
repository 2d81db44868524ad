"""Remembers what the files of a work tree declare, so that unchanged ones are not read again.

A file is taken for unchanged if its size, its times and its inode are, and if it was left alone
for a while before they were noted: whoever writes twice within one tick of the clock leaves the
same times (git calls such entries racy). Losing or damaging this changes nothing but speed.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from gitlembic.adapters.cache_files import cache_key, mark_used, place_name, write_cache
from gitlembic.core.history import FileId
from gitlembic.core.rows import migration_from_row, migration_row, text_of
from gitlembic.core.sealed import VERSION, seal, unseal

if TYPE_CHECKING:
    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.migration import Migration
    from gitlembic.core.presence import Place

_TICK = 2_000_000_000
"""Nanoseconds: the coarsest clock of a file system that is in use (FAT)."""

_Stat = tuple[int, int, int, int]


class Remembered(NamedTuple):
    """A file as it was read: which version, what it declares, and whether it surely is the same still."""

    file: FileId
    migration: Migration
    is_certain: bool


class ScanCache:
    """The files of some locations in one work tree; without a `directory` nothing is remembered."""

    def __init__(self, directory: GitDirectory | None = None, place: Place = ()) -> None:
        self._root = None if directory is None else directory.cache_dir
        key = "" if directory is None else cache_key(f"{directory.work_tree}\n{place_name(place)}")
        self._name = f"files-{VERSION}-{key}.json"
        self._began = time.time_ns()
        noted_at, self._noted, self._concluded = self._read()
        self._left_alone_before = noted_at - _TICK
        self._rows: dict[str, Any] = {}
        self._conclusion: Any = None
        self._is_changed = False
        self._is_whole = True

    @property
    def conclusion(self) -> Any:
        """What was concluded from the files the last time; `None` if that is nothing."""
        return self._concluded

    @property
    def is_as_it_was(self) -> bool:
        """Whether the files that were found are those of the last time, and surely the same still."""
        return self._is_whole and not self._is_changed and self._rows.keys() == self._noted.keys()

    def conclude(self, document: object) -> None:
        """Keep as well what follows from these files alone, as plain values."""
        self._conclusion = document if self._is_whole else None

    def pass_over(self) -> None:
        """There is a file of which nothing is remembered, so that nothing follows from the others alone."""
        self._is_whole = False

    def find(self, path: str, stat: os.stat_result) -> Remembered | None:
        """What is remembered of a file that now has this status."""
        try:
            status, file, declared = self._noted[path]
            now = _status(stat)
            if tuple(status) != now:
                return None
            _, modified, changed, _ = now
            was_left_alone = modified < self._left_alone_before > changed
            known = Remembered(FileId(text_of(file)), migration_from_row(declared), was_left_alone)
        except (LookupError, TypeError, ValueError):  # not there, or not what we write
            return None
        if known.is_certain:
            self._rows[path] = self._noted[path]
        return known

    def keep(self, path: str, stat: os.stat_result, file: FileId, migration: Migration) -> None:
        """Remember a file; `stat` is its status from before it was read."""
        self._rows[path] = [_status(stat), file, migration_row(migration)]
        self._is_changed = True

    def write(self) -> None:
        """Keep for later what was found or read now.

        Nothing else: whoever was not read again is not known to have been left alone until now.
        """
        concluded = self._conclusion is not None
        is_new = self._is_changed or (concluded and not (self.is_as_it_was and self._conclusion == self._concluded))
        if self._root is not None and is_new:
            write_cache(self._root, self._name, seal([self._began, self._rows, self._conclusion]))

    def _read(self) -> tuple[int, dict[str, Any], Any]:
        """When the files were looked at, by the earlier of two clocks, and what was noted then.

        The file system's clock may be another machine's; by it alone a run that took long would
        seem to have looked at its end.
        """
        if self._root is None:
            return 0, {}, None
        path = self._root / self._name
        try:
            with path.open(encoding="utf-8") as file:
                status, document = os.fstat(file.fileno()), unseal(file.read())
            began, rows, concluded = document
            noted_at = min(status.st_mtime_ns, began), dict(rows), concluded
        except (OSError, TypeError, ValueError):  # not there, or not what we write
            return 0, {}, None
        mark_used(path, status)
        return noted_at


def _status(stat: os.stat_result) -> _Stat:
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino
