"""Which migrations a squash takes, and what forbids it (SQUASH.md, "Refuse")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.listing import first_of
from gitlembic.core.migration import RevisionId
from gitlembic.core.reach import reach
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gitlembic.core.chain import Chain, Link

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a range cannot be squashed, and what to do."""

    reason: str
    way_out: str


class RefusedSquashError(GitlembicError):
    """The range cannot be squashed: every reason, with its way out."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        reasons = "\n".join(f"  {refusal.reason}" for refusal in refusals)
        ways = dict.fromkeys(refusal.way_out for refusal in refusals if refusal.way_out)
        super().__init__(f"this range cannot be squashed:\n{reasons}", "; ".join(ways))


@dataclass(frozen=True)
class Range:
    """The migrations after `after` (from the very first one, if that is `None`), up to `upto`."""

    upto: RevisionId
    after: RevisionId | None
    inside: frozenset[RevisionId]


def find_range(chain: Chain, upto: RevisionId, after: RevisionId | None) -> Range:
    """All that has to run before `upto`, itself included, save what has to run before `after` or is it."""
    before = ancestors(chain.graph, after) if after is not None else frozenset()
    return Range(upto, after, ancestors(chain.graph, upto) - before)


def ancestors(graph: Mapping[RevisionId, Sequence[RevisionId]], revision: RevisionId) -> frozenset[RevisionId]:
    """A revision, and all whom it follows; none of one that the graph does not have."""
    return frozenset(reach([revision] if revision in graph else [], lambda one: filter(graph.__contains__, graph[one])))


def find_refusals(chain: Chain, others: Collection[Link], wanted: Range) -> Iterator[Refusal]:
    """What in the chain forbids it; `others` are the migrations of the project's other chains."""
    if len(chain.heads) > 1:
        yield Refusal(
            f"the chain has several heads: {first_of(chain.heads, _SHOWN)}",
            "`gitlembic rebase` or `gitlembic merge heads` makes one of them",
        )
    if wanted.after is not None and wanted.after not in ancestors(chain.graph, wanted.upto):
        yield Refusal(f"{wanted.after} does not stand before {wanted.upto}", "`gitlembic chain` shows the order")
        return
    if len(wanted.inside) < 2:  # noqa: PLR2004 -- one is nothing to squash
        yield Refusal("there is only one migration in that range", "`gitlembic chain` shows what there is")
        return
    broken = [*_broken(chain, others, wanted)]
    if broken:
        closed = nearest_closed(chain, others, wanted)
        way_out = f"`gitlembic squash {_named(closed)}` takes a range that stands by itself" if closed else ""
        for reason in broken:
            yield Refusal(reason, way_out or "choose another range; `gitlembic graph` shows who follows whom")
    labelled = _labelled(chain, wanted)
    if labelled:
        has = "has" if len(labelled) == 1 else "have"
        yield Refusal(
            f"{first_of(labelled, _SHOWN)} {has} a branch label, which what follows inherits",
            "take the label away first, or squash what comes after it",
        )


def nearest_closed(chain: Chain, others: Collection[Link], wanted: Range) -> Range | None:
    """The longest range that begins alike, ends earlier, and stands by itself; `None` if there is none."""
    for link in reversed([one for one in chain.links if one.revision in wanted.inside and one.revision != wanted.upto]):
        shorter = find_range(chain, link.revision, wanted.after)
        if len(shorter.inside) > 1 and not _labelled(chain, shorter) and not any(_broken(chain, others, shorter)):
            return shorter
    return None


def _labelled(chain: Chain, wanted: Range) -> list[RevisionId]:
    return [
        link.revision for link in chain.links if link.revision in wanted.inside and link.placed.migration.branch_labels
    ]


def _broken(chain: Chain, others: Collection[Link], wanted: Range) -> Iterator[str]:
    """Who is tied to something on the other side of the range's ends."""
    gone = wanted.inside - {wanted.upto}
    labels = {label: link.revision for link in (*chain.links, *others) for label in link.placed.migration.branch_labels}
    for link in (*chain.links, *others):
        depends_on = {name: labels.get(name, name) for name in link.placed.migration.depends_on}
        if link.revision not in wanted.inside:
            followed = [parent for parent in link.parents if parent in gone]
            needed = [name for name, one in depends_on.items() if _names_any(one, gone)]
            if followed:
                yield f"{link.revision} ({link.placed.path}) follows {first_of(followed, _SHOWN)}, inside the range"
            if needed:
                yield f"{link.revision} ({link.placed.path}) depends on {first_of(needed, _SHOWN)}, inside the range"
        else:
            outside = [parent for parent in link.parents if parent not in wanted.inside and parent != wanted.after]
            needed = [name for name, one in depends_on.items() if not _names_any(one, wanted.inside)]
            if outside:
                yield f"{link.revision} ({link.placed.path}) follows {first_of(outside, _SHOWN)}, outside the range"
            if needed:
                yield f"{link.revision} ({link.placed.path}) depends on {first_of(needed, _SHOWN)}, outside the range"
            if wanted.after is not None and not link.parents:
                yield f"{link.revision} ({link.placed.path}) begins a chain of its own inside the range"


def _names_any(name: str, revisions: Collection[RevisionId]) -> bool:
    """Whether a dependency, which may be the beginning of a revision id, means one of these."""
    return RevisionId(name) in revisions or any(revision.startswith(name) for revision in revisions)


def _named(wanted: Range) -> str:
    return wanted.upto if wanted.after is None else f"{wanted.after}..{wanted.upto}"
