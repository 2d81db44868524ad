"""The cache stays small, and what died writers left does not stay."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from gitlembic.adapters.cache_files import write_cache

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
        write_cache(tmp_path, f"{name}one.json", "text")
        for left, age in ((".one.json.dead", 2 * HOUR), (".one.json.alive", 60)):
            (tmp_path / name / left).write_text("te")
            _age(tmp_path / name / left, age)
    write_cache(tmp_path, "orders-1/two.json", "text")
    assert _names(tmp_path) == [".one.json.alive", "one.json", "orders-1"]
    assert _names(tmp_path / "orders-1") == [".one.json.alive", "one.json", "two.json"]


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
    write_cache(tmp_path, "file/one.json", "text")
    assert _names(tmp_path) == ["file"]
