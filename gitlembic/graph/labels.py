"""What a row says in a file, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.history import SHORT_COMMIT, WORKING_TREE
from gitlembic.core.visible_text import visible
from gitlembic.graph.elision import side

if TYPE_CHECKING:
    from gitlembic.graph.layout import Row
    from gitlembic.graph.picture import Entry, Picture

SHORT_REVISION = 8


def short_revision(entry: Entry) -> str:
    """As much of an id as names it, and looks like one."""
    return visible(entry.link.revision[: max(entry.unique, SHORT_REVISION)])


def said_of_elided(picture: Picture, row: Row) -> str:
    """What stands in a row for several migrations."""
    count = picture.elided[row.name]
    place = side(row.name)
    return f"({count} migrations between)" if place == "between" else f"({count} {place} migration{'s' * (count > 1)})"


def marks_of(entry: Entry) -> str:
    """The marks in parentheses, or nothing."""
    return f"({', '.join(visible(mark.text) for mark in entry.marks)})" if entry.marks else ""


def origin_of(entry: Entry) -> str:
    """Who brought a migration, on which day and in which commit; else the day of writing, or nothing.

    Days, not ages: a file is read on another day.
    """
    if entry.birth is not None:
        date = f"{entry.birth.date:%Y-%m-%d}" if entry.birth.date else ""
        return ", ".join(filter(None, (visible(entry.birth.author), date, entry.birth.commit[:SHORT_COMMIT])))
    written = entry.link.placed.migration.create_date
    return "" if written is None or entry.link.born == WORKING_TREE else f"written {written:%Y-%m-%d}"


def label_lines(picture: Picture, row: Row) -> tuple[str, ...]:
    """A row in up to three lines: revision and marks, message, origin."""
    entry = picture.entries.get(row.name)
    if entry is None:
        return (said_of_elided(picture, row),)
    first = " ".join(filter(None, (visible(entry.link.revision), marks_of(entry))))
    return tuple(filter(None, (first, visible(entry.message), origin_of(entry))))
