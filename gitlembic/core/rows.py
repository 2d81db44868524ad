"""Migrations, places and births <-> plain values, for what is remembered; raises for what it did not write."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from gitlembic.core.chain import Birth
from gitlembic.core.history import CommitId, Location
from gitlembic.core.migration import Kind, Migration, PlacedMigration

if TYPE_CHECKING:
    from gitlembic.core.presence import Place

_KINDS = {kind.value: kind for kind in Kind}


def migration_row(migration: Migration) -> list[Any]:
    """What a migration declares, as plain values."""
    return [
        migration.revision,
        migration.kind.value,
        migration.parents,
        migration.branch_labels,
        migration.depends_on,
        migration.docstring,
        migration.create_date.isoformat() if migration.create_date else None,
        migration.revises,
        sorted(migration.unreadable),
    ]


def migration_from_row(row: list[Any]) -> Migration:
    """The migration that `migration_row` took apart; raises `LookupError`, `TypeError` or `ValueError` for others."""
    revision, kind, parents, labels, depends_on, docstring, date, revises, unreadable = row
    texts = (revision, docstring, *parents, *labels, *depends_on, *revises, *unreadable)
    if {*map(type, texts)} != {str}:
        raise TypeError(row)
    return Migration(
        revision,
        _KINDS[kind],
        tuple(parents),
        tuple(labels),
        tuple(depends_on),
        docstring,
        moment_of(date),
        tuple(revises),
        frozenset(unreadable),
    )


def placed_row(placed: PlacedMigration) -> list[Any]:
    """A migration and where it is, as plain values."""
    return [placed.path, *migration_row(placed.migration)]


def placed_from_row(row: list[Any]) -> PlacedMigration:
    """What `placed_row` took apart; raises as `migration_from_row` does."""
    path, *fields = row
    return PlacedMigration(text_of(path), migration_from_row(fields))


def place_row(place: Place) -> list[Any]:
    """Some locations, as plain values."""
    return [[location.path, location.recursive] for location in place]


def place_from_row(row: list[Any]) -> Place:
    """What `place_row` took apart; raises `TypeError` or `ValueError` for others."""
    return tuple(Location(text_of(path), bool(recursive)) for path, recursive in row)


def birth_row(birth: Birth) -> list[Any]:
    """A commit, when it was made and by whom, as plain values."""
    return [birth.commit, birth.date.isoformat() if birth.date else None, birth.author]


def birth_from_row(row: list[Any]) -> Birth:
    """What `birth_row` took apart; raises `TypeError` or `ValueError` for others."""
    commit, date, author = row
    return Birth(CommitId(text_of(commit)), moment_of(date), text_of(author))


def text_of(value: object) -> str:
    """A text; raises `TypeError` for anything else."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def moment_of(value: object) -> datetime | None:
    """A moment with a zone, `None` for none; raises `ValueError` or `TypeError` for anything else."""
    if value is None:
        return None
    moment = datetime.fromisoformat(text_of(value))
    if moment.tzinfo is None:
        raise ValueError(value)  # one without a zone compares with none that has one
    return moment
