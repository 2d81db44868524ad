"""`gitlembic revision` and `merge` in a dynamic project, again and again before anything is committed.

The template is the reference one; what it makes dynamic is seen in what the files then declare.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import stored_revisions, table_names
from tests.support.player import Step, play, sealed_environment
from tests.support.projects import (
    ADA,
    BASE,
    CHAIN,
    GRACE,
    LOCATION,
    Project,
    configuration,
    models,
    parents,
    succeed,
    two_branches,
)
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

_TABLES = ["users", "orders", "prices"]
_OLD = {BASE: None, **CHAIN}
_HOOKED = f"""
[post_write_hooks]
hooks = quotes, plain
quotes.type = exec
quotes.executable = {sys.executable}
quotes.options = %(here)s/quotes.py REVISION_SCRIPT_FILENAME
plain.type = exec
plain.executable = {sys.executable}
plain.options = %(here)s/plain.py REVISION_SCRIPT_FILENAME
"""
_HOOKS = {
    "quotes.py": "import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\n"
    "file.write_text(file.read_text().replace(\"'\", '\"'))\n",
    "plain.py": "import sys, pathlib, re\nfile = pathlib.Path(sys.argv[1])\n"
    "file.write_text(re.sub(r'^(\\w+): [^=\\n]+ = ', r'\\1 = ', file.read_text(), flags=re.M))\n",
}
"""What formatters do: other quotes, and no annotations."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The reference template, as a file of the project."""
    printed = succeed(Project(tmp_path_factory.mktemp("template")).gitlembic("adopt", "--print"))
    return {"migrations/script.py.mako": printed}


@pytest.fixture
def project(repository: RepositoryBuilder, sqlite: URL, template: dict[str, str]) -> Project:
    """Three migrations on main."""
    project = two_branches(repository, sqlite)
    project.write(template)
    return project


def _play(project: Project, *lines: str) -> None:
    for done in project.play("gitlembic", *lines):
        succeed(done)


def _declared(project: Project, location: str = LOCATION) -> dict[str, str]:
    """The right sides of `down_revision` in the files that are not committed, by revision."""
    found = {}
    for path in (project.root / location).glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        (line,) = (line for line in lines if line.startswith("down_revision"))
        found[path.stem.partition("_")[0]] = line.partition(" = ")[2]
    return {revision: right for revision, right in found.items() if revision not in _OLD}


def _new(project: Project) -> dict[str, object]:
    """Who follows whom among the new ones; plain Alembic must agree."""
    environment = sealed_environment(project.root.parent)
    lines = [("gitlembic", "chain --format json")]
    lines += [(program, line) for line in ("heads", "history") for program in ("gitlembic", "alembic")]
    played = play([Step(program, line.split(), project.root) for program, line in lines], environment)
    chain, *printed = map(succeed, played)
    assert printed[::2] == printed[1::2]
    followed = parents(json.loads(chain))
    assert {revision: followed.pop(revision) for revision in _OLD} == _OLD
    return followed


_DYNAMIC_CALL = "get_down_revision(revision)"


def test_three_times(project: Project, sqlite: URL) -> None:
    """In the order of writing, which is neither that of the ids nor that of the names."""
    _play(project, "revision -m c --rev-id ccc", "revision -m a --rev-id aaa", "revision -m b --rev-id bbb")
    assert set(_declared(project).values()) == {_DYNAMIC_CALL}
    assert _new(project) == {"ccc": GRACE, "aaa": "ccc", "bbb": "aaa"}
    _play(project, "upgrade head", "downgrade -2")
    assert stored_revisions(sqlite) == {"ccc"}


def test_three_times_without_ids(project: Project) -> None:
    for message in ("one", "two", "three"):  # not played: that gives every new revision the same id
        succeed(project.gitlembic("revision", "-m", message))
    followed = _new(project)
    assert [*followed.values()] == [GRACE, *list(followed)[:2]]
    assert succeed(project.gitlembic("history")).splitlines()[0].endswith("(head), three")


def test_the_order_stays_when_they_are_committed(project: Project, repository: RepositoryBuilder) -> None:
    _play(project, "revision -m c --rev-id ccc", "revision -m a --rev-id aaa", "revision -m b --rev-id bbb")
    before = _new(project)
    new = {
        path.relative_to(project.root).as_posix(): path.read_text(encoding="utf-8")
        for path in (project.root / LOCATION).glob("*.py")
        if path.stem.partition("_")[0] in before
    }
    repository.commit("new", ["merge"], new)
    repository.checkout("new")
    assert _new(project) == before == {"ccc": GRACE, "aaa": "ccc", "bbb": "aaa"}


def test_autogenerate(project: Project, sqlite: URL) -> None:
    tables = [*_TABLES]
    _play(project, "upgrade head")
    for revision, table in (("fff", "refunds"), ("eee", "coupons"), ("ddd", "taxes")):
        tables.append(table)
        project.write({"models.py": models(*tables)})
        _play(project, f"revision --autogenerate -m {table} --rev-id {revision}", "upgrade head", "check")
    assert _new(project) == {"fff": GRACE, "eee": "fff", "ddd": "eee"}
    assert table_names(sqlite) == {*tables}


