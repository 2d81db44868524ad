"""What a database really ran, and what follows from it for the chain that it is to run next.

The table of versions says where a database stands, which is what ran only as long as nobody puts a
migration in front of it. The journal has every step.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime


class Action(enum.Enum):
    """What was done. Words, for people read them in the table as well."""

    BASELINE = "baseline"
    """The database stood at `heads` when its journal began, and `ran` was taken as run."""

    OUTSIDE = "outside"
    """As `BASELINE`: something without a journal, plain Alembic perhaps, had moved the database since."""

    STAMP = "stamp"
    """Somebody said that it stands at `heads`; `ran` counts as run from then on."""

    UPGRADE = "upgrade"
    OUT_OF_ORDER = "out of order"
    """An upgrade of what the database should have run before; `heads` did not move."""

    DOWNGRADE = "downgrade"
    SKIP = "skip"
    """A downgrade passed what had never run: nothing was undone."""

    PASS = "pass"
    """An upgrade passed what had run before: nothing ran again, and `heads` moved."""


_DECLARING = frozenset({Action.BASELINE, Action.OUTSIDE, Action.STAMP})
_RUNNING = frozenset({Action.UPGRADE, Action.OUT_OF_ORDER})


UNDO_AS_THEY_RAN = (
    "`gitlembic rescue --keep --to REF` and then `gitlembic rescue --from REF`, where REF is a branch or commit that "
    "has them as they ran, undo them"
)
"""What to do with migrations that the chain has otherwise by now, or not at all."""

OF_ALL = "(of every database that env.py has)"
"""What a stamp speaks of: one that is behind would never run what it is said to have run."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal.

    `revision` is the migration that ran; `None` where none did. `heads` is what the table of
    versions held afterwards. `ran` are the revisions that count as run, where nobody ran them; of a
    squash that ran, or was undone, those that it stands for.
    `at` is in UTC, by the clock of whoever wrote it, `None` where that cannot be read; `duration`
    in seconds. `commit` is what was checked out, `checksum` that of the migration's code.
    """

    action: Action
    revision: str | None
    heads: frozenset[str]
    ran: frozenset[str] = frozenset()
    at: datetime | None = None
    gitlembic: str = ""
    commit: str | None = None
    checksum: str | None = None
    duration: float | None = None
    batch: str = ""


def applied(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The revisions that count as run after all entries, oldest first, each with the entry that says so."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.action in _DECLARING:
            found = {name: found.get(name, entry) for name in sorted(entry.ran)}
        elif entry.revision is not None and entry.action in _RUNNING:
            found |= dict.fromkeys([*sorted(entry.ran), entry.revision], entry)
        elif entry.revision is not None and entry.action is Action.DOWNGRADE:
            for name in (*entry.ran, entry.revision):
                found.pop(name, None)
    return found


def built_on(entries: Iterable[Entry], gone: AbstractSet[str]) -> frozenset[str]:
    """Of the revisions that count as run, those before which one of `gone` stood when they ran: they may need it.

    Of what was taken as run, anything may stand on anything that was taken with it; what ran behind such a
    one is known to stand on that one alone.
    """
    found: dict[str, bool] = {}
    ran: set[str] = set()
    heads: frozenset[str] = frozenset()
    for entry in entries:
        if entry.action in _DECLARING:
            taken = len(entry.ran & gone)
            found = {name: found.get(name, taken > (name in gone)) for name in entry.ran}
        elif entry.revision is not None and entry.action in _RUNNING:
            last = heads - entry.heads or heads
            is_built = not last.isdisjoint(gone) or any(found.get(head, False) for head in last & ran)
            found |= dict.fromkeys([*entry.ran, entry.revision], is_built)
            ran |= {*entry.ran, entry.revision}
        elif entry.revision is not None and entry.action is Action.DOWNGRADE:
            for name in (*entry.ran, entry.revision):
                found.pop(name, None)
        heads = entry.heads
    return frozenset(name for name, is_built in found.items() if is_built)


def changed_since(ran: Mapping[str, Entry], checksums: Mapping[str, str]) -> tuple[str, ...]:
    """Of the revisions that ran, those whose code is another now, in the order of `checksums`.

    `checksums` are today's. Nothing is known of what was taken as run, of what a squash ran,
    or of a checksum that was made in another way.
    """
    return tuple(
        revision
        for revision, now in checksums.items()
        if revision in ran and _ran_alone(revision, ran[revision]) and _is_another(ran[revision].checksum, now)
    )


def _ran_alone(revision: str, entry: Entry) -> bool:
    return entry.revision == revision and not entry.ran


def _is_another(before: str | None, now: str) -> bool:
    return before is not None and before != now and before.partition(":")[0] == now.partition(":")[0]


def gaps(before: Iterable[str], ran: AbstractSet[str] | Mapping[str, Entry]) -> tuple[str, ...]:
    """Of the revisions `before` a database's position, itself included, those that never ran there; in that order."""
    return tuple(revision for revision in before if revision not in ran)


def gaps_inside(squash: str, replaced: Iterable[str], ran: Mapping[str, Entry]) -> tuple[str, ...]:
    """Of what a squash stands for, its own id's last, what never ran where another part did.

    Where the squash itself ran, or all before some position was taken as run, there is none.
    """
    said = ran.get(squash)
    if said is not None and (said.revision != squash or said.ran):
        return ()
    originals = (*replaced, squash)
    missing = gaps(originals, ran)
    return missing if len(missing) < len(originals) else ()


def is_ahead(known: AbstractSet[str], heads: AbstractSet[str], ran: AbstractSet[str] | Mapping[str, Entry]) -> bool:
    """Whether a database has run all that is `known` here, and stands at a revision that is not."""
    return not heads <= known and bool(known) and all(revision in ran for revision in known)


def catch_up(
    entries: Sequence[Entry],
    heads: frozenset[str],
    known: AbstractSet[str],
    position: Callable[[frozenset[str]], AbstractSet[str]],
) -> Entry | None:
    """The entry to add before anything else, so that the journal ends at `heads`; `None` if it does.

    `position` answers for `known` revisions: they, and all that have to run before them. Where the
    journal begins, or somebody has moved the database without it, what lies between is taken as
    run; what was missing before stays missing. What ran elsewhere stays run, unless it was built on
    something that was undone, or nothing is left at all. Where the journal ends at a position that is not
    known here, what stands before anything that ran was missing. Of a database at such a position
    nothing can be said.
    """
    if (entries and entries[-1].heads == heads) or not (entries or heads) or not heads <= known:
        return None
    if not entries:
        return Entry(Action.BASELINE, None, heads, frozenset(position(heads)))
    last = entries[-1].heads
    now, ran = position(heads), frozenset(applied(entries))
    if not last <= known:
        ran &= now
        return Entry(Action.OUTSIDE, None, heads, ran | (now - position(ran)))
    before = position(last)
    gone = before - now
    left = built_on(entries, gone) - now if heads else ran
    return Entry(Action.OUTSIDE, None, heads, (ran - gone - left) | (now - before))
