"""Chains -> which migration gets which parent, so that everybody stands on one line (ORDER.md 4).

It is decided as if the working tree were merged into the mainline. What is then beside the line is
moved onto it, one side line after the other, by another parent for its oldest migration. Who
stands on the mainline's line is never touched.

    mainline   a <- b                 merged   a <- b <- x     s is beside the line: it moves onto x
    here       a <- s, b <- x                  a <- s
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.branches import check_unlabelled, labelled_beside, next_mover, split_branches
from gitlembic.core.chain import name_some
from gitlembic.core.chain_check import check_branches
from gitlembic.core.line import on_or_after_cycles
from gitlembic.core.migration import Kind
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gitlembic.core.chain import Chain
    from gitlembic.core.crossing import Crossing, Edits
    from gitlembic.core.line import Line
    from gitlembic.core.migration import Migration, PlacedMigration, RevisionId


@dataclass(frozen=True, slots=True)
class Move:
    """A migration that is to declare something else: these literal parents, or git.

    For a dynamic one `parents` are whom it will follow on the mainline. What declares that already
    only loses the import that it does not need (`is_tidying`).
    """

    placed: PlacedMigration
    kind: Kind
    parents: tuple[RevisionId, ...]

    @property
    def revision(self) -> RevisionId:
        return self.placed.migration.revision

    @property
    def is_tidying(self) -> bool:
        return self.declared.declaration == self.placed.migration.declaration

    @property
    def declared(self) -> Migration:
        """What the migration will declare."""
        migration = self.placed.migration
        literal = () if self.kind is Kind.DYNAMIC else self.parents
        return migration._replace(kind=self.kind, parents=literal, revises=self.parents if migration.revises else ())


def plan_moves(crossing: Crossing, kind: Kind) -> tuple[Move, ...]:
    """The moves after which every branch has one head, on the mainline and in the working tree.

    With `Kind.STATIC` migrations get literal parents, with `Kind.DYNAMIC` they ask git (save
    merges). Branches that are meant to stay apart are left so (`branches.py`). Refuses what would
    need a migration that is not in the working tree, and what would touch the mainline's line.
    """
    moves = tuple(move for branch in split_branches(crossing) for move in _plan_branch(branch, kind))
    edits = {move.revision: move.declared for move in moves}
    for chain in (crossing.merged_chain(edits), crossing.chain(edits)):
        _check_no_cycle(chain)
        if chain.is_dynamic and moves:  # which may have made the first one dynamic
            check_branches(chain)
    return moves


def _plan_branch(crossing: Crossing, kind: Kind) -> tuple[Move, ...]:
    edits: dict[RevisionId, Migration] = {}
    behind = _Behind(*crossing.chains())
    for _ in range(len(crossing.here) ** 2 + 1):
        line = crossing.merged(edits)
        mover = next_mover(line)
        if mover is None:
            break
        edits[mover] = _moved(crossing, line, mover, kind, behind)
    line = crossing.merged(edits)
    if kind is Kind.STATIC:
        edits |= _frozen(crossing, line, edits, behind)
    parents = line.parents()
    moves = tuple(
        Move(crossing.here[revision], edits[revision].kind, parents[revision])
        for revision in line.members()
        if revision in edits and edits[revision].declaration != crossing.here[revision].migration.declaration
    )
    _check_result(crossing, moves, labelled_beside(line))
    return moves


class _Behind:
    """Who follows whom in any of these chains, however far behind."""

    def __init__(self, *chains: Chain) -> None:
        self._children: dict[RevisionId, list[RevisionId]] = {}
        for link in (link for chain in chains for link in chain.links):
            for parent in link.parents:
                self._children.setdefault(parent, []).append(link.revision)

    def __call__(self, revision: RevisionId) -> set[RevisionId]:
        found: set[RevisionId] = set()
        waiting = [revision]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return found


def _moved(crossing: Crossing, line: Line, mover: RevisionId, kind: Kind, behind: _Behind) -> Migration:
    """What the mover has to declare to stand on the line."""
    placed = line.migrations[mover]
    if mover in crossing.protected:
        raise GitlembicError(
            f"{mover} ({placed.shown}) is on the line of {crossing.mainline.name}, so it may have been deployed; "
            "here it declares another parent, and stands beside the line",
            _taking_its_file(crossing, placed),
        )
    _check_here(crossing, mover, line, mover)
    check_unlabelled(line, mover, crossing.there)
    members = frozenset(line.members())
    beside = tuple(parent for parent in placed.migration.parents if parent not in members)
    if kind is Kind.DYNAMIC and not beside:
        return placed.migration._replace(kind=kind, parents=())
    followers = behind(mover) - crossing.protected
    target = line.end
    for before, after in zip(line.spine, line.spine[1:], strict=False):
        if after in followers:  # what follows it here goes on following it
            target = before
            break
    if target is None:
        raise GitlembicError(
            f"there is no line that {mover} ({placed.shown}) could be moved onto", "correct its down_revision by hand"
        )
    _check_here(crossing, target, line, mover)
    return placed.migration._replace(kind=Kind.STATIC, parents=(target, *beside))


def _taking_its_file(crossing: Crossing, placed: PlacedMigration) -> str:
    name, path = shlex.quote(crossing.mainline.name), shlex.quote(f":/{placed.path}")
    return f"take its file from there: `git checkout {name} -- {path}`"


def _check_here(crossing: Crossing, needed: RevisionId, line: Line, mover: RevisionId) -> None:
    if needed not in crossing.here:
        placed = line.migrations[needed]
        what = (
            "is a side head" if needed == mover else f"is whom {mover} ({line.migrations[mover].shown}) has to follow"
        )
        raise GitlembicError(
            f"{needed} ({placed.shown}) {what}, and it is not in this checkout, "
            f"which is behind {crossing.mainline.name}",
            crossing.cure,
        )


def _frozen(crossing: Crossing, line: Line, edits: Edits, behind: _Behind) -> dict[RevisionId, Migration]:
    """Literal parents for dynamic migrations of this branch that would stand in the way here.

    A branch that has merged the mainline may have them in front of the mainline's. Then what is
    moved could not follow both, or would come to stand behind what was written after it. With the
    parents that the mainline will compute, both have one order.
    """
    frozen: dict[RevisionId, Migration] = {}
    parents = line.parents()
    own = (revision for revision in line.spine if revision not in crossing.protected)
    for revision in own:
        migration = line.migrations[revision].migration
        if not migration.is_dynamic:
            continue
        chain = crossing.chain({**edits, **frozen})
        now = _Behind(chain)
        if len(chain.heads) <= 1 and all(behind(one) - crossing.protected <= now(one) for one in (*edits, *frozen)):
            break
        here = chain.graph
        if here.get(revision) != parents[revision] and all(parent in here for parent in parents[revision]):
            frozen[revision] = migration._replace(kind=Kind.STATIC, parents=parents[revision])
    return frozen


def _check_result(crossing: Crossing, moves: Sequence[Move], apart: Collection[RevisionId]) -> None:
    """Refuse what would leave the mainline or the working tree with several heads beside those `apart`."""
    edits = {move.revision: move.declared for move in moves}
    merged, here = crossing.merged_chain(edits), crossing.chain(edits)
    for chain, where in ((merged, crossing.mainline.name), (here, "this checkout")):
        heads = set(chain.heads) - set(apart)
        if len(heads) > 1:
            raise GitlembicError(
                f"{where} would still have several heads: "
                + name_some({link.revision: link.placed for link in chain.links if link.revision in heads}),
                _other_cure(crossing, merged, here, moves),
            )


def _other_cure(crossing: Crossing, merged: Chain, here: Chain, moves: Sequence[Move]) -> str:
    moved = {move.revision for move in moves}
    for link in merged.links:
        ours = crossing.here.get(link.revision)
        if ours is None or (
            link.revision not in moved and ours.migration.declaration != link.placed.migration.declaration
        ):
            return crossing.cure
    if any(move.kind is Kind.DYNAMIC for move in moves):
        return "run `gitlembic rebase` without --dynamic"
    now = here.graph
    for revision, parents in merged.graph.items():
        if revision in crossing.protected and now.get(revision, parents) != parents:  # it came the other way round here
            name = crossing.mainline.name
            return (
                f"put this branch's commits behind {name}'s (`git rebase {shlex.quote(name)}`), then run this again; "
                f"or, without rewriting them, give {revision} the parent that it has there: `gitlembic rebase --freeze "
                f"{revision}` on {name}, merge that into this branch, then run this again"
            )
    for revision, placed in crossing.there.items():
        ours = crossing.here.get(revision)
        if revision not in moved and ours and ours.migration.declaration != placed.migration.declaration:
            return _taking_its_file(crossing, placed)  # joining the heads could run one of them twice
    return "join them: `gitlembic merge heads`"


def _check_no_cycle(chain: Chain) -> None:
    named = {label: link.revision for link in chain.links for label in link.placed.migration.branch_labels}
    needed: dict[str, tuple[str, ...]] = {
        link.revision: (*link.parents, *(named.get(name, name) for name in link.placed.migration.depends_on))
        for link in chain.links
    }
    circular = on_or_after_cycles(needed)
    if circular:
        depends = any(link.placed.migration.depends_on for link in chain.links if link.revision in circular)
        raise GitlembicError(
            "these migrations depend on one another, so they cannot be put in a row: "
            + name_some({link.revision: link.placed for link in chain.links if link.revision in circular}),
            f"correct the {'depends_on' if depends else 'down_revision'} that names a later migration",
        )
