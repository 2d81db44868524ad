"""Several heads -> who added which, how they came to stand side by side, and what makes one of them."""

from __future__ import annotations

import enum
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.explanation import Explanation
from gitlembic.core.moved_text import describe_downgrades
from gitlembic.core.reach import reach
from gitlembic.core.whereabouts_text import describe_commit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.rebase import Move
    from gitlembic.core.whereabouts import Commit
    from gitlembic.errors import GitlembicError


_SEVERAL = 2


class Coming(enum.Enum):
    """How much git tells of the way in which a migration came."""

    COMMITTED = "committed"
    UNCOMMITTED = "not committed yet"
    UNKNOWN = "older than this clone holds"
    NOT_IN_GIT = ""


@dataclass(frozen=True, slots=True)
class Head:
    """A head in its chain. `merge` is the merge that brought it to the first-parent line, if one did."""

    link: Link
    chain: Chain
    coming: Coming
    added: Commit | None = None
    merge: Commit | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What `gitlembic rebase` would do about it: nothing, or these moves, or it refuses.

    `uncommitted` are the files that have to be committed before it rewrites them.
    """

    moves: tuple[Move, ...] = ()
    uncommitted: tuple[str, ...] = ()
    refusal: GitlembicError | None = None


def branch_labels(links: Mapping[RevisionId, Link], heads: Iterable[RevisionId]) -> dict[RevisionId, str]:
    """The label of the branch that each head is alone on; those that are on none are left out."""
    lines = _lines(links, heads)
    found = {}
    for head in lines:
        shared = set().union(*(line for other, line in lines.items() if other != head))
        labels = [
            label for one in lines[head] if one not in shared for label in links[one].placed.migration.branch_labels
        ]
        if labels:
            found[head] = labels[0]
    return found


def has_forked(chain: Chain) -> bool:
    """Whether heads stand side by side that no label tells apart: several of them, and nobody may have meant it."""
    if len(chain.heads) < _SEVERAL:
        return False
    links = {link.revision: link for link in chain.links}
    return len(chain.heads) - len(branch_labels(links, chain.heads)) >= _SEVERAL


def last_common(links: Mapping[RevisionId, Link], heads: Iterable[RevisionId]) -> tuple[RevisionId, ...]:
    """The newest of those that come before all of these heads; several where merges lie in between, or none."""
    common = frozenset.intersection(*map(frozenset, _lines(links, heads).values()))
    followed = {parent for one in common for parent in links[one].parents}
    return tuple(one for one in links if one in common - followed)


def _lines(links: Mapping[RevisionId, Link], heads: Iterable[RevisionId]) -> dict[RevisionId, dict[RevisionId, None]]:
    """Each head, and all that come before it."""
    return {
        head: reach([head], lambda one: (parent for parent in links[one].parents if parent in links)) for head in heads
    }


def cured(
    links: Mapping[RevisionId, Link],
    heads: Iterable[RevisionId],
    labels: Collection[RevisionId],
    moves: Iterable[Move],
) -> bool:
    """Whether somebody who moves migrations so has fewer of these heads, and one without a label at most."""
    moved = {move.revision: move.parents for move in moves}
    followed = {parent for name, link in links.items() for parent in moved.get(name, link.parents)}
    heads = set(heads)
    return bool(heads & followed) and len(heads - followed - set(labels)) <= 1


def explain_heads(
    heads: Sequence[Head], labels: Mapping[RevisionId, str], rebase: Offer, common: Sequence[PlacedMigration] = ()
) -> Explanation:
    """Who stands side by side, behind whom that they have in `common`, and what makes one of them.

    Branches with `labels` are meant to stay apart; of a head without one that is only taken for
    granted if rebase does not help.
    """
    facts = tuple(_fact(head) for head in heads)
    if common:
        last = " and ".join(f"{placed.migration.revision} ({placed.path})" for placed in common)
        facts = (*facts, f"The last that they have in common: {last}.")
    if len(labels) == len(heads) or (not rebase.moves and len(labels) == len(heads) - 1):
        revisions = [head.link.revision for head in heads]
        names = ", ".join(f"{labels[one]}@head" if one in labels else one for one in revisions)
        return Explanation(facts, f"these are branches with labels: name one ({names}), or all of them: `heads`")
    merge = f"`gitlembic merge {' '.join(_joined(heads, labels, rebase.moves))} -m MESSAGE`"
    if rebase.refusal is not None:
        facts = (*facts, f"`gitlembic rebase` says: {rebase.refusal.message}")
        hint = rebase.refusal.hint
        if "`gitlembic merge" in hint:  # of whatever heads there are, also those that are to stay apart
            hint = ""
        return Explanation(facts, "; or ".join(filter(None, [hint, f"{merge} joins them"])))
    if not rebase.moves:
        return Explanation(facts, f"{merge} joins them")
    return Explanation(facts, f"{_rebase(rebase)}. If both were deployed already, join them instead: {merge}")


def _joined(heads: Iterable[Head], labels: Collection[RevisionId], moves: Iterable[Move]) -> list[str]:
    """The heads that a merge is to join: those without a label, and onto which rebase would move them."""
    targets = {parent for move in moves for parent in move.parents}
    revisions = [head.link.revision for head in heads]
    return [shlex.quote(one) for one in revisions if one not in labels or one in targets]


def _rebase(rebase: Offer) -> str:
    moved = ", ".join(f"{move.revision} onto {', '.join(move.parents)}" for move in rebase.moves)
    first = f"commit {', '.join(rebase.uncommitted)}, then " if rebase.uncommitted else ""
    ran = describe_downgrades(rebase.moves)
    return f"{first}`gitlembic rebase` moves {moved} (--dry-run shows how)" + (f"; {ran} first" if ran else "")


def _fact(head: Head) -> str:
    link = head.link
    return f"{link.revision} ({link.placed.path}){_came(head)}{_stands(head)}."


def _came(head: Head) -> str:
    if head.added is None:
        return f" is {head.coming.value}" if head.coming.value else ""
    merge = f", merged {describe_commit(head.merge)}" if head.merge else ""
    return f" was added {describe_commit(head.added)}{merge}"


def _stands(head: Head) -> str:
    """Where a chain with a line has it."""
    link, chain = head.link, head.chain
    if not chain.is_dynamic or chain.end is None:
        return f"{_and(head)} follows {', '.join(link.parents) or 'nobody'}"
    if link.revision == chain.end:
        return f"{_and(head)} is the end of the line"
    return f"{_and(head)} stands beside the line, following {', '.join(link.parents) or 'nobody'}"


def _and(head: Head) -> str:
    return ", and" if head.coming is not Coming.NOT_IN_GIT else ""
