"""Trees that hold one another more often than anybody can count are refused, not walked."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree

from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.git_repository import GitRepository
from gitlembic.core.history import CommitId, Location
from gitlembic.errors import BrokenInputError
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_EVERYTHING = Location("", recursive=True)
_FILE, _LINK, _DIRECTORY = 0o100644, 0o120000, 0o40000

_ASKED: dict[str, Callable[[GitRepository, CommitId], object]] = {
    "fingerprint": lambda repository, commit: repository.fingerprint(commit, _EVERYTHING),
    "files": lambda repository, commit: repository.files(commit, _EVERYTHING),
    "python_files": lambda repository, commit: repository.python_files(commit),
    "added_files": lambda repository, commit: repository.added_files(commit),
    "dead_links": lambda repository, commit: repository.dead_links(commit, _EVERYTHING),
}


def _nested(leaf: Tree, widths: Sequence[int]) -> Iterator[Tree]:
    yield leaf
    for width in widths:
        tree = Tree()
        for number in range(width):
            tree.add(b"%d" % number, _DIRECTORY, leaf.id)
        yield tree
        leaf = tree


def _commit(root: Path, mode: int, widths: Sequence[int]) -> CommitId:
    blob, leaf = Blob.from_string(b"nowhere.py"), Tree()
    leaf.add(b"a.py", mode, blob.id)
    trees = [*_nested(leaf, widths)]
    with closing(RepositoryBuilder(root)) as builder:
        builder.commit("1", [], {"a.py": ""})
        commit = builder.repo[ObjectID(builder.ids["1"].encode())].copy()
        assert isinstance(commit, Commit)
        commit.tree = trees[-1].id
        objects: list[ShaFile] = [blob, *trees, commit]
        builder.repo.object_store.add_objects([(one, None) for one in objects])
        return CommitId(commit.id.decode())


def _open(root: Path) -> GitRepository:
    directory = find_git_directory(root)
    assert directory is not None
    return GitRepository(directory)


@pytest.mark.parametrize(
    ("asked", "mode"),
    [*((asked, _LINK) for asked in _ASKED), *((asked, _FILE) for asked in ("files", "python_files", "added_files"))],
)
def test_too_many_to_count_are_refused(tmp_path: Path, asked: str, mode: int) -> None:
    commit = _commit(tmp_path / "project", mode, [10] * 10)
    with _open(tmp_path / "project") as repository:
        start = time.process_time()
        with pytest.raises(BrokenInputError, match="hold the same ones too often"):
            _ASKED[asked](repository, commit)
        assert time.process_time() - start < 1


@pytest.mark.parametrize("asked", ["files", "python_files", "added_files"])
def test_five_thousand_that_are_alike_are_read(tmp_path: Path, asked: str) -> None:
    commit = _commit(tmp_path / "project", _FILE, [50, 100])
    with _open(tmp_path / "project") as repository:
        found = _ASKED[asked](repository, commit)
    assert len([*found]) == 5_000  # type: ignore[misc]


@pytest.mark.parametrize(
    ("directory", "file", "link"),
    [(b"40000", b"100644", b"120000"), (b"040000", b"0100644", b"0120000"), (b"40000", b"100640", b"120000")],
)
def test_modes_are_read_as_git_reads_them(tmp_path: Path, directory: bytes, file: bytes, link: bytes) -> None:
    """Programs of long ago put a zero in front, or wrote down what the file's owner had set."""

    def tree(*entries: tuple[bytes, bytes, ShaFile]) -> Tree:
        raw = b"".join(b"%b %b\0%b" % (mode, name, bytes.fromhex(one.id.decode())) for mode, name, one in entries)
        found = ShaFile.from_raw_string(Tree.type_num, raw)
        assert isinstance(found, Tree)
        return found

    source, target = Blob.from_string(b"x = 1\n"), Blob.from_string(b"a.py")
    inner = tree((file, b"a.py", source), (link, b"b.py", target))
    outer = tree((file, b"alembic.ini", source), (directory, b"versions", inner))
    with closing(RepositoryBuilder(tmp_path / "project")) as builder:
        builder.commit("1", [], {"versions/a.py": "x = 2\n"})
        first = builder.repo[ObjectID(builder.ids["1"].encode())]
        commits = [first.copy(), first.copy()]
        for commit, parent in zip(commits, (None, commits[0]), strict=True):
            assert isinstance(commit, Commit)
            commit.tree = outer.id
            commit.parents = [] if parent is None else [parent.id]
        builder.repo.object_store.add_objects([(one, None) for one in (source, target, inner, outer, *commits)])
    older, newer = (CommitId(commit.id.decode()) for commit in commits)
    location = Location("versions", recursive=False)
    blob = source.id.decode()
    with _open(tmp_path / "project") as repository:
        assert repository.files(newer, location) == {"versions/a.py": blob, "versions/b.py": blob}
        assert dict(repository.python_files(newer)) == {"versions/a.py": blob, "versions/b.py": blob}
        assert repository.added_files(older) == ("versions/a.py", "versions/b.py")
        assert repository.dead_links(newer, location) == ()
        patterns = [repository._trees.directory_named("versions")]
        assert repository._trees.is_same(newer, bytes.fromhex(outer.id.decode()), patterns, [None]) is False
        ids: list[bytes | None] = [bytes.fromhex(inner.id.decode())]
        assert repository._trees.is_same(newer, bytes.fromhex(outer.id.decode()), patterns, ids)
