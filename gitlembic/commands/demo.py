"""The problem and the answer on SQLite, scene by scene: two branches and a merge."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.adapters.demo_shop import BASE, make_repository, run_command

if TYPE_CHECKING:
    from collections.abc import Iterator


def run_demo() -> Iterator[str]:
    """Play the demo in a temporary directory, yielding what there is to read, scene by scene.

    Raises `GitlembicError` if a command does not do what the demo is about to say.
    """
    with tempfile.TemporaryDirectory(prefix="gitlembic-demo-", ignore_cleanup_errors=True) as directory:
        yield (
            "A shop has one migration. Ada and Grace each start a branch from it and add one of their own;\n"
            "Ada's lands on main, then Grace's is merged:\n\n"
            "    main    create users --- create orders (Ada) --- merge\n"
            "                        \\                           /\n"
            "    grace                create prices (Grace) -----\n\n"
            "Both were written against the same parent, so Alembic has two heads and stops:\n"
        )
        declared = Path(directory, "declared")
        make_repository(declared, f'"{BASE}"')
        yield run_command(declared, "alembic", "upgrade", "head", succeeds=False)
        yield (
            "With gitlembic a migration says `down_revision = get_down_revision(revision)`.\n"
            "The same two branches, the same merge:\n"
        )
        computed = Path(directory, "computed")
        make_repository(computed, "get_down_revision(revision)")
        yield run_command(computed, "gitlembic", "upgrade", "head")
        yield run_command(computed, "gitlembic", "chain")
        yield (
            "Ada's came to main first, so Grace's follows it: on every clone, whatever their names and dates.\n"
            "Nobody edited a file, and plain `alembic` sees the same chain:\n"
        )
        yield run_command(computed, "alembic", "current")
