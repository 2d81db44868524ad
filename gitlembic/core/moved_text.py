"""Moves -> what has to be done first about databases that ran what is moved."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.core.rebase import Move


def describe_downgrades(moves: Iterable[Move]) -> str:
    """`a database that ran F: `gitlembic downgrade PARENT``, to before each migration that is moved; else "".

    What stands before it afterwards would never run on such a database. A dynamic migration stays
    behind whom it follows.
    """
    return ", ".join(
        f"a database that ran {move.revision}: `gitlembic downgrade {_before(move)}`"
        for move in moves
        if not move.placed.migration.is_dynamic
    )


def _before(move: Move) -> str:
    parents = move.placed.migration.parents
    return shlex.quote(parents[0]) if parents else "base"
