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
from gitlembic.core.rows import migration_columns, migrations_from_columns
from gitlembic.core.sealed import VERSION, seal, seal_on, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.history import FileId
    from gitlembic.core.migration import Migration
    from gitlembic.core.presence import Place

    _Status = tuple[int, ...]  # size, times and inode
    _Row = tuple[_Status, FileId, Migration]

_TICK = 2_000_000_000
"""Nanoseconds: the coarsest clock of a file system that is in use (FAT)."""


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
        noted_at, self._noted, self._concluded, self._seal = self._read()
        self._left_alone_before = noted_at - _TICK
        self._rows: dict[str, _Row] = {}
        self._conclusion: Any = None
        self._is_changed = False
        self._is_whole = True

    @property
    def conclusion(self) -> Any:
        """What was concluded from the files the last time; `None` if that is nothing."""
        return self._concluded

    @property
    def seal(self) -> str:
        """What names all that was remembered the last time."""
        return self._seal

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
        noted = self._noted.get(path)
        if noted is None:
            return None
        status, file, migration = noted
        if status != _status(stat):
            return None
        was_left_alone = stat.st_mtime_ns < self._left_alone_before > stat.st_ctime_ns
        if was_left_alone:
            self._rows[path] = noted
        return Remembered(file, migration, was_left_alone)

    def keep(self, path: str, stat: os.stat_result, file: FileId, migration: Migration) -> None:
        """Remember a file; `stat` is its status from before it was read."""
        self._rows[path] = (_status(stat), file, migration)
        self._is_changed = True

    def write(self) -> None:
        """Keep for later what was found or read now.

        Nothing else: whoever was not read again is not known to have been left alone until now.
        """
        concluded = self._conclusion is not None
        is_new = self._is_changed or (concluded and not (self.is_as_it_was and self._conclusion == self._concluded))
        if self._root is not None and is_new:
            write_cache(self._root, self._name, seal([self._began, _columns(self._rows), self._conclusion]))

    def _read(self) -> tuple[int, dict[str, _Row], Any, str]:
        """When the files were looked at, by the earlier of two clocks, what was noted then, and its seal.

        The file system's clock may be another machine's; by it alone a run that took long would
        seem to have looked at its end.
        """
        nothing: tuple[int, dict[str, _Row], Any, str] = (0, {}, None, "")
        if self._root is None:
            return nothing
        path = self._root / self._name
        try:
            with path.open("rb") as file:
                status, text = os.fstat(file.fileno()), file.read().decode()
            began, columns, concluded = unseal(text)
            read = min(status.st_mtime_ns, began), _rows(columns), concluded, seal_on(text)
        except (OSError, LookupError, TypeError, ValueError):  # not there, or not what we write
            return nothing
        mark_used(path, status)
        return read


def _status(stat: os.stat_result) -> _Status:
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def _columns(rows: Mapping[str, _Row]) -> list[Any]:
    return [
        [*rows],
        [status for status, _, _ in rows.values()],
        [file for _, file, _ in rows.values()],
        migration_columns(migration for _, _, migration in rows.values()),
    ]


def _rows(columns: Any) -> dict[str, _Row]:
    """What `_columns` took apart; raises `LookupError`, `TypeError` or `ValueError` for others."""
    paths, statuses, files, declared = columns
    if not {*map(type, files)} <= {str}:
        raise TypeError(files)
    rows = zip(map(tuple, statuses), files, migrations_from_columns(declared), strict=True)
    return dict(zip(paths, rows, strict=True))
