"""Many gitlembic processes that start at once: forked from one that has imported everything, so that they are cheap.

`python -m tests.support.swarm NUMBER ARGUMENT...` runs the command line in NUMBER processes and
prints a JSON list of `[exit code, what it said]`; a signal that ended one is a negative code.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support.databases import POSTGRES_DRIVER
from tests.support.player import sealed_environment

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 300
_REPOSITORY = Path(__file__).parents[2]


class Ended(NamedTuple):
    """How one process ended."""

    code: int
    said: str


def swarm(root: Path, number: int, *arguments: str, kill_after: float = 0, **environment: str) -> list[Ended]:
    """Run a command line of gitlembic in `root`, `number` times at once.

    With `kill_after` every process gets SIGKILL after some random part of that many seconds.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.swarm", str(number), str(kill_after), *arguments],
        cwd=root,
        env={**sealed_environment(root.parent, **environment), "PYTHONPATH": str(_REPOSITORY)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Ended(*pair) for pair in json.loads(done.stdout)]


def _import_everything() -> None:
    """What an upgrade imports on any database, so that no process has to."""
    for name in (
        *("aiosqlite", POSTGRES_DRIVER, "pymysql", "sqlalchemy.ext.asyncio"),
        *(
            "sqlalchemy.dialects." + name
            for name in ("mysql.pymysql", f"postgresql.{POSTGRES_DRIVER}", "sqlite.pysqlite")
        ),
        *("gitlembic.adapters." + name for name in ("mysql_lock", "postgresql_lock", "sqlite_lock")),
        *("gitlembic.adapters.database_lock", "gitlembic.adapters.settings_files"),
        *("gitlembic.cli.report", "gitlembic.commands.alembic"),
    ):
        importlib.import_module(name)


def _main(number: int, kill_after: float, arguments: list[str]) -> None:
    from gitlembic.__main__ import main  # noqa: PLC0415

    _import_everything()
    start, release = os.pipe()
    with tempfile.TemporaryDirectory() as directory:
        files = [Path(directory, str(one)) for one in range(number)]
        for file in files:
            file.touch()
        children = [_fork(start, release, file, lambda: main(arguments)) for file in files]
        os.close(release)  # they all read the end of the pipe now
        if kill_after:
            for child in random.sample(children, number):
                time.sleep(random.uniform(0, 2 * kill_after / number))  # noqa: S311 -- not for secrets
                os.kill(child, signal.SIGKILL)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        said = [file.read_text(errors="replace") for file in files]
    print(json.dumps(list(zip(codes, said, strict=True))))  # noqa: T201 -- read by `swarm`


def _fork(start: int, release: int, file: Path, run: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    code = 70
    with contextlib.suppress(BaseException):
        os.close(release)
        os.read(start, 1)
        out = os.open(file, os.O_WRONLY)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", buffering=0, closefd=False), write_through=True)
        sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", buffering=0, closefd=False), write_through=True)
        try:
            run()
            code = 0
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else int(stopped.code is not None)
        except BaseException:  # noqa: BLE001 -- to be read by whoever asked
            sys.excepthook(*sys.exc_info())
            code = 1
    os._exit(code)


if __name__ == "__main__":
    _main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
