"""`gitlembic doctor` in real repositories."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.projects import (
    ADA,
    BASE,
    CHAIN_FILE,
    GRACE,
    LOCATION,
    Project,
    configuration,
    make_shallow,
    succeed,
    table_migration,
    two_branches,
    unchanged,
)

if TYPE_CHECKING:
    from tests.support.repositories import RepositoryBuilder


def _findings(project: Project, *arguments: str) -> dict[str, dict[str, Any]]:
    """What doctor finds, by code; the last of each."""
    done = project.gitlembic("doctor", "--format", "json", *arguments)
    document = json.loads(done.stdout)
    return {finding["code"]: finding for finding in document["findings"]}


@pytest.fixture
def with_side_head(repository: RepositoryBuilder) -> Project:
    """A branch with a static migration that main has gone past, merged into a checkout that main has not seen.

    base --- ada             main
         \\      \\
          grace - merge      topic, checked out
    """
    project = two_branches(repository)
    prices = table_migration(GRACE, "prices", BASE)
    repository.commit("side", ["base"], prices, author="Grace <grace@example.org>")
    repository.commit("with side", ["ada", "side"], prices, author="Grace <grace@example.org>")
    repository.checkout("with side", "topic")
    repository.branch("main", "ada")
    return project


def test_a_healthy_project(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    with unchanged(project):
        text = succeed(project.gitlembic("doctor", "--fail-level", "info"))
    assert text.splitlines()[-1].endswith("all is well.")
    assert json.loads(succeed(project.gitlembic("doctor", "--format", "json"))) == {"format": 1, "findings": []}


def test_a_side_head_is_cured_by_what_doctor_says(with_side_head: Project) -> None:
    done = with_side_head.gitlembic("doctor")
    assert done.returncode == 1
    assert f"✗ GL101 side-head  {LOCATION}/{GRACE}_create_prices.py:10\n" in done.stdout
    assert "it came with Grace in " in done.stdout
    assert "Cure: `gitlembic rebase` makes it follow" in done.stdout
    succeed(with_side_head.gitlembic("rebase"))
    assert "GL101" not in _findings(with_side_head)


def test_other_branches_are_looked_at_where_that_is_wanted(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    repository.commit("more", ["base"], table_migration("d4", "more"))
    repository.branch("other", "more")
    assert _findings(project) == {}
    assert _findings(project, "--open", "--against", "main")["GL112"]["revision"] == "d4"


def test_levels_selections_and_the_configuration(with_side_head: Project) -> None:
    with_side_head.write(table_migration("d4", "more", GRACE))
    runs = [
        with_side_head.gitlembic("doctor", "--ignore", "side-head"),
        with_side_head.gitlembic("doctor", "--ignore", "GL1", "--fail-level", "info"),
        with_side_head.gitlembic("doctor", "--select", "GL102,GL103", "--select", "cycle", "--fail-level", "info"),
    ]
    assert [done.returncode for done in runs] == [0, 1, 0]
    with_side_head.write({"pyproject.toml": '[tool.gitlembic]\ndoctor.ignore = ["GL101", "uncommitted-migration"]\n'})
    assert _findings(with_side_head) == {}
    with_side_head.write({"pyproject.toml": '[tool.gitlembic]\ndoctor.ignore = ["GL999"]\n'})
    done = with_side_head.gitlembic("doctor")
    assert (done.returncode, "GL999" in done.stderr) == (3, True)


def test_explains_and_lists_without_a_project(tmp_path: Any) -> None:
    project = Project(tmp_path)
    assert "side-head" in succeed(project.gitlembic("doctor", "--list-checks"))
    assert succeed(project.gitlembic("doctor", "--explain", "gl101")).startswith("GL101 side-head\n\nWhat:")
    category = succeed(project.gitlembic("doctor", "--explain", "gl4"))
    assert [line for line in category.splitlines() if line.startswith("GL")][:2] == [
        "GL401 unreachable-database",
        "GL402 unknown-position",
    ]
    assert "GL5" not in category
    for arguments in (("--explain", "GL999"), ("--explain", ""), ("--select", "GL999"), ("--ignore", "no-such")):
        assert project.gitlembic("doctor", *arguments).returncode == 2
    done = project.gitlembic("doctor")
    assert (done.returncode, done.stdout) == (3, "")


def test_what_is_broken_is_found_and_the_rest_is_looked_at(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    project.write(
        {
            f"{LOCATION}/broken.py": "revision = 1\n<<<<<<< HEAD\n",
            f"{LOCATION}/cut_off.py": '"""Add it.\n',
            f"{LOCATION}/helpers.py": "x = 1\n",
            f"{LOCATION}/2026/e5.py": 'revision = "e5"\ndown_revision = None\n',
            **table_migration("d4", "more", "nobody"),
        }
    )
    done = project.gitlembic("doctor")
    assert done.returncode == 1
    for said in (
        f"GL201 unparsable-file  {LOCATION}/broken.py:2\n",
        f"GL201 unparsable-file  {LOCATION}/cut_off.py:1\n",
        f"GL207 nameless-file  {LOCATION}/helpers.py\n",
        f"GL206 unloaded-migration  {LOCATION}/2026/e5.py\n",
        f"GL102 missing-revision  {LOCATION}/d4_create_more.py:10\n",
        f"GL203 uncommitted-migration  {LOCATION}/d4_create_more.py\n",
        "Not looked for: GL101 side-head",
    ):
        assert said in done.stdout


