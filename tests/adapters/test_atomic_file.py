"""Several files are written all or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitlembic.adapters.atomic_file import write_all_atomically, write_atomically


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_writes_all_and_keeps_their_modes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"old")
    one.chmod(0o600)
    write_all_atomically({one: b"new\r\n", two: b"\xff"})
    assert (one.read_bytes(), two.read_bytes()) == (b"new\r\n", b"\xff")
    assert one.stat().st_mode & 0o777 == 0o600
    assert _names(tmp_path) == ["one", "two"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    write_atomically(tmp_path / "link", "é")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == "é".encode()


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_puts_everything_back_when_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    paths = [tmp_path / "one", tmp_path / "new", tmp_path / "three"]
    paths[0].write_bytes(b"1")
    paths[2].write_bytes(b"3")
    replace, calls = Path.replace, []

    def fail(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == failing:
            raise OSError(28, os.strerror(28), os.fspath(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_all_atomically(dict.fromkeys(paths, b"new"))
    assert _names(tmp_path) == ["one", "three"]
    assert (paths[0].read_bytes(), paths[2].read_bytes()) == (b"1", b"3")


def test_nothing_is_touched_when_one_cannot_be_prepared(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"1")
    with pytest.raises(FileNotFoundError):
        write_all_atomically({tmp_path / "one": b"new", tmp_path / "absent" / "two": b"new"})
    assert _names(tmp_path) == ["one"]
    assert (tmp_path / "one").read_bytes() == b"1"
