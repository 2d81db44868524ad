"""The cache stays small, and what died writers left does not stay."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from gitlembic.adapters.cache_files import mark_used, write_cache
from gitlembic.adapters.chain_cache import ChainCache
from gitlembic.adapters.git_directory import GitDirectory

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600


def _age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds, time.time() - seconds))


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_of_each_kind_the_newest_stay(tmp_path: Path) -> None:
    for number in range(30):
        for name in (f"chain-{number:02}.json", f"files-{number:02}.json", f"orders-{number:02}/1.json"):
            write_cache(tmp_path, name, "text")
            _age(tmp_path / name.partition("/")[0], 1_000 - number)
    write_cache(tmp_path, "files-new.json", "text")
    assert _names(tmp_path) == [
        *(f"chain-{number:02}.json" for number in range(6, 30)),
        *(f"files-{number:02}.json" for number in range(7, 30)),
        "files-new.json",
        *(f"orders-{number:02}" for number in range(6, 30)),
    ]


def test_the_newest_files_of_a_directory_stay(tmp_path: Path) -> None:
    for number in range(30):
        write_cache(tmp_path, f"orders-1/{number:02}.json", "text")
        _age(tmp_path / "orders-1" / f"{number:02}.json", 1_000 - number)
    assert _names(tmp_path / "orders-1") == [f"{number:02}.json" for number in range(6, 30)]


def test_what_died_writers_left_is_removed(tmp_path: Path) -> None:
    for name in ("", "orders-1/"):
        write_cache(tmp_path, f"{name}files-1.json", "text")
        for left, age in ((".files-1.json.dead", 2 * HOUR), (".files-1.json.alive", 60)):
            (tmp_path / name / left).write_text("te")
            _age(tmp_path / name / left, age)
    write_cache(tmp_path, "orders-1/files-2.json", "text")
    assert _names(tmp_path) == [".files-1.json.alive", "files-1.json", "orders-1"]
    assert _names(tmp_path / "orders-1") == [".files-1.json.alive", "files-1.json", "files-2.json"]


def test_what_is_used_stays(tmp_path: Path) -> None:
    """Its time of writing tells something else, and stays as well."""
    for number in range(30):
        write_cache(tmp_path, f"files-{number:02}.json", "text")
        _age(tmp_path / f"files-{number:02}.json", 2 * HOUR - number)
        used = (tmp_path / "files-00.json").stat()
        mark_used(tmp_path / "files-00.json", used)
        assert (tmp_path / "files-00.json").stat().st_mtime_ns == used.st_mtime_ns
    assert _names(tmp_path) == ["files-00.json", *(f"files-{number:02}.json" for number in range(7, 30))]


def test_a_directory_in_the_place_of_a_file_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "orders-1" / "00.json" / "inside").mkdir(parents=True)
    _age(tmp_path / "orders-1" / "00.json", HOUR)
    write_cache(tmp_path, "orders-1/00.json", "text")
    for number in range(1, 30):
        write_cache(tmp_path, f"orders-1/{number:02}.json", "text")
        _age(tmp_path / "orders-1" / f"{number:02}.json", 1_000 - number)
    assert _names(tmp_path / "orders-1") == [f"{number:02}.json" for number in range(6, 30)]


def test_what_cannot_be_written_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    write_cache(tmp_path / "file", "one.json", "text")
    write_cache(tmp_path / "removed" / "gitlembic", "one.json", "text")
    write_cache(tmp_path, "file/one.json", "text")
    assert _names(tmp_path) == ["file"]


def test_what_others_keep_there_stays(tmp_path: Path) -> None:
    theirs = [f"notes-{number:02}" for number in range(30)] + ["plain", ".hidden"]
    for name in theirs:
        (tmp_path / name).mkdir()
        _age(tmp_path / name, 2 * HOUR)
    write_cache(tmp_path, "orders-1/1.json", "text")
    assert _names(tmp_path) == sorted([*theirs, "orders-1"])


def test_what_is_in_use_unchanged_stays(tmp_path: Path) -> None:
    directory = GitDirectory(tmp_path, tmp_path, tmp_path)
    ChainCache(directory, ["versions"]).keep("text")
    (name,) = _names(directory.cache_dir)
    _age(directory.cache_dir / name, HOUR)
    ChainCache(directory, ["versions"]).keep("text")
    assert (directory.cache_dir / name).stat().st_mtime > time.time() - 60
