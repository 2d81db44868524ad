"""What is read straight from packs is what dulwich reads, or nothing."""

from __future__ import annotations

import random
import struct
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from dulwich.object_store import DiskObjectStore
from dulwich.repo import Repo

from gitlembic.adapters.packs import Packs
from tests.support.git import Git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dulwich.objects import ObjectID

pytestmark = pytest.mark.needs_git


@pytest.fixture(params=["sha1", "sha256"])
def git(tmp_path: Path, request: pytest.FixtureRequest) -> Git:
    """Two packs of objects that are much alike, and an object that is in none."""
    git = Git(tmp_path / "project")
    git.root.mkdir()
    git("init", "--quiet", f"--object-format={request.param}", "--initial-branch=main")
    for number in range(40):
        git.commit(f"m{number:03}")
        if number in {19, 39}:
            git("repack", "--quiet", "-d", "--depth=20")
    git("commit", "--quiet", "--allow-empty", "-m", "loose")
    assert len(list(_directory(git).glob("*.pack"))) == 2
    return git


def _directory(git: Git) -> Path:
    return git.root / ".git" / "objects" / "pack"


def _all(store: DiskObjectStore) -> Iterator[tuple[ObjectID, tuple[int, bytes]]]:
    for name in store:
        yield name, store.get_raw(name)


def _open(git: Git) -> Packs:
    with closing(Repo(str(git.root))) as repo:
        return Packs(_directory(git), repo.object_format.oid_length)


@pytest.mark.parametrize("format", ["offsets", "names"])
def test_every_object_is_as_dulwich_reads_it(git: Git, format: str) -> None:  # noqa: A002
    if format == "names":
        git("-c", "repack.useDeltaBaseOffset=false", "repack", "--quiet", "-a", "-d", "-f")
        git("commit", "--quiet", "--allow-empty", "-m", "looser")
    missing = 0
    with closing(Repo(str(git.root))) as repo, closing(_open(git)) as packs:
        assert isinstance(repo.object_store, DiskObjectStore)
        for name, expected in _all(repo.object_store):
            found = packs.find(bytes.fromhex(name.decode()))
            missing += found is None
            assert found in {None, expected}
        assert packs.find(bytes(repo.object_format.oid_length)) is None
    assert missing == 1  # what is in no pack


@pytest.mark.parametrize("ending", ["pack", "idx"])
@pytest.mark.parametrize("tries", [60, pytest.param(5_000, marks=pytest.mark.full)])
def test_damage_raises_nothing(git: Git, ending: str, tries: int) -> None:
    source = random.Random(5)  # noqa: S311 -- guards no secret
    with closing(Repo(str(git.root))) as repo:
        assert isinstance(repo.object_store, DiskObjectStore)
        names = [bytes.fromhex(name.decode()) for name in repo.object_store]
    path = min(_directory(git).glob(f"*.{ending}"))
    whole = path.read_bytes()
    path.chmod(0o644)
    for _ in range(tries):
        data = bytearray(whole[: source.choice((len(whole), source.randrange(len(whole))))])
        for _ in range(source.randint(1, 20)):
            if data:
                data[source.randrange(len(data))] = source.randrange(256)
        path.write_bytes(data)
        with closing(_open(git)) as packs:
            for name in names:
                packs.find(name)


def test_offsets_beyond_two_gigabytes_are_looked_up_elsewhere(git: Git) -> None:
    """As the index of a large pack has them; this one is small, but its index is written so."""
    if git("rev-parse", "--show-object-format") != "sha1":
        pytest.skip("the same code")
    git("repack", "--quiet", "-a", "-d")
    (index,) = _directory(git).glob("*.idx")
    pack = index.with_suffix(".pack")
    index.unlink()
    git("index-pack", "--index-version=2,0x0", str(pack))
    assert struct.unpack(">L", index.read_bytes()[4:8]) == (2,)
    with closing(Repo(str(git.root))) as repo, closing(_open(git)) as packs:
        head = repo.head()
        assert packs.find(bytes.fromhex(head.decode())) == repo.object_store.get_raw(head)
