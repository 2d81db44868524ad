"""A chain file comes with a repository, as anybody's link may: nothing outside the project is read or written."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.chain_file import read_chain_file, write_chain_file
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.repositories import RepositoryBuilder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need permissions there")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a chain file would be, in no repository."""
    (tmp_path / "migrations").mkdir()
    return tmp_path / "migrations" / "revision_chain.json"


@pytest.mark.parametrize("target", ["../secret.json", "/dev/zero", "/nowhere/at/all"])
def test_a_link_out_of_the_project_is_refused(tmp_path: Path, path: Path, target: str) -> None:
    (tmp_path / "secret.json").write_text('{"a": "b"}')
    path.symlink_to(target)
    with pytest.raises(BrokenInputError, match="is a link that leads out of the project"):
        read_chain_file(path)
    with pytest.raises(BrokenInputError, match="is a link that leads out of the project"):
        write_chain_file(path, "{}")
    assert (tmp_path / "secret.json").read_text() == '{"a": "b"}'


def test_a_link_inside_the_directory_stays_one(path: Path) -> None:
    """As Kubernetes mounts files."""
    (path.parent / "data").mkdir()
    (path.parent / "data" / path.name).write_text('{"a": "b"}')
    path.symlink_to(f"data/{path.name}")
    assert read_chain_file(path) == {"a": "b"}
    write_chain_file(path, '{"b": "a"}')
    assert path.is_symlink()
    assert read_chain_file(path) == {"b": "a"}


def test_a_link_inside_the_repository_is_followed(repository: RepositoryBuilder) -> None:
    (repository.root / "migrations").mkdir()
    (repository.root / "chain.json").write_text('{"a": "b"}')
    (repository.root / "migrations" / "revision_chain.json").symlink_to("../chain.json")
    assert read_chain_file(repository.root / "migrations" / "revision_chain.json") == {"a": "b"}


def test_what_is_no_file_is_refused(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(BrokenInputError, match="is no file"):
        read_chain_file(path)


def test_what_is_not_there_is_none(path: Path) -> None:
    assert read_chain_file(path) is None
