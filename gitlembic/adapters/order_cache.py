"""Keeps what was folded at the latest commits inside the git directory.

Losing it, damaging it, or being forbidden to write it changes nothing but speed.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from typing import TYPE_CHECKING

from gitlembic.adapters.atomic_file import write_atomically
from gitlembic.core.history import CommitId
from gitlembic.core.snapshot import VERSION, Snapshot, parse_snapshot, render_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.presence import Place

_KEPT = 24
"""Commits for a project: enough for the branches that somebody switches between."""

_SNAPSHOT = re.compile(r"([0-9a-f]{40,64})\.json")


def place_name(place: Place) -> str:
    """These locations in one text."""
    return "\n".join(f"{location.path}{'/**' if location.recursive else ''}" for location in place)


def cache_key(name: str) -> str:
    """Names a file of the cache for what it is about."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]


class OrderCache:
    """The snapshots of one set of locations; all worktrees of a repository share them."""

    def __init__(self, directory: GitDirectory, place: Place) -> None:
        self._directory = directory.cache_dir / f"orders-{VERSION}-{cache_key(place_name(place))}"
        self._loaded: dict[CommitId, Snapshot | None] = {}
        self._kept: frozenset[CommitId] | None = None

    def load(self, commit: CommitId) -> Snapshot | None:
        """What is remembered of a commit."""
        if commit not in self._loaded:
            self._loaded[commit] = self._read(commit) if commit in self._commits() else None
        return self._loaded[commit]

    def save(self, snapshot: Snapshot) -> None:
        """Remember a commit, now and for later."""
        self._loaded[snapshot.commit] = snapshot
        with contextlib.suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path(snapshot.commit), render_snapshot(snapshot), durable=False)
            self._prune()

    def _path(self, commit: CommitId) -> Path:
        return self._directory / f"{commit}.json"

    def _commits(self) -> frozenset[CommitId]:
        if self._kept is None:
            try:
                names = [path.name for path in self._directory.iterdir()]
            except OSError:
                names = []
            self._kept = frozenset(CommitId(found[1]) for found in map(_SNAPSHOT.fullmatch, names) if found)
        return self._kept

    def _read(self, commit: CommitId) -> Snapshot | None:
        try:
            snapshot = parse_snapshot(self._path(commit).read_text(encoding="utf-8"))
        except (OSError, ValueError, LookupError, TypeError):  # whoever made it, it is not what we write
            return None
        return snapshot if snapshot is not None and snapshot.commit == commit else None

    def _prune(self) -> None:
        kept = sorted(self._directory.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in kept[_KEPT:]:
            path.unlink(missing_ok=True)
