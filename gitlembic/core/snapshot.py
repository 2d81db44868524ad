"""What was folded at one commit <-> text, to go on from there another time.

The text carries its own checksum and version: whatever happened to it, it is read whole or not at
all.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gitlembic.core.chain import Birth
from gitlembic.core.fold import FoldedLine, State
from gitlembic.core.grouping import Founding
from gitlembic.core.history import CommitId, FileId, Location
from gitlembic.core.line import Line
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.presence import Place

VERSION = f"4-{sys.version_info.major}.{sys.version_info.minor}"
"""To be raised whenever the rule of the order, the parser or this format changes what is kept.

The parser is Python's own: what one version of Python reads may be no syntax to another.
"""

_CHECKSUM_LENGTH = 32


@dataclass(frozen=True)
class Snapshot:
    """A commit, and all that a fold needs to know of it.

    `trees` are the ids of the locations' directories, in the order of `place` (`None` where a
    location is absent); `files` the versions of the migrations' files, by path; `births` describes
    the commits that `state` names.
    """

    commit: CommitId
    place: Place
    trees: tuple[str | None, ...]
    files: Mapping[str, FileId]
    state: State
    births: Mapping[CommitId, Birth] = field(default_factory=dict)


def seal(document: object) -> str:
    """JSON text that `unseal` will know to be whole."""
    body = json.dumps([VERSION, document], separators=(",", ":"))
    return f"{_checksum(body)}\n{body}\n"


def unseal(text: str) -> Any:
    """The document in a sealed text; `None` if it is damaged or of another version."""
    checksum, _, body = text.partition("\n")
    if not body.endswith("\n") or checksum != _checksum(body[:-1]):
        return None
    try:
        sealed = json.loads(body)
    except (ValueError, RecursionError):  # whoever made it, it is not what we write
        return None
    return sealed[1] if isinstance(sealed, list) and len(sealed) == 2 and sealed[0] == VERSION else None  # noqa: PLR2004


def _checksum(body: str) -> str:
    return hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=_CHECKSUM_LENGTH // 2).hexdigest()


def render_snapshot(snapshot: Snapshot) -> str:
    """The text of a snapshot; `parse_snapshot` gives an equal one."""
    state = snapshot.state
    number = {location: index for index, location in enumerate(snapshot.place)}
    return seal(
        {
            "commit": snapshot.commit,
            "place": [[location.path, location.recursive] for location in snapshot.place],
            "trees": snapshot.trees,
            "files": snapshot.files,
            "connections": sorted([number[one], number[other]] for one, other in state.founding.connections),
            "founded": sorted(number[location] for location in state.founding.founded),
            "lines": [[[number[one] for one in group], _line_row(folded)] for group, folded in state.lines.items()],
            "births": [
                [birth.commit, birth.date.isoformat() if birth.date else None, birth.author]
                for birth in snapshot.births.values()
            ],
        }
    )


def parse_snapshot(text: str) -> Snapshot | None:
    """The snapshot in a text; `None` if it is damaged, of another version, or not what `render_snapshot` writes."""
    try:
        snapshot = _snapshot(unseal(text))
    except (LookupError, TypeError, ValueError):  # whoever made it, it is not what we write
        return None
    return snapshot if _is_whole(snapshot) else None


def _snapshot(document: Any) -> Snapshot:
    place = tuple(Location(_text(path), bool(recursive)) for path, recursive in document["place"])
    founding = Founding(
        frozenset((place[one], place[other]) for one, other in document["connections"]),
        frozenset(place[index] for index in document["founded"]),
    )
    lines = {tuple(place[index] for index in group): _folded(row) for group, row in document["lines"]}
    births = {
        CommitId(commit): Birth(CommitId(commit), _moment(date), _text(author))
        for commit, date, author in document["births"]
    }
    return Snapshot(
        commit=CommitId(_text(document["commit"])),
        place=place,
        trees=tuple(None if tree is None else _hexadecimal(tree) for tree in document["trees"]),
        files={path: FileId(_text(file)) for path, file in dict(document["files"]).items()},
        state=State(founding, lines),
        births=births,
    )


def _is_whole(snapshot: Snapshot) -> bool:
    """Whether all that the parts name is there: every location, every file, every commit."""
    folded = snapshot.state.lines.values()
    return (
        len(snapshot.trees) == len(snapshot.place)
        and snapshot.state.place == frozenset(snapshot.place)
        and snapshot.files.keys() == {placed.path for one in folded for placed in one.line.migrations.values()}
        and snapshot.births.keys() == {commit for one in folded for commit in one.born.values()}
    )


def _line_row(folded: FoldedLine) -> list[Any]:
    line = folded.line
    index = {revision: number for number, revision in enumerate(line.arrival)}
    return [
        [
            [line.migrations[revision].path, *migration_row(line.migrations[revision].migration)]
            for revision in line.arrival
        ],
        [index[revision] for revision in line.spine],
        [[index[revision], commit] for revision, commit in folded.born.items()],
    ]


def _folded(row: list[Any]) -> FoldedLine:
    rows, spine, born = row
    placed = [PlacedMigration(_text(path), migration_from_row(fields)) for path, *fields in rows]
    arrival = tuple(one.migration.revision for one in placed)
    migrations = dict(zip(arrival, placed, strict=True))
    line = Line(migrations, arrival, tuple(arrival[index] for index in spine))
    return FoldedLine(line, {arrival[index]: CommitId(_text(commit)) for index, commit in born})


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
    """The migration that `migration_row` took apart."""
    revision, kind, parents, labels, depends_on, docstring, date, revises, unreadable = row
    return Migration(
        revision=RevisionId(_text(revision)),
        kind=Kind(kind),
        parents=_revisions(parents),
        branch_labels=_texts(labels),
        depends_on=_texts(depends_on),
        docstring=_text(docstring),
        create_date=_moment(date),
        revises=_revisions(revises),
        unreadable=frozenset(_texts(unreadable)),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(values: list[object]) -> tuple[str, ...]:
    return tuple(map(_text, values)) if values else ()  # nearly all are empty


def _revisions(values: list[object]) -> tuple[RevisionId, ...]:
    return tuple(map(RevisionId, _texts(values)))


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(value)  # one without a zone compares with none that has one
    return moment


def _hexadecimal(value: object) -> str:
    return bytes.fromhex(_text(value)).hex()
