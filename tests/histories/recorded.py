"""The recorded histories of real projects, as values; `data/README.md` describes the format.

Beside the facts there is the slow and obvious reading of them that gitlembic is held against: the
states forwards from the roots, and the order as ORDER.md 1 writes the fold down, over every
commit. Neither knows git.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).parent / "data"

_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")

Order = tuple[str, ...]


@dataclass(frozen=True)
class Expression:
    """The value of an assignment that is not a literal."""

    text: str


Value = str | tuple[str, ...] | Expression | None


@dataclass(frozen=True)
class FileVersion:
    """What one version of a migration file declares."""

    revision: str
    down_revision: Value
    branch_labels: Value
    depends_on: Value
    create_date: str | None
    revises: str | None

    @property
    def parents(self) -> tuple[str, ...]:
        """The declared parents; none where they are not literals."""
        return _texts(self.down_revision)

    @property
    def needs(self) -> tuple[str, ...]:
        return _texts(self.depends_on)

    @property
    def labels(self) -> tuple[str, ...]:
        return _texts(self.branch_labels)


@dataclass(frozen=True)
class RecordedCommit:
    """One commit; `parents` are indices, `files` the versions at every path after it."""

    name: str
    parents: tuple[int, ...]
    files: Mapping[str, FileVersion | None]


@dataclass(frozen=True)
class RecordedHistory:
    """All commits of a project, parents before children, HEAD last.

    Commits that change nothing share the mapping of their first parent's files.
    """

    name: str
    locations: tuple[str, ...]
    commits: tuple[RecordedCommit, ...]

    @property
    def head(self) -> int:
        return len(self.commits) - 1

    @property
    def recursive(self) -> bool:
        here = self.locations[0]
        return any(path.rpartition("/")[0] != here for path in self.commits[-1].files if path.startswith(here))

    @cached_property
    def first_parent_line(self) -> tuple[int, ...]:
        """From the root to HEAD."""
        line = [self.head]
        while self.commits[line[-1]].parents:
            line.append(self.commits[line[-1]].parents[0])
        return tuple(reversed(line))

    @cached_property
    def changes(self) -> tuple[int, ...]:
        """The commits of the first-parent line that changed a migration."""
        return tuple(number for number in self.first_parent_line if not self._is_unchanged(number))

    def condensed(self) -> RecordedHistory:
        """The same without the commits that changed nothing, whose first parents take their place.

        No order and no chain can depend on those, and a few hundred commits remain.
        """
        kept: list[RecordedCommit] = []
        stands_for: list[int] = []
        for number, commit in enumerate(self.commits):
            if commit.parents and self._is_unchanged(number):
                stands_for.append(stands_for[commit.parents[0]])
            else:
                parents = dict.fromkeys(stands_for[parent] for parent in commit.parents)
                stands_for.append(len(kept))
                kept.append(replace(commit, parents=tuple(parents)))
        # HEAD last, whatever other branches did meanwhile.
        head = stands_for[-1]
        if head != len(kept) - 1:
            kept.append(replace(kept[head], parents=(head,)))
        return replace(self, commits=tuple(kept))

    def _is_unchanged(self, number: int) -> bool:
        commit = self.commits[number]
        before = self.commits[commit.parents[0]].files if commit.parents else {}
        return commit.files == before

    def location(self, number: int) -> str:
        """Where the migrations were at a commit."""
        files = self.commits[number].files
        return next(
            (name for name in self.locations if any(path.startswith(name) for path in files)), self.locations[0]
        )

    def migrations(self, number: int) -> dict[str, FileVersion]:
        """The migrations present at a commit; of several with the same id the first path counts."""
        return {revision: version for revision, (_, version) in self._identities(number).items()}

    def is_clean(self, number: int) -> bool:
        """Whether every file can be read, and has an id of its own."""
        return len(self.migrations(number)) == len(self.commits[number].files) and None not in (
            self.commits[number].files.values()
        )

    def _identities(self, number: int) -> dict[str, tuple[str, FileVersion]]:
        found: dict[str, tuple[str, FileVersion]] = {}
        for path, version in sorted(self.commits[number].files.items()):
            known = version or self._version_before(number, path)
            if known is not None:
                found.setdefault(known.revision, (path, known))
        return found

    def _version_before(self, number: int, path: str) -> FileVersion | None:
        """What a file said before it became unreadable."""
        while self.commits[number].parents:
            number = self.commits[number].parents[0]
            version = self.commits[number].files.get(path)
            if version is not None:
                return version
        return None

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """The order at every commit (ORDER.md 1), folded forwards."""
        orders: list[Order] = []
        for number, commit in enumerate(self.commits):
            before = orders[commit.parents[0]] if commit.parents else ()
            if commit.parents and commit.files is self.commits[commit.parents[0]].files:
                orders.append(before)
                continue
            present = self._identities(number)
            order = [revision for revision in before if revision in present]
            for other in commit.parents[1:]:
                order += [revision for revision in orders[other] if revision in present and revision not in order]
            order += _birth_order({revision: placed for revision, placed in present.items() if revision not in order})
            orders.append(tuple(order))
        return tuple(orders)


def read_history(name: str) -> RecordedHistory:
    """The history that is recorded in `data/` under that name."""
    document = json.loads(gzip.decompress((DATA / f"{name}.json.gz").read_bytes()))
    versions = [None if file is None else _file_version(file) for file in document["files"]]
    commits: list[RecordedCommit] = []
    for entry in document["commits"]:
        files: Mapping[str, FileVersion | None] = commits[entry["parents"][0]].files if entry["parents"] else {}
        if entry.get("set") or entry.get("deleted"):
            kept = {path: version for path, version in files.items() if path not in entry.get("deleted", ())}
            files = {**kept, **{path: versions[number] for path, number in entry.get("set", {}).items()}}
        commits.append(RecordedCommit(entry["id"], tuple(entry["parents"]), files))
    return RecordedHistory(name, tuple(document["locations"]), tuple(commits))


def _file_version(file: Mapping[str, Any]) -> FileVersion:
    return FileVersion(
        revision=file["revision"],
        down_revision=_value(file["down_revision"]),
        branch_labels=_value(file.get("branch_labels")),
        depends_on=_value(file.get("depends_on")),
        create_date=file["create_date"],
        revises=file["revises"],
    )


def _value(recorded: Any) -> Value:
    if isinstance(recorded, dict):
        return Expression(recorded["expr"])
    return tuple(recorded) if isinstance(recorded, list) else recorded


def _texts(value: Value) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else ()


def _birth_order(newcomers: Mapping[str, tuple[str, FileVersion]]) -> list[str]:
    """ORDER.md 2, quadratic."""
    waiting = dict(newcomers)
    order: list[str] = []
    while waiting:
        free = {
            revision: placed
            for revision, placed in waiting.items()
            if not any(parent in waiting and parent != revision for parent in placed[1].parents)
        }
        candidates = free or waiting
        order.append(min(candidates, key=lambda revision: (_date(waiting[revision][1]), waiting[revision][0])))
        del waiting[order[-1]]
    return order


def _date(version: FileVersion) -> str:
    """All recorded dates that are ISO 8601 have one format and no zone, so their text compares."""
    text = version.create_date or ""
    return text if _ISO_DATE.match(text) else "none sorts last"
