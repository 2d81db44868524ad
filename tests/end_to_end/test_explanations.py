"""What is said beside Alembic's message when it stops: after it, on stderr, and nothing else changes."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import stored_revisions
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.player import sealed_environment
from tests.support.projects import (
    ADA,
    BASE,
    GRACE,
    LOCATION,
    Project,
    configuration,
    succeed,
    table_migration,
    two_branches,
)

if TYPE_CHECKING:
    from sqlalchemy import URL

    from tests.support.projects import Done
    from tests.support.repositories import RepositoryBuilder

_SIDE = "51de00000009"


def _stopped(done: Done, message: str) -> str:
    """What was said on stderr by a command that Alembic stopped."""
    assert (done.returncode, done.stdout.splitlines()[0][: len(message)]) == (255, message)
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr
    return done.stderr


class TestARevisionThatIsNotHere:
    _MESSAGE = "FAILED: Can't locate revision identified by '{}'"

    def test_a_database_ahead_of_an_older_checkout(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite)
        succeed(project.gitlembic("upgrade", "head"))
        repository.checkout("ada", "older")
        for done in project.play("gitlembic", "upgrade head", "current", "-q downgrade base", "stamp head"):
            assert done.returncode == 255
            lines = done.stderr.splitlines()
            start = lines.index(f"The database stands at {GRACE}, which no migration here has.")
            assert lines[start + 1].startswith(f"It is on the branch main as {LOCATION}/{GRACE}_create_prices.py, ")
            assert lines[-1] == (
                "Hint: `git switch main` goes there, or "
                "`gitlembic rescue` undoes what this checkout lacks, with the files from git"
            )
        assert stored_revisions(sqlite) == {GRACE}

    def test_a_file_that_was_deleted_before_anybody_committed_it(
        self, repository: RepositoryBuilder, sqlite: URL
    ) -> None:
        """The named cure cures."""
        project = two_branches(repository, sqlite)
        lost = project.root / LOCATION / "105e_lost.py"
        lost.write_text(migration_source("105e00000004", DYNAMIC))
        succeed(project.gitlembic("upgrade", "head"))
        lost.unlink()
        done = project.gitlembic("current")
        assert done.returncode == 255
        assert "; if its file is gone for good, undo by hand what it did to the database; then `gitlembic stamp" in (
            done.stderr
        )
        succeed(project.gitlembic("stamp", "--purge", GRACE))
        assert succeed(project.gitlembic("current")) == f"{GRACE} (head)\n"

    def test_one_that_was_typed(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        repository.checkout("ada", "older")
        shown, near, relative = project.play("gitlembic", f"show {GRACE[:5]}", "show haed", "show head-1")
        said = _stopped(shown, self._MESSAGE.format(GRACE[:5]))
        assert said.startswith(f"No migration here is called {GRACE[:5]}.\n{GRACE} is on the branch main as ")
        said = _stopped(near, self._MESSAGE.format("haed"))
        assert said.endswith("Hint: did you mean head or heads?\n")
        assert "whoever" not in said
        assert _stopped(relative, self._MESSAGE.format("head-1")).startswith("No revision can be called head-1: ")

    def test_a_word_in_capitals(self, repository: RepositoryBuilder) -> None:
        said = _stopped(two_branches(repository).gitlembic("show", "HEAD"), self._MESSAGE.format("HEAD"))
        assert said.endswith("Hint: did you mean head or heads?\n")

    def test_a_beginning_that_several_have(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        project.write(table_migration(f"{ADA[:6]}ffffff", "refunds", GRACE))
        said = _stopped(project.gitlembic("show", ADA[:6]), self._MESSAGE.format(ADA[:6]))
        assert said.startswith(f"{ADA[:6]} is the beginning of several: ")
        assert f"{ADA} ({LOCATION}/{ADA}_create_orders.py), {ADA[:6]}ffffff (" in said
        for number in range(5):
            project.write(table_migration(f"{ADA[:6]}{number}fffff", f"returns_{number}", GRACE))
        said = _stopped(project.gitlembic("show", ADA[:6]), self._MESSAGE.format(ADA[:6]))
        assert " and 2 more.\n" in said

    def test_raiseerr_raises_what_alembic_raises(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        done = project.gitlembic("--raiseerr", "show", "5ade")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.splitlines()[-1].startswith("alembic.util.exc.CommandError: Can't locate revision")
        assert done.stderr.startswith("No migration here is called 5ade.\n")

    @pytest.mark.parametrize(
        ("file", "text", "message"),
        [
            ("config", "[core\n", "cannot open the git repository of "),
            ("packed-refs", "garbage-without-newline", "cannot read the refs in "),
        ],
    )
    def test_where_it_is_cannot_be_looked_up(
        self, repository: RepositoryBuilder, file: str, text: str, message: str
    ) -> None:
        project = two_branches(repository)
        static = {path: source.replace("get_down_revision(revision)", repr(BASE)) for path, source in _sources(project)}
        project.write(static)
        (project.root / ".git" / file).write_text(text)
        said = _stopped(project.gitlembic("show", "5ade"), self._MESSAGE.format("5ade"))
        assert said.startswith(f"Where it is cannot be looked up: {message}")

    def test_without_git_a_chain_file_project_is_told_where_to_look(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        succeed(project.gitlembic("chain", "--write"))
        copy = project.copy_without_git("copy")
        said = _stopped(copy.gitlembic("show", "5ade"), self._MESSAGE.format("5ade"))
        assert said.splitlines()[-1] == "Hint: look for it where the repository of these migrations is"


def _sources(project: Project) -> list[tuple[str, str]]:
    files = (project.root / LOCATION).glob("*.py")
    return [(f"{LOCATION}/{path.name}", path.read_text(encoding="utf-8")) for path in files]


class TestAMissingParent:
    def test_is_found_on_a_branch(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        repository.checkout("ada", "older")
        project.write(table_migration(_SIDE, "refunds", GRACE))
        for done in project.play("gitlembic", "heads", "chain"):
            assert (done.returncode, done.stdout) == (3, "")
            message, where, others, hint = done.stderr.splitlines()
            assert f"{LOCATION}/{_SIDE}_create_refunds.py:10 declares down_revision '{GRACE}', which no" in message
            assert where.startswith(
                f"It is on the branch main as {LOCATION}/{GRACE}_create_prices.py, added by Grace on "
            )
            assert others == "Others that have it: grace."
            assert hint.startswith("Hint: `git switch main` goes there, ")
        later = project.gitlembic("chain", "--at", "main")
        assert later.returncode == 0

    def test_that_a_squash_stands_for_is_not_brought_back_beside_it(self, repository: RepositoryBuilder) -> None:
        """A branch from before the squash, whose static migration follows one of the originals."""
        project = two_branches(repository)
        path = f"{LOCATION}/{GRACE}_create_prices.py"
        squash = f'{(project.root / path).read_text()}\nreplaces = (("{ADA}", "{"0" * 40}"),)\n'
        repository.commit("squash", ["merge"], {f"{LOCATION}/{ADA}_create_orders.py": None, path: squash})
        repository.checkout("squash")
        project.write(table_migration(_SIDE, "refunds", ADA))
        for done in project.play("gitlembic", "heads", "rebase"):
            _, fact, hint = done.stderr.splitlines()
            assert fact == f"The squash {GRACE} ({path}) stands for {ADA}."
            assert hint == f"Hint: name '{GRACE}' in place of '{ADA}' in {LOCATION}/{_SIDE}_create_refunds.py"
        project.write(table_migration(_SIDE, "refunds", GRACE))
        succeed(project.gitlembic("heads"))


class TestSeveralHeads:
    _MESSAGE = "FAILED: Multiple head"

    def test_who_brought_them_and_the_cure(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite)
        repository.commit("side", ["base"], table_migration(_SIDE, "refunds", BASE), author="\x1b[31mEve\u202e <e@e>")
        landed = repository.commit("landed", ["merge", "side"], table_migration(_SIDE, "refunds", BASE))
        repository.checkout("landed")
        lines = ("upgrade head", "stamp head", "revision -m new", "show head", "-c alembic.ini downgrade head")
        for done in project.play("gitlembic", *lines):
            said = _stopped(done, self._MESSAGE)
            assert f"{GRACE} ({LOCATION}/{GRACE}_create_prices.py) was added by Grace on 2023-11-14 in " in said
            assert "and is the end of the line.\n" in said
            assert f"by \\x1b[31mEve\\u202e on 2023-11-14 in {repository.ids['side'][:9]} (side), merged by Ada" in said
            assert f" in {landed[:9]} (landed), and stands beside the line, following {BASE}.\n" in said
            assert f"The last that they have in common: {BASE} ({LOCATION}/{BASE}_create_users.py).\n" in said
            options = "-c alembic.ini " if "-c" in done.args else ""
            assert f"Hint: `gitlembic {options}rebase` moves {_SIDE} onto {GRACE} (--dry-run shows how); " in said
            assert f"a database that ran {_SIDE}: `gitlembic {options}downgrade {BASE}` first. " in said
            assert f"join them instead: `gitlembic {options}merge {GRACE} {_SIDE} -m MESSAGE`\n" in said
            assert not {*said} & {"\x1b", "\u202e"}

    def test_plain_heads_points_on_from_there_on_a_terminal_only(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        project.write(table_migration(_SIDE, "refunds", BASE))
        hint = "Hint: `gitlembic -c alembic.ini graph` draws these heads, "
        for options, pointed in (((), True), (("-q",), False)):
            outside, inside = pty.openpty()
            done = subprocess.run(
                [sys.executable, "-m", "gitlembic", "-c", "alembic.ini", *options, "heads"],
                cwd=project.root,
                env=sealed_environment(project.root.parent),
                stdout=subprocess.PIPE,
                stderr=inside,
                check=True,
            )
            os.write(inside, b"end")
            said = os.read(outside, 4096).decode()
            for end in (inside, outside):
                os.close(end)
            assert (hint in said) is pointed
            assert done.stdout.decode() == succeed(project.alembic(*options, "heads"))
        assert project.gitlembic("heads").stderr == ""

    def test_steps_that_lead_several_ways(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite)
        project.write(table_migration(_SIDE, "refunds", BASE))
        succeed(project.gitlembic("upgrade", BASE))
        said = _stopped(project.gitlembic("upgrade", "+1"), "FAILED: Ambiguous walk")
        assert f"{_SIDE} ({LOCATION}/{_SIDE}_create_refunds.py) " in said
        assert "is the end of the line" in said
        assert "`gitlembic rebase` moves" in said

    def test_the_named_cure_cures(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        project.write(table_migration(_SIDE, "refunds", BASE))
        stopped, _, healed = project.play("gitlembic", "show head", "rebase --force", "heads")
        path = f"{LOCATION}/{_SIDE}_create_refunds.py"
        assert f"Hint: commit {path}, then `gitlembic rebase` moves" in _stopped(stopped, self._MESSAGE)
        assert succeed(healed) == f"{_SIDE} (head)\n"

    def test_static_ones_where_no_mainline_is_known(self, repository: RepositoryBuilder) -> None:
        files = table_migration(BASE, "users", None) | table_migration(ADA, "orders", BASE)
        repository.commit("first", [], {**configuration(), **files, **table_migration(GRACE, "prices", BASE)})
        repository.checkout("first", "trunk")
        said = _stopped(Project(repository.root).gitlembic("show", "head"), self._MESSAGE)
        assert f"{ADA} ({LOCATION}/{ADA}_create_orders.py) was added by Ada Lovelace on " in said
        assert f"and follows {BASE}." in said
        assert "`gitlembic rebase` says: the mainline is unknown: " in said
        assert "Hint: name it with --onto REF, " in said
        assert said.endswith(f"; or `gitlembic merge {GRACE} {ADA} -m MESSAGE` joins them\n")

    def test_branches_with_labels(self, repository: RepositoryBuilder) -> None:
        files = table_migration(BASE, "users", None)
        for revision, label in ((ADA, "left"), (GRACE, "right")):
            for path, text in table_migration(revision, label, BASE).items():
                files[path] = text.replace("branch_labels = None", f"branch_labels = {label!r}")
        repository.commit("first", [], {**configuration(), **files})
        repository.checkout("first")
        said = _stopped(Project(repository.root).gitlembic("upgrade", "head"), self._MESSAGE)
        assert "name one (right@head, left@head), or all of them: `heads`\n" in said
