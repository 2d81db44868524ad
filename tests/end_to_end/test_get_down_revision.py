"""`get_down_revision` in migration files: the same graph whoever loads them."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.support.databases import stored_revisions, table_names
from tests.support.projects import (
    ADA,
    BASE,
    CHAIN,
    CHAIN_FILE,
    GRACE,
    LOCATION,
    Project,
    configuration,
    parents,
    succeed,
    table_migration,
    three_tables,
    two_branches,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

    from tests.support.projects import Done
    from tests.support.repositories import RepositoryBuilder

_HISTORY = [
    f"{ADA} -> {GRACE} (head), create prices",
    f"{BASE} -> {ADA}, create orders",
    f"<base> -> {BASE}, create users",
]
_WITHOUT_LIBRARY = """
from importlib.machinery import PathFinder
find_spec = PathFinder.find_spec

def find_other(name, path=None, target=None):
    return None if name.partition(".")[0] == "alembic_git_revisions" else find_spec(name, path, target)

PathFinder.find_spec = find_other
"""
_EDITABLE = """
from importlib.util import spec_from_file_location

class Editable:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return spec_from_file_location(name, {path!r}) if name == "alembic_git_revisions" else None

import sys
sys.meta_path.append(Editable)
"""


@pytest.fixture
def without_library(tmp_path: Path) -> dict[str, str]:
    """The environment in which alembic-git-revisions is not installed."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(_WITHOUT_LIBRARY, encoding="utf-8")
    return {"PYTHONPATH": os.fspath(tmp_path / "site")}


def _heads(project: Project) -> list[str]:
    """The heads that a program with Alembic's API sees now, in this process."""
    return ScriptDirectory.from_config(Config(project.root / "alembic.ini")).get_heads()


def _load(project: Project, path: str, **environment: str) -> Done:
    """Load one migration file without Alembic's script directory, and print its parent."""
    return project.run("-c", f"import runpy; print(runpy.run_path({path!r})['down_revision'])", **environment)


