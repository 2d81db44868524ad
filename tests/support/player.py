"""Runs command lines of gitlembic or Alembic one after the other, without paying for the start of each.

Starting Python and importing Alembic takes most of the time of a command line. Here one process
does so and then forks for every line, so that none sees what another left in memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MISLEADING = frozenset({"ALEMBIC_CONFIG", "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "FLASK_APP", "PYTHONPATH"})
_SECONDS = 300

_PLAYER = """
import asyncio, gc, json, logging.config, os, sys, traceback, uuid
import aiosqlite, mako.template
import alembic.config, gitlembic.__main__, gitlembic.adapters.git_repository, gitlembic.cli.main
import gitlembic.commands.alembic, sqlalchemy.dialects.sqlite.aiosqlite, sqlalchemy.ext.asyncio

outputs, steps = sys.argv[1:]
programs = {"gitlembic": gitlembic.__main__.main, "alembic": alembic.config.main}
gc.freeze()  # else every child copies the memory that its collector touches
for number, step in enumerate(json.loads(steps)):
    child = os.fork()
    if child == 0:
        for descriptor, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{outputs}/{number}.{name}", os.O_WRONLY | os.O_CREAT), descriptor)
        os.chdir(step["directory"])
        os.environ.update(step["environment"])
        uuid.uuid4 = lambda: uuid.UUID(int=0x4e3_0000_0000)  # so that new revision ids are known
        sys.argv = [step["program"], *step["argv"]]
        try:
            code = programs[step["program"]]()
        except SystemExit as error:
            code = error.code
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit((code or 0) & 255)  # tidying up would take longer than most commands
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with open(f"{outputs}/{number}.code", "w") as file:
        file.write(str(code))
"""


@dataclass(frozen=True)
class Step:
    """One command line, and where it is run."""

    program: str
    argv: Sequence[str]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def sealed_environment(home: Path, **more: str) -> dict[str, str]:
    """The variables of this process, without those that lead a command astray."""
    inherited = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    sealed = {"HOME": os.fspath(home), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    return inherited | sealed | more


def play(steps: Sequence[Step], environment: Mapping[str, str]) -> list[subprocess.CompletedProcess[str]]:
    """Run the steps in their order; what each of them printed, and how it ended."""
    with tempfile.TemporaryDirectory() as outputs:
        subprocess.run(
            [sys.executable, "-c", _PLAYER, outputs, json.dumps([*map(asdict, steps)], default=os.fspath)],
            cwd=outputs,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=True,
        )
        return [_done(step, Path(outputs), number) for number, step in enumerate(steps)]


def _done(step: Step, outputs: Path, number: int) -> subprocess.CompletedProcess[str]:
    code, out, err = (
        (outputs / f"{number}.{name}").read_bytes().decode(errors="backslashreplace") for name in ("code", "out", "err")
    )
    return subprocess.CompletedProcess([*step.argv], int(code), out, err)