def test_autogenerate_on_a_database_that_is_behind(project: Project) -> None:
    """Alembic refuses; nothing is written."""
    _play(project, "upgrade head", "revision -m one --rev-id fff")
    done = project.gitlembic("revision", "--autogenerate", "-m", "two", "--rev-id", "eee")
    assert (done.returncode, done.stdout) == (255, "FAILED: Target database is not up to date.\n")
    assert _declared(project).keys() == {"fff"}


class TestHead:
    @pytest.mark.parametrize("head", ["head", "heads", GRACE, GRACE[:6]])
    def test_of_the_end(self, project: Project, head: str) -> None:
        _play(project, f"revision -m new --rev-id fff --head {head}")
        assert _new(project) == {"fff": GRACE}

    def test_of_the_end_again_and_again(self, project: Project) -> None:
        _play(
            project,
            f"revision -m one --rev-id fff --head {GRACE}",
            "revision -m two --rev-id eee --head fff",
            "revision -m three --rev-id ddd --head head",
            "revision -m four --rev-id ccc",
        )
        assert _new(project) == {"fff": GRACE, "eee": "fff", "ddd": "eee", "ccc": "ddd"}

    def test_of_another_needs_splice(self, project: Project) -> None:
        refused = project.gitlembic("revision", "-m", "new", "--rev-id", "fff", "--head", BASE)
        assert refused.returncode == 255
        assert "is not a head revision; please specify --splice" in refused.stdout
        assert _declared(project) == {}

    def test_splice_writes_the_parent_that_was_asked_for(self, project: Project) -> None:
        _play(project, f"revision -m side --rev-id fff --head {BASE} --splice")
        assert _declared(project) == {"fff": f"'{BASE}'"}
        assert _new(project) == {"fff": BASE}
        assert project.gitlembic("heads").stdout.count("(head)") == 2

    def test_of_a_side_head(self, project: Project) -> None:
        _play(
            project,
            f"revision -m side --rev-id fff --head {BASE} --splice",
            "revision -m further --rev-id eee --head fff",
            f"revision -m line --rev-id ddd --head {GRACE}",
            "revision -m further --rev-id ccc --head eee",
        )
        assert _new(project) == {"ddd": GRACE, "fff": BASE, "eee": "fff", "ccc": "eee"}

    def test_none_with_several_heads(self, project: Project) -> None:
        _play(project, f"revision -m side --rev-id fff --head {BASE} --splice")
        done = project.gitlembic("revision", "-m", "new", "--rev-id", "eee")
        assert done.returncode == 255
        assert "Multiple heads are present" in done.stdout
        assert _declared(project).keys() == {"fff"}


class TestRefused:
    """A migration with which no command could run is not written."""

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ("--head base --branch-label apart", "several migrations have no parent"),
            (f"--head {BASE} --splice --branch-label apart", "starts the branch apart beside the line"),
            (f"--head {GRACE} --rev-id {ADA}", f"has the revision id {ADA} already"),
        ],
    )
    def test_in_a_chain_with_dynamic_ones(self, project: Project, options: str, reason: str) -> None:
        refused = project.gitlembic("revision", "-m", "new", "--rev-id", "fff", *options.split())
        assert refused.returncode == 255
        assert reason in refused.stderr
        assert _declared(project) == {}
        assert _new(project) == {}

    def test_not_the_label_of_a_merge_that_joins_a_side_line(self, project: Project) -> None:
        _play(
            project,
            f"revision -m side --rev-id fff --head {BASE} --splice",
            "merge heads -m join --rev-id ddd --branch-label mine",
            "revision -m next --rev-id ccc --head mine@head",
        )
        assert _new(project).keys() == {"fff", "ddd", "ccc"}

    def test_a_label_on_a_side_line(self, project: Project) -> None:
        _play(project, f"revision -m side --rev-id fff --head {BASE} --splice")
        refused = project.gitlembic("revision", "-m", "new", "--rev-id", "eee", "--head", "fff", "--branch-label", "no")
        assert refused.returncode == 255
        assert "starts the branch no beside the line" in refused.stderr
        assert _new(project) == {"fff": BASE}

    def test_beside_one_that_git_has_not_seen(self, tmp_path: Path, sqlite: URL, template: dict[str, str]) -> None:
        RepositoryBuilder(tmp_path / "project").close()
        project = Project(tmp_path / "project")
        project.write({**configuration(sqlite), f"{LOCATION}/.keep": "", **template})
        _play(project, "revision -m a --rev-id aaa", "revision -m b --rev-id bbb")
        refused = project.gitlembic("revision", "-m", "c", "--rev-id", "ccc", "--head", "aaa", "--splice")
        assert refused.returncode == 255
        assert "Hint: commit those that are there first\n" in refused.stderr
        assert parents(project.chain()) == {"aaa": None, "bbb": "aaa"}


