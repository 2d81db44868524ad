"""`gitlembic init`: in a repository a dynamic project, elsewhere Alembic's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.core.template_source import PatchedTemplate, patch_template
from tests.support.parity import TEMPLATES
from tests.support.projects import Project, succeed
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = "migrations/script.py.mako"


@pytest.fixture
def repository(tmp_path: Path) -> Project:
    RepositoryBuilder(tmp_path / "ours").close()
    return Project(tmp_path / "ours")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Project:
    (tmp_path / "theirs").mkdir()
    return Project(tmp_path / "theirs")


@pytest.mark.parametrize("template", TEMPLATES)
def test_in_a_repository_only_the_template_differs(repository: Project, elsewhere: Project, template: str) -> None:
    (ours,) = repository.play("gitlembic", f"init -t {template} migrations")
    (theirs,) = elsewhere.play("alembic", f"init -t {template} migrations")
    assert succeed(ours).replace("/ours/", "/theirs/") == succeed(theirs)
    assert TEMPLATE in ours.stderr
    made = {path: text for path, text in repository.files().items() if not path.startswith(".git/")}
    expected = elsewhere.files()
    patched = patch_template(expected[TEMPLATE].decode())
    assert isinstance(patched, PatchedTemplate)
    assert made == {**expected, TEMPLATE: patched.text.encode()}
    assert made[TEMPLATE] != expected[TEMPLATE]


def test_the_project_is_dynamic_at_once(repository: Project) -> None:
    for line in ("init migrations", "revision --rev-id a1", "revision --rev-id b2", "revision --rev-id c3"):
        (done,) = repository.play("gitlembic", line)
        succeed(done)
    sources = {path.name[:2]: path.read_text() for path in (repository.root / "migrations/versions").glob("*.py")}
    assert [name for name in sorted(sources) if "= get_down_revision(revision)" in sources[name]] == ["b2", "c3"]
    assert repository.chain()["chains"][0]["heads"] == ["c3"]


def test_elsewhere_one_line_names_adopt(elsewhere: Project) -> None:
    shown, quiet = elsewhere.play("gitlembic", "-c my.ini init migrations", "-q init other")
    succeed(quiet)
    assert succeed(shown)
    assert shown.stderr.count("\n") == 1
    assert "`gitlembic -c my.ini adopt`" in shown.stderr
    assert quiet.stderr == ""


def test_what_alembic_refuses_changes_nothing(repository: Project) -> None:
    repository.write({"full/script.py.mako": "down_revision = ${repr(down_revision)}\nrevision = 1\n"})
    before = repository.files()
    for line in ("init full", "init -t nosuch empty", "init"):
        (done,) = repository.play("gitlembic", line)
        assert done.returncode != 0
        assert "adopt" not in done.stderr
    assert repository.files() == before


def test_a_template_of_ones_own_that_is_not_understood_stays(repository: Project) -> None:
    own = {"own/alembic.ini.mako": "[alembic]\nscript_location = migrations\n", "own/script.py.mako": "# ours\n"}
    repository.write({**own, "own/env.py": ""})
    (done,) = repository.play("gitlembic", f"init -t {repository.root}/own migrations")
    succeed(done)
    assert repository.files()[TEMPLATE] == b"# ours\n"
    assert "`gitlembic adopt`" in done.stderr
    assert TEMPLATE in done.stderr
