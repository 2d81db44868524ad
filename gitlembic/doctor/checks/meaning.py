"""GL5: migrations that were written without knowing of each other, and meet in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.listing import first_of
from gitlembic.doctor.check import Check
from gitlembic.doctor.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gitlembic.core.chain import Link
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.touched import Touched
    from gitlembic.doctor.evidence import Evidence

_SHOWN = 3


def find_same_things(evidence: Evidence) -> Iterator[Finding]:
    for newer, older in _strangers(evidence):
        one, other = _touched(evidence, newer), _touched(evidence, older)
        common = sorted(one.things & other.things)
        if common:
            yield _finding(Severity.WARNING, newer, older, [thing.shown for thing in common], one.unread + other.unread)


def find_same_tables(evidence: Evidence) -> Iterator[Finding]:
    for newer, older in _strangers(evidence):
        one, other = _touched(evidence, newer), _touched(evidence, older)
        tables = sorted(one.tables & other.tables)
        if tables and not one.things & other.things:
            raw = one.raw | other.raw
            named = [f"table {table}{' (named in raw SQL)' if table in raw else ''}" for table in tables]
            yield _finding(Severity.INFO, newer, older, named, one.unread + other.unread)


def _finding(severity: Severity, newer: Link, older: Link, common: list[str], unread: int) -> Finding:
    """`unread` is how many calls of both could not be read."""
    named = first_of(common, _SHOWN)
    besides = f"; what else they touch is known when they run ({unread} calls with computed names)" if unread else ""
    return Finding(
        severity,
        f"{newer.revision} and {older.revision} ({older.placed.path}) were written without knowing of each other, "
        f"and both touch {named}{besides}",
        f"read both: {newer.revision} runs after {older.revision}, whose author did not see it",
        newer.placed.path,
        revision=newer.revision,
    )


def _touched(evidence: Evidence, link: Link) -> Touched:
    return evidence.touched(link.placed.path)


def _strangers(evidence: Evidence) -> Iterator[tuple[Link, Link]]:
    """Pairs of which neither was in the other's history when it was written, the one that runs later first.

    At least one of them is new: not at the commits that are compared with; without any, not on the
    mainline yet; and where all are, dynamic. What is older has met long ago.
    """
    new = frozenset(_new(evidence))
    for chain in evidence.resolution().chains:
        bits = {link.revision: 1 << number for number, link in enumerate(chain.links)}
        written = {link.revision: _written_after(link, bits) for link in chain.links}
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
    branch = {
        placed.migration.revision for past in evidence.past() for event in past.branch for placed in event.newcomers
    }
    return branch or [revision for revision, link in links.items() if link.placed.migration.is_dynamic]


def _written_after(link: Link, there: Collection[RevisionId]) -> tuple[RevisionId, ...]:
    """Whom its author had before him: what the file says, else whom it follows."""
    return tuple(name for name in link.placed.migration.named_parents if name in there) or link.parents


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
)
SAME_TABLE = Check(
    code="GL502",
    name="same-table-unknowingly",
    what="Two migrations that were written side by side touch the same table, as far as their text tells.",
    why="They mostly go well together; it is the place to look when they do not.",
    triggers="b2 and c3, both written after a1, add different columns to users",
    silent="c3 that names its tables only while it runs, which nobody can read",
    find=find_same_tables,
)
