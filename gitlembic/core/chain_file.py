"""The chain file's text <-> its entries, and what follows from them (ORDER.md 5, CLI.md).

`{revision: down_revision}` for every dynamic migration, in chain order: the record of an order
for places where git cannot be asked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.line import Line
from gitlembic.core.migration import RevisionId
from gitlembic.core.ordering import arrange_births
from gitlembic.errors import BrokenInputError

FREEZE_ITS_ORDER = (
    "freeze that order: `gitlembic rebase --freeze --onto HEAD` writes literal parents into all migrations; "
    "then give those for which the file records another parent that one"
)
TWO_CURES = (
    "if no database was deployed in the file's order, write the file again: `gitlembic chain --write`; "
    f"otherwise {FREEZE_ITS_ORDER}"
)
"""Of a file that contradicts git: which one is right, only whoever deployed knows."""

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitlembic.core.chain import Chain
    from gitlembic.core.migration import PlacedMigration

    Migrations = Mapping[RevisionId, PlacedMigration]


Entries = dict[RevisionId, RevisionId | None]


class Contradiction(NamedTuple):
    """The stretch of the line in which the chain file and git disagree, oldest first in both."""

    in_file: tuple[RevisionId, ...]
    in_git: tuple[RevisionId, ...]

    @property
    def slipped_in(self) -> tuple[tuple[RevisionId, RevisionId], ...]:
        """Whom the file puts in front of somebody who came earlier, each with the newest of those."""
        came = {revision: number for number, revision in enumerate(self.in_git)}
        found = []
        for number, revision in enumerate(self.in_file):
            earlier = [other for other in self.in_file[number + 1 :] if came[other] < came[revision]]
            if earlier:
                found.append((revision, max(earlier, key=came.__getitem__)))
        return tuple(found)


def parse_chain_file(text: str, place: str) -> Entries:
    """The entries of a chain file; `place` names it in errors."""
    hint = "`gitlembic chain --write` writes it again where the history is; there it may be deleted as well"
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenInputError(f"{place} is not JSON: {error}", hint) from error
    if not isinstance(data, dict):
        raise BrokenInputError(f"{place} is not a mapping of revisions to down_revisions", hint)
    for revision, parent in data.items():
        if not (parent is None or isinstance(parent, str)):
            raise BrokenInputError(f"{place}: the down_revision of {revision!r} is neither text nor null", hint)
    return {RevisionId(revision): data[revision] for revision in data}


def render_chain_file(chains: Iterable[Chain]) -> str:
    """The text of the chain file for these chains: one entry a line, in chain order."""
    entries = {
        link.revision: link.parents[0] if link.parents else None
        for chain in chains
        for link in chain.links
        if link.placed.migration.is_dynamic
    }
    if not entries:
        return "{}\n"
    return json.dumps(entries, indent=2) + "\n"


def as_recorded(entries: Entries, migrations: Migrations) -> Migrations:
    """The same migrations, the dynamic ones as if they had been written against their recorded parent."""
    return {
        revision: _rewritten(placed, entries[revision])
        if placed.migration.is_dynamic and revision in entries
        else placed
        for revision, placed in migrations.items()
    }


def _rewritten(placed: PlacedMigration, parent: RevisionId | None) -> PlacedMigration:
    return placed._replace(migration=placed.migration._replace(revises=() if parent is None else (parent,)))


def missing_entries(entries: Entries, migrations: Migrations) -> tuple[PlacedMigration, ...]:
    """The dynamic migrations that a chain file knows nothing of: it is stale."""
    return tuple(
        placed for revision, placed in migrations.items() if placed.migration.is_dynamic and revision not in entries
    )


def line_from_entries(entries: Entries, migrations: Migrations) -> Line | None:
    """The line that a chain file records, for migrations whose dynamic ones it has all.

    `None` where it records no line: a parent that neither the file nor the disk knows, a circle,
    two dynamic migrations side by side. Of several static ones that follow the newest dynamic
    one, the first by (`Create Date`, path) counts; the file does not say.
    """
    parents = {revision: placed.migration.parents for revision, placed in migrations.items()}
    for revision, placed in migrations.items():
        if placed.migration.is_dynamic:
            try:
                parent = _recorded_parent(revision, entries, migrations)
            except LookupError:
                return None
            parents[revision] = () if parent is None else (parent,)
    dynamic = _dynamic_by_level(parents, migrations)
    if dynamic is None:
        return None
    spine: dict[RevisionId, None] = {}
    for revision in dynamic:
        spine.update(dict.fromkeys((*parents[revision], revision)))
    arrival = arrange_births(migrations)
    end = next(reversed(spine), None)
    while end is not None:
        spine[end] = None
        end = next((child for child in arrival if end in parents[child] and child not in spine), None)
    line = Line(migrations, arrival, tuple(spine))
    return line if all(line.parents()[revision] == parents[revision] for revision in dynamic) else None


def is_end_recorded(line: Line) -> bool:
    """Whether a line from a chain file can have no other end: nobody else declares who is on its last, static part."""
    declaring: dict[RevisionId, int] = {}
    for placed in line.migrations.values():
        for parent in placed.migration.parents:
            declaring[parent] = declaring.get(parent, 0) + 1
    for revision in reversed(line.spine):
        if declaring.get(revision, 0) > 1:
            return False
        if line.migrations[revision].migration.is_dynamic:
            break
    return True


def find_contradiction(entries: Entries, chain: Chain) -> Contradiction | None:
    """Where the file records some two migrations in one order and the chain has them in the other.

    Entries that are missing or superfluous say nothing.
    """
    links = {link.revision: link for link in chain.links}
    position = {link.revision: number for number, link in enumerate(chain.links)}
    migrations = {link.revision: link.placed for link in chain.links}
    for revision, placed in migrations.items():
        if not placed.migration.is_dynamic or revision not in entries:
            continue
        try:
            recorded = _recorded_parent(revision, entries, migrations)
        except LookupError:
            continue
        if recorded is None or position[recorded] < position[revision]:
            continue
        ancestors = {recorded}
        stack = [recorded]
        while stack:
            stack += (new := {parent for parent in links[stack.pop()].parents if parent in links} - ancestors)
            ancestors |= new
        if revision in ancestors:
            return _disputed_stretch(entries, chain, recorded, revision)
    return None


def _disputed_stretch(entries: Entries, chain: Chain, earlier: RevisionId, later: RevisionId) -> Contradiction:
    """What both know, in both orders, without what they agree on before and after.

    `earlier` and `later` are two that the file records in that order.
    """
    known = {link.revision for link in chain.links if link.placed.migration.is_dynamic and link.revision in entries}
    declared = {link.revision: link.placed.migration.parents for link in chain.links}
    for shown in (known, {*known, earlier, later}):
        in_git = [link.revision for link in chain.links if link.revision in shown]
        depth = {revision: _recorded_depth(revision, entries, declared) for revision in in_git}
        in_file = sorted(in_git, key=depth.__getitem__)
        same = [one == other for one, other in zip(in_file, in_git, strict=True)]
        if not all(same):
            first, last = same.index(False), len(same) - same[::-1].index(False)
            return Contradiction(tuple(in_file[first:last]), tuple(in_git[first:last]))
    return Contradiction((earlier, later), (later, earlier))  # the file records a circle


def _recorded_depth(
    revision: RevisionId, entries: Entries, declared: Mapping[RevisionId, tuple[RevisionId, ...]]
) -> int:
    """How many recorded migrations lead up to this one, through static ones as they are declared."""
    seen: set[RevisionId] = set()
    stack = [revision]
    while stack:
        current = stack.pop()
        if current in seen:
            continue
        seen.add(current)
        recorded = entries.get(current)
        stack += declared.get(current, ()) if recorded is None else (recorded,)
    return len(seen)


def _recorded_parent(revision: RevisionId, entries: Entries, migrations: Migrations) -> RevisionId | None:
    """The nearest recorded parent that still exists; `LookupError` where the record breaks off."""
    seen = {revision}
    parent = entries[revision]
    while parent is not None:
        if parent in seen:
            raise LookupError(parent)
        if parent in migrations:
            break
        seen.add(parent)
        parent = entries[parent]
    return parent


def _dynamic_by_level(
    parents: Mapping[RevisionId, tuple[RevisionId, ...]], migrations: Migrations
) -> list[RevisionId] | None:
    """The dynamic migrations, each an ancestor of the next; `None` if they do not stand like that."""
    waiting = {revision: {name for name in named if name in parents} for revision, named in parents.items()}
    children: dict[RevisionId, list[RevisionId]] = {}
    for revision, named in waiting.items():
        for parent in named:
            children.setdefault(parent, []).append(revision)
    level = dict.fromkeys(parents, 0)  # how many dynamic migrations lead up to it, itself included
    ready = [revision for revision, named in waiting.items() if not named]
    found: dict[int, RevisionId] = {}
    done = 0
    while ready:
        revision = ready.pop()
        done += 1
        if migrations[revision].migration.is_dynamic:
            level[revision] += 1
            if found.setdefault(level[revision], revision) != revision:
                return None
        for child in children.get(revision, ()):
            level[child] = max(level[child], level[revision])
            waiting[child].discard(revision)
            if not waiting[child]:
                ready.append(child)
    return [found[number] for number in sorted(found)] if done == len(parents) else None
