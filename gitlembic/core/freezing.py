"""Chains -> literal parents for the mainline's dynamic migrations, so that the files say what git said (ORDER.md 4)."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitlembic.core.migration import Kind
from gitlembic.core.rebase import Move
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitlembic.core.crossing import Crossing
    from gitlembic.core.migration import RevisionId


def plan_freeze(crossing: Crossing, newest: str | None = None) -> tuple[Move, ...]:
    """Literal parents, as the mainline computes them, for its dynamic migrations.

    All of them, as `head` says too, or `newest` (a revision id or the beginning of one) and everything
    older on the line. Refuses if that would give anybody another parent, on the mainline or here.
    """
    line = crossing.merged({})
    parents = line.parents()
    frozen = [revision for revision in line.members() if revision in crossing.protected]
    if newest is not None and not is_everything(newest):
        frozen = frozen[: frozen.index(_find(newest, frozen, crossing)) + 1]
    moves = []
    for revision in frozen:
        if line.migrations[revision].migration.is_dynamic:
            if revision not in crossing.here:
                raise GitlembicError(
                    f"{revision} ({line.migrations[revision].shown}) is not in this checkout, "
                    f"which is behind {crossing.mainline.name}",
                    crossing.cure,
                )
            moves.append(Move(crossing.here[revision], Kind.STATIC, parents[revision]))
    _check_same(crossing, moves)
    return tuple(moves)


def is_everything(newest: str | None) -> bool:
    """Whether all that is dynamic on the mainline is to be frozen."""
    return newest in {None, "head"}


def plan_tidying(crossing: Crossing) -> Iterator[Move]:
    """Moves that change nothing for the mainline's static migrations, so that they lose what they do not need."""
    for revision, placed in crossing.here.items():
        if revision in crossing.protected and not placed.migration.is_dynamic:
            yield Move(placed, Kind.STATIC, placed.migration.parents)


def _find(named: str, frozen: Sequence[RevisionId], crossing: Crossing) -> RevisionId:
    found = [revision for revision in frozen if revision == named] or [
        revision for revision in frozen if revision.startswith(named)
    ]
    if not found:
        _refuse_unmerged(named, crossing)
    if len(found) != 1:
        raise GitlembicError(
            f"{named!r} names {'several migrations' if found else 'no migration'} on the line of "
            f"{crossing.mainline.name}, and only those can be frozen",
            f"`gitlembic chain --at {shlex.quote(crossing.mainline.name)}` lists them",
        )
    return found[0]


def _refuse_unmerged(named: str, crossing: Crossing) -> None:
    """Say of what is only here that it is."""
    ours = [revision for revision in crossing.here if revision.startswith(named)]
    if len(ours) == 1:
        raise GitlembicError(
            f"{ours[0]} ({crossing.here[ours[0]].shown}) is not on the line of {crossing.mainline.name}, "
            "and only what is there can be frozen",
            f"push or merge it first; or `gitlembic rebase --freeze {ours[0]} --onto HEAD` "
            "freezes it where this checkout has it",
        )


def _check_same(crossing: Crossing, moves: Sequence[Move]) -> None:
    """Refuse moves that change the graph."""
    edits = {move.revision: move.declared for move in moves}
    for chain, where in ((crossing.merged_chain, crossing.mainline.name), (crossing.chain, "this checkout")):
        before, after = chain({}).graph, chain(edits).graph
        for revision, parents in before.items():
            if after[revision] != parents:
                raise GitlembicError(
                    f"freezing would change a parent: in {where} {revision} follows "
                    f"{', '.join(parents) or 'nobody'} now, and would follow {', '.join(after[revision]) or 'nobody'}",
                    "run `gitlembic rebase` first, or freeze where the mainline is checked out",
                )
