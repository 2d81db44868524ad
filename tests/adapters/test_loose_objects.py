"""What is read straight from its file is what dulwich reads, or nothing; and dulwich is asked where it matters."""

from __future__ import annotations

import contextlib
import os
import random
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from dulwich.objects import Blob

from gitlembic.adapters.git_directory import GitDirectory
from gitlembic.adapters.git_objects import GitObjects
from gitlembic.adapters.loose_objects import read_loose
from gitlembic.errors import BrokenInputError, CannotTellError
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOB = 3


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[RepositoryBuilder]:
    with closing(RepositoryBuilder(tmp_path / "project")) as builder:
        builder.commit("1", [], {"a/b.py": "x = 1\n", "c.py": "", "d.py": "é" * 100_000})
        builder.checkout("1")
        yield builder


def _objects(repository: RepositoryBuilder) -> str:
    return os.fspath(repository.root / ".git" / "objects")


def test_every_object_is_as_dulwich_reads_it(repository: RepositoryBuilder) -> None:
    store = repository.repo.object_store
    names = [name.decode() for name in store]
    assert len(names) == 6  # a commit, two trees, three files
    for name in names:
        kind, contents = store.get_raw(name.encode())  # type: ignore[arg-type]
        assert read_loose(_objects(repository), name) == (kind, contents)
    assert read_loose(_objects(repository), "0" * 40) is None


def _write(repository: RepositoryBuilder, data: bytes) -> str:
    name = "ab" + "c" * 38
    path = repository.root / ".git" / "objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return name


@pytest.mark.parametrize(
    "contents",
    [b"", b"blob", b"blob 1", b"blob 1\0", b"blob 1\0xy", b"blob -1\0x", b"blob 1 1\0x", b"thing 1\0x", b"blob x\0x"],
)
def test_what_is_no_object_is_nothing(repository: RepositoryBuilder, contents: bytes) -> None:
    assert read_loose(_objects(repository), _write(repository, b"blob 1\0x")) is None  # not packed
    assert read_loose(_objects(repository), _write(repository, zlib.compress(b"blob 1\0x"))) == (_BLOB, b"x")
    assert read_loose(_objects(repository), _write(repository, zlib.compress(contents))) is None


@pytest.mark.parametrize("length", [0, 1, 50, 70, 100_000])
def test_what_is_damaged_is_nothing(repository: RepositoryBuilder, length: int) -> None:
    whole = zlib.compress(b"blob %d\0" % length + random.Random(length).randbytes(length))  # noqa: S311 -- no secret
    assert read_loose(_objects(repository), _write(repository, whole)) is not None
    for data in (whole[:-1], whole[: len(whole) // 2], whole + b"x", whole[:-4] + b"abcd"):
        assert read_loose(_objects(repository), _write(repository, data)) is None


def test_what_is_left_of_an_object_is_not_taken_for_it(repository: RepositoryBuilder) -> None:
    """Cut off, or with less in it than it says: dulwich reads what there is."""
    git_dir = repository.root / ".git"
    commit = repository.ids["1"]
    blob = Blob.from_string(b"revision = 1\n" * 10)
    repository.repo.object_store.add_object(blob)
    for name in (blob.id.decode(), commit):
        path = git_dir / "objects" / name[:2] / name[2:]
        whole = path.read_bytes()
        for data in (whole[:-6], whole[:-20], zlib.compress(zlib.decompress(whole)[:-1])):
            path.chmod(0o600)
            path.write_bytes(data)
            with (
                closing(GitObjects(GitDirectory(repository.root, git_dir, git_dir))) as objects,
                pytest.raises(BrokenInputError, match=f"cannot read object {name} "),
            ):
                objects.read(commit, bytes.fromhex(name))


_PLAIN = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"


@pytest.mark.parametrize(
    ("config", "is_plain"),
    [
        (_PLAIN, True),
        (_PLAIN.replace("\n", "\r\n"), True),
        (_PLAIN.replace("0", "1"), True),
        (_PLAIN.replace("repositoryformatversion", "repositoryFormatVersion"), True),
        (f"{_PLAIN}[extensions]\n\tworktreeConfig = true\n[remote]\n", True),
        (f"{_PLAIN}[extensions]\n\tworktreeConfig = true", True),
        (f"{_PLAIN}[extensions]\n", True),
        (f"{_PLAIN}[extensions]\n\tworktreeConfig = true\n\tobjectFormat = sha1\n", False),
        (f"{_PLAIN}[extensions]\n\tobjectFormat = sha1\n", False),
        (f"{_PLAIN}[extensions] objectFormat = sha1\n", False),
        (f"{_PLAIN}[ extensions]\n\tobjectFormat = sha1\n", False),
        (f'{_PLAIN}[extensions "x"]\n\tobjectFormat = sha1\n', False),
        (f"{_PLAIN}[extensions]\n# objectFormat = sha1\n", False),
        (f"{_PLAIN}[extensions]\n\tobjectFor\\\nmat = sha1\n", False),
        ("[core]\n\tbare = false\n", False),
        ("[core] repositoryformatversion = 0\n", False),
        (f"{_PLAIN}\trepositoryformatversion = 0x0\n", False),
    ],
)
def test_dulwich_is_spared_in_plain_repositories_only(
    repository: RepositoryBuilder, config: str, *, is_plain: bool
) -> None:
    git_dir = repository.root / ".git"
    (git_dir / "config").write_bytes(config.encode())
    with contextlib.suppress(CannotTellError):  # as dulwich does, if it is asked
        with closing(GitObjects(GitDirectory(repository.root, git_dir, git_dir))) as objects:
            assert ("repo" not in vars(objects)) == is_plain
            assert objects.id_length == 20
        return
    assert not is_plain


@pytest.mark.parametrize("name", ["info/grafts", "shallow"])
def test_dulwich_is_asked_where_parents_are_not_those_of_the_commits(repository: RepositoryBuilder, name: str) -> None:
    git_dir = repository.root / ".git"
    (git_dir / "info").mkdir(exist_ok=True)
    (git_dir / name).write_text(f"{repository.ids['1']}\n")
    with closing(GitObjects(GitDirectory(repository.root, git_dir, git_dir))) as objects:
        assert ("repo" in vars(objects)) == (name == "info/grafts")


def test_what_is_elsewhere_is_found_by_dulwich(repository: RepositoryBuilder, tmp_path: Path) -> None:
    blob = Blob.from_string(b"elsewhere")
    with closing(RepositoryBuilder(tmp_path / "other")) as other:
        other.repo.object_store.add_object(blob)
    git_dir = repository.root / ".git"
    (git_dir / "objects" / "info").mkdir(exist_ok=True)
    (git_dir / "objects" / "info" / "alternates").write_text(f"{tmp_path / 'other' / '.git' / 'objects'}\n")
    with closing(GitObjects(GitDirectory(repository.root, git_dir, git_dir))) as objects:
        assert objects.find(blob.id.decode()) == (_BLOB, b"elsewhere")
        assert "repo" in vars(objects)
