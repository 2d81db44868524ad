"""Writes what can be computed again, and keeps it from growing without end.

Nobody depends on these files: being forbidden to write one, or losing it, changes nothing but
speed. So nothing here waits for the disk, and nothing here fails.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gitlembic.core.presence import Place

_KEPT = 24
"""Entries of one kind in a directory: enough for the branches or worktrees that somebody switches between."""

_KINDS = frozenset({"births", "chain", "files", "findings", "orders", "past", "project"})
"""What the cache has, by the names up to their first dash; anything else there is somebody else's."""

_USED_LATELY = 3600 * 10**9
"""Nanoseconds within which a file that was used need not be marked again."""

_ABANDONED = 3600
"""Seconds after which a temporary file belongs to nobody who is still alive."""


def cache_key(name: str) -> str:
    """Names a file of the cache for what it is about."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def place_name(place: Place) -> str:
    """These locations in one text."""
    return "\n".join(f"{location.path}{'/**' if location.recursive else ''}" for location in place)


def write_cache(root: Path, name: str, text: str) -> None:
    """Write the file `name` below the `root` of the cache if that may be, and remove what is old there.

    The directory that the root is in is never made: a git directory that was removed stays so.
    """
    from gitlembic.adapters.atomic_file import write_atomically  # mostly nothing is written  # noqa: PLC0415

    path = root / name
    with contextlib.suppress(OSError, ValueError):  # a path with a zero byte, too
        for directory in (root, path.parent):
            directory.mkdir(exist_ok=True)
        write_atomically(path, text, durable=False)
        _tidy(entry for entry in _entries(root) if _kind(entry.name.removeprefix(".")) in _KINDS)
        if path.parent != root:
            _tidy(_entries(path.parent))


def renew_cache(root: Path, name: str) -> None:
    """Let a file that is in use as it is count as new, lest it be removed before those that are not."""
    with contextlib.suppress(OSError):
        os.utime(root / name)


def mark_used(path: Path, status: os.stat_result) -> None:
    """The same for one whose time of writing tells something; `status` is what it has been until now."""
    now = time.time_ns()
    if max(status.st_atime_ns, status.st_mtime_ns) < now - _USED_LATELY:
        with contextlib.suppress(OSError):
            os.utime(path, ns=(now, status.st_mtime_ns))


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    with os.scandir(directory) as entries:
        return list(entries)


def _tidy(entries: Iterable[os.DirEntry[str]]) -> None:
    for entry in _outdated(entries):
        if entry.is_dir(follow_symlinks=False):
            import shutil  # noqa: PLC0415 -- as above

            shutil.rmtree(entry, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                Path(entry).unlink()


def _outdated(entries: Iterable[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    """All but the newest of each kind, which is the name up to its first dash, and what died writers left."""
    kinds: dict[str, list[tuple[int, os.DirEntry[str]]]] = {}
    for entry in entries:
        status = entry.stat(follow_symlinks=False)
        modified = max(status.st_mtime_ns, status.st_atime_ns)
        if not entry.name.startswith("."):
            kinds.setdefault(_kind(entry.name), []).append((modified, entry))
        elif modified < (time.time() - _ABANDONED) * 1e9:
            yield entry
    for found in kinds.values():
        yield from (entry for _, entry in sorted(found, key=lambda one: -one[0])[_KEPT:])


def _kind(name: str) -> str:
    return name.partition("-")[0] if "-" in name else ""
