"""Two databases, read to plain values -> what differs, object by object."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One thing in a database's catalogue, such as a column; `definition` is all that can be seen of it."""

    kind: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a table holds: its columns' names, and every row as texts, in any order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Catalogue:
    """A whole database: its schema, and its rows by table; the values of sequences are a table as well."""

    items: frozenset[Item]
    tables: Mapping[str, Table] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One object in which two databases differ; `None` where it is missing."""

    kind: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Verdict:
    """What a comparison found: `counts` of what was compared, by kind, and what differs.

    `masked` are the columns (`table.column`) that were left out, for they differ between two runs of
    the same migrations. `unstable`: it is those two runs that differ, in their schemas, and nothing
    more was compared.
    """

    counts: Mapping[str, int]
    differences: tuple[Difference, ...] = ()
    masked: tuple[str, ...] = ()
    unstable: bool = False

    @property
    def is_equal(self) -> bool:
        return not self.differences


def joined(catalogues: Sequence[Catalogue]) -> Catalogue:
    """Several databases of one project as one; where there are several, names begin with their numbers."""
    if len(catalogues) == 1:
        return catalogues[0]
    return Catalogue(
        frozenset(
            Item(item.kind, f"{number}: {item.name}", item.definition)
            for number, one in enumerate(catalogues, 1)
            for item in one.items
        ),
        {f"{number}: {name}": table for number, one in enumerate(catalogues, 1) for name, table in one.tables.items()},
    )


def judge(first: Catalogue, second: Catalogue, squashed: Catalogue) -> Verdict:
    """Whether a squash makes what its originals make; `first` and `second` are two runs of those."""
    counts = Counter(item.kind for item in first.items)
    counts["row"] = sum(len(table.rows) for table in first.tables.values())
    unstable = (*_schema(first.items, second.items), *_shapes(first.tables, second.tables))
    if unstable:
        return Verdict(counts, unstable, unstable=True)
    masked = tuple(_unstable_columns(first.tables, second.tables))
    found = (
        *_schema(first.items, squashed.items),
        *_shapes(first.tables, squashed.tables),
        *_rows(first.tables, squashed.tables, frozenset(masked)),
    )
    return Verdict(counts, found, masked)


def _schema(before: Iterable[Item], after: Iterable[Item]) -> tuple[Difference, ...]:
    """Definitions are compared as a bag for each kind and name: two constraints may have the same."""
    one, other = _by_name(before), _by_name(after)
    return tuple(
        Difference(kind, name, one.get((kind, name)), other.get((kind, name)))
        for kind, name in sorted(one.keys() | other.keys())
        if one.get((kind, name)) != other.get((kind, name))
    )


def _by_name(items: Iterable[Item]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for item in sorted(items):
        before = found.get((item.kind, item.name))
        found[item.kind, item.name] = item.definition if before is None else f"{before}\n{item.definition}"
    return found


def _shapes(before: Mapping[str, Table], after: Mapping[str, Table]) -> tuple[Difference, ...]:
    """Tables of which the number of rows differs, or that are not there."""
    found = []
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one is None or other is None or len(one.rows) != len(other.rows) or one.columns != other.columns:
            found.append(Difference("rows", name, _number(one), _number(other)))
    return tuple(found)


def _number(table: Table | None) -> str | None:
    return None if table is None else f"{len(table.rows)} rows of ({', '.join(table.columns)})"


def _unstable_columns(before: Mapping[str, Table], after: Mapping[str, Table]) -> Iterable[str]:
    """Those whose values differ between two runs, as a bag: such as random ids and the time of day."""
    for name, one in before.items():
        other = after[name]
        for number, column in enumerate(one.columns):
            if Counter(row[number] for row in one.rows) != Counter(row[number] for row in other.rows):
                yield f"{name}.{column}"


def _rows(before: Mapping[str, Table], after: Mapping[str, Table], masked: frozenset[str]) -> tuple[Difference, ...]:
    found = []
    for name in sorted(before.keys() & after.keys()):
        one, other = before[name], after[name]
        if len(one.rows) != len(other.rows) or one.columns != other.columns:
            continue  # which is reported already
        kept = [number for number, column in enumerate(one.columns) if f"{name}.{column}" not in masked]
        left = Counter(tuple(row[number] for number in kept) for row in one.rows)
        right = Counter(tuple(row[number] for number in kept) for row in other.rows)
        if left != right:
            columns = [one.columns[number] for number in kept]
            found.append(Difference("rows", name, _some(columns, left - right), _some(columns, right - left)))
    return tuple(found)


def _some(columns: Sequence[str], rows: Counter[tuple[str, ...]]) -> str:
    shown = [", ".join(f"{name}={value}" for name, value in zip(columns, row, strict=True)) for row in sorted(rows)[:3]]
    more = rows.total() - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
