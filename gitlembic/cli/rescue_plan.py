"""What rescue is going to do, a line each: safe for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.history import SHORT_COMMIT
from gitlembic.core.listing import first_of
from gitlembic.core.visible_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gitlembic.adapters.stored_scripts import StoredFile
    from gitlembic.commands.keep import Keeping, Kept
    from gitlembic.commands.rescue import Rescue, Way
    from gitlembic.core.chain import Link
    from gitlembic.core.journal import Entry
    from gitlembic.core.migration import RevisionId

_MOST_NAMED = 5


def describe_undoing(plan: Rescue) -> Iterator[str]:
    """What is undone, and then run, of each database."""
    for number, way in enumerate(plan.ways):
        yield from _heading(number, plan.ways)
        yield from _way(plan, way)


def describe_keeping(plan: Keeping) -> Iterator[str]:
    """What stays, and what is run, of each database."""
    for number, way in enumerate(plan.ways):
        yield from _heading(number, plan.ways)
        yield from _kept(plan, way)


def _heading(number: int, ways: Sequence[object]) -> Iterator[str]:
    if len(ways) > 1:
        yield f"{chr(10) if number else ''}Database {number + 1} of {len(ways)}:"


def _kept(plan: Keeping, way: Kept) -> Iterator[str]:
    stands, stay = (", ".join(map(visible, place)) or "base" for place in (way.heads, way.stay))
    target = visible(plan.target)
    if way.is_empty:
        yield f"The database stands at {stands}, and has run all that {target} has: nothing to do."
    else:
        yield f"The database stands at {stands}."
    if way.elsewhere:
        subject = "This checkout" if plan.target == "this checkout" else target
        yield f"{subject} does not have these, which ran, says the journal, and stay:"
    for revision, entry in way.elsewhere.items():
        yield f"  {visible(revision)}  {_when(revision, entry)}"
    if way.is_empty:
        return
    if frozenset(way.heads) != frozenset(way.stay):
        yield f"The position becomes {stay}: that and all before it ran."
    if way.later:
        yield f"Then to be run, as {target} has them:"
        passed = dict.fromkeys(way.passed, ": ran already, and is passed over")
        yield from _listed(way.later, plan.onto.resolution.links, plan.onto.files, passed)


def _when(revision: str, entry: Entry) -> str:
    if entry.revision != revision:
        return "(taken as run)" if entry.revision is None else f"(as part of {visible(entry.revision)})"
    when = f"on {entry.at:%Y-%m-%d}, " if entry.at else ""
    return when + (f"with {visible(entry.commit[:SHORT_COMMIT])} checked out" if entry.commit else "without git")


def _way(plan: Rescue, way: Way) -> Iterator[str]:
    there, onto = plan.standing.resolution, plan.onto.resolution
    heads = ", ".join(map(visible, way.heads)) or "base"
    short = there.head[:SHORT_COMMIT] if there.at is not None and there.head else ""
    commit = f", commit {short}" if short not in plan.standing.name else ""
    if not way.undo and not way.redo:
        yield f"The database stands at {heads}, on the chain of {visible(plan.target)}: nothing to undo."
        if frozenset(way.heads) != frozenset(way.stay):
            stay = " ".join(map(visible, way.stay))
            yield f"One of them comes before another: if all of that ran, `gitlembic stamp --purge {stay}` leaves one."
        yield from _gaps(way)
        return
    where = f"; it is {visible(plan.standing.name)}{commit}" if way.heads and there.at is not None else ""
    yield f"The database stands at {heads}{where}."
    if way.undo:
        yield (
            f"Of that, {visible(plan.target)} does not have these, or not in that place; "
            "to be undone with all that they made, newest first:"
        )
        never = dict.fromkeys(way.never, ": never ran, and is passed over")
        yield from _listed(way.undo, there.links, plan.standing.files, never)
        stay = ", ".join(map(visible, way.stay))
        yield f"Both have {stay}, where it stands then." if stay else "Nothing is left then: it stands at the base."
    yield from _gaps(way)
    if way.redo:
        at = f" (commit {onto.head[:SHORT_COMMIT]})" if onto.head else ""
        yield f"Then to be run, as {visible(plan.target)}{at} has them:"
        yield from _listed(way.redo, onto.links, plan.onto.files)
    if way.undo:
        yield from _other_cure(plan, way)


def _other_cure(plan: Rescue, way: Way) -> Iterator[str]:
    if way.lacking:
        again = f"rescue --to {plan.target}" if plan.is_elsewhere else "rescue"
        yield (
            f"Its journal allows another way: `gitlembic {again} --keep` undoes nothing, "
            f"and runs what never ran here: {first_of([*map(visible, way.lacking)], _MOST_NAMED)}."
        )
    elif way.lacking is not None and not plan.is_elsewhere:
        yield "By its journal it has run all that this checkout has: `gitlembic upgrade head` leaves it as it is."


def _gaps(way: Way) -> Iterator[str]:
    if way.missing:
        yield (
            f"By its journal it never ran {', '.join(map(visible, way.missing))}: "
            "`gitlembic upgrade --out-of-order head` runs what is missing."
        )


def _listed(
    revisions: Iterable[RevisionId],
    links: Mapping[RevisionId, Link],
    files: Mapping[RevisionId, StoredFile],
    remarks: Mapping[RevisionId, str] | None = None,
) -> Iterator[str]:
    for revision in revisions:
        message = links[revision].placed.migration.message.partition("\n")[0]
        remark = (remarks or {}).get(revision, "")
        yield f"  {visible(revision)}  {visible(message)} ({visible(files[revision].shown)}){remark}"
