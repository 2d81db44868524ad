"""Alembic's write hooks: what a project has run over every new migration, such as its formatter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.script import write_hooks

from gitlembic.adapters.alembic_project import load_script
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run_write_hooks(arguments: Sequence[str], path: Path) -> None:
    """Run those of the project over a file. Raises `GitlembicError` where one fails."""
    script, _ = load_script(arguments)
    try:
        write_hooks._run_hooks(path, script.hooks)  # noqa: SLF001 -- as `revision` runs them
    except Exception as error:  # whatever somebody else's hook raises
        raise GitlembicError(f"a write hook failed: {type(error).__name__}: {error}") from error