def test_literal_where_a_dynamic_one_could_not_know_its_branch(
    repository: RepositoryBuilder, sqlite: URL, template: dict[str, str]
) -> None:
    """The end of a chain with several roots, in which nothing is dynamic."""
    project = Project(repository.root)
    project.write({**configuration(sqlite), f"{LOCATION}/.keep": "", **template})
    _play(
        project,
        "revision -m a --rev-id aaa",
        "revision -m b --rev-id bbb --head base",
        "merge heads -m c --rev-id ccc",
        "revision -m d --rev-id ddd",
    )
    assert _declared(project)["ddd"] == "'ccc'"
    assert succeed(project.alembic("heads")) == succeed(project.gitlembic("heads")) == "ddd (head)\n"


def test_branch_label(project: Project) -> None:
    _play(project, "revision -m one --rev-id fff --branch-label mine", "revision -m two --rev-id eee")
    assert _new(project) == {"fff": GRACE, "eee": "fff"}
    assert succeed(project.gitlembic("heads")) == "eee (mine) (head)\n"
    _play(project, "revision -m three --rev-id ddd --head mine@head", "upgrade mine@head")
    assert _new(project) == {"fff": GRACE, "eee": "fff", "ddd": "eee"}


def test_depends_on(project: Project) -> None:
    _play(project, f"revision -m one --rev-id fff --depends-on {ADA}", "revision -m two --rev-id eee", "upgrade head")
    assert _new(project) == {"fff": GRACE, "eee": "fff"}
    assert f"Also depends on: {ADA}" in succeed(project.gitlembic("show", "fff"))


def test_version_path(repository: RepositoryBuilder, sqlite: URL, template: dict[str, str]) -> None:
    """A location that is empty at first joins the chain of the one that its first migration follows."""
    several = "version_locations = %(here)s/migrations/versions:%(here)s/more"
    files = {**configuration(sqlite, options=several), "more/.keep": "", **template}
    project = two_branches(repository, files=files)
    _play(
        project,
        "revision -m one --rev-id fff --version-path more",
        "revision -m two --rev-id eee --version-path migrations/versions",
        "revision -m three --rev-id ddd --version-path more",
        "upgrade head",
    )
    assert _declared(project, "more") == {"fff": _DYNAMIC_CALL, "ddd": _DYNAMIC_CALL}
    assert _new(project) == {"fff": GRACE, "eee": "fff", "ddd": "eee"}
    assert stored_revisions(sqlite) == {"ddd"}


def test_merge(project: Project, sqlite: URL) -> None:
    _play(
        project,
        f"revision -m side --rev-id fff --head {BASE} --splice",
        f"revision -m line --rev-id eee --head {GRACE}",
        "merge heads -m join --rev-id ddd",
        "revision -m one --rev-id ccc",
        "revision -m two --rev-id bbb",
        "upgrade head",
    )
    followed = _new(project)
    joined = followed.pop("ddd")
    assert isinstance(joined, list)
    assert {*joined} == {"fff", "eee"}
    assert followed == {"eee": GRACE, "fff": BASE, "ccc": "ddd", "bbb": "ccc"}
    assert stored_revisions(sqlite) == {"bbb"}


@pytest.mark.parametrize("options", [_HOOKED, "revision_environment = true", "file_template = %%(year)d_%%(rev)s"])
def test_hooks_and_options(project: Project, options: str) -> None:
    ini = (project.root / "alembic.ini").read_text(encoding="utf-8")
    ini = ini + options if options is _HOOKED else ini.replace("[alembic]", f"[alembic]\n{options}")
    project.write({**_HOOKS, "alembic.ini": ini})
    _play(project, "revision -m one --rev-id fff", "revision -m two --rev-id eee", "revision -m three --rev-id ddd")
    assert _new(project) == {"fff": GRACE, "eee": "fff", "ddd": "eee"}
    if options is _HOOKED:
        source = (project.root / LOCATION / "ddd_three.py").read_text(encoding="utf-8")
        assert 'revision = "ddd"\ndown_revision = get_down_revision(revision)\n' in source


def test_from_the_first_one_before_the_first_commit(tmp_path: Path, sqlite: URL, template: dict[str, str]) -> None:
    """HEAD is unborn; the first has no parent to ask for."""
    RepositoryBuilder(tmp_path / "project").close()
    project = Project(tmp_path / "project")
    project.write({**configuration(sqlite), f"{LOCATION}/.keep": "", **template})
    _play(project, "revision -m c --rev-id ccc", "revision -m a --rev-id aaa", "revision -m b --rev-id bbb")
    assert _declared(project) == {"ccc": "None", "aaa": _DYNAMIC_CALL, "bbb": _DYNAMIC_CALL}
    assert parents(project.chain()) == {"ccc": None, "aaa": "ccc", "bbb": "aaa"}
    (first,) = (project.root / LOCATION).glob("ccc*.py")
    assert "gitlembic" not in first.read_text(encoding="utf-8")  # what has a literal parent needs none of it
    _play(project, "upgrade head")
    assert stored_revisions(sqlite) == {"bbb"}
