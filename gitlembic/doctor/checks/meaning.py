"""GL5: migrations that were written without knowing of each other, and meet in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.listing import first_of
from gitlembic.doctor.check import Check, Lasts
from gitlembic.doctor.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gitlembic.core.chain import Link
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.touched import Touched
    from gitlembic.doctor.evidence import Evidence, OpenBranch

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Two migrations of which neither's author saw the other; `here` is in this checkout, the later one if both are."""

    here: Link
    other: PlacedMigration
    where: str
    touched: tuple[Touched, Touched]
    cure: str

    @property
    def things(self) -> list[str]:
        one, other = self.touched
        return [thing.shown for thing in sorted(one.things & other.things)]

    @property
    def tables(self) -> list[str]:
        one, other = self.touched
        raw = one.raw | other.raw
        common = sorted(one.tables & other.tables)
        return [f"table {table}{' (named in raw SQL)' if table in raw else ''}" for table in common]


def find_same_things(evidence: Evidence) -> Iterator[Finding]:
    for meeting in _meetings(evidence):
        if meeting.things:
            yield _finding(Severity.WARNING, meeting, meeting.things)


def find_same_tables(evidence: Evidence) -> Iterator[Finding]:
    for meeting in _meetings(evidence):
        if meeting.tables and not meeting.things:
            yield _finding(Severity.INFO, meeting, meeting.tables)


def _finding(severity: Severity, meeting: _Meeting, common: list[str]) -> Finding:
    here, other = meeting.here, meeting.other.migration.revision
    unread = sum(one.unread for one in meeting.touched)
    besides = f"; what else they touch is known when they run ({unread} calls with computed names)" if unread else ""
    return Finding(
        severity,
        f"{here.revision} and {other} ({meeting.where}{meeting.other.path}) were written without knowing of each "
        f"other, and both touch {first_of(common, _SHOWN)}{besides}",
        meeting.cure,
        here.placed.path,
        revision=here.revision,
    )


def _meetings(evidence: Evidence) -> Iterator[_Meeting]:
    for newer, older in _strangers(evidence):
        touched = (_touched(evidence, newer), _touched(evidence, older))
        cure = f"read both: {newer.revision} runs after {older.revision}, whose author did not see it"
        yield _Meeting(newer, older.placed, "", touched, cure)
    told: set[tuple[RevisionId, PlacedMigration]] = set()
    found = evidence.open()
    for branch in (*found.ahead, *found.branches):
        ours = _beside(evidence, branch)
        is_ahead = branch in found.ahead
        for added in branch.adds:
            fresh = [link for link in ours if (link.revision, added.placed) not in told]  # not on another branch, too
            told |= {(link.revision, added.placed) for link in fresh}
            for link in fresh:
                cure = (
                    f"read both: {link.revision} will run after {added.placed.migration.revision}, whose author did "
                    "not see it"
                    if is_ahead
                    else f"talk to {branch.by.author or 'its author'}: whoever is merged second reads both"
                )
                touched = (_touched(evidence, link), added.touched)
                yield _Meeting(link, added.placed, f"{branch.name}:", touched, cure)


def _beside(evidence: Evidence, branch: OpenBranch) -> list[Link]:
    """Who is only here: what this checkout brings, or on the mainline itself what the branch does not have yet."""
    brought = _brought(evidence)
    links = evidence.resolution().links
    return [
        link for revision, link in links.items() if revision not in branch.has and (not brought or revision in brought)
    ]


def _touched(evidence: Evidence, link: Link) -> Touched:
    return evidence.touched(link.placed.path)


def _strangers(evidence: Evidence) -> Iterator[tuple[Link, Link]]:
    """Pairs of which neither was in the other's history when it was written, the one that runs later first.

    At least one of them is new: not at the commits that are compared with; without any, not on the
    mainline yet; and where all are, dynamic. What is older has met long ago.
    """
    new = frozenset(_new(evidence))
    corrected = _first_declared(evidence) if new else {}
    for chain in evidence.resolution().chains:
        bits = {link.revision: 1 << number for number, link in enumerate(chain.links)}
        written = {
            link.revision: (link.revision in new and _first_parents(link, corrected, bits))
            or _written_after(link, bits)
            for link in chain.links
        }
        everybody = sum(bits.values())
        before = _reached(written, bits, list(written))
        after = _reached(_turned(written), bits, list(reversed(written)))
        seen: set[frozenset[RevisionId]] = set()
        position = {link.revision: number for number, link in enumerate(chain.links)}
        links = {link.revision: link for link in chain.links}
        for revision in (name for name in written if name in new):
            strangers = everybody & ~(before[revision] | after[revision])
            for other in (name for name in written if strangers & bits[name]) if strangers else ():
                pair = frozenset({revision, other})
                if pair not in seen:
                    seen.add(pair)
                    later, earlier = sorted(pair, key=lambda name: position[name], reverse=True)
                    yield links[later], links[earlier]


