"""What became of migrations on a first-parent line <-> plain values, to go on from there another time.

`turns` is left out: it says what this clone has seen, not what the history is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gitlembic.core.history import CommitId
from gitlembic.core.migration import RevisionId
from gitlembic.core.rows import (
    birth_from_row,
    birth_row,
    migration_from_row,
    migration_row,
    place_from_row,
    place_row,
    placed_from_row,
    placed_row,
    text_of,
)
from gitlembic.doctor.evidence import Edit, Event

if TYPE_CHECKING:
    from gitlembic.core.presence import Place


class PlacedEvent(NamedTuple):
    """What one commit did, and where the locations were at it."""

    place: Place
    event: Event


def event_row(placed: PlacedEvent) -> list[Any]:
    """What `event_from_row` takes back."""
    event = placed.event
    return [
        place_row(placed.place),
        event.commit,
        event.parents,
        [placed_row(one) for one in event.newcomers],
        [event.newcomers.index(one) for one in event.loose],
        [_edit_row(edit) for edit in event.edits],
        [placed_row(one) for one in event.removed],
        sorted(event.replaced),
        event.subject,
        event.crosses,
        None if event.by is None else birth_row(event.by),
    ]


def event_from_row(row: Any) -> PlacedEvent:
    """Raises `ValueError`, `TypeError` or `LookupError` for what `event_row` did not make."""
    place, commit, parents, newcomers, loose, edits, removed, replaced, subject, crosses, by = row
    arranged = tuple(map(placed_from_row, newcomers))
    event = Event(
        commit=CommitId(text_of(commit)),
        parents=tuple(CommitId(text_of(parent)) for parent in parents),
        newcomers=arranged,
        loose=tuple(arranged[index] for index in loose),
        edits=tuple(map(_edit_from_row, edits)),
        removed=tuple(map(placed_from_row, removed)),
        replaced=frozenset(RevisionId(text_of(revision)) for revision in replaced),
        subject=text_of(subject),
        crosses=bool(crosses),
        by=None if by is None else birth_from_row(by),
    )
    return PlacedEvent(place_from_row(place), event)


def _edit_row(edit: Edit) -> list[Any]:
    flags = [edit.changes_code, edit.only_downgrade, edit.squashes, edit.was_beside]
    return [placed_row(edit.placed), migration_row(edit.before), *flags]


def _edit_from_row(row: Any) -> Edit:
    placed, before, changes_code, only_downgrade, squashes, was_beside = row
    return Edit(
        placed_from_row(placed),
        migration_from_row(before),
        changes_code=bool(changes_code),
        only_downgrade=bool(only_downgrade),
        squashes=bool(squashes),
        was_beside=bool(was_beside),
    )
