"""The time that the order takes, against alembic-git-revisions with the git binary.

    python -m tests.benchmarks.order --commits 30000 --repeat 5 CLONE:LOCATION ...

Whole processes that compute the chain and print nothing, in turn; medians of the processor time,
git's included. "net" is without starting Python. On clones that are named, the order of all
migrations is computed, static ones as well, since that is what the library does.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tabulate import tabulate

from tests.benchmarks.histories import LOCATION, Shape, build_history, switch
from tests.support.player import sealed_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_START = "pass"
_OURS = """
import sys
from pathlib import Path
from gitlembic.adapters.project import Project
from gitlembic.commands.resolve import resolve
root, location = map(Path, sys.argv[1:3])
resolve(Project(root, (root / location,), recursive=False), all_births=sys.argv[3:] == ["births"])
"""
_THEIRS = """
import sys
from pathlib import Path
from alembic_git_revisions import build_chain
build_chain(Path(*sys.argv[1:3]))
"""
_BESIDE_ALEMBIC = f"""
import time
import alembic.config, alembic.script
start = time.process_time()
{_OURS}
print(time.process_time() - start)
"""
_IMPORTS = "import gitlembic.adapters.git_repository"
_STARTS = 20
_CACHE = Path(".git", "gitlembic")


@dataclass(frozen=True)
class _Used:
    """What one process took: seconds of processor time, megabytes."""

    seconds: float
    memory: float


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.order", description=__doc__.partition("\n")[0])
    parser.add_argument("clones", nargs="*", metavar="CLONE:LOCATION", help="real repositories")
    parser.add_argument("--commits", type=int, default=30_000, help="of the generated histories; 0 for none")
    parser.add_argument("--files", type=int, default=10_000, help="in their trees")
    parser.add_argument("--migrations", type=int, default=500)
    parser.add_argument("--repeat", type=int, default=5, help="how often each is run")
    options = parser.parse_args()
    start = statistics.median(_python(_START, Path()).seconds for _ in range(_STARTS))
    imports = statistics.median(_python(_IMPORTS, Path()).seconds for _ in range(options.repeat))
    print(f"starting Python: {start * 1000:.0f} ms; that and what reads git: {imports * 1000:.0f} ms\n")
    with tempfile.TemporaryDirectory() as directory:
        rows = [*_generated(Path(directory), options), *_clones(options)]
    table = [
        [name, f"{theirs.seconds:.3f}", f"{ours.seconds:.3f}", *_ratios(ours, theirs, start), f"{ours.memory:.0f}"]
        for name, ours, theirs in rows
    ]
    print(tabulate(table, headers=["", "library, s", "gitlembic, s", "ratio", "net, ms", "net ratio", "MB"]))
    print(f"\nload average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def _ratios(ours: _Used, theirs: _Used, start: float) -> tuple[str, str, str]:
    net = ours.seconds - start
    return (
        f"{ours.seconds / theirs.seconds:.3f}",
        f"{net * 1000:.0f}",
        f"{net / (theirs.seconds - start):.4f}",
    )


def _generated(directory: Path, options: argparse.Namespace) -> Iterator[tuple[str, _Used, _Used]]:
    whole = Shape(options.commits, options.files, options.migrations, options.migrations)
    newest = replace(whole, dynamic=min(50, options.migrations), recent=options.commits // 10)
    if options.commits:
        root = directory / "whole"
        build_history(root, whole)
        yield _measure("all dynamic, cold", root, options.repeat, _forget)
        yield _measure("all dynamic, nothing changed", root, options.repeat)
        beside = statistics.median(_beside_alembic(root) for _ in range(_STARTS))
        print(f"the same where Alembic is imported, as in all its commands: {beside * 1000:.1f} ms more\n")
        for more in (1, 100):
            before = _remember(root, f"main~{more}")
            yield _measure(f"all dynamic, {more} more on main", root, options.repeat, before)
        shutil.rmtree(root)
        root = directory / "newest"
        build_history(root, newest)
        yield _measure(f"newest {newest.dynamic} dynamic, cold", root, options.repeat, _forget)
        yield _measure(f"newest {newest.dynamic} dynamic, nothing changed", root, options.repeat)
        shutil.rmtree(root)
        for part in (10, 3):
            fewer = replace(whole, commits=options.commits // part)
            build_history(directory / f"{part}", fewer)
            name = f"all dynamic, {fewer.commits} commits, cold"
            yield _measure(name, directory / f"{part}", options.repeat, _forget)
            older = replace(newest, commits=options.commits // part)
            build_history(directory / f"{part} newest", older)
            name = f"newest {newest.dynamic} in the same commits, {older.commits} commits, cold"
            yield _measure(name, directory / f"{part} newest", options.repeat, _forget)


def _beside_alembic(root: Path) -> float:
    """Seconds of processor time that the order adds to a process which has imported Alembic anyway."""
    command = [sys.executable, "-c", _BESIDE_ALEMBIC, os.fspath(root), LOCATION]
    return float(subprocess.run(command, env=_environment(), check=True, capture_output=True, text=True).stdout)


def _clones(options: argparse.Namespace) -> Iterator[tuple[str, _Used, _Used]]:
    for clone in options.clones:
        root, _, location = clone.partition(":")
        name = f"{Path(root).name}, all births, cold"
        yield _measure(name, Path(root), options.repeat, _forget, location=location, births=True)


def _forget(root: Path) -> None:
    shutil.rmtree(root / _CACHE, ignore_errors=True)


def _remember(root: Path, older: str) -> Callable[[Path], None]:
    """Have remembered an older commit, and nothing since."""
    now = subprocess.run(["git", "rev-parse", "main"], cwd=root, check=True, capture_output=True, text=True)
    switch(root, older)
    _forget(root)
    _python(_OURS, root, LOCATION)
    kept = root.parent / f"{root.name} {older}"
    shutil.copytree(root / _CACHE, kept)
    switch(root, now.stdout.strip())

    def restore(root: Path) -> None:
        _forget(root)
        shutil.copytree(kept, root / _CACHE)

    return restore


def _measure(
    name: str,
    root: Path,
    repeat: int,
    before: Callable[[Path], None] = lambda _: None,
    *,
    location: str = LOCATION,
    births: bool = False,
) -> tuple[str, _Used, _Used]:
    ours: list[_Used] = []
    theirs: list[_Used] = []
    for number in range(repeat + 1):  # the first compiles, and fills the cache
        before(root)
        pair = (
            _python(_OURS, root, location, *(["births"] if births else [])),
            _python(_THEIRS, root, location),
        )
        if number:
            ours.append(pair[0])
            theirs.append(pair[1])
    print(f"{name}: {_median(ours)} {_median(theirs)}", file=sys.stderr)
    return name, _median(ours), _median(theirs)


def _environment() -> dict[str, str]:
    environment = sealed_environment(Path(tempfile.gettempdir()))
    environment.pop("PYTHONDONTWRITEBYTECODE")
    return environment


def _median(used: Sequence[_Used]) -> _Used:
    return _Used(statistics.median(one.seconds for one in used), max(one.memory for one in used))


def _python(script: str, root: Path, *arguments: str) -> _Used:
    command = [sys.executable, "-c", script, os.fspath(root), *arguments]
    process = subprocess.Popen(command, env=_environment(), stdin=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[2:]} exited with {process.returncode}")
    return _Used(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
