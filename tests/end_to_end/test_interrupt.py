"""Ctrl-C ends gitlembic by the signal, as it ends Alembic: a shell's loop stops with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import stored_revisions
from tests.support.player import sealed_environment
from tests.support.projects import ADA, BASE, Project, succeed, three_tables, two_branches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL

    from tests.support.repositories import RepositoryBuilder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

_SECONDS = 60


@pytest.fixture(autouse=True)
def _not_ignored() -> Iterator[None]:
    """Whatever a shell starts in the background ignores Ctrl-C, and so would all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _start(project: Project, *command: str) -> subprocess.Popen[bytes]:
    environment = sealed_environment(project.root.parent)
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=project.root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _interrupt(process: subprocess.Popen[bytes]) -> tuple[int, str, list[str]]:
    """How it ended, the last line of its traceback, and what it said after that."""
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=_SECONDS)
    _, traceback, after = errors.decode().rpartition("KeyboardInterrupt\n")
    return process.returncode, traceback.strip(), after.strip().splitlines()


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _SECONDS
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("program", ["gitlembic", "alembic"])
def test_in_the_middle_of_a_migration(repository: RepositoryBuilder, sqlite: URL, program: str) -> None:
    project = two_branches(repository, sqlite)
    succeed(project.gitlembic("upgrade", BASE))
    running = project.root / "running"
    (path,) = (path for path in three_tables() if ADA in path)
    sleep = f"    import pathlib, time; pathlib.Path({os.fspath(running)!r}).touch(); time.sleep({_SECONDS})\n"
    source = (
        (project.root / path).read_text(encoding="utf-8").replace("    op.create_table", f"{sleep}    op.create_table")
    )
    project.write({path: source})
    process = _start(project, program, "upgrade", "head")
    _wait_for(running, process)
    code, traceback, after = _interrupt(process)
    assert (code, traceback) == (-signal.SIGINT, "KeyboardInterrupt")
    stands = [f"The upgrade stopped in {ADA} ({path}).", f"The database stands at {BASE}, as before."]
    assert after[:2] == (stands if program == "gitlembic" else [])
    assert stored_revisions(sqlite) == {BASE}


@pytest.mark.parametrize("command", ["chain", "adopt"])
def test_in_a_command_of_our_own(tmp_path: Path, command: str) -> None:
    """It waits for its configuration, which is a pipe."""
    pipe = tmp_path / "alembic.ini"
    os.mkfifo(pipe)
    process = _start(Project(tmp_path), "gitlembic", command)
    with pipe.open("w"):  # opens when the other end is read
        assert _interrupt(process) == (-signal.SIGINT, "", [])
