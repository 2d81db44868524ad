"""Runs single command lines of gitlembic or Alembic in forks of one process that has imported both.

Starting Python and importing Alembic takes most of the time of a command line, and tests run
thousands of them. A fork sees nothing of what another left in memory.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SERVER = """
import asyncio, gc, json, logging.config, os, signal, sys, uuid
import aiosqlite, mako.template
import alembic.config, alembic.autogenerate, gitlembic.__main__, gitlembic.adapters.git_repository, gitlembic.cli.main
import gitlembic.adapters.settings_files, gitlembic.commands.alembic, sqlalchemy.dialects.sqlite.aiosqlite, tabulate
import sqlalchemy.ext.asyncio

programs = {"gitlembic": gitlembic.__main__.main, "alembic": alembic.config.main}
gc.freeze()  # else every child copies the memory that its collector touches
for line in sys.stdin:
    step = json.loads(line)
    child = os.fork()
    if child == 0:
        signal.alarm(step["seconds"])
        for descriptor, name in enumerate((os.devnull, step["out"], step["err"])):
            os.dup2(os.open(name, os.O_RDWR), descriptor)
        sys.stdin = open(os.devnull)
        os.chdir(step["directory"])
        os.environ.clear()
        os.environ.update(step["environment"])
        if step["revision"]:
            uuid.uuid4 = lambda: uuid.UUID(step["revision"].rjust(32, "0"))
        sys.argv = [step["program"], *step["argv"]]
        try:
            code = programs[step["program"]]()
        except SystemExit as error:
            code = error.code
        except BaseException:
            sys.excepthook(*sys.exc_info())
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit((code or 0) & 255)  # tidying up would take longer than most commands
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
_SECONDS = 120
_SAME_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": "0"}
"""Of sets too, two programs that are compared print the same."""


def run_in_fork(
    program: str, arguments: Sequence[str], directory: Path, environment: Mapping[str, str], *, revision: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `gitlembic` or `alembic` as `python -m` does; never raises for its exit code.

    Every new migration that is not told its id gets that of `revision`, twelve digits, if there is one.
    """
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        step = {
            "program": program,
            "argv": [*arguments],
            "directory": os.fspath(directory),
            "environment": dict(environment),
            "revision": revision,
            "out": out.name,
            "err": err.name,
            "seconds": _SECONDS,
        }
        server.stdin.write(json.dumps(step) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        said = [Path(file.name).read_bytes().decode(errors="backslashreplace") for file in (out, err)]
    return subprocess.CompletedProcess([program, *arguments], code, *said)


@functools.cache
def _server() -> subprocess.Popen[str]:
    """One for each process that runs tests."""
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **_SAME_ENVIRONMENT},
        cwd=tempfile.gettempdir(),
        text=True,
    )
    atexit.register(server.kill)
    return server
