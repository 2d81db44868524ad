"""Which files are taken for unchanged."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.git_directory import GitDirectory
from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.core.history import FileId, Location
from gitlembic.core.migration import Migration
from gitlembic.core.migration_source import parse_migration

if TYPE_CHECKING:
    from pathlib import Path

PLACE = (Location("versions"),)
SECOND = 1_000_000_000
FILE = FileId("ab" * 20)


def _status(modified: int) -> os.stat_result:
    """The status of a file that was changed at a time in nanoseconds."""
    seconds = modified // SECOND
    return os.stat_result(
        (0o100644, 7, 1, 1, 0, 0, 90, seconds, seconds, seconds),
        {"st_mtime_ns": modified, "st_ctime_ns": modified},
    )


@pytest.fixture
def directory(tmp_path: Path) -> GitDirectory:
    (tmp_path / ".git").mkdir()
    return GitDirectory(tmp_path, tmp_path / ".git", tmp_path / ".git")


@pytest.fixture
def migration() -> Migration:
    parsed = parse_migration(b"revision = 'a'\ndown_revision = None\n")
    assert isinstance(parsed, Migration)
    return parsed


def _is_certain(cache: ScanCache, path: str, status: os.stat_result) -> bool | None:
    """`None` for a file that is not remembered at all."""
    found = cache.find(path, status)
    return None if found is None else found.is_certain


def test_a_file_that_was_left_alone_is_certain(directory: GitDirectory, migration: Migration) -> None:
    old, new = _status(time.time_ns() - 60 * SECOND), _status(time.time_ns())
    cache = ScanCache(directory, PLACE)
    cache.keep("old", old, FILE, migration)
    cache.keep("new", new, FILE, migration)
    cache.write()
    later = ScanCache(directory, PLACE)
    assert [_is_certain(later, "old", old), _is_certain(later, "new", new)] == [True, False]
    assert [_is_certain(later, "old", new), _is_certain(later, "other", old)] == [None, None]


def test_a_file_that_was_not_looked_at_again_is_forgotten(directory: GitDirectory, migration: Migration) -> None:
    """It was written twice within one tick, the second time as what is no migration, and never looked at since."""
    now = time.time_ns()
    first = ScanCache(directory, PLACE)
    first.keep("twice", _status(now), FILE, migration)
    first.write()
    second = ScanCache(directory, PLACE)
    assert _is_certain(second, "twice", _status(now)) is False
    second.keep("other", _status(now), FILE, migration)
    second.write()
    assert ScanCache(directory, PLACE).find("twice", _status(now)) is None


def test_a_file_that_is_certain_stays_so(directory: GitDirectory, migration: Migration) -> None:
    old = _status(time.time_ns() - 60 * SECOND)
    first = ScanCache(directory, PLACE)
    first.keep("old", old, FILE, migration)
    first.write()
    second = ScanCache(directory, PLACE)
    assert _is_certain(second, "old", old)
    second.keep("other", old, FILE, migration)
    second.write()
    assert _is_certain(ScanCache(directory, PLACE), "old", old)


def test_what_counts_is_when_the_files_were_looked_at(directory: GitDirectory, migration: Migration) -> None:
    """Not when that was written down, which in a run that took long is much later."""
    now = _status(time.time_ns())
    cache = ScanCache(directory, PLACE)
    cache.keep("new", now, FILE, migration)
    cache.write()
    (path,) = directory.cache_dir.iterdir()
    os.utime(path, (time.time() + 60, time.time() + 60))
    assert _is_certain(ScanCache(directory, PLACE), "new", now) is False


def test_the_clock_of_the_file_system_counts_as_well(directory: GitDirectory, migration: Migration) -> None:
    """Where it is slow, a file that was written just now seems to be old."""
    slow = time.time() - 60
    written = _status(int(slow * SECOND))
    cache = ScanCache(directory, PLACE)
    cache.keep("new", written, FILE, migration)
    cache.write()
    (path,) = directory.cache_dir.iterdir()
    os.utime(path, (slow, slow))
    assert _is_certain(ScanCache(directory, PLACE), "new", written) is False
