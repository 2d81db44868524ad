"""`gitlembic adopt` in a real project, and the migrations that its template then makes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import alembic
import pytest
from dulwich import porcelain

from tests.support.projects import (
    ADA,
    BASE,
    CHAIN_FILE,
    GRACE,
    Project,
    configuration,
    make_shallow,
    succeed,
    table_migration,
    two_branches,
)

if TYPE_CHECKING:
    from tests.support.repositories import RepositoryBuilder

TEMPLATE = Path("migrations", "script.py.mako")
TEMPLATE_BEFORE = Path(alembic.__file__).parent.joinpath("templates", "generic", "script.py.mako").read_text()
LIBRARY_TEMPLATE = TEMPLATE_BEFORE.replace("${repr(down_revision)}", "get_down_revision(revision)").replace(
    "import sqlalchemy as sa", "import sqlalchemy as sa\nfrom alembic_git_revisions import get_down_revision"
)
NO_REPOSITORY = "\nGit: this is in no repository. Until it is (`git init`), new migrations get literal parents\n"


def _run(root: Path, *arguments: str, program: str = "gitlembic") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", program, *arguments], capture_output=True, text=True, check=False, cwd=root
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    assert _run(tmp_path, "init", "migrations", program="alembic").returncode == 0
    return tmp_path


def test_dry_run_shows_the_two_lines_and_changes_nothing(project: Path) -> None:
    before = (project / TEMPLATE).read_bytes()
    shown = _run(project, "adopt", "--dry-run")
    assert shown.returncode == 0
    assert [line for line in shown.stdout.splitlines() if line.startswith("+")][1] == (
        "+from gitlembic import get_down_revision<%! from gitlembic import down_revision_source %>"
    )
    assert (project / TEMPLATE).read_bytes() == before


def test_patches_once_and_keeps_line_endings_and_mode(project: Path) -> None:
    path = project / TEMPLATE
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o640)
    assert _run(project, "adopt").stdout == f"{path} now makes dynamic migrations\n{NO_REPOSITORY}"
    after = path.read_bytes()
    assert after.count(b"\n") == after.count(b"\r\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert _run(project, "adopt").stdout == f"{path} makes dynamic migrations already\n{NO_REPOSITORY}"
    assert path.read_bytes() == after


def test_new_migrations_are_dynamic_where_they_can_be(project: Path) -> None:
    """The base, a merge, a splice and another head keep literal parents."""
    subprocess.run(
        [sys.executable, "-c", "from dulwich.repo import Repo; Repo.init('.').close()"], cwd=project, check=True
    )
    _run(project, "adopt")
    before_commit = (
        ("revision", "--rev-id", "a1"),
        ("revision", "--rev-id", "b2"),
        ("revision", "--rev-id", "c3"),
        ("revision", "--rev-id", "d4", "--head", "c3"),
    )
    after_commit = (
        ("revision", "--rev-id", "e5", "--head", "b2", "--splice"),
        ("merge", "--rev-id", "f6", "heads"),
        ("revision", "--rev-id", "a7"),
    )
    for commands in (before_commit, after_commit):
        for arguments in commands:
            done = _run(project, *arguments)
            assert done.returncode == 0, done.stderr
        porcelain.add(project)
        porcelain.commit(
            project, message=b"migrations", author=b"Ada <ada@example.org>", committer=b"Ada <a@example.org>"
        )
    declared = {}
    for path in (project / "migrations" / "versions").glob("*.py"):
        (line,) = (line for line in path.read_text().splitlines() if line.startswith("down_revision"))
        declared[path.name[:2]] = line.partition(" = ")[2]
    assert declared["a1"] == "None"
    assert declared["b2"] == declared["c3"] == declared["d4"] == declared["a7"] == "get_down_revision(revision)"
    assert declared["e5"] == "'b2'"
    assert sorted(declared["f6"].strip("()").replace("'", "").split(", ")) == ["d4", "e5"]
    heads = _run(project, "heads")
    assert heads.stdout == "a7 (head)\n"
    assert _run(project, "heads", program="alembic").stdout == heads.stdout


def test_refuses_what_it_does_not_understand_with_the_lines_to_paste(project: Path) -> None:
    (project / TEMPLATE).write_text("revision = ${repr(up_revision)}\ndown_revision = ${down_revision!r}\n")
    done = _run(project, "adopt")
    assert done.returncode == 1
    assert f"{TEMPLATE} was not changed: its line 2 is not `down_revision = " in done.stderr
    assert "from gitlembic import get_down_revision" in done.stderr
    assert "down_revision = ${down_revision_source(down_revision)}" in done.stderr


def test_a_template_that_is_missing_is_made_by_the_hint(project: Path) -> None:
    (project / TEMPLATE).unlink()
    done = _run(project, "adopt")
    assert done.returncode == 3
    assert done.stderr == (
        f"gitlembic: {project / TEMPLATE} does not exist: new migrations are made from it\n"
        f"Hint: `gitlembic adopt --print > {project / TEMPLATE}`\n"
    )


def test_print_is_the_template_that_adopt_makes(project: Path) -> None:
    printed = _run(project, "adopt", "--print").stdout
    _run(project, "adopt")
    assert printed == (project / TEMPLATE).read_text()


class TestWhatElse:
    """The lines below the answer: only what applies, with and without --dry-run."""

    @pytest.fixture
    def project(self, repository: RepositoryBuilder) -> Project:
        repository.commit("start", [], {**configuration(), "migrations/script.py.mako": TEMPLATE_BEFORE})
        repository.checkout("start")
        return Project(repository.root)

    def test_nothing_where_nothing_is_missing(self, project: Project) -> None:
        project.write({"Dockerfile": "COPY . .\n", ".github/workflows/ci.yml": "run: make\n"})
        assert succeed(project.gitlembic("adopt")) == f"{project.root / TEMPLATE} now makes dynamic migrations\n"

    def test_images_ci_and_a_shallow_clone(self, project: Project, repository: RepositoryBuilder) -> None:
        project.write(
            {
                "Dockerfile": "COPY . .\n",
                ".dockerignore": ".git\n",
                ".github/workflows/ci.yml": "steps:\n- uses: actions/checkout@v4\n",
                ".gitlab-ci.yml": "test:\n  script: make\n",
                "requirements/base.txt": "alembic\n",
            }
        )
        make_shallow(repository, "start")
        shown, done, again = project.play("gitlembic", "adopt --dry-run", "adopt", "-c alembic.ini adopt")
        (_, _, needs) = succeed(done).partition("\n\n")
        assert [line.split(". ")[0] for line in needs.splitlines()] == [
            "Requirements: requirements/base.txt names alembic, but not gitlembic",
            "Docker: .dockerignore leaves .git out",
            "CI: .github/workflows/ci.yml:2 checks out one commit",
            "CI: .gitlab-ci.yml fetches the newest commits only (GitLab's default is 20)",
            "Clone: this one is shallow",
        ]
        assert succeed(shown).endswith(f"\n\n{needs}")
        assert "`gitlembic -c alembic.ini chain --write`" in succeed(again)

    def test_a_docstring_that_names_no_parent(self, project: Project) -> None:
        project.write({"migrations/script.py.mako": re.sub("Revises: .*\n", "", TEMPLATE_BEFORE)})
        (_, _, needs) = succeed(project.gitlembic("adopt")).partition("\n\n")
        assert needs.startswith(f"Template: {project.root / TEMPLATE} writes no line `Revises: ")

    def test_other_sections_with_a_template_of_their_own(self, project: Project) -> None:
        sections = {"tenant": "tenants", "same": "migrations", "done": "done", "broken": "nosuch"}
        ini = (project.root / "alembic.ini").read_text()
        ini += "".join(f"\n[{name}]\nscript_location = %(here)s/{path}\n" for name, path in sections.items())
        ini += "version_locations = %(here)s/more\n"
        done = TEMPLATE_BEFORE.replace("${repr(down_revision)}", "${down_revision_source(down_revision)}")
        project.write({"alembic.ini": ini, "tenants/script.py.mako": TEMPLATE_BEFORE, "done/script.py.mako": done})
        before = project.files()
        line = "[tenant] has a template of its own: `gitlembic -n tenant adopt`\n"
        assert succeed(project.gitlembic("adopt")).endswith(f"\n\n{line}")
        assert project.files().keys() == before.keys()
        assert project.files()["tenants/script.py.mako"] == before["tenants/script.py.mako"]
        tenant, back = project.play("gitlembic", "-n tenant adopt", "adopt")
        path = project.root / "tenants" / "script.py.mako"
        assert succeed(tenant) == f"{path} now makes dynamic migrations\n"
        assert succeed(back) == f"{project.root / TEMPLATE} makes dynamic migrations already\n"


def _merged_after_an_update(repository: RepositoryBuilder) -> Project:
    """A feature branch that was brought up to date before it was merged, in a project of the other library.

    base --- deployed --- merge --- later     main
        \\            \\   /
         feature --- update                   main had deployed its migration by then
    """

    def add(revision: str, table: str) -> dict[str, str]:
        return table_migration(revision, table, library="alembic_git_revisions")

    start = {**configuration(), "migrations/script.py.mako": LIBRARY_TEMPLATE, ".gitignore": "__pycache__\n*.sqlite\n"}
    start["alembic.ini"] = start["alembic.ini"].replace("sqlite://", "sqlite:///database.sqlite")
    repository.commit("base", [], {**start, **table_migration("ba5e", "users", None)})
    repository.commit("feature", ["base"], add("feeaed", "orders"))
    repository.commit("deployed", ["base"], add("de9107ed", "prices"))
    repository.commit("update", ["feature", "deployed"], add("de9107ed", "prices"))
    repository.commit("merge", ["deployed", "update"], add("feeaed", "orders"))
    repository.commit("later", ["merge"], add("1a7e4", "refunds"))
    repository.checkout("later")
    return Project(repository.root)


@pytest.mark.needs_git
class TestAlembicGitRevisions:
    """Plain `alembic` asks that library; the advice of adopt is followed to the letter."""

    @pytest.fixture(autouse=True)
    def _library(self) -> None:
        pytest.importorskip("alembic_git_revisions")  # which needs Python 3.11

    def test_the_advice_keeps_the_order_that_was_deployed(self, repository: RepositoryBuilder) -> None:
        project = _merged_after_an_update(repository)
        deployed = succeed(project.alembic("history"))
        assert re.findall("-> ([0-9a-f]+)", deployed) == ["1a7e4", "de9107ed", "feeaed", "ba5e"]
        assert succeed(project.gitlembic("history")) != deployed
        assert project.alembic("upgrade", "head").stderr.count("Running upgrade") == 4

        advice = succeed(project.gitlembic("adopt", "--dry-run"))
        assert "  alembic-git-revisions: feeaed, then de9107ed\n" in advice
        assert "  gitlembic:             de9107ed, then feeaed\n" in advice
        assert "what feeaed does: one that stood at de9107ed before it came never ran it\n" in advice
        assert advice.endswith(succeed(project.gitlembic("adopt")).partition("\n\n")[2])
        assert "take it out of the requirements\n" in advice
        (command,) = re.findall("1. `gitlembic (.*)`", advice)
        succeed(project.gitlembic(*command.split()))
        corrections = re.findall(r"^     (\S+): (down_revision = .+)$", advice, re.MULTILINE)
        assert len(corrections) == 3
        for path, line in corrections:
            file = project.root / path
            text, count = re.subn(r"^down_revision = .*$", line, file.read_text(), flags=re.MULTILINE)
            assert count == 1
            file.write_text(text)

        left = [path for path in (project.root / "migrations").rglob("*.*") if b"alembic_git" in path.read_bytes()]
        assert [path for path in left if path.suffix in {".py", ".mako"}] == []
        assert succeed(project.gitlembic("history")) == deployed
        assert succeed(project.alembic("history")) == deployed
        assert "Running upgrade" not in project.gitlembic("upgrade", "head").stderr
        porcelain.add(project.root)
        porcelain.commit(project.root, message=b"freeze", author=b"A <a@example.org>", committer=b"A <a@example.org>")
        assert "alembic-git-revisions" not in succeed(project.gitlembic("adopt"))
        succeed(project.gitlembic("revision", "--rev-id", "4e3"))
        for program in (project.gitlembic, project.alembic):
            assert succeed(program("history")) == f"1a7e4 -> 4e3 (head), empty message\n{deployed}".replace(
                "1a7e4 (head)", "1a7e4"
            )

    def test_the_same_order(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository, library="alembic_git_revisions")
        said = succeed(project.gitlembic("adopt"))
        assert "\nBoth have the same order: nothing needs to be frozen. " in said
        (command,) = re.findall("do without it: `gitlembic (.*)`", said)
        succeed(project.gitlembic(*command.split()))
        assert "alembic-git-revisions" not in succeed(project.gitlembic("adopt"))


class TestAlembicGitRevisionsElsewhere:
    def test_its_chain_file_counts_more_than_git(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository, library="alembic_git_revisions")
        project.write({CHAIN_FILE: json.dumps({GRACE: BASE, ADA: GRACE})})
        said = succeed(project.gitlembic("adopt"))
        assert f"  alembic-git-revisions: {GRACE}, then {ADA}\n" in said
        assert f'{ADA}_create_orders.py: down_revision = "{GRACE}"\n' in said

    def test_a_shallow_clone_cannot_tell(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository, library="alembic_git_revisions")
        make_shallow(repository, "merge")
        said = succeed(project.gitlembic("adopt"))
        assert "Whether both have the same order could not be told: that library needs the whole history" in said
        assert "`git fetch --unshallow`" in said


class TestJournal:
    """`adopt --journal` switches it on in the file that has the settings, or is to have them."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Project:
        project = Project(tmp_path / "project")
        project.write(configuration())
        return project

    def test_the_ini_file_gets_the_key(self, project: Project) -> None:
        before = project.files()
        shown = succeed(project.gitlembic("adopt", "--journal", "--dry-run"))
        assert "+[gitlembic]\n+journal = true\n" in shown
        assert project.files() == before
        assert "now has journal = true" in succeed(project.gitlembic("adopt", "--journal"))
        assert project.gitlembic("adopt", "--journal", "--print").returncode == 2
        after = project.files()
        assert after == {**before, "alembic.ini": before["alembic.ini"] + b"\n[gitlembic]\njournal = true\n"}
        assert "switched on already" in succeed(project.gitlembic("adopt", "--journal"))
        assert project.files() == after

    def test_where_the_other_file_has_the_settings_it_does(self, project: Project) -> None:
        project.write({"pyproject.toml": "[tool.gitlembic]\nlock = false\n"})
        succeed(project.gitlembic("adopt", "--journal"))
        assert (project.root / "pyproject.toml").read_text() == "[tool.gitlembic]\njournal = true\nlock = false\n"

    def test_a_file_that_says_it_otherwise_is_refused(self, project: Project) -> None:
        project.write({"pyproject.toml": "tool.gitlembic.lock = false\n"})
        before = project.files()
        done = project.gitlembic("adopt", "--journal")
        assert done.returncode == 1
        assert "write `journal = true` into [tool.gitlembic] yourself" in done.stderr
        assert project.files() == before
