"""What Alembic said of a configuration is said again as long as that is the same, and without Alembic."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.alembic_project import load_project, load_script
from gitlembic.adapters.remembered_project import recall_project
from gitlembic.errors import BrokenInputError
from tests.support.projects import CACHE, Project, configuration, succeed, two_branches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from gitlembic.adapters.project import Project as AlembicProject
    from tests.support.repositories import RepositoryBuilder

TOML = (
    '[tool.alembic]\nscript_location = "%(here)s/migrations"\nversion_locations = ["%(here)s/a"]\nsourceless = true\n'
)


@pytest.fixture
def root(repository: RepositoryBuilder, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(repository.root)
    monkeypatch.delenv("ALEMBIC_CONFIG", raising=False)
    Project(repository.root).write(configuration())
    return repository.root


def _remembered(root: Path) -> list[Path]:
    return [*(root / CACHE).glob("project-*.json")]


def _asked_twice(*options: str) -> AlembicProject:
    """What is answered the first and the second time, if that is the same, and what Alembic says."""
    first, second, alembic = recall_project(options), recall_project(options), load_project(options)
    assert (first, first.directory, first.sourceless) == (second, second.directory, second.sourceless)
    assert (first, first.directory, first.sourceless) == (alembic, alembic.directory, alembic.sourceless)
    return first


def test_says_what_alembic_says(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _asked_twice().locations == (root / "migrations/versions",)
    (root / "other.ini").write_text("[b]\nscript_location = migrations\nrecursive_version_locations = true\n")
    assert _asked_twice("-c", "other.ini", "-n", "b").recursive
    monkeypatch.chdir("migrations")
    (root / "migrations/pyproject.toml").write_text(TOML.replace("s/migrations", "s"))
    assert _asked_twice().locations == (root / "migrations/a",)
    monkeypatch.setenv("ALEMBIC_CONFIG", os.fspath(root / "alembic.ini"))
    assert _asked_twice().directory == root


def test_sees_a_configuration_that_was_changed_made_or_removed(root: Path) -> None:
    recall_project([])
    ini = root / "alembic.ini"
    ini.write_text(ini.read_text().replace("path_separator", "version_locations = %(here)s/b\npath_separator"))
    assert _asked_twice().locations == (root / "b",)
    (root / "pyproject.toml").write_text(TOML)
    assert _asked_twice().sourceless
    ini.unlink()
    assert _asked_twice().locations == (root / "a",)
    (root / "migrations").rename(root / "elsewhere")
    with pytest.raises(BrokenInputError, match="Path doesn't exist"):
        recall_project([])


def test_of_a_configuration_that_is_written_meanwhile_nothing_is_remembered(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ini = root / "alembic.ini"

    def slowly(arguments: Sequence[str]) -> tuple[ScriptDirectory, Config]:
        loaded = load_script(arguments)
        ini.write_text(ini.read_text().replace("[alembic]", "[alembic]\nsourceless = true"))
        return loaded

    monkeypatch.setattr("gitlembic.adapters.alembic_project.load_script", slowly)
    assert not recall_project([]).sourceless
    monkeypatch.undo()
    monkeypatch.chdir(root)
    assert _asked_twice().sourceless


def test_options_are_told_apart_whatever_is_in_them(root: Path) -> None:
    (root / "other.ini").write_text("[alembic]\nscript_location = migrations\nsourceless = true\n")
    assert _asked_twice("-x", "a", "-c", "other.ini").sourceless
    assert not _asked_twice("-x", "a\n-c\nother.ini").sourceless


def test_two_configurations_are_refused(root: Path) -> None:
    with pytest.raises(BrokenInputError, match="only one ini file"):
        recall_project(["-c", "alembic.ini", "-c", os.fspath(root / "alembic.ini")])


@pytest.mark.parametrize("contents", [b"", b"\xff", b"{}"])
def test_may_be_damaged(root: Path, contents: bytes) -> None:
    expected = recall_project([])
    for path in _remembered(root):
        path.write_bytes(contents)
    assert recall_project([]) == expected


def test_where_a_package_is_is_not_remembered(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(os.fspath(root))
    (root / "package").mkdir()
    (root / "package/__init__.py").touch()
    (root / "migrations").rename(root / "package/migrations")
    (root / "alembic.ini").write_text("[alembic]\nscript_location = package:migrations\n")
    assert recall_project([]).locations == (root / "package/migrations/versions",)
    assert not _remembered(root)


def test_works_where_no_repository_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Project(tmp_path).write(configuration())
    assert _asked_twice().locations == (tmp_path / "migrations/versions",)
    (tmp_path / ".git").write_text("gitdir: nowhere")
    assert _asked_twice().locations == (tmp_path / "migrations/versions",)


def test_graph_imports_alembic_only_once(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    old = 1_600_000_000
    for path in (project.root / "migrations/versions").glob("*.py"):
        os.utime(path, (old, old))
    succeed(project.gitlembic("graph"))
    script = (
        "import sys; from gitlembic.__main__ import main\n"
        "try: main(['graph'])\n"
        "except SystemExit as end: print(end.code, {'alembic', 'sqlalchemy', 'dulwich'} & {*sys.modules})"
    )
    assert succeed(Project(project.root).run("-c", script)).splitlines()[-1] == "0 set()"
