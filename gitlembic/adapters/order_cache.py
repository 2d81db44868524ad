"""Keeps what was folded at the latest commits inside the git directory.

Losing it, damaging it, or being forbidden to write it changes nothing but speed.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from gitlembic.adapters.cache_files import cache_key, mark_used, place_name, write_cache
from gitlembic.core.history import CommitId
from gitlembic.core.sealed import VERSION
from gitlembic.core.snapshot import Snapshot, parse_snapshot, render_snapshot

if TYPE_CHECKING:
    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.presence import Place

_SNAPSHOT = re.compile(r"([0-9a-f]{40,64})\.json")


class OrderCache:
    """The snapshots of one set of locations; all worktrees of a repository share them.

    A clone that ends elsewhere has others: what it could tell when it was deeper, it may not be able to tell now,
    and it says the same whether it remembers that or not.
    """

    def __init__(self, directory: GitDirectory, place: Place) -> None:
        self._root = directory.cache_dir
        about = "\0".join((place_name(place), *sorted(directory.read_shallow())))
        self._name = f"orders-{VERSION}-{cache_key(about)}"
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
        write_cache(self._root, f"{self._name}/{snapshot.commit}.json", render_snapshot(snapshot))

    def _commits(self) -> frozenset[CommitId]:
        if self._kept is None:
            try:
                names = [path.name for path in (self._root / self._name).iterdir()]
            except OSError:
                names = []
            self._kept = frozenset(CommitId(found[1]) for found in map(_SNAPSHOT.fullmatch, names) if found)
        return self._kept

    def _read(self, commit: CommitId) -> Snapshot | None:
        try:
            path = self._root / self._name / f"{commit}.json"
            with path.open(encoding="utf-8") as file:
                mark_used(path, os.fstat(file.fileno()))
                text = file.read()
        except (OSError, UnicodeDecodeError):
            return None
        snapshot = parse_snapshot(text)
        return snapshot if snapshot is not None and snapshot.commit == commit else None
