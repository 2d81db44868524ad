"""The revisions of a project as far as they can be told at once, for completion.

What gitlembic's last run left in the git directory is taken for the files it names; others are
parsed, for as long as somebody who has pressed Tab may wait.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gitlembic.adapters.git_directory import find_git_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gitlembic.adapters.configured_locations import ConfiguredLocations
    from gitlembic.adapters.git_directory import GitDirectory

_SECONDS = 0.02
"""How long files are parsed, in time of the processor: about a hundred."""

_MAX_DATED = 1000
"""Asking so many files for their date takes 5 ms."""

_MAX_CACHES = 5
"""There is one a project and layout; the newest are looked at."""


class KnownRevision(NamedTuple):
    """What completion shows of a migration. No dataclass: there are thousands, and they are wanted now."""

    revision: str
    message: str
    branch_labels: tuple[str, ...]
    is_dynamic: bool


def read_known_revisions(locations: ConfiguredLocations | None, typed: str) -> tuple[KnownRevision, ...]:
    """The revisions of the locations, newest first: those not in the cache yet, then the chain backwards.

    Where there are too many files to parse, those whose names hold what was `typed` come first, then
    (unless there are thousands) those changed last. Without locations: what gitlembic saw last in this repository.
    """
    directory = find_git_directory(locations.directories[0] if locations is not None else Path.cwd())
    root = os.path.realpath(directory.work_tree) if directory is not None else ""
    wanted = None if locations is None else {_relative(path, root) for path in locations.directories}
    cached = {} if directory is None else _read_cache(directory, wanted)
    if locations is None:
        return tuple(cached.values())
    files = dict(_files(locations, root))
    unknown = [entry for path, entry in files.items() if path not in cached]
    return (*_parse(unknown, typed), *(known for path, known in cached.items() if path in files))


def _relative(path: str | os.PathLike[str], root: str) -> str:
    return os.path.relpath(os.path.realpath(path), root or os.curdir).replace(os.sep, "/")


def _files(locations: ConfiguredLocations, root: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """The Python files of the locations, with their paths from the root as the cache has them."""
    waiting = [directory for directory in map(os.path.realpath, locations.directories) if os.path.isdir(directory)]  # noqa: PTH112
    while waiting:
        directory = waiting.pop()
        start = _relative(directory, root)
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    yield entry.name if start == "." else f"{start}/{entry.name}", entry
                elif locations.recursive and entry.name != "__pycache__" and entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def _parse(entries: list[os.DirEntry[str]], typed: str) -> Iterator[KnownRevision]:
    if not entries:
        return
    from gitlembic.core.migration import Migration  # mostly there is nothing to parse  # noqa: PLC0415
    from gitlembic.core.migration_source import parse_migration  # noqa: PLC0415
    from gitlembic.core.names import is_migration_file, legacy_revision  # noqa: PLC0415

    dated = len(entries) <= _MAX_DATED
    entries.sort(
        key=lambda entry: (typed in entry.name, entry.stat().st_mtime_ns if dated else 0, entry.name), reverse=True
    )
    end = time.process_time() + _SECONDS
    for entry in entries:
        if time.process_time() > end:
            return
        if is_migration_file(entry.name) and entry.is_file():
            parsed = parse_migration(Path(entry.path).read_bytes(), legacy_revision(entry.name))
            if isinstance(parsed, Migration):
                yield KnownRevision(parsed.revision, parsed.message, parsed.branch_labels, parsed.is_dynamic)


def _read_cache(directory: GitDirectory, wanted: set[str] | None) -> dict[str, KnownRevision]:
    """The newest chain with the wanted locations (with any, for `None`): its revisions by path, newest first."""
    files = sorted(directory.cache_dir.glob("chain-*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for file in files[:_MAX_CACHES]:
        chains = json.loads(file.read_bytes())["chains"]
        if wanted is None or wanted == {location for chain in chains for location in chain["locations"]}:
            return dict(_known(chains))
    return {}


def _known(chains: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, KnownRevision]]:
    for chain in chains:
        for link in reversed(chain["migrations"]):
            is_dynamic = link["kind"] == "dynamic"
            known = KnownRevision(link["revision"], link["message"], tuple(link["branch_labels"]), is_dynamic)
            yield link["path"], known