class TestWhoeverLoadsThem:
    def test_gitlembic_and_alembic_see_the_same(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite)
        succeed(project.alembic("upgrade", "head"))
        assert stored_revisions(sqlite) == {GRACE}
        assert succeed(project.alembic("history")).splitlines() == _HISTORY
        assert succeed(project.gitlembic("history")).splitlines() == _HISTORY

    def test_flask_migrate_sees_the_same(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        app = "\n".join(
            [
                "from flask import Flask",
                "from flask_migrate import Migrate",
                "from flask_sqlalchemy import SQLAlchemy",
                "app = Flask(__name__)",
                f"app.config['SQLALCHEMY_DATABASE_URI'] = {sqlite.render_as_string()!r}",
                "Migrate(app, SQLAlchemy(app))",
                "",
            ]
        )
        project = Project(repository.root)
        project.write({"app.py": app})
        succeed(project.run("-m", "flask", "db", "init"))
        files = {path: text.decode() for path, text in project.files().items() if not path.startswith(".git/")}
        two_branches(repository, files=files)
        succeed(project.run("-m", "flask", "db", "upgrade"))
        assert (table_names(sqlite), stored_revisions(sqlite)) == ({"users", "orders", "prices"}, {GRACE})
        assert succeed(project.run("-m", "flask", "db", "heads")) == f"{GRACE} (head)\n"
        assert succeed(project.run("-m", "flask", "db", "history")).splitlines() == _HISTORY
        # Its configuration has no script_location, so Alembic alone cannot run there; with one, we can.
        named = files["migrations/alembic.ini"].replace("[alembic]", "[alembic]\nscript_location = %(here)s")
        project.write({"migrations/alembic.ini": named})
        assert succeed(project.gitlembic("-c", "migrations/alembic.ini", "history")).splitlines() == _HISTORY

    def test_a_program_that_goes_on_sees_a_new_commit(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        repository.checkout("ada")
        assert _heads(project) == [ADA]
        repository.checkout("merge")
        assert _heads(project) == [GRACE]

    def test_a_program_that_goes_on_sees_a_commit_that_changes_no_file(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        early = table_migration("aaa", "early", create_date="2026-03-01 00:00:00")
        late = table_migration("bbb", "late", create_date="2026-04-01 00:00:00")
        project.write({**early, **late})
        assert _heads(project) == ["bbb"]
        repository.commit("late", ["merge"], late)
        repository.branch("main", "late")
        assert _heads(project) == ["aaa"]

    def test_one_just_written_leaves_nothing_to_the_next_load(self, repository: RepositoryBuilder) -> None:
        """What was computed for it must not answer for the files of another commit."""
        project = two_branches(repository)
        configured = Config(project.root / "alembic.ini")
        script = ScriptDirectory.from_config(configured)
        assert script.get_heads() == [GRACE]
        script.generate_revision("0415", "new")
        assert script.get_heads() == ["0415"]
        repository.checkout("grace")
        late = ScriptDirectory.from_config(configured)
        assert {name: late.get_revision(name).down_revision for name in late.get_heads()} == {GRACE: BASE}

    def test_two_threads_with_two_projects(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        other = project.copy_without_git("other")
        other.write({CHAIN_FILE: json.dumps({GRACE: BASE, ADA: GRACE})})
        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(_heads, one) for one in (project, other) * 8]
        assert [future.result() for future in asked] == [[GRACE], [ADA]] * 8

    def test_a_directory_given_by_the_file_has_the_locations_that_belong_to_it(
        self, repository: RepositoryBuilder
    ) -> None:
        """Under Alembic the second location counts as well, which is connected by its oldest."""
        here = "get_down_revision(revision, __import__('pathlib').Path(__file__).parent)"
        billing = "migrations/billing"
        locations = f"version_locations = %(here)s/{LOCATION}{os.pathsep}%(here)s/{billing}"
        files = {**configuration(options=locations), **table_migration(BASE, "users", None, revises="")}
        repository.commit("base", [], files)
        for number, (name, location) in enumerate([("b1", billing), (ADA, LOCATION), ("b2", billing)]):
            ((path, text),) = table_migration(name, f"table_{number}", location=location).items()
            asked = text.replace("get_down_revision(revision)", here)
            repository.commit(name, ["base" if not number else ("b1", ADA)[number - 1]], {path: asked})
        repository.checkout("b2")
        project = Project(repository.root)
        history = [f"{ADA} -> b2 (head), create table_2", f"b1 -> {ADA}, create table_1"]
        assert succeed(project.alembic("history")).splitlines()[:2] == history
        assert succeed(project.gitlembic("history")).splitlines()[:2] == history

    def test_a_directory_given_by_the_file_is_taken(self, repository: RepositoryBuilder) -> None:
        here = "get_down_revision(revision, __import__('pathlib').Path(__file__).parent)"
        files = {path: text.replace("get_down_revision(revision)", here) for path, text in three_tables().items()}
        repository.commit("files", [], files)
        repository.checkout("files")
        found = _load(Project(repository.root), f"{LOCATION}/{ADA}_create_orders.py")
        assert succeed(found) == f"{GRACE}\n"  # born together, so the earlier Create Date comes first


class TestFilesOfAlembicGitRevisions:
    def test_run_where_it_is_installed(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite, library="alembic_git_revisions")
        succeed(project.gitlembic("upgrade", "head"))
        assert stored_revisions(sqlite) == {GRACE}
        assert succeed(project.gitlembic("history")).splitlines() == _HISTORY
        assert parents(project.chain()) == {BASE: None, **CHAIN}

    def test_run_where_it_is_not(
        self, repository: RepositoryBuilder, sqlite: URL, without_library: dict[str, str]
    ) -> None:
        project = two_branches(repository, sqlite, library="alembic_git_revisions")
        missing = project.run("-c", "import alembic_git_revisions", **without_library)
        assert "ModuleNotFoundError" in missing.stderr
        succeed(project.gitlembic("upgrade", "head", **without_library))
        assert stored_revisions(sqlite) == {GRACE}
        assert succeed(project.gitlembic("history", **without_library)).splitlines() == _HISTORY

    @pytest.mark.parametrize("installed", [True, False])
    def test_may_stand_beside_ours(
        self, repository: RepositoryBuilder, without_library: dict[str, str], *, installed: bool
    ) -> None:
        project = two_branches(repository, library="alembic_git_revisions")
        project.write(table_migration("0415", "ours"))
        environment = {} if installed else without_library
        assert succeed(project.gitlembic("heads", **environment)) == "0415 (head)\n"

    @pytest.mark.needs_git
    def test_its_own_answer_is_not_asked(self, repository: RepositoryBuilder) -> None:
        """It puts a second uncommitted migration nowhere; under gitlembic it follows the first."""
        project = two_branches(repository, library="alembic_git_revisions")
        for name in ("one", "two"):
            succeed(project.gitlembic("revision", "-m", name, "--rev-id", name))
        assert succeed(project.gitlembic("heads")) == "two (head)\n"

    def test_run_where_it_is_an_editable_install(
        self, repository: RepositoryBuilder, tmp_path: Path, without_library: dict[str, str]
    ) -> None:
        """Such a package is found by a hook of its own, and what else it has stays what it is."""
        project = two_branches(repository, library="alembic_git_revisions")
        ((path, text),) = table_migration("0415", "more", library="alembic_git_revisions").items()
        project.write({path: text + "from alembic_git_revisions import EDITABLE\nassert EDITABLE\n"})
        (tmp_path / "editable.py").write_text("EDITABLE = True\n")
        with (tmp_path / "site" / "sitecustomize.py").open("a") as file:
            file.write(_EDITABLE.format(path=os.fspath(tmp_path / "editable.py")))
        assert succeed(project.gitlembic("heads", **without_library)) == "0415 (head)\n"

    @pytest.mark.needs_git
    def test_leave_nothing_of_it_behind(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository, library="alembic_git_revisions")
        script = (
            "import sys; from gitlembic.__main__ import main\n"
            "try: main(['heads'])\nexcept SystemExit: pass\n"
            "print([name for name in sys.modules if name.startswith('alembic_git_revisions')])"
        )
        assert succeed(project.run("-c", script)).splitlines()[-1] == "[]"


class TestCompiledFilesWithoutSource:
    @pytest.fixture
    def deployed(self, repository: RepositoryBuilder, sqlite: URL) -> Project:
        """A copy in which the migrations are only there as compiled files."""
        files = configuration(sqlite, options="sourceless = true")
        project = two_branches(repository, files=files)
        succeed(project.gitlembic("chain", "--write"))
        copy = project.copy_without_git("deployed")
        succeed(copy.run("-m", "compileall", "-q", "-b", LOCATION))
        for source in (copy.root / LOCATION).glob("*.py"):
            source.unlink()
        return copy

    @pytest.mark.parametrize("program", ["gitlembic", "alembic"])
    def test_follow_the_chain_file(self, deployed: Project, sqlite: URL, program: str) -> None:
        succeed(deployed.run("-m", program, "upgrade", "head"))
        assert stored_revisions(sqlite) == {GRACE}
        assert succeed(deployed.run("-m", program, "history")).splitlines() == _HISTORY

    def test_are_refused_without_it(self, deployed: Project) -> None:
        (deployed.root / CHAIN_FILE).unlink()
        for program in ("gitlembic", "alembic"):
            done = deployed.run("-m", program, "heads")
            assert done.returncode in {3, 255}
            assert "there is no chain file" in done.stdout + done.stderr
            assert "Traceback" not in done.stderr

    def test_cannot_be_shown(self, deployed: Project) -> None:
        done = deployed.gitlembic("chain")
        assert done.returncode == 3
        assert "has no source here" in done.stderr


class TestWithoutAlembic:
    def test_importing_gitlembic_imports_nothing_heavy(self, tmp_path: Path) -> None:
        heavy = ("dulwich", "click", "alembic", "sqlalchemy", "tabulate", "subprocess")
        script = (
            "import sys; before = set(sys.modules); from gitlembic import get_down_revision; "
            f"print(*({{*sys.modules}} - before) & {{*{heavy!r}}})"
        )
        assert succeed(Project(tmp_path).run("-c", script)) == "\n"

    def test_the_configuration_found_upwards_tells_the_location(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        assert succeed(_load(project, f"{LOCATION}/{GRACE}_create_prices.py")) == f"{ADA}\n"

    def test_so_does_one_for_nested_locations(self, repository: RepositoryBuilder) -> None:
        nested = f"{LOCATION}/2026/02"
        files = configuration(options="recursive_version_locations = true")
        repository.commit("base", [], {**files, **table_migration(BASE, "users", None, location=LOCATION)})
        repository.commit("ada", ["base"], table_migration(ADA, "orders", location=nested))
        repository.checkout("ada")
        assert succeed(_load(Project(repository.root), f"{nested}/{ADA}_create_orders.py")) == f"{BASE}\n"

    @pytest.mark.parametrize("location", [f"{LOCATION}/2026/02", "services/billing/changes"])
    def test_scattered_or_nested_files_without_one_say_to_run_gitlembic(
        self, repository: RepositoryBuilder, location: str
    ) -> None:
        repository.commit("base", [], table_migration(BASE, "users", None))
        repository.commit("ada", ["base"], table_migration(ADA, "orders", location=location))
        repository.checkout("ada")
        refused = _load(Project(repository.root), f"{location}/{ADA}_create_orders.py")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"{ADA}_create_orders.py" in refused.stderr
        assert "run it with `gitlembic`" in refused.stderr

    def test_a_configuration_for_other_locations_does_not_count(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        project.write(table_migration("5ca77e2ed", "refunds", location="elsewhere"))
        refused = _load(project, "elsewhere/5ca77e2ed_create_refunds.py")
        assert refused.returncode == 1
        assert "run it with `gitlembic`" in refused.stderr

    def test_a_chain_file_tells_where_nothing_else_does(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        succeed(project.gitlembic("chain", "--write"))
        deployed = project.copy_without_git("deployed")
        (deployed.root / "alembic.ini").unlink()
        assert succeed(_load(deployed, f"{LOCATION}/{GRACE}_create_prices.py")) == f"{ADA}\n"

    def test_a_chain_file_is_then_the_only_witness(self, repository: RepositoryBuilder) -> None:
        """Without a configuration nothing says which directories belong together, so git is not asked."""
        project = two_branches(repository)
        (project.root / "alembic.ini").unlink()
        project.write({CHAIN_FILE: json.dumps({GRACE: BASE})})
        assert succeed(_load(project, f"{LOCATION}/{GRACE}_create_prices.py")) == f"{BASE}\n"
        stale = _load(project, f"{LOCATION}/{ADA}_create_orders.py")
        assert stale.returncode == 1
        assert f"is stale, it lacks {ADA}" in stale.stderr


class TestUnderAlembicErrors:
    def test_are_short(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository).copy_without_git("deployed")
        done = project.alembic("heads")
        assert done.returncode == 255
        assert "Traceback" not in done.stderr
        assert "no git repository" in done.stdout
        assert "gitlembic chain --write" in done.stdout

    def test_have_no_escapes_in_them(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        ((name, text),) = table_migration(GRACE, "again").items()
        project.write({name.replace(GRACE, f"{GRACE}\x1b[31m"): text})
        done = project.alembic("heads")
        assert done.returncode == 255
        assert "used twice" in done.stdout
        assert "\x1b" not in done.stdout + done.stderr
