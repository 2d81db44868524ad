"""What doctor remembers changes only its speed: whatever has changed since, it says what it would say anew."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from dulwich.objects import ObjectID
from dulwich.refs import Ref

from gitlembic.commands.doctor import examine
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.projects import CACHE, LOCATION, configuration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.migrations import Down
    from tests.support.repositories import RepositoryBuilder


def _file(revision: str, down: Down, body: str = "    pass") -> dict[str, str]:
    return {f"{LOCATION}/{revision}.py": migration_source(revision, down, body=body)}


@pytest.fixture
def repository(repository: RepositoryBuilder) -> RepositoryBuilder:
    """main with a1 and b2, topic with c3 in a place that main has gone past; b2 was edited on main."""
    repository.commit("base", [], {**configuration(), **_file("a1", None)})
    repository.commit("b", ["base"], _file("b2", DYNAMIC))
    repository.commit("edited", ["b"], _file("b2", DYNAMIC, "    op.drop_table('x')"))
    repository.commit("c", ["b"], _file("c3", "a1"))
    repository.branch("main", "edited")
    repository.checkout("c", "topic")
    return repository


def _found(root: Path) -> list[tuple[str, str]]:
    diagnosis = examine(["-c", os.fspath(root / "alembic.ini")], select=(), ignore=())
    return [(found.check.code, found.finding.message) for found in diagnosis.found]


def _anew(root: Path) -> list[tuple[str, str]]:
    shutil.rmtree(root / CACHE, ignore_errors=True)
    return _found(root)


def _edit(repository: RepositoryBuilder) -> None:
    (repository.root / LOCATION / "a1.py").write_text(_file("a1", None, "    op.drop_table('y')")[f"{LOCATION}/a1.py"])


def _delete(repository: RepositoryBuilder) -> None:
    (repository.root / LOCATION / "c3.py").unlink()


def _commit(repository: RepositoryBuilder) -> None:
    repository.commit("d", ["c"], _file("d4", "nobody"))
    repository.checkout("d", "topic")


def _move_main(repository: RepositoryBuilder) -> None:
    repository.branch("main", "b")


def _rename_main(repository: RepositoryBuilder) -> None:
    repository.branch("master", "b")
    del repository.repo.refs[Ref(b"refs/heads/main")]


def _lose_main(repository: RepositoryBuilder) -> None:
    del repository.repo.refs[Ref(b"refs/heads/main")]


def _fetch_main(repository: RepositoryBuilder) -> None:
    repository.repo.refs[Ref(b"refs/remotes/origin/main")] = ObjectID(repository.ids["b"].encode())


def _configure(repository: RepositoryBuilder) -> None:
    repository.branch("release", "base")
    with (repository.root / "alembic.ini").open("a") as file:
        file.write("[gitlembic]\nmainline = release\n")


def _merge(repository: RepositoryBuilder) -> None:
    (repository.root / ".git" / "MERGE_HEAD").write_text(f"{repository.ids['edited']}\n")


def _break(repository: RepositoryBuilder) -> None:
    (repository.root / LOCATION / "c3.py").write_text("<<<<<<<\n")


@pytest.mark.parametrize(
    "change",
    [_edit, _delete, _commit, _move_main, _rename_main, _lose_main, _fetch_main, _configure, _merge, _break],
)
def test_whatever_changes_is_seen(repository: RepositoryBuilder, change: Callable[[RepositoryBuilder], None]) -> None:
    before = _found(repository.root)
    assert [code for code, _ in before] == ["GL204", "GL101"]
    assert _found(repository.root) == before
    change(repository)
    after = _found(repository.root)
    assert after == _anew(repository.root)
    assert after != before


def test_what_is_remembered_is_not_looked_for_again(repository: RepositoryBuilder) -> None:
    """The history is not even there any more."""
    before = _found(repository.root)
    shutil.move(repository.root / ".git" / "objects", repository.root / "away")
    (repository.root / ".git" / "objects").mkdir()
    assert _found(repository.root) == before


def test_a_selection_remembers_what_it_looked_for(repository: RepositoryBuilder) -> None:
    options = ["-c", os.fspath(repository.root / "alembic.ini")]
    assert [found.check.code for found in examine(options, select=("GL2",), ignore=()).found] == ["GL204"]
    assert [code for code, _ in _found(repository.root)] == ["GL204", "GL101"]
    assert examine(options, select=("GL2",), ignore=("GL204",)).found == ()


@pytest.mark.parametrize("text", ["", "{", "0\n[1]\n"])
def test_a_damaged_cache_is_no_cache(repository: RepositoryBuilder, text: str) -> None:
    before = _found(repository.root)
    (cache,) = (repository.root / CACHE).glob("findings-*.json")
    cache.write_text(text)
    assert _found(repository.root) == before
