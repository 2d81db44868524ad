"""Where the databases of a project stand in a chain, and what is to be said of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.database_position import read_databases
from gitlembic.commands.explain import explain, not_to_be_looked_up
from gitlembic.commands.originals import squashes_of
from gitlembic.commands.resolve import resolve
from gitlembic.core.explanation import Explanation, UnknownRevision
from gitlembic.core.journal import gaps_inside
from gitlembic.core.listing import first_of
from gitlembic.core.standing import stand
from gitlembic.errors import GitlembicError
from gitlembic.graph.positions import Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitlembic.adapters.database_position import DatabaseState
    from gitlembic.adapters.project import Project
    from gitlembic.commands.originals import Squash
    from gitlembic.core.resolution import Resolution

_SHOWN = 5


@dataclass(frozen=True)
class Positions:
    """Those of all databases; `unknown` says where the ones are that the chain does not have, `remarks` the rest."""

    databases: tuple[Position, ...]
    unknown: tuple[Explanation, ...]
    remarks: tuple[Explanation, ...]

    @property
    def heads(self) -> frozenset[str]:
        return frozenset().union(*(one.heads for one in self.databases))


def read_positions(project: Project, options: Sequence[str], resolution: Resolution) -> Positions:
    """The databases that env.py configures, against the chains of a resolution."""
    squashes = squashes_of(project, resolution)
    states = read_databases(options)
    databases = [_position(resolution, state, squashes) for state in states]
    unknown = [revision for one in databases if not one.standing.is_ahead for revision in one.standing.unknown]
    return Positions(
        tuple(databases),
        tuple(_explain_unknown(project, options, resolution, revision, states) for revision in dict.fromkeys(unknown)),
        tuple(remark for one in databases for remark in _remarks(one, squashes)),
    )


def _position(resolution: Resolution, state: DatabaseState, squashes: Sequence[Squash]) -> Position:
    links = resolution.links
    within = {head: squash for squash in squashes for head in state.heads - links.keys() if head in squash.replaced}
    before = frozenset(parent for squash in within.values() for parent in squash.link.parents)
    # The journal of one that stands within a squash tells of its originals, not of this chain.
    standing = stand(links, (state.heads - within.keys()) | before, () if within else state.journal)
    inside = {
        squash.link.revision: gaps_inside(squash.link.revision, squash.replaced_in_order, standing.ran)
        for squash in squashes
        if standing.ran is not None
    }
    return Position(
        state.heads,
        standing,
        frozenset(squash.link.revision for squash in within.values()),
        {squash: missing for squash, missing in inside.items() if missing},
    )


def _explain_unknown(
    project: Project, options: Sequence[str], resolution: Resolution, revision: str, states: Sequence[DatabaseState]
) -> Explanation:
    """What `current` says of it; of a chain elsewhere, whether this checkout has it."""
    heading = f"The database stands at {revision}, which "
    if resolution.at is not None and revision in resolve(project).links:
        return Explanation((f"{heading}the chain at {resolution.at} does not have, and this checkout has.",), "")
    try:
        found = explain(UnknownRevision(revision, typed=False), project, resolution, options, states)
    except GitlembicError as error:
        found = not_to_be_looked_up(error)
        found = Explanation((f"{heading}no migration here has.", *found.facts), found.hint)
    return found or Explanation((f"{heading}no migration here has.",), "ask whoever moved it there")


def _remarks(position: Position, squashes: Sequence[Squash]) -> Iterator[Explanation]:
    if position.standing.is_ahead:
        newer = first_of(position.standing.unknown, _SHOWN)
        yield Explanation((f"The database has run all of this chain, and stands at {newer}, which is newer.",), "")
    for squash in squashes:
        named = f"inside the squash {squash.named}"
        if squash.link.revision in position.within:
            stands = first_of(sorted(position.heads & squash.replaced), _SHOWN)
            yield Explanation(
                (f"The database stands at {stands}, {named}.",),
                "`gitlembic upgrade head` brings it through with the originals from git",
            )
        missing = position.inside.get(squash.link.revision)
        if missing:
            commit = squash.header.replaced_in or "the commit before the squash"
            yield Explanation(
                (f"A part of what is {named}, ran on the database, and this never did: {first_of(missing, _SHOWN)}.",),
                f"`git checkout {commit}`, which still holds it, and `gitlembic upgrade --out-of-order head` there",
            )
