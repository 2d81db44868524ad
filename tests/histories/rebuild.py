"""A recorded history -> a real repository of the same shape, in one pack, within seconds.

A migration has its docstring and its assignments, and nothing else is in the trees. Some
migrations can be made dynamic, from their birth or from a commit on; their declared parents then
stand in the docstring, as `Revises:`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dulwich.index import commit_tree
from dulwich.object_store import MemoryObjectStore
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.pack import write_pack
from dulwich.refs import Ref
from dulwich.repo import Repo

from gitlembic.adapters.alembic_project import Project
from gitlembic.adapters.git_directory import GitDirectory
from gitlembic.core.history import CommitId, Location
from tests.histories.recorded import Expression

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from dulwich.objects import ShaFile

    from gitlembic.core.presence import Place
    from tests.histories.recorded import FileVersion, RecordedHistory, Value

_PACK = f"pack-{'0' * 40}"
_EPOCH = 1_300_000_000
_UNREADABLE = b"<<<<<<< HEAD\nrevision = 'one'\n=======\nrevision = 'other'\n>>>>>>> branch\n"


@dataclass(frozen=True)
class Conversion:
    """Which migrations are dynamic: `revisions`, or all (`None`), from the commit `since` on."""

    revisions: Collection[str] | None = ()
    since: int = 0

    def applies(self, version: FileVersion, commit: int) -> bool:
        return commit >= self.since and (self.revisions is None or version.revision in self.revisions)


AS_DECLARED = Conversion()


@dataclass(frozen=True)
class Rebuilt:
    """A repository made from a recorded history, HEAD checked out.

    `ids` are its commits, in the order of the record.
    """

    history: RecordedHistory
    root: Path
    ids: tuple[CommitId, ...]

    @property
    def project(self) -> Project:
        return self.project_at(self.history.head)

    def project_at(self, number: int) -> Project:
        """The project as its configuration had to be at a commit of the record."""
        return Project(self.root, (self.root / self.history.location(number),), self.history.recursive)

    @property
    def directory(self) -> GitDirectory:
        return GitDirectory(self.root, self.root / ".git", self.root / ".git")

    def place(self, number: int) -> Place:
        """Where the migrations were at a commit of the record."""
        return (Location(self.history.location(number), self.history.recursive),)


def rebuild(history: RecordedHistory, root: Path, conversion: Conversion = AS_DECLARED) -> Rebuilt:
    """Write the repository and check its HEAD out."""
    root.mkdir(parents=True)
    objects = _Objects(conversion)
    ids: list[CommitId] = []
    for number, commit in enumerate(history.commits):
        tree = objects.tree(number, commit.files)
        ids.append(objects.commit(tree, [ids[parent] for parent in commit.parents], number, commit.name))
    with Repo.init(os.fspath(root), default_branch=b"main") as repo:
        # Directly: the object store would read every object back several times.
        write_pack(str(root / ".git/objects/pack" / _PACK), objects.all(), repo.object_format, deltify=False)
        repo.refs[Ref(b"refs/heads/main")] = ObjectID(ids[-1].encode())
    for path, version in history.commits[-1].files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_source(version, dynamic=version is not None and conversion.applies(version, history.head)))
    return Rebuilt(history, root, tuple(ids))


@dataclass
class _Objects:
    """Makes the objects of a repository, each distinct tree and file once."""

    conversion: Conversion
    _store: MemoryObjectStore = field(default_factory=MemoryObjectStore)
    _commits: list[ShaFile] = field(default_factory=list)
    _blobs: dict[tuple[FileVersion | None, bool], ObjectID] = field(default_factory=dict)
    _trees: dict[tuple[int, bool], ObjectID] = field(default_factory=dict)

    def tree(self, number: int, files: Mapping[str, FileVersion | None]) -> ObjectID:
        # The record shares the mapping between commits that change nothing, and stays alive.
        key = (id(files), number >= self.conversion.since)
        if key not in self._trees:
            entries = [(os.fsencode(path), self._blob(version, number), 0o100644) for path, version in files.items()]
            self._trees[key] = commit_tree(self._store, entries)
        return self._trees[key]

    def _blob(self, version: FileVersion | None, number: int) -> ObjectID:
        key = (version, version is not None and self.conversion.applies(version, number))
        if key not in self._blobs:
            blob = Blob.from_string(_source(version, dynamic=key[1]))
            self._store.add_object(blob)
            self._blobs[key] = blob.id
        return self._blobs[key]

    def commit(self, tree: ObjectID, parents: Collection[CommitId], number: int, name: str) -> CommitId:
        person = f"Ada Lovelace <ada@example.org> {_EPOCH + number} +0000"
        lines = [
            f"tree {tree.decode()}",
            *(f"parent {parent}" for parent in parents),
            f"author {person}",
            f"committer {person}",
            "",
            name,
        ]
        commit = Commit.from_string("\n".join(lines).encode())
        self._commits.append(commit)
        return CommitId(commit.id.decode())

    def all(self) -> list[ShaFile]:
        return [*(self._store[name] for name in self._store), *self._commits]


def _source(version: FileVersion | None, *, dynamic: bool) -> bytes:
    if version is None:
        return _UNREADABLE
    revises = ", ".join(version.parents) if dynamic else version.revises
    lines = [
        f'"""migration {version.revision}',
        "",
        *([] if revises is None else [f"Revises: {revises}"]),
        *([] if version.create_date is None else [f"Create Date: {version.create_date}"]),
        '"""',
        *(["from gitlembic import get_down_revision", ""] if dynamic else []),
        f"revision = {version.revision!r}",
        f"down_revision = {'get_down_revision(revision)' if dynamic else _literal(version.down_revision)}",
        f"branch_labels = {_literal(version.branch_labels)}",
        f"depends_on = {_literal(version.depends_on)}",
        "",
    ]
    return "\n".join(lines).encode()


def _literal(value: Value) -> str:
    return value.text if isinstance(value, Expression) else repr(value)
