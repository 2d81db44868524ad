r"""Chains -> the branches in them, and which of those are meant to meet.

Where nothing is dynamic, Alembic lets several branches live side by side, each with a head of its
own. Nothing tells better than a label that one is meant to, or a location of its own; and a root
that the mainline has may have been deployed.

    core   a <- b          a branch of its own: `rebase` moves x onto b and leaves shop alone
            \\
             x
    shop   s <- t          s has a label
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.chain import name_some
from gitlembic.core.chain_check import check_branches
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gitlembic.core.chain import Chain
    from gitlembic.core.crossing import Crossing
    from gitlembic.core.history import Location
    from gitlembic.core.line import Line
    from gitlembic.core.migration import Migration, PlacedMigration, RevisionId

    Migrations = Mapping[RevisionId, PlacedMigration]


def split_branches(crossing: Crossing) -> tuple[Crossing, ...]:
    """The same question for each tree of migrations that has roots of its own.

    Refuses several trees of which nothing tells that they are meant to stay apart, and whatever
    leaves a dynamic migration in doubt of its branch.
    """
    chain = crossing.merged_chain({})
    if chain.is_dynamic or crossing.chain({}).is_dynamic:
        check_branches(chain)
        return (crossing,)
    trees = _trees(chain)
    if len(trees) <= 1:
        return (crossing,)
    _check_roots(crossing, chain, trees)
    everybody = frozenset().union(*trees)
    return tuple(crossing.without(everybody - tree) for tree in trees)


def _trees(chain: Chain) -> list[frozenset[RevisionId]]:
    """Who is connected by parents, in the order of the chain."""
    tree_of = {link.revision: {link.revision} for link in chain.links}
    for link in chain.links:
        for parent in link.parents:
            one, other = tree_of[link.revision], tree_of.get(parent)
            if other is not None and other is not one:
                one |= other
                tree_of |= dict.fromkeys(other, one)
    return [frozenset(tree) for tree in {id(tree): tree for tree in tree_of.values()}.values()]


def _check_roots(crossing: Crossing, chain: Chain, trees: Iterable[frozenset[RevisionId]]) -> None:
    """Refuse a new root that no label and no location of its own sets apart from the others."""
    roots = {link.revision: link.placed for link in chain.links if not link.parents}
    unlabelled: dict[Location | None, dict[RevisionId, PlacedMigration]] = {}
    for tree in trees:
        own = {revision: placed for revision, placed in roots.items() if revision in tree}
        if own and not any(_may_have_label(placed.migration) for placed in own.values()):  # a cycle has no root
            first = next(iter(own.values()))
            location = next((one for one in crossing.place if one.holds(first.path)), None)
            unlabelled.setdefault(location, {}).update(own)
    for several in unlabelled.values():
        if len(several) > 1 and not all(_is_root_there(crossing, revision) for revision in several):
            raise GitlembicError(
                f"several migrations have no parent, and nothing tells whether they are meant to: {name_some(several)}",
                "give one of them the down_revision that it shall have, or a branch label if it begins a branch "
                "of its own, then run this again",
            )


def _is_root_there(crossing: Crossing, revision: RevisionId) -> bool:
    return revision in crossing.there and not crossing.there[revision].migration.parents


def _may_have_label(migration: Migration) -> bool:
    return bool(migration.branch_labels) or "branch_labels" in migration.unreadable


def next_mover(line: Line) -> RevisionId | None:
    """The migration that takes the first side line onto the line: its oldest.

    A merge that joins the side line with the line itself goes in its stead, so that what it has
    joined can stay as it is. Side lines with a label stay where they are.
    """
    for head, joining, hanging in _side_lines(line):
        if joining is not None:
            return joining
        if not any(_may_have_label(line.migrations[revision].migration) for revision in hanging):
            return head
        _check_one_head(line, hanging)
    return None


def labelled_beside(line: Line) -> frozenset[RevisionId]:
    """Who stands beside the line on a branch with a label, and may stay there."""
    return frozenset(
        revision
        for _, _, hanging in _side_lines(line)
        if any(_may_have_label(line.migrations[one].migration) for one in hanging)
        for revision in hanging
    )


def _side_lines(line: Line) -> Iterator[tuple[RevisionId, RevisionId | None, frozenset[RevisionId]]]:
    """Each side head, the merge that joins it with the line if there is one, and else all that hangs on it."""
    members = set(line.members())
    beside = [revision for revision in line.arrival if revision not in members]
    for head in line.side_heads():
        hanging = {head}
        joining: list[RevisionId] = []
        while not joining and (
            more := {one for one in beside if one not in hanging and not hanging.isdisjoint(_declared(line, one))}
        ):
            joining = [one for one in line.arrival if one in more and not members.isdisjoint(_declared(line, one))]
            hanging |= more
        yield head, joining[0] if joining else None, frozenset(hanging)


def _declared(line: Line, revision: RevisionId) -> tuple[RevisionId, ...]:
    return line.migrations[revision].migration.parents


def _check_one_head(line: Line, branch: frozenset[RevisionId]) -> None:
    declared = {parent for revision in branch for parent in _declared(line, revision)}
    heads = {revision: line.migrations[revision] for revision in line.arrival if revision in branch - declared}
    if len(heads) > 1:
        raise GitlembicError(
            f"a branch with a label, which may be meant to stay one, has several heads: {name_some(heads)}",
            "write the down_revision of one of them by hand",
        )


def check_unlabelled(line: Line, mover: RevisionId, mainline: Migrations) -> None:
    """Refuse to move what the mainline has beside a branch with a label: both may be meant to stay."""
    if mover not in mainline:
        return
    ancestors = {mover}
    waiting = [mover]
    while waiting:
        new = {parent for parent in _declared(line, waiting.pop()) if parent in line.migrations} - ancestors
        ancestors |= new
        waiting += new
    for revision in line.members():
        if revision not in ancestors and _may_have_label(line.migrations[revision].migration):
            placed = line.migrations[revision]
            raise GitlembicError(
                f"{mover} ({line.migrations[mover].shown}) stands beside a branch with a label, which begins with "
                f"{revision} ({placed.shown}), and the mainline has both, so they may be meant to stay apart",
                f"join them with `gitlembic merge heads`, or write the down_revision of {mover} by hand",
            )
