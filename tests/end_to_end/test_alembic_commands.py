"""Every Alembic command through the front door, with the chain in force."""

from __future__ import annotations

import json
import os
import re
import shutil
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.config import CommandLine

from gitlembic.core.sealed import VERSION
from tests.support.databases import stored_revisions, table_names
from tests.support.parity import PROGRAMS, SAME_ENVIRONMENT, plain
from tests.support.projects import (
    ADA,
    BASE,
    CACHE,
    CHAIN,
    GRACE,
    LOCATION,
    Project,
    configuration,
    link_worktree,
    models,
    parents,
    succeed,
    table_migration,
    three_tables,
    two_branches,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

    from tests.support.projects import Done
    from tests.support.repositories import RepositoryBuilder

_TABLES = {"users", "orders", "prices"}


def _new_migrations(project: Project) -> list[Path]:
    return sorted(set((project.root / LOCATION).glob("*.py")) - {project.root / path for path in three_tables()})


def _cached(git_dir: Path) -> dict[str, Any]:
    """The chain that was left, without the name by which its answer is known again."""
    (cache,) = (git_dir / "gitlembic").glob("chain-*.json")
    document = json.loads(cache.read_text(encoding="utf-8"))
    assert isinstance(document.pop("answer"), str)
    return document  # type: ignore[no-any-return]


class TestOnADatabase:
    def test_upgrade_runs_in_the_order_of_arrival_and_downgrade_back(
        self, repository: RepositoryBuilder, any_database: URL
    ) -> None:
        project = two_branches(repository, any_database)
        upgraded = project.gitlembic("upgrade", "head")
        assert succeed(upgraded) == ""
        ran = [line.partition("Running ")[2] for line in upgraded.stderr.splitlines() if "Running" in line]
        assert ran == [
            f"upgrade  -> {BASE}, create users",
            f"upgrade {BASE} -> {ADA}, create orders",
            f"upgrade {ADA} -> {GRACE}, create prices",
        ]
        assert (table_names(any_database), stored_revisions(any_database)) == (_TABLES, {GRACE})

        downgraded = project.gitlembic("downgrade", "-1")
        assert succeed(downgraded) == ""
        assert f"Running downgrade {GRACE} -> {ADA}, create prices" in downgraded.stderr
        assert (table_names(any_database), stored_revisions(any_database)) == ({"users", "orders"}, {ADA})

        succeed(project.gitlembic("downgrade", "base"))
        assert (table_names(any_database), stored_revisions(any_database)) == (set(), set())

    def test_upgrade_continues_where_the_branch_stood(self, repository: RepositoryBuilder, database: URL) -> None:
        project = two_branches(repository, database)
        repository.checkout("ada")
        succeed(project.gitlembic("upgrade", "head"))
        assert stored_revisions(database) == {ADA}
        repository.checkout("merge")
        upgraded = project.gitlembic("upgrade", "head")
        assert succeed(upgraded) == ""
        assert upgraded.stderr.count("Running upgrade") == 1
        assert stored_revisions(database) == {GRACE}

    def test_current(self, repository: RepositoryBuilder, database: URL) -> None:
        project = two_branches(repository, database)
        fresh, _, there, detailed = project.play("gitlembic", "current", f"upgrade {ADA}", "current", "current -v")
        assert succeed(fresh) == ""
        assert succeed(there) == f"{ADA}\n"
        assert f"Parent: {BASE}" in succeed(detailed)

    @pytest.mark.skipif("check_heads" not in signature(command.current).parameters, reason="came with Alembic 1.17.1")
    def test_current_checks_heads(self, repository: RepositoryBuilder, database: URL) -> None:
        project = two_branches(repository, database)
        _, behind, _, there = project.play(
            "gitlembic", f"upgrade {ADA}", "current --check-heads", "upgrade head", "current --check-heads"
        )
        assert (behind.returncode, there.returncode) == (255, 0)

    def test_stamp(self, repository: RepositoryBuilder, database: URL) -> None:
        project = two_branches(repository, database)
        assert succeed(project.gitlembic("stamp", ADA)) == ""
        assert stored_revisions(database) == {ADA}
        assert table_names(database) == set()

    def test_check(self, repository: RepositoryBuilder, database: URL) -> None:
        project = two_branches(repository, database)
        succeed(project.gitlembic("upgrade", ADA))
        behind = project.gitlembic("check")
        assert (behind.returncode, behind.stdout) == (255, "FAILED: Target database is not up to date.\n")
        succeed(project.gitlembic("upgrade", "head"))
        assert "No new upgrade operations" in succeed(project.gitlembic("check"))

    def test_revision_twice_before_any_commit(self, repository: RepositoryBuilder, database: URL) -> None:
        project = two_branches(repository, database)
        succeed(project.gitlembic("upgrade", "head"))
        succeed(project.gitlembic("revision", "-m", "first", "--rev-id", "fff"))
        project.write({"models.py": models(*_TABLES, "refunds")})
        succeed(project.gitlembic("upgrade", "head"))
        succeed(project.gitlembic("revision", "--autogenerate", "-m", "second", "--rev-id", "aaa"))
        first, second = (project.root / LOCATION / name for name in ("fff_first.py", "aaa_second.py"))
        assert _new_migrations(project) == [second, first]
        assert "Revises: fff\n" in second.read_text(encoding="utf-8")
        assert 'op.create_table("refunds"' in second.read_text(encoding="utf-8").replace("'", '"')
        assert parents(project.chain()) == {BASE: None, **CHAIN, "fff": GRACE, "aaa": "fff"}
        succeed(project.gitlembic("upgrade", "head"))
        assert (table_names(database), stored_revisions(database)) == ({*_TABLES, "refunds"}, {"aaa"})

    def test_ensure_version(self, repository: RepositoryBuilder, database: URL) -> None:
        project = two_branches(repository, database)
        assert succeed(project.gitlembic("ensure_version")) == ""
        assert stored_revisions(database) == set()

    def test_upgrade_as_sql(self, repository: RepositoryBuilder, database: URL) -> None:
        project = two_branches(repository, database)
        printed = succeed(project.gitlembic("upgrade", f"{BASE}:head", "--sql"))
        assert printed == succeed(project.alembic("upgrade", f"{BASE}:head", "--sql"))
        created = [line.split()[2] for line in printed.splitlines() if line.startswith("CREATE TABLE")]
        assert created == ["orders", "prices"]
        assert table_names(database) == set()


class TestOnTheFiles:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["heads"], f"{GRACE} (head)\n"),
            (["branches"], ""),
            (
                ["history"],
                (
                    f"{ADA} -> {GRACE} (head), create prices\n"
                    f"{BASE} -> {ADA}, create orders\n"
                    f"<base> -> {BASE}, create users\n"
                ),
            ),
            (["history", "-r", f"{ADA}:"], f"{ADA} -> {GRACE} (head), create prices\n{BASE} -> {ADA}, create orders\n"),
        ],
        ids=["heads", "branches", "history", "history-range"],
    )
    def test_printed_as_alembic_prints_it(
        self, repository: RepositoryBuilder, arguments: list[str], expected: str
    ) -> None:
        project = two_branches(repository)
        assert succeed(project.gitlembic(*arguments)) == expected
        assert succeed(project.alembic(*arguments)) == expected

    def test_show(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        shown = succeed(project.gitlembic("show", "head"))
        assert shown.startswith(f"Rev: {GRACE} (head)\nParent: {ADA}\n")
        assert shown == succeed(project.alembic("show", "head"))

    def test_merge_joins_a_side_head(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        project.write(table_migration("51de00000009", "refunds", BASE))
        assert project.gitlembic("heads").stdout.count("(head)") == 2
        stopped = project.gitlembic("upgrade", "head")
        assert stopped.returncode == 255
        assert stopped.stdout.startswith("FAILED: Multiple head revisions are present")
        succeed(project.gitlembic("merge", "heads", "-m", "join", "--rev-id", "301a"))
        assert succeed(project.gitlembic("heads")) == "301a (head)\n"
        assert sorted(parents(project.chain())["301a"]) == sorted(["51de00000009", GRACE])
        succeed(project.gitlembic("revision", "-m", "after", "--rev-id", "af7e"))
        assert parents(project.chain())["af7e"] == "301a"

    def test_edit_opens_the_newest(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        assert succeed(project.gitlembic("edit", "head", EDITOR="true")) == ""
        shown = project.gitlembic("edit", "head", EDITOR="echo")
        assert succeed(shown).strip() == os.fspath(project.root / LOCATION / f"{GRACE}_create_prices.py")

    def test_init_and_list_templates_need_nothing(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        assert succeed(project.gitlembic("list_templates")) == succeed(project.alembic("list_templates"))
        succeed(project.gitlembic("init", "-t", "async", "migrations"))
        assert {"alembic.ini", "migrations/env.py", "migrations/script.py.mako"} <= project.files().keys()
        assert succeed(project.gitlembic("heads")) == ""

    def test_no_command_of_alembic_is_forgotten_here(self) -> None:
        tests = " ".join(name for cls in (TestOnADatabase, TestOnTheFiles) for name in dir(cls))
        printed = "branches heads history"
        commands = CommandLine().subparsers.choices
        assert [name for name in commands if name not in f"{tests} {printed}"] == []


class TestTheCache:
    def test_is_what_chain_prints(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        succeed(project.gitlembic("heads"))
        cached = _cached(project.root / ".git")
        assert cached == project.chain()
        assert parents(cached) == {BASE: None, **CHAIN}

    def test_lies_in_the_common_directory_of_a_linked_worktree(
        self, repository: RepositoryBuilder, tmp_path: Path, sqlite: URL
    ) -> None:
        two_branches(repository, sqlite)
        linked = link_worktree(repository, "grace", tmp_path / "linked")
        repository.checkout("merge")
        succeed(linked.gitlembic("upgrade", "head"))
        assert stored_revisions(sqlite) == {GRACE}
        cached = _cached(repository.root / ".git")
        assert cached == linked.chain()
        assert parents(cached) == {BASE: None, GRACE: BASE}
        assert not (repository.root / ".git" / "worktrees" / "linked" / "gitlembic").exists()

    def test_is_not_needed(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        (project.root / ".git" / "gitlembic").write_text("in the way")
        assert succeed(project.gitlembic("heads")) == f"{GRACE} (head)\n"

    def test_may_be_nonsense(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        succeed(project.gitlembic("heads"))
        (cache,) = (project.root / ".git" / "gitlembic").glob("chain-*.json")
        cache.write_bytes(b"\xff{")
        assert succeed(project.gitlembic("heads")) == f"{GRACE} (head)\n"
        assert parents(json.loads(cache.read_text(encoding="utf-8"))) == {BASE: None, **CHAIN}

    def test_is_all_that_is_written(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        before = project.files()
        for done in project.play("gitlembic", "heads", "history", "chain", "upgrade head --sql"):
            succeed(done)
        after = project.files()
        written = after.keys() - before.keys()
        assert {re.sub("-[0-9a-f]{12}.*", "", path) for path in written} == {
            f"{CACHE}{name}" for name in ("chain", f"files-{VERSION}", f"orders-{VERSION}")
        }
        assert {path: text for path, text in after.items() if path not in written} == before


def _static_project(root: Path, url: URL) -> Project:
    project = Project(root)
    template = {
        "migrations/script.py.mako": '"""${message}"""\nrevision = ${repr(up_revision)}\n'
        "down_revision = ${repr(down_revision)}\n"
    }
    project.write({**configuration(url), **three_tables(ada=BASE, grace=ADA), **template})
    return project


_COMMAND_LINES = [
    "heads",
    "heads -v",
    "branches",
    "history",
    "history -v",
    "history -r base:head",
    "show head",
    "show nosuch",
    "current",
    "ensure_version",
    "upgrade +1",
    "upgrade head --sql",
    "upgrade head",
    "current -v",
    "current --check-heads",
    "check",
    "downgrade -1",
    "check",
    "downgrade base --sql",
    f"stamp {BASE}",
    f"stamp {ADA}",
    "stamp nosuch",
    "upgrade nosuch",
    "-q upgrade head",
    "revision -m new --rev-id 4e3",
    "revision -m side --rev-id 51de --head ba5e",
    "revision -m side --rev-id 51de --head ba5e --splice",
    "heads",
    "upgrade head",
    "merge heads -m join --rev-id 301a",
    "history --verbose",
    "list_templates",
    "init migrations",
    "init -t nosuch elsewhere",
    "upgrade",
    "heads --nosuch",
    "--nosuch heads",
    "-c alembic.ini -c alembic.ini heads",
    "-qcalembic.ini heads",
    "downgrade --help",
]


def _one_by_one(project: Project, program: str, *lines: str, **environment: str) -> list[Done]:
    return [project.run("-m", program, *line.split(), **environment) for line in lines]


@pytest.mark.parametrize(
    "play", [Project.play, pytest.param(_one_by_one, marks=pytest.mark.full)], ids=["one-process", "one-by-one"]
)
def test_a_static_project_without_repository_is_plain_alembic(
    tmp_path: Path, sqlite: URL, play: Callable[..., list[Done]]
) -> None:
    """The same command lines, one after the other, in two projects that are the same at the start."""
    outcomes = []
    root = tmp_path / "project"
    for program in PROGRAMS:
        project = _static_project(root, sqlite)
        played = play(project, program, *_COMMAND_LINES, **SAME_ENVIRONMENT)
        printed = [(plain(done.stdout, program, root), plain(done.stderr, program, root)) for done in played]
        commands = [(done.returncode, *texts) for done, texts in zip(played, printed, strict=True)]
        outcomes.append((commands, project.files()))
        shutil.rmtree(project.root)
        Path(sqlite.database or "").unlink()
    ours, theirs = outcomes
    for line, our, their in zip(_COMMAND_LINES, ours[0], theirs[0], strict=True):
        assert (line, our) == (line, their)
    assert ours[1] == theirs[1]


def test_leaves_nothing_open(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    done = project.run("-X", "dev", "-W", "error::ResourceWarning", "-m", "gitlembic", "heads")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_traceback_of_the_users_env_py_stays_one(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    project.write({"migrations/env.py": "raise LookupError('mine')\n"})
    done = project.gitlembic("upgrade", "head")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "LookupError: mine"
