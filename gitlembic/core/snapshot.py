"""What was folded at one commit <-> text, to go on from there another time.

The text carries its own checksum and version: whatever happened to it, it is read whole or not at
all.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from gitlembic.core.fold import FoldedLine, State
from gitlembic.core.grouping import Founding
from gitlembic.core.history import CommitId, FileId
from gitlembic.core.line import Line
from gitlembic.core.rows import (
    birth_columns,
    births_from_columns,
    place_from_row,
    place_row,
    placed_columns,
    placed_from_columns,
    text_of,
)
from gitlembic.core.sealed import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.chain import Birth
    from gitlembic.core.presence import Place


class Snapshot(NamedTuple):
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
    births: Mapping[CommitId, Birth] = MappingProxyType({})


def render_snapshot(snapshot: Snapshot) -> str:
    """The text of a snapshot; `parse_snapshot` gives an equal one."""
    state = snapshot.state
    number = {location: index for index, location in enumerate(snapshot.place)}
    return seal(
        {
            "commit": snapshot.commit,
            "place": place_row(snapshot.place),
            "trees": snapshot.trees,
            "files": snapshot.files,
            "connections": sorted([number[one], number[other]] for one, other in state.founding.connections),
            "founded": sorted(number[location] for location in state.founding.founded),
            "lines": [[[number[one] for one in group], _line_row(folded)] for group, folded in state.lines.items()],
            "births": birth_columns(snapshot.births.values()),
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
    place = place_from_row(document["place"])
    founding = Founding(
        frozenset((place[one], place[other]) for one, other in document["connections"]),
        frozenset(place[index] for index in document["founded"]),
    )
    lines = {tuple(place[index] for index in group): _folded(row) for group, row in document["lines"]}
    births = {birth.commit: birth for birth in births_from_columns(document["births"])}
    return Snapshot(
        commit=CommitId(text_of(document["commit"])),
        place=place,
        trees=tuple(None if tree is None else _hexadecimal(tree) for tree in document["trees"]),
        files={path: FileId(text_of(file)) for path, file in dict(document["files"]).items()},
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
        placed_columns(line.migrations[revision] for revision in line.arrival),
        [index[revision] for revision in line.spine],
        [[index[revision], commit] for revision, commit in folded.born.items()],
    ]


def _folded(row: list[Any]) -> FoldedLine:
    columns, spine, born = row
    placed = placed_from_columns(columns)
    arrival = tuple(one.migration.revision for one in placed)
    migrations = dict(zip(arrival, placed, strict=True))
    line = Line(migrations, arrival, tuple(arrival[index] for index in spine))
    return FoldedLine(line, {arrival[index]: CommitId(text_of(commit)) for index, commit in born})


def _hexadecimal(value: object) -> str:
    return bytes.fromhex(text_of(value)).hex()
