"""Writes files so that a reader sees the old contents or the new, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_atomically(path: Path, text: str, *, durable: bool = True) -> None:
    """Temporary file, fsync, rename; keeps the permissions of a file that is there already.

    What may be lost with the power need not be `durable`: then nobody waits for the disk. Raises
    `OSError`, with nothing changed and nothing left behind.
    """
    write_all_atomically({path: text.encode()}, durable=durable)


def write_all_atomically(contents: Mapping[Path, bytes], *, durable: bool = True) -> None:
    """Write several files, all of them or none.

    Raises `OSError`, with nothing left behind. All are on disk before the first takes its place,
    so only a failing rename can happen half-way; those that went before are then put back.
    """
    targets = {Path(os.path.realpath(path)): data for path, data in contents.items()}  # a link stays a link
    before = {path: path.read_bytes() if path.exists() else None for path in targets}
    staged: dict[Path, Path] = {}
    replaced: list[Path] = []
    try:
        for path, data in targets.items():
            staged[path] = _stage(path, data, durable=durable)
        for path, temporary in staged.items():
            temporary.replace(path)
            replaced.append(path)
    except BaseException:
        for temporary in staged.values():
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        for path in replaced:
            old = before[path]
            if old is None:
                path.unlink()
            else:
                _stage(path, old).replace(path)
        raise


def _stage(path: Path, data: bytes, *, durable: bool = True) -> Path:
    """The new contents, complete and with the right permissions, beside the file whose place they will take."""
    temporary = path.parent / f".{path.name}.{os.urandom(8).hex()}"  # importing `tempfile` takes longer than all this
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.chmod(_mode(path))
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return temporary


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o7777
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
