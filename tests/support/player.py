"""Runs command lines of gitlembic or Alembic one after the other, with new revision ids that are known."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.fork_server import run_in_fork

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MISLEADING = frozenset({"ALEMBIC_CONFIG", "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "FLASK_APP", "PYTHONPATH"})
_NEW_REVISION = "04e300000000"


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
    return [
        run_in_fork(
            step.program, step.argv, step.directory, {**environment, **step.environment}, revision=_NEW_REVISION
        )
        for step in steps
    ]
