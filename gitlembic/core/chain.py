"""Lines -> chains: the graph that Alembic will run (ORDER.md 4)."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.listing import first_of
from gitlembic.core.migration import Kind
from gitlembic.core.visible_text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gitlembic.core.fold import FoldedLine
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.presence import Place, Presence

_SHOWN = 5


class Source(enum.Enum):
    """What the order of dynamic migrations was taken from."""

    GIT = "git"
    CHAIN_FILE = "chain-file"
    GIT_AND_CHAIN_FILE = "git+chain-file"
    DECLARED = "declared"
    """Nothing is dynamic, so the files say it all."""


class Birth(NamedTuple):
    """The commit on the first-parent line that brought a migration in.

    `date` is when the commit was made (UTC); `None` where git's value cannot be a date.
    """

    commit: CommitId
    date: datetime | None
    author: str


class Link(NamedTuple):
    """One migration in its place.

    `parents` are what Alembic must take for its `down_revision`: empty for a base. `born` is the
    commit on the first-parent line that brought it in; `None` if that is not known or not yet.
    """

    placed: PlacedMigration
    parents: tuple[RevisionId, ...]
    side_head: bool = False
    born: CommitId | None = None

    @property
    def revision(self) -> RevisionId:
        return self.placed.migration.revision

    @property
    def kind(self) -> Kind:
        return self.placed.migration.kind


class Chain(NamedTuple):
    """The migrations of locations that belong together: the line, then who stands beside it.

    `end` is whom the next dynamic migration will follow; `None` in an empty chain, and in a
    purely static one with several heads. `directories` are where the locations of `place` are
    configured, absolute; `root` is what the migrations' paths are relative to, without links;
    `followed_outside` are those whom a migration of another chain follows.
    """

    place: Place
    links: tuple[Link, ...]
    end: RevisionId | None
    source: Source = Source.DECLARED
    directories: tuple[str, ...] = ()
    root: str = ""
    followed_outside: frozenset[RevisionId] = frozenset()

    @property
    def heads(self) -> tuple[RevisionId, ...]:
        """Whom nobody follows, in the order of the links."""
        followed = self.followed_outside.union(*(link.parents for link in self.links))
        return tuple(link.revision for link in self.links if link.revision not in followed)

    @property
    def graph(self) -> Mapping[RevisionId, tuple[RevisionId, ...]]:
        """Who follows whom."""
        return {link.revision: link.parents for link in self.links}

    @property
    def side_heads(self) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.side_head)

    @property
    def is_dynamic(self) -> bool:
        return any(link.kind is Kind.DYNAMIC for link in self.links)

    def with_births(self, born: Mapping[RevisionId, CommitId]) -> Chain:
        return self._replace(links=tuple(link._replace(born=born.get(link.revision)) for link in self.links))


def chain_from_line(place: Place, folded: FoldedLine) -> Chain:
    """The line in its order, then who stands beside it in order of arrival."""
    line = folded.line
    members = line.members()
    on_line = frozenset(members)
    parents = line.parents()
    side_heads = frozenset(line.side_heads())
    beside = (revision for revision in line.arrival if revision not in on_line)
    return Chain(
        place,
        tuple(
            Link(line.migrations[revision], parents[revision], revision in side_heads, folded.born.get(revision))
            for revision in (*members, *beside)
        ),
        line.end,
    )


def declared_chain(place: Place, presence: Presence) -> Chain:
    """A chain in which nothing is dynamic, as its files declare it; needs no history."""
    from gitlembic.core.ordering import arrange_births  # what is remembered needs no arranging  # noqa: PLC0415

    migrations = presence.migrations
    links = tuple(Link(migrations[name], migrations[name].migration.parents) for name in arrange_births(migrations))
    chain = Chain(place, links, None)
    return chain._replace(end=chain.heads[0] if len(chain.heads) == 1 else None)


def with_outside_followers(chains: tuple[Chain, ...]) -> tuple[Chain, ...]:
    """The same chains, each knowing who of it is followed from another."""
    if len(chains) == 1:
        return chains
    followed = [frozenset(parent for link in chain.links for parent in link.parents) for chain in chains]
    return tuple(
        chain._replace(followed_outside=frozenset().union(*followed[:number], *followed[number + 1 :]))
        for number, chain in enumerate(chains)
    )


def name_some(migrations: Mapping[RevisionId, PlacedMigration]) -> str:
    """The first few, with their files, and how many more there are; on one line, whatever they are called."""
    named = [visible(f"{revision} ({placed.path})") for revision, placed in migrations.items()]
    return first_of(named, _SHOWN)
