"""gitlembic's time as a part of Alembic's, for projects of several sizes.

    python -m tests.benchmarks --sizes 10 2000 --repeat 5

Both programs run in turn, on the same machine; each figure is the ratio of the medians of the
processor time they took, with Alembic's seconds behind it. In static projects both do the same.
For a dynamic one Alembic's time is that of the static project with the same migrations. In projects
of alembic-git-revisions, Alembic runs with that library, which needs git.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tabulate import tabulate

from tests.benchmarks.projects import build_project
from tests.support.player import sealed_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.projects import BenchmarkProject

_LIBRARY = "alembic_git_revisions"
_LIBRARY_PROJECT = "alembic-git-revisions"
_PROJECTS = ("static", "dynamic", _LIBRARY_PROJECT)
_SETTLED = 2.5
"""Seconds after which files that were written just now can be told from later ones by their times."""

_ENOUGH = 20.0
"""Seconds that one program may take for one figure before it is not repeated any more."""


@dataclass(frozen=True)
class _Case:
    """A command, how far the database is behind when it starts, and whether all is forgotten before.

    `theirs` is what Alembic runs where it has no such command.
    """

    name: str
    command: Sequence[str]
    behind: int = 0
    is_cold: bool = False
    theirs: Sequence[str] = ()


_CASES = (
    _Case("heads", ["heads"]),
    _Case("heads, cold", ["heads"], is_cold=True),
    _Case("doctor", ["doctor"], theirs=["heads"]),
    _Case("history", ["history"]),
    _Case("graph for history", ["graph"], theirs=["history"]),
    _Case("current", ["current"]),
    _Case("upgrade, nothing to do", ["upgrade", "head"]),
    _Case("upgrade, ten to do", ["upgrade", "head"], behind=10),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=[10, 500, 2000, 5000], help="how many migrations")
    parser.add_argument("--repeat", type=int, default=3, help="how often each command is run")
    parser.add_argument("--projects", nargs="+", choices=_PROJECTS, default=_PROJECTS, help="which kinds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        rows = [row for size in options.sizes for row in _rows(Path(directory) / str(size), size, options)]
    print(tabulate(rows, headers=["project", "migrations", *(case.name for case in _CASES)]))
    if _LIBRARY_PROJECT in options.projects and not _has_library():
        print(f"\nwithout projects of {_LIBRARY_PROJECT}: it is not installed here, or git is not")
    print(f"\nload average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def _has_library() -> bool:
    return find_spec(_LIBRARY) is not None and shutil.which("git") is not None


def _rows(directory: Path, size: int, options: argparse.Namespace) -> Iterator[list[object]]:
    directory.mkdir()
    static = build_project(directory / "static", size)
    if "static" in options.projects:
        yield ["static", size, *_compare(static, static, options.repeat)]
    if "dynamic" in options.projects:
        dynamic = build_project(directory / "dynamic", size, "gitlembic")
        yield ["dynamic", size, *_compare(static, dynamic, options.repeat)]
    if _LIBRARY_PROJECT in options.projects and _has_library():
        theirs = build_project(directory / "library", size, _LIBRARY)
        yield [_LIBRARY_PROJECT, size, *_compare(theirs, theirs, options.repeat)]


def _compare(theirs: BenchmarkProject, ours: BenchmarkProject, repeat: int) -> Iterator[str]:
    time.sleep(_SETTLED)
    for case in _CASES:
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(repeat + 1):  # the first compiles, and fills the cache
            for program, project, taken in zip(("alembic", "gitlembic"), (theirs, ours), times, strict=True):
                if sum(taken) < _ENOUGH:
                    seconds = _run(program, project, case)
                    if number or seconds > _ENOUGH:
                        taken.append(seconds)
        alembic, gitlembic = map(statistics.median, times)
        ratio = f"{gitlembic / alembic:.2f} ({alembic:.2f} s)"
        print(f"{ours.root.name} {len(ours.revisions)}, {case.name}: {ratio}", file=sys.stderr)
        yield ratio


def _run(program: str, project: BenchmarkProject, case: _Case) -> float:
    """The processor time of one run, in seconds."""
    project.stamp(case.behind)
    if case.is_cold and program == "gitlembic":
        project.forget()
    environment = sealed_environment(project.root.parent)
    environment.pop("PYTHONDONTWRITEBYTECODE")
    command = case.theirs or case.command if program == "alembic" else case.command
    process = subprocess.Popen(
        [sys.executable, "-m", program, *command],
        cwd=project.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{program} {' '.join(command)} in {project.root.name} exited with {process.returncode}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
