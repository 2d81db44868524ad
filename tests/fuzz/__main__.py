"""Feeds bytes to all that reads what others wrote, and counts.

    python -m tests.fuzz --inputs 1000000 --seed 1
    python -m tests.fuzz --engine atheris --inputs 200000 --target migration

No input may give a traceback, run anything, or take more than a second of processor time.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
import traceback
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tabulate import tabulate

from tests.fuzz.mutation import mutate

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import FrameType

    from tests.fuzz.targets import Target

_TOO_LONG = 1.0
_HANGS = 20.0
_MOST_SHOWN = 5


def main() -> int:
    """Print a table; 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=1_000_000, help="in total, divided among the targets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", help="only this one; atheris wants one")
    parser.add_argument("--engine", choices=["mutations", "atheris"], default="mutations")
    options = parser.parse_args()
    signal.signal(signal.SIGVTALRM, _hung)
    with _instrumented(options.engine):
        from tests.fuzz.targets import all_targets  # noqa: PLC0415 -- as it is to be run
    with tempfile.TemporaryDirectory() as directory:
        known = tuple(all_targets(Path(directory)))
        targets = [one for one in known if options.target in {None, one.name}]
        if not targets or (options.engine == "atheris" and len(targets) > 1):
            parser.error(f"--target is one of: {', '.join(one.name for one in known)}")
        if options.engine == "atheris":
            return _with_atheris(targets, options.inputs)
        rows = [_fuzz(target, options.inputs // len(targets), options.seed) for target in targets]
    print(tabulate(rows, headers=["target", "inputs", "seconds", "slowest, ms", "findings"]))
    print(f"\n{sum(row[1] for row in rows):,} inputs, {sum(row[4] for row in rows)} findings")
    return 1 if any(row[4] for row in rows) else 0


def _instrumented(engine: str) -> AbstractContextManager[object]:
    """While this is open, what is imported of gitlembic is made to tell atheris which of its lines run."""
    if engine != "atheris":
        return nullcontext()
    import atheris  # noqa: PLC0415 -- only where it is installed

    instrumented: AbstractContextManager[object] = atheris.instrument_imports(include=["gitlembic"])
    return instrumented


def _hung(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError


def _fuzz(target: Target, inputs: int, seed: int) -> tuple[str, int, float, float, int]:
    source = random.Random(f"{target.name} {seed}")  # noqa: S311 -- guards no secret
    slowest, findings = 0.0, 0
    began = time.process_time()
    for _ in range(inputs):
        data = mutate(source, target.seeds, target.words)
        start = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, _HANGS)
        try:
            target(data)
        except Exception:  # noqa: BLE001 -- which is what this looks for
            findings += 1
            if findings <= _MOST_SHOWN:
                print(f"{target.name}: {data!r}\n{traceback.format_exc()}", file=sys.stderr)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        took = time.process_time() - start
        slowest = max(slowest, took)
        if took > _TOO_LONG:
            findings += 1
            print(f"{target.name}: {took:.1f} s for {data!r}", file=sys.stderr)
    return target.name, inputs, round(time.process_time() - began, 1), round(slowest * 1000, 1), findings


def _with_atheris(targets: list[Target], inputs: int) -> int:
    """Let libFuzzer choose, by what code its inputs reach; it ends the process itself."""
    import atheris  # noqa: PLC0415 -- only where it is installed

    (target,) = targets
    corpus = Path(tempfile.mkdtemp())
    for number, seed in enumerate(target.seeds):
        (corpus / f"{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], f"-runs={inputs}", "-timeout=5", str(corpus)], target)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
