"""What cannot be read is refused in words: the place, the next command, the promised exit code, nothing written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from dulwich.repo import Repo

from tests.support.migrations import migration_source
from tests.support.projects import (
    ADA,
    BASE,
    CHAIN,
    CHAIN_FILE,
    GRACE,
    LOCATION,
    Project,
    configuration,
    succeed,
    table_migration,
    three_tables,
    two_branches,
    unchanged,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import URL

    from tests.support.projects import Done
    from tests.support.repositories import RepositoryBuilder

_COMMANDS = ("chain", "heads", "upgrade head")
_ODD = f"{LOCATION}/odd.py"


@dataclass(frozen=True)
class _Case:
    """What is put into a project that was in order, and what the refusal must say."""

    name: str
    files: Mapping[str, str | bytes]
    place: tuple[str, ...]
    hint: str = ""


_CASES = [
    _Case("ini-without-section", {"alembic.ini": "script_location = migrations\n"}, ("alembic.ini",), "mend"),
    _Case("ini-twice-the-same", {"alembic.ini": "[alembic]\na = 1\na = 2\n"}, ("alembic.ini", "line 3"), "mend"),
    _Case("ini-not-utf-8", {"alembic.ini": b"[alembic]\nscript_location = \xff\xfe\n"}, ("alembic.ini",), "mend"),
    _Case(
        "ini-unknown-interpolation",
        {"alembic.ini": "[alembic]\nscript_location = %(nowhere)s/migrations\n"},
        ("nowhere",),
        "alembic.ini",
    ),
    _Case("toml-broken", {"pyproject.toml": "[tool.alembic\n"}, ("pyproject.toml", "line 1"), "mend"),
    _Case("toml-not-utf-8", {"pyproject.toml": b"\xff = 1\n"}, ("pyproject.toml",), "mend"),
    _Case("syntax-error", {_ODD: "revision = 'odd'\ndown_revision = (\n"}, (f"{_ODD}:2",), f"mend {_ODD}"),
    _Case("conflict-markers", {_ODD: "<<<<<<< HEAD\nrevision = 'odd'\n"}, (f"{_ODD}:1",), f"mend {_ODD}"),
    _Case("not-utf-8", {_ODD: b"revision = 'odd'\nname = '\xff'\n"}, (_ODD,), f"mend {_ODD}"),
    _Case("null-bytes", {_ODD: b"revision = 'odd'\n\0"}, (_ODD,), f"mend {_ODD}"),
    _Case("deep-nesting", {_ODD: f"revision = 'odd'\nx = {'-' * 100_000}1\n"}, (_ODD,), f"mend {_ODD}"),
    _Case("computed-revision", {_ODD: "revision = make()\ndown_revision = None\n"}, (f"{_ODD}:1",), f"mend {_ODD}"),
    _Case("without-revision", {_ODD: "down_revision = None\n"}, (_ODD, "assigns no `revision`"), "move it out"),
    _Case("empty-file", {_ODD: ""}, (_ODD, "assigns no `revision`"), "move it out"),
    _Case(
        "unknown-parent",
        table_migration("0dd", "odd", "nowhere"),
        ("0dd", f"{LOCATION}/0dd_create_odd.py:10", "'nowhere'", "No branch, tag, stash or worktree"),
        "bring the file of nowhere back",
    ),
    _Case(
        "duplicate-id",
        {_ODD: migration_source(GRACE)},
        (GRACE, f"{_ODD}:10", f"{LOCATION}/{GRACE}_create_prices.py:11"),
        "an id of its own",
    ),
    _Case(
        "duplicate-static-id",
        {_ODD: migration_source(BASE, None)},
        (BASE, _ODD, f"{LOCATION}/{BASE}_create_users.py"),
        "an id of its own",
    ),
    _Case(
        "cycle",
        {**table_migration("c1", "one", "c2"), **table_migration("c2", "two", "c1")},
        (
            f"a cycle: c1 ({LOCATION}/c1_create_one.py:10), ",
            f"which follows c2 ({LOCATION}/c2_create_two.py:10), which follows c1\n",
        ),
        f"`git log -- :/{LOCATION}/c1_create_one.py :/{LOCATION}/c2_create_two.py`",
    ),
    _Case(
        "own-parent",
        table_migration("c1", "one", "c1"),
        (f"{LOCATION}/c1_create_one.py:10), which follows c1\n",),
        "log",
    ),
    _Case(
        "depends-on-nothing",
        {_ODD: migration_source("0dd", depends_on=("nowhere",))},
        (_ODD, "'nowhere'"),
        "depends_on",
    ),
    _Case(
        "depends-on-a-later-one",
        {
            f"{LOCATION}/{ADA}_create_orders.py": migration_source(ADA, depends_on=(GRACE,), library="gitlembic"),
        },
        (ADA, GRACE, f"{LOCATION}/{ADA}_create_orders.py"),
        "depends_on",
    ),
    _Case(
        "two-roots",
        table_migration("0dd", "odd", None),
        (f"{BASE} ({LOCATION}/{BASE}_create_users.py)", f"0dd ({LOCATION}/0dd_create_odd.py)"),
        "version_locations",
    ),
    _Case(
        "labelled-branch",
        {_ODD: migration_source("0dd", BASE, labels=("billing",))},
        (_ODD, "billing"),
        "version_locations",
    ),
    _Case("chain-file-not-json", {CHAIN_FILE: "{"}, (CHAIN_FILE,), "gitlembic chain --write"),
    _Case("chain-file-not-utf-8", {CHAIN_FILE: b"\xff"}, (CHAIN_FILE,), "gitlembic chain --write"),
    _Case("chain-file-too-deep", {CHAIN_FILE: "[" * 100_000}, (CHAIN_FILE,), "gitlembic chain --write"),
    _Case("chain-file-a-list", {CHAIN_FILE: "[]"}, (CHAIN_FILE, "mapping"), "gitlembic chain --write"),
    _Case(
        "chain-file-wrong-value",
        {CHAIN_FILE: json.dumps({**CHAIN, GRACE: [ADA]})},
        (CHAIN_FILE, GRACE),
        "gitlembic chain --write",
    ),
]


def _refused(done: Done, *said: str) -> None:
    assert "Traceback" not in done.stderr, done.stderr
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert [words for words in ("gitlembic: ", "Hint: ", *said) if words not in done.stderr] == [], done.stderr
    assert "\x1b" not in done.stderr


def _refused_everywhere(project: Project, *said: str) -> None:
    with unchanged(project):
        for done in project.play("gitlembic", *_COMMANDS):
            _refused(done, *said)


def _as_alembic(project: Project, added: str = "") -> None:
    """The commands of Alembic do what they do without us, and without a traceback; `added` is said besides."""
    ours, theirs = (project.play(program, *_COMMANDS[1:]) for program in ("gitlembic", "alembic"))
    for our, their in zip(ours, theirs, strict=True):
        assert (our.returncode, our.stdout) == (their.returncode, their.stdout)
        assert our.stderr == their.stderr or (added and our.stderr.startswith(f"{their.stderr}{added}"))
        assert "Traceback" not in our.stderr


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_is_refused(repository: RepositoryBuilder, case: _Case) -> None:
    project = two_branches(repository)
    project.write(case.files)
    _refused_everywhere(project, *case.place, case.hint)


@pytest.mark.parametrize(
    "case",
    [case for case in _CASES if case.name in {"syntax-error", "duplicate-static-id", "cycle", "own-parent"}],
    ids=lambda case: case.name,
)
def test_is_refused_in_a_static_project_without_repository(tmp_path: Path, case: _Case) -> None:
    project = Project(tmp_path)
    project.write({**configuration(), **table_migration(BASE, "users", None), **case.files})
    (said, *_) = case.place
    _refused_everywhere(project, said)


@pytest.mark.parametrize(
    "entries", [{ADA: GRACE, GRACE: ADA}, {ADA: "x", "x": "x", GRACE: ADA}, {ADA: BASE, GRACE: BASE}]
)
def test_a_chain_file_that_records_no_line_is_refused(repository: RepositoryBuilder, entries: dict[str, str]) -> None:
    project = two_branches(repository).copy_without_git("deployed")
    project.write({CHAIN_FILE: json.dumps(entries)})
    _refused_everywhere(project, CHAIN_FILE, "gitlembic chain --write")


def test_the_database_is_left_alone(repository: RepositoryBuilder, sqlite: URL) -> None:
    project = two_branches(repository, sqlite)
    project.write({_ODD: migration_source(GRACE)})
    before = sorted(project.root.parent.iterdir())
    _refused(project.gitlembic("upgrade", "head"), "used twice")
    assert sorted(project.root.parent.iterdir()) == before


class TestWithoutConfiguration:
    """Alembic's commands say it as Alembic does, and exit with 255."""

    def test_an_empty_directory(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        with unchanged(project):
            _refused(project.gitlembic("chain"), "No 'script_location' key found", "gitlembic -c FILE")
            _as_alembic(project, "There is neither alembic.ini nor pyproject.toml.")

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        with unchanged(project):
            _refused(project.gitlembic("-c", "no\x1bsuch.ini", "chain"), "gitlembic -c FILE")
            assert project.gitlembic("-c", "nosuch.ini", "heads").returncode == 255

    def test_a_script_location_that_is_not_there(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        project.write({"alembic.ini": configuration(script="elsewhere")["alembic.ini"]})
        with unchanged(project):
            _refused(project.gitlembic("chain"), "elsewhere")
            _as_alembic(project)


@pytest.mark.parametrize("exists", [True, False], ids=["empty", "missing"])
def test_a_location_without_migrations_is_no_error(tmp_path: Path, *, exists: bool) -> None:
    project = Project(tmp_path)
    project.write(configuration())
    if exists:
        (project.root / LOCATION).mkdir()
    assert succeed(project.gitlembic("chain")) == f"Chain of {LOCATION}: no migrations\n"
    _as_alembic(project)


class TestDamagedRepository:
    def test_a_truncated_pack(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        repository.close()
        with Repo(str(project.root)) as repo:
            repo.object_store.pack_loose_objects()
        (pack,) = (project.root / ".git" / "objects" / "pack").glob("*.pack")
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[: pack.stat().st_size // 3])
        _refused_everywhere(project, str(project.root), "git fsck")

    def test_a_missing_object(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        commit = repository.ids["ada"]
        (project.root / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
        _refused_everywhere(project, commit[:12], "missing")

    @pytest.mark.parametrize("content", ["nonsense\n", "ref: refs/heads/loop\n", ""], ids=["nonsense", "loop", "empty"])
    def test_a_broken_head(self, repository: RepositoryBuilder, content: str) -> None:
        project = two_branches(repository)
        if "loop" in content:
            (project.root / ".git" / "refs" / "heads" / "loop").write_text(content)
        (project.root / ".git" / "HEAD").write_text(content)
        _refused_everywhere(project, "HEAD")

    def test_a_broken_git_configuration(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        (project.root / ".git" / "config").write_text("[core\n")
        _refused_everywhere(project, str(project.root))

    def test_an_unknown_format(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        (project.root / ".git" / "config").write_text(
            "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tnosuch = true\n"
        )
        _refused_everywhere(project, "nosuch")

    def test_a_git_file_that_is_none(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository).copy_without_git("copy")
        project.write({".git": "nonsense"})
        _refused_everywhere(project, str(project.root / ".git"))


def test_escapes_of_others_do_not_reach_the_terminal(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    project.write({f"{LOCATION}/\x1b[31mred\u202e.py": migration_source(GRACE, message="\x1b[2J")})
    for done in project.play("gitlembic", *_COMMANDS):
        assert done.returncode == 3
        assert "\\x1b[31mred\\u202e.py" in done.stderr
        assert not set(done.stdout + done.stderr) & {"\x1b", "\u202e"}


def test_raiseerr_shows_the_traceback(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    project.write({_ODD: migration_source(GRACE)})
    for command in ("chain", "heads"):
        done = project.gitlembic("--raiseerr", command)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("Traceback")
        assert "used twice" in done.stderr


def test_what_configuration_there_is_is_said(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write(configuration())
    done = project.gitlembic("-n", "nosuch", "heads")
    assert (done.returncode, done.stdout) == (255, "FAILED: No 'script_location' key found in configuration.\n")
    assert "alembic.ini has no section [nosuch]; a script_location is in [alembic]." in done.stderr
    assert "Hint: choose that one: `gitlembic -n alembic ...`" in done.stderr
    (tmp_path / "empty").mkdir()
    done = Project(tmp_path / "empty").gitlembic("heads")
    assert "There is neither alembic.ini nor pyproject.toml." in done.stderr
    assert "name it: `gitlembic -c FILE ...`" in done.stderr


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write({**configuration(), **three_tables(BASE, ADA)})
    (project.root / "migrations/script.py.mako").unlink()
    done = project.gitlembic("revision", "-m", "new")
    assert done.returncode == 3
    assert "script.py.mako does not exist: new migrations are made from it" in done.stderr
    assert "`gitlembic adopt --print > " in done.stderr
