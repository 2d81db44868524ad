"""Two databases, read to plain values -> what differs, object by object."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


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

    `masked` are the columns (`table.column`) that differ between two runs of the same migrations; of
    them only those rows were compared in which they do not. `unstable`: it is those two runs that
    differ, in their schemas, and nothing more was compared.
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
        *_rows(first.tables, second.tables, squashed.tables),
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
        kept = _stable(one, other)
        yield from (f"{name}.{column}" for number, column in enumerate(one.columns) if number not in kept)
        if _bag(one, kept) != _bag(other, kept):
            yield f"{name} (which values stand in one row)"


def _stable(one: Table, other: Table) -> list[int]:
    """The columns that hold the same values in both, in whatever rows."""
    return [number for number in range(len(one.columns)) if _bag(one, [number]) == _bag(other, [number])]


def _rows(
    first: Mapping[str, Table], second: Mapping[str, Table], squashed: Mapping[str, Table]
) -> Iterator[Difference]:
    """Rows have no order, so they are compared as bags, and at first without what is masked.

    Rows that are alike in what is not masked are a group. Of a masked column a group is compared,
    if it was the same in both runs: beside a random id and a time there may be a name that is not.
    Where not even the pairing of values is the same in both runs, each column is compared alone.
    """
    for name in sorted(first.keys() & squashed.keys()):
        one, again, other = first[name], second[name], squashed[name]
        if len(one.rows) != len(other.rows) or one.columns != other.columns:
            continue  # which is reported already
        kept = _stable(one, again)
        if _bag(one, kept) != _bag(again, kept):
            for number in kept:
                yield from _bags(name, one, other, [number])
            continue
        found = [*_bags(name, one, other, kept)]
        yield from found
        for number in range(len(one.columns)):
            if number not in kept and not found:
                yield from _groups(name, (one, again, other), kept, number)


def _bags(name: str, one: Table, other: Table, kept: Sequence[int]) -> Iterator[Difference]:
    """Whether these columns hold the same, row by row in any order."""
    left, right = _bag(one, kept), _bag(other, kept)
    if left != right:
        columns = [one.columns[number] for number in kept]
        yield Difference("rows", name, _some(columns, left - right), _some(columns, right - left))


def _groups(name: str, tables: tuple[Table, Table, Table], kept: Sequence[int], number: int) -> Iterator[Difference]:
    """Where a masked column differs, although both runs of the originals agree."""
    one, again, other = (_by_group(table, kept, number) for table in tables)
    columns = [tables[0].columns[place] for place in (*kept, number)]
    for group in sorted(one):
        if one[group] == again.get(group) != other[group]:
            left = Counter({(*group, value): count for value, count in (one[group] - other[group]).items()})
            right = Counter({(*group, value): count for value, count in (other[group] - one[group]).items()})
            yield Difference("rows", name, _some(columns, left), _some(columns, right))


def _bag(table: Table, kept: Sequence[int]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(row[number] for number in kept) for row in table.rows)


def _by_group(table: Table, kept: Sequence[int], number: int) -> dict[tuple[str, ...], Counter[str]]:
    found: dict[tuple[str, ...], Counter[str]] = {}
    for row in table.rows:
        found.setdefault(tuple(row[place] for place in kept), Counter())[row[number]] += 1
    return found


def _some(columns: Sequence[str], rows: Counter[tuple[str, ...]]) -> str:
    shown = [", ".join(f"{name}={value}" for name, value in zip(columns, row, strict=True)) for row in sorted(rows)[:3]]
    more = rows.total() - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
