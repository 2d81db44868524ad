"""Migrations, places and births <-> plain values, for what is remembered; raises for what it did not write.

Many of a kind are kept by columns, which are read back in a third of the time that rows take.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain, starmap
from typing import TYPE_CHECKING, Any

from gitlembic.core.chain import Birth
from gitlembic.core.history import CommitId, Location
from gitlembic.core.migration import Kind, Migration, PlacedMigration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitlembic.core.presence import Place

_KINDS = {kind.value: kind for kind in Kind}
_MIGRATION_WIDTH = 9
_BIRTH_WIDTH = 3


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
    return migrations_from_columns([[field] for field in row])[0]


def migration_columns(migrations: Iterable[Migration]) -> list[list[Any]]:
    """The rows of many migrations, by columns."""
    return _columns(map(migration_row, migrations), _MIGRATION_WIDTH)


def migrations_from_columns(columns: Sequence[list[Any]]) -> list[Migration]:
    """The migrations that `migration_columns` took apart; raises as `migration_from_row` does."""
    revisions, kinds, parents, labels, depends_on, docstrings, dates, revises, unreadable = columns
    lists = chain(parents, labels, depends_on, revises, unreadable)
    _check_texts(chain(revisions, docstrings, chain.from_iterable(lists)))
    fields = zip(
        revisions,
        map(_KINDS.__getitem__, kinds),
        map(tuple, parents),
        map(tuple, labels),
        map(tuple, depends_on),
        docstrings,
        map(moment_of, dates),
        map(tuple, revises),
        map(frozenset, unreadable),
        strict=True,
    )
    return [*starmap(Migration, fields)]


def placed_row(placed: PlacedMigration) -> list[Any]:
    """A migration and where it is, as plain values."""
    return [placed.path, *migration_row(placed.migration)]


def placed_from_row(row: list[Any]) -> PlacedMigration:
    """What `placed_row` took apart; raises as `migration_from_row` does."""
    return placed_from_columns([[field] for field in row])[0]


def placed_columns(placed: Iterable[PlacedMigration]) -> list[list[Any]]:
    """The rows of many migrations and where they are, by columns."""
    return _columns(map(placed_row, placed), 1 + _MIGRATION_WIDTH)


def placed_from_columns(columns: Sequence[list[Any]]) -> list[PlacedMigration]:
    """What `placed_columns` took apart; raises as `migration_from_row` does."""
    paths, *fields = columns
    _check_texts(paths)
    return [*starmap(PlacedMigration, zip(paths, migrations_from_columns(fields), strict=True))]


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
    return births_from_columns([[field] for field in row])[0]


def birth_columns(births: Iterable[Birth]) -> list[list[Any]]:
    """The rows of many births, by columns."""
    return _columns(map(birth_row, births), _BIRTH_WIDTH)


def births_from_columns(columns: Sequence[list[Any]]) -> list[Birth]:
    """What `birth_columns` took apart; raises as `birth_from_row` does."""
    commits, dates, authors = columns
    _check_texts(chain(commits, authors))
    return [*starmap(Birth, zip(map(CommitId, commits), map(moment_of, dates), authors, strict=True))]


def text_of(value: object) -> str:
    """A text; raises `TypeError` for anything else."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def moment_of(value: Any) -> datetime | None:
    """A moment with a zone, `None` for none; raises `ValueError` or `TypeError` for anything else."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)  # one without a zone compares with none that has one
    return moment


def _check_texts(values: Iterable[object]) -> None:
    if not {*map(type, values)} <= {str}:
        raise TypeError(values)


def _columns(rows: Iterable[list[Any]], width: int) -> list[list[Any]]:
    found = [*rows]
    return [[row[number] for row in found] for number in range(width)]
