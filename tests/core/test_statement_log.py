"""What of a migration stays in the database, told by its statements."""

from __future__ import annotations

import pytest

from gitlembic.core.statement_log import StatementLog, commits_implicitly, first_word, shortened


def _execute(log: StatementLog, *statements: str) -> None:
    for statement in statements:
        log.begin(statement, commits=False)
        log.end(statement)


def _kept(log: StatementLog) -> list[str]:
    return [*map(str, log.kept)]


def test_what_is_committed_stays() -> None:
    log = StatementLog()
    _execute(log, "INSERT 1", "SELECT 2", "UPDATE 3")
    log.commit()
    _execute(log, "DELETE 4")
    log.roll_back()
    assert _kept(log) == ["INSERT 1", "UPDATE 3"]


def test_who_has_begun_and_not_ended_is_told_apart() -> None:
    log = StatementLog()
    _execute(log, "INSERT 1")
    assert log.running == ""
    log.begin("ALTER\n  2", commits=True)
    assert (log.running, log.running_commits) == ("ALTER 2", True)
    log.commit()
    assert _kept(log) == ["INSERT 1"]


def test_what_is_executed_again_and_again_takes_one_line() -> None:
    log = StatementLog()
    for _ in range(3):
        _execute(log, "INSERT 1")
        log.commit()
    _execute(log, "INSERT 2", "INSERT 1")
    log.commit()
    assert _kept(log) == ["INSERT 1 (3 times)", "INSERT 2", "INSERT 1"]


def test_a_long_migration_takes_no_more_memory() -> None:
    log = StatementLog()
    for number in range(2000):
        _execute(log, f"INSERT {number}")
    log.commit()
    assert len(log.kept) == 500
    assert str(log.kept[-1]) == "INSERT 499 (1501 times)"


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("select 1", "SELECT"),
        ("  -- why\n  /* how */ ALTER TABLE t", "ALTER"),
        ("(SELECT 1)", "SELECT"),
        ("", ""),
        ("{call x}", ""),
    ],
)
def test_the_first_word(statement: str, word: str) -> None:
    assert first_word(statement) == word


@pytest.mark.parametrize(
    ("statement", "commits"),
    [
        ("CREATE TABLE t (n INT)", True),
        ("create temporary table t (n INT)", False),
        ("DROP TEMPORARY TABLE t", False),
        ("/* a */ TRUNCATE t", True),
        ("INSERT INTO t VALUES (1)", False),
        ("SAVEPOINT s", False),
    ],
)
def test_what_mysql_commits_for(statement: str, commits: bool) -> None:  # noqa: FBT001
    assert commits_implicitly(statement) is commits


def test_a_statement_on_one_line() -> None:
    assert shortened("\nCREATE TABLE t (\n\tn INTEGER\n)\n") == "CREATE TABLE t ( n INTEGER )"
    assert len(shortened("INSERT " + "x" * 10_000)) == 120
