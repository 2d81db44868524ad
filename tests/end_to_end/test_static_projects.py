"""A purely static project runs as under Alembic, also where nothing but running its files would tell the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dulwich.repo import Repo

from tests.support.projects import BASE, LOCATION, Project, configuration, succeed, table_migration

if TYPE_CHECKING:
    from pathlib import Path

COMPUTED = {
    "revision": "revision = 'ccc'.replace('c', 'd')\ndown_revision = {base!r}\n",
    "down_revision": "revision = 'ddd'\ndown_revision = max([{base!r}])\n",
}


def _project(root: Path, *more: dict[str, str]) -> Project:
    project = Project(root)
    project.write({**configuration(), **table_migration(BASE, "users", None, revises="")})
    for files in more:
        project.write(files)
    return project


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_is_alembics(tmp_path: Path, name: str) -> None:
    project = _project(tmp_path, {f"{LOCATION}/computed.py": COMPUTED[name].format(base=BASE)})
    for line in (["heads"], ["history"]):
        assert succeed(project.gitlembic(*line)) == succeed(project.alembic(*line))
    shown = project.gitlembic("chain")
    assert shown.returncode == 3
    assert f"{LOCATION}/computed.py" in shown.stderr


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_is_refused_beside_dynamic_ones(tmp_path: Path, name: str) -> None:
    project = _project(
        tmp_path, {f"{LOCATION}/computed.py": COMPUTED[name].format(base=BASE)}, table_migration("1d", "x")
    )
    Repo.init(str(project.root)).close()
    done = project.gitlembic("heads")
    assert done.returncode == 3
    assert f"{LOCATION}/computed.py" in done.stderr


@pytest.mark.parametrize(
    "damage",
    [
        {".git": "no gitdir\n"},
        {".git/HEAD": "no commit\n", ".git/config": "[core]\n"},
        {".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": "no commit\n"},
    ],
)
def test_a_damaged_repository_is_not_asked(tmp_path: Path, damage: dict[str, str]) -> None:
    project = _project(tmp_path)
    project.write(damage)
    assert succeed(project.gitlembic("heads")) == f"{BASE} (head)\n"
    assert BASE in succeed(project.gitlembic("chain"))


@pytest.mark.parametrize(
    ("setting", "said"),
    [("path_separator = nonsense", "nonsense"), ("truncate_slug_length = many", "many")],
)
def test_settings_that_alembic_stumbles_over_are_named(tmp_path: Path, setting: str, said: str) -> None:
    project = _project(tmp_path)
    ini = (
        (project.root / "alembic.ini")
        .read_text()
        .replace("path_separator = os", "")
        .replace("[alembic]", f"[alembic]\n{setting}\nversion_locations = %(here)s/{LOCATION}")
    )
    project.write({"alembic.ini": ini})
    for command in ("chain", "heads"):
        done = project.gitlembic(command)
        assert done.returncode == 3
        assert "alembic.ini" in done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_a_package_that_is_not_installed_is_named(tmp_path: Path) -> None:
    project = _project(tmp_path)
    ini = (project.root / "alembic.ini").read_text().replace("%(here)s/migrations", "nosuchpackage:migrations")
    project.write({"alembic.ini": ini})
    for command in ("chain", "heads"):
        done = project.gitlembic(command)
        assert done.returncode == 3
        assert "nosuchpackage" in done.stderr


def test_an_unknown_command_names_ours_as_well(tmp_path: Path) -> None:
    done = _project(tmp_path).gitlembic("chian")
    assert done.returncode == 2
    assert "chain" in done.stderr.splitlines()[-1]


def test_unknown_global_options_are_refused(tmp_path: Path) -> None:
    done = Project(tmp_path).gitlembic("--nosuch", "demo")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--nosuch" in done.stderr