def test_a_chain_that_cannot_be_told(repository: RepositoryBuilder) -> None:
    """With the message that every other command stops with; a clone that is shallow has no past to look at."""
    project = two_branches(repository)
    make_shallow(repository, "merge")
    (finding,) = (one for code, one in _findings(project).items() if code == "GL301")
    stopped = project.gitlembic("chain")
    assert finding["message"] in stopped.stderr
    assert finding["cure"] in stopped.stderr


def test_without_a_repository(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    succeed(project.gitlembic("chain", "--write"))
    copy = project.copy_without_git("copy")
    assert list(_findings(copy)) == ["GL308"]
    (copy.root / CHAIN_FILE).unlink()
    assert _findings(copy)["GL301"]["severity"] == "error"


def test_a_directory_that_is_gone(repository: RepositoryBuilder) -> None:
    """Nothing to look at is nothing wrong."""
    repository.commit("empty", [], configuration())
    repository.checkout("empty")
    assert _findings(Project(repository.root)) == {}


def test_what_the_project_stands_on(repository: RepositoryBuilder) -> None:
    """A chain file that was committed, with .git and it kept out of images, and a template of Alembic's own."""
    project = two_branches(repository)
    succeed(project.gitlembic("chain", "--write"))
    chain_file = (project.root / CHAIN_FILE).read_text()
    template = "down_revision = ${repr(down_revision)}\n"
    files = {CHAIN_FILE: chain_file, ".dockerignore": ".git\n**/*.json\n", "migrations/script.py.mako": template}
    repository.commit("add", ["merge"], files)
    repository.commit("more", ["add"], table_migration("d4", "more"))
    repository.checkout("more")
    findings = _findings(project)
    assert sorted(findings) == ["GL303", "GL305", "GL306", "GL307"]
    assert findings["GL303"]["message"] == "stale: it lacks d4"
    assert (findings["GL307"]["path"], findings["GL307"]["line"]) == ("migrations/script.py.mako", 1)
    swapped = f'{{"{GRACE}": "{BASE}", "{ADA}": "{GRACE}"}}'
    project.write({CHAIN_FILE: swapped})
    assert sorted(_findings(project, "--ignore", "GL305,GL306,GL307")) == ["GL304"]


@pytest.mark.parametrize(
    ("ignore", "line"),
    [
        ("backend/.dockerignore", "!migrations/revision_chain.json"),
        (".dockerignore", "!backend/migrations/revision_chain.json"),
    ],
)
def test_a_dockerignore_below_the_root_has_paths_of_its_own(
    repository: RepositoryBuilder, ignore: str, line: str
) -> None:
    migrations = {**table_migration(BASE, "users", None), **table_migration(ADA, "orders")}
    files = {f"backend/{path}": text for path, text in {**configuration(), **migrations}.items()}
    repository.commit("base", [], {**files, ignore: "*\n"})
    repository.checkout("base")
    project = Project(repository.root / "backend")
    finding = _findings(project, "--select", "GL306")["GL306"]
    assert finding["path"] == "backend/migrations/revision_chain.json"
    assert finding["cure"] == f"add the line `{line}` at the end of {ignore}"
    (repository.root / ignore).write_text(f"*\n{line}\n")
    assert _findings(project, "--select", "GL306")["GL306"]["cure"].startswith("run `gitlembic chain --write`")


@pytest.mark.parametrize("typed", ["link", "./migrations/../link/."])
def test_a_location_behind_a_link(repository: RepositoryBuilder, typed: str) -> None:
    """Everything else is as if it were not: the migrations, their past, and what is not committed."""
    project = two_branches(repository)
    (project.root / "link").symlink_to("migrations")
    ini = (project.root / "alembic.ini").read_text()
    assert "script_location = %(here)s/migrations\n" in ini
    (project.root / "alembic.ini").write_text(ini.replace("%(here)s/migrations\n", f"{typed}\n"))
    found = _findings(project)
    assert list(found) == ["GL312"]
    assert (found["GL312"]["severity"], found["GL312"]["path"]) == ("info", LOCATION)
    project.write(table_migration("d4", "more", BASE))
    assert {"GL101", "GL203", "GL312"} == _findings(project).keys()


@pytest.mark.parametrize("typed", ["./migrations", "migrations/../migrations/", "%(here)s/../{name}/migrations"])
def test_a_spelling_that_means_the_same_to_everybody(repository: RepositoryBuilder, typed: str) -> None:
    project = two_branches(repository)
    ini = (project.root / "alembic.ini").read_text()
    typed = typed.format(name=project.root.name)
    (project.root / "alembic.ini").write_text(ini.replace("%(here)s/migrations\n", f"{typed}\n"))
    assert _findings(project) == {}


def test_annotations(with_side_head: Project) -> None:
    done = with_side_head.gitlembic("doctor", "--format", "github")
    assert done.returncode == 1
    assert done.stdout.startswith(f"::error file={LOCATION}/{GRACE}_create_prices.py,line=10,title=GL101 side-head::")
    done = with_side_head.gitlembic("doctor", "--format", "sarif")
    assert json.loads(done.stdout)["runs"][0]["results"][0]["ruleId"] == "GL101"


def test_fixes_what_is_safe(with_side_head: Project) -> None:
    """The template, the branch's own side head, then the chain file; what is left is reported."""
    succeed(with_side_head.gitlembic("chain", "--write"))
    with_side_head.write(
        {
            CHAIN_FILE: "{}\n",
            "migrations/script.py.mako": "revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n",
        }
    )
    with unchanged(with_side_head):
        shown = with_side_head.gitlembic("doctor", "--fix", "--dry-run").stdout
    for line in (
        "+down_revision = ${down_revision_source(down_revision)}",
        f"+down_revision = '{ADA}'",
        f'+  "{ADA}": "{BASE}"',
    ):
        assert line in shown.splitlines()
    done = with_side_head.gitlembic("doctor", "--fix", "--format", "json", "--ignore", "GL203")
    assert (done.returncode, json.loads(done.stdout)["findings"]) == (0, [])
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        f"fixed {with_side_head.root}/migrations/script.py.mako",
        f"fixed {LOCATION}/{GRACE}_create_prices.py",
        "Hint",
        f"fixed {with_side_head.root}/{CHAIN_FILE}",
    ]
    assert f"a database that ran {GRACE}" in done.stderr
    assert with_side_head.chain_file() == {ADA: BASE}


def test_what_is_not_safe_to_fix_is_left(repository: RepositoryBuilder) -> None:
    """A template that adopt does not understand; what stands beside the mainline's own line."""
    project = two_branches(repository)
    project.write({"migrations/script.py.mako": "down_revision = None\n"})
    with unchanged(project):
        done = project.gitlembic("doctor", "--fix")
    assert "was not changed: it has not exactly one line" in done.stderr
    assert "GL307 static-template" in done.stdout
    assert project.gitlembic("doctor", "--dry-run").returncode == 2
