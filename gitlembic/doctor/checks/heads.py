"""GL1: who stands beside the line."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gitlembic.core.declaration_error import delete_replaced
from gitlembic.core.heads import cured
from gitlembic.core.history import SHORT_COMMIT, HistoryUnknownError
from gitlembic.doctor.check import Check, Lasts
from gitlembic.doctor.finding import Finding, Fix, Severity
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gitlembic.core.chain import Birth, Chain, Link
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.rebase import Move
    from gitlembic.doctor.evidence import Evidence

_MERGE = "`gitlembic merge heads -m MESSAGE`"


def find_side_heads(evidence: Evidence) -> Iterator[Finding]:
    crowded = [(chain, heads) for chain in evidence.resolution().chains if (heads := _unexplained_heads(chain))]
    moves = _moves(evidence) if crowded else None
    births = _births(evidence) if crowded else {}
    for chain, heads in crowded:
        other = _others(chain, heads, moves)
        for link in _beside(chain, heads, moves or {}):
            others = chain.end or ", ".join(head for head in chain.heads if head in heads and head != link.revision)
            where = f"beside the line, whose end is {others}" if chain.end else f"beside {others}"
            yield _side_head(evidence, where, link, moves, births.get(link.revision), other)


def _unexplained_heads(chain: Chain) -> frozenset[RevisionId]:
    """The heads of which there should be one.

    Where nothing is dynamic, branches that have labels or roots of their own may live side by side: of
    the heads with the same labels before them there may be as many as they have roots.
    """
    if chain.is_dynamic:
        # A squash that has left the line of its originals leaves a head where one of them is still there.
        return frozenset(chain.heads if chain.side_heads or len(chain.heads) > 1 else ())
    if len(chain.heads) < 2:  # noqa: PLR2004 -- several
        return frozenset()
    labels: dict[RevisionId, frozenset[str]] = {}
    roots: dict[RevisionId, frozenset[RevisionId]] = {}
    for link in chain.links:  # parents first
        one = link.placed.migration
        own = {*one.branch_labels, *({one.revision} if "branch_labels" in one.unreadable else ())}
        labels[link.revision] = frozenset(own).union(*(labels.get(name, ()) for name in link.parents))
        roots[link.revision] = frozenset().union(*(roots.get(name, ()) for name in link.parents)) or frozenset(
            {link.revision}
        )
    alike: dict[frozenset[str], list[RevisionId]] = {}
    for head in chain.heads:
        alike.setdefault(labels[head], []).append(head)
    return frozenset(
        head
        for heads in alike.values()
        if len(heads) > len(frozenset().union(*(roots[head] for head in heads)))
        for head in heads
    )


def _beside(chain: Chain, heads: frozenset[RevisionId], moves: Mapping[RevisionId, Move]) -> tuple[Link, ...]:
    """The oldest of those who stand beside the line; all such heads where nothing tells a line."""
    moved = tuple(link for link in chain.links if link.revision in moves)
    return (
        chain.side_heads
        or moved
        or tuple(link for link in chain.links if link.revision in heads and link.revision != chain.end)
    )


def _moves(evidence: Evidence) -> Mapping[RevisionId, Move] | None:
    """What `rebase` would move; `None` where it would refuse."""
    try:
        return {move.revision: move for move in evidence.moves()}
    except (GitlembicError, HistoryUnknownError):
        return None


def _others(chain: Chain, heads: Collection[RevisionId], moves: Mapping[RevisionId, Move] | None) -> Move | None:
    """The oldest that `rebase` would move in this chain, if one of these heads is left then."""
    own = [moves[link.revision] for link in chain.links if link.revision in moves] if moves else []
    links = {link.revision: link for link in chain.links}
    return next((move for move in own if not move.is_tidying), None) if cured(links, heads, (), own) else None


def _births(evidence: Evidence) -> Mapping[RevisionId, Birth]:
    resolution = evidence.resolution()
    births = {
        revision: resolution.births[link.born]
        for revision, link in resolution.links.items()
        if link.born is not None and link.born in resolution.births
    }
    with contextlib.suppress(GitlembicError, HistoryUnknownError):  # a finding without its birth is still one
        for past in evidence.past():
            for event in (*past.events, *past.branch):
                if event.by is not None:
                    births = {**{placed.migration.revision: event.by for placed in event.newcomers}, **births}
    return births


def _side_head(
    evidence: Evidence,
    where: str,
    link: Link,
    moves: Mapping[RevisionId, Move] | None,
    birth: Birth | None,
    other: Move | None,
) -> Finding:
    follows = ", ".join(link.parents) or "nobody"
    came = f"; it came with {birth.author} in {birth.commit[:SHORT_COMMIT]}{_day(birth)}" if birth else ""
    squash = evidence.squash_of().get(link.revision)
    if squash is not None:
        return Finding(
            Severity.ERROR,
            f"{link.revision} follows {follows} and so stands {where}; the squash {squash} stands for it{came}",
            delete_replaced(link.placed.shown),
            link.placed.path,
            evidence.line(link.placed.path, "down_revision"),
            link.revision,
            birth.commit if birth else None,
        )
    return Finding(
        Severity.ERROR,
        f"{link.revision} follows {follows} and so stands {where}{came}",
        _cure(link, moves, other),
        link.placed.path,
        evidence.line(link.placed.path, "down_revision"),
        link.revision,
        birth.commit if birth else None,
        Fix.REBASE if other or (moves and link.revision in moves) else None,
    )


def _cure(link: Link, moves: Mapping[RevisionId, Move] | None, other: Move | None) -> str:
    if moves is None:
        return f"`gitlembic rebase` says what it needs to move it; or join the heads: {_MERGE}"
    if link.revision not in moves and other:
        return (
            f"it is on the mainline and stays: `gitlembic rebase` makes {other.revision} follow "
            f"{', '.join(other.parents)}; if that was deployed as well, join the heads: {_MERGE}"
        )
    if link.revision not in moves:
        return f"it is on the mainline and may have been deployed, so join the heads: {_MERGE}"
    onto = ", ".join(moves[link.revision].parents) or "nobody"
    return f"`gitlembic rebase` makes it follow {onto}; if it was deployed already, join the heads: {_MERGE}"


def _day(birth: Birth) -> str:
    return f" on {birth.date:%Y-%m-%d}" if birth.date else ""


SIDE_HEAD = Check(
    code="GL101",
    name="side-head",
    what="A migration stands beside the line, so there are several heads.",
    why="`upgrade head` stops with Multiple head revisions, on every machine and in every deployment.",
    triggers="main has a1 <- b2; a branch that was written against a1 brings c3 with down_revision = 'a1'",
    silent="the same branch with down_revision = get_down_revision(revision); or two branches with labels",
    find=find_side_heads,
    lasts=Lasts.ANSWER,
)