def _new(evidence: Evidence) -> Collection[RevisionId]:
    links = evidence.resolution().links
    compared = [against.resolution.links.keys() for against in evidence.against()]
    if compared:
        return [revision for revision in links if any(revision not in there for there in compared)]
    return _brought(evidence) or [revision for revision, link in links.items() if link.placed.migration.is_dynamic]


def _brought(evidence: Evidence) -> Collection[RevisionId]:
    """Who is not on the mainline yet."""
    return {
        placed.migration.revision for past in evidence.past() for event in past.branch for placed in event.newcomers
    }


def _first_declared(evidence: Evidence) -> dict[RevisionId, tuple[RevisionId, ...]]:
    """The first parents of whoever was moved to others since: against those it was written."""
    first: dict[RevisionId, tuple[RevisionId, ...]] = {}
    for past in evidence.past():
        for event in (*past.events, *past.branch):
            for edit in event.edits:
                if edit.before.parents != edit.placed.migration.parents and not edit.squashes:
                    first.setdefault(edit.placed.migration.revision, edit.before.named_parents)
    return first


def _written_after(link: Link, there: Collection[RevisionId]) -> tuple[RevisionId, ...]:
    """Whom its author had before him: what the file says, else whom it follows."""
    return _known(link.placed.migration.named_parents, there) or link.parents


def _first_parents(
    link: Link, corrected: Mapping[RevisionId, tuple[RevisionId, ...]], there: Collection[RevisionId]
) -> tuple[RevisionId, ...]:
    """Whom a new one was written against, before somebody moved it; of old ones it does not matter any more.

    Who corrects a down_revision by hand mostly leaves the docstring's `Revises:` as it was.
    """
    return _known(corrected.get(link.revision, ()), there) or _known(link.placed.migration.revises, there)


def _known(names: Collection[RevisionId], there: Collection[RevisionId]) -> tuple[RevisionId, ...]:
    return tuple(name for name in names if name in there)


def _turned(graph: Mapping[RevisionId, Collection[RevisionId]]) -> dict[RevisionId, list[RevisionId]]:
    turned: dict[RevisionId, list[RevisionId]] = {}
    for revision, parents in graph.items():
        for parent in parents:
            turned.setdefault(parent, []).append(revision)
    return turned


def _reached(
    graph: Mapping[RevisionId, Collection[RevisionId]], bits: Mapping[RevisionId, int], order: list[RevisionId]
) -> dict[RevisionId, int]:
    """Everybody with whom `graph` leads to, a bit each.

    One pass does where `order` has targets first; what docstrings say may be in any order, and in a circle.
    """
    found = dict(bits)
    changed = True
    while changed:
        changed = False
        for name in order:
            reached = found[name]
            for target in graph.get(name, ()):
                reached |= found.get(target, 0)
            if reached != found[name]:
                found[name], changed = reached, True
    return found


SAME_THING = Check(
    code="GL501",
    name="same-thing-unknowingly",
    what="Two migrations written side by side touch the same column, constraint, index or type, or make one table.",
    why="Each was tried without the other: together they may fail, or undo one another.",
    triggers="b2 and c3, both written after a1, alter the column email of users",
    silent="c3 written after b2, which its author had",
    find=find_same_things,
    lasts=Lasts.ANSWER,
)
SAME_TABLE = Check(
    code="GL502",
    name="same-table-unknowingly",
    what="Two migrations that were written side by side touch the same table, as far as their text tells.",
    why="They mostly go well together; it is the place to look when they do not.",
    triggers="b2 and c3, both written after a1, add different columns to users",
    silent="c3 that names its tables only while it runs, which nobody can read",
    find=find_same_tables,
    lasts=Lasts.ANSWER,
)
