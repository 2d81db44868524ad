"""Lines -> chains: the graph that Alembic will run, checked (ORDER.md 4).

Everything here is about one state that was asked for: HEAD with the working tree, or any commit.
What is wrong in that state is an error that names the migrations; older states are only folded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitlembic.core.history import HistoryUnknownError
from gitlembic.core.line import LineFold, on_or_after_cycles, settled_line, start_line
from gitlembic.core.migration import Kind
from gitlembic.core.ordering import arrange, arrange_births, walk_first_parents
from gitlembic.errors import BrokenInputError, CannotTellError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from gitlembic.core.history import CommitId
    from gitlembic.core.line import Line
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.ordering import Step
    from gitlembic.core.presence import Place, Presence, Presences

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Birth:
    """The commit on the first-parent line that brought a migration in.

    `date` is when the commit was made (UTC); `None` where git's value cannot be a date.
    """

    commit: CommitId
    date: datetime | None
    author: str


@dataclass(frozen=True, slots=True)
class Link:
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


@dataclass(frozen=True)
class Chain:
    """The migrations of locations that belong together: the line, then who stands beside it.

    `end` is whom the next dynamic migration will follow; `None` in an empty chain, and in a
    purely static one with several heads.
    """

    place: Place
    links: tuple[Link, ...]
    end: RevisionId | None

    @property
    def heads(self) -> tuple[RevisionId, ...]:
        """Whom nobody in this chain follows, in the order of the links."""
        followed = {parent for link in self.links for parent in link.parents}
        return tuple(link.revision for link in self.links if link.revision not in followed)

    @property
    def side_heads(self) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.side_head)

    @property
    def is_dynamic(self) -> bool:
        return any(link.kind is Kind.DYNAMIC for link in self.links)

    def with_births(self, born: Mapping[RevisionId, CommitId]) -> Chain:
        return replace(self, links=tuple(replace(link, born=born.get(link.revision)) for link in self.links))


@dataclass(frozen=True)
class FoldedLine:
    """A line, and the commits that brought in those of its migrations that came after its start."""

    line: Line
    born: Mapping[RevisionId, CommitId]


def fold_line(
    presences: Presences,
    tip: CommitId,
    place: Place,
    settle: Callable[[Mapping[RevisionId, PlacedMigration]], Line | None] = settled_line,
) -> FoldedLine:
    """The line at `tip`: back to where declarations say it all, then forwards commit by commit.

    Where the clone does not reach back that far, `settle` is asked how the oldest migrations it
    holds stand. Without an answer, or where a later commit changed one of those, this raises
    `CannotTellError`, naming them.
    """
    oldest: Mapping[RevisionId, PlacedMigration] = {}
    steps: list[Step] = []
    try:
        oldest = presences.at(tip, place).migrations
        line = start_line(oldest)
        walk = iter(walk_first_parents(presences, tip, place))
        while line is None:
            step, before = next(walk)
            steps.append(step)
            oldest = before.migrations
            line = start_line(oldest)
    except HistoryUnknownError as unknown:
        line = settle(oldest) if oldest and all(_leaves_alone(step, oldest) for step in steps) else None
        if line is None:
            raise _unknown_order(oldest, unknown) from unknown
    try:
        return _fold_forwards(presences, line, steps)
    except HistoryUnknownError as unknown:
        newcomers = {revision: placed for step in steps for revision, placed in step.change.newcomers.items()}
        raise _unknown_order(newcomers, unknown) from unknown


def _fold_forwards(presences: Presences, line: Line, steps: Sequence[Step]) -> FoldedLine:
    born: dict[RevisionId, CommitId] = {}
    fold = LineFold(line)
    for step in reversed(steps):
        newcomers = arrange(presences, step)
        born.update(dict.fromkeys(newcomers, step.commit))
        fold.advance(step.change, newcomers)
    return FoldedLine(fold.line(), born)


def _leaves_alone(step: Step, migrations: Mapping[RevisionId, PlacedMigration]) -> bool:
    """Whether a commit neither removed nor declared anew any of these."""
    return step.change.removed.isdisjoint(migrations) and all(
        placed.migration.declaration == migrations[revision].migration.declaration
        for revision, placed in step.change.changed.items()
        if revision in migrations
    )


def _unknown_order(migrations: Mapping[RevisionId, PlacedMigration], unknown: HistoryUnknownError) -> CannotTellError:
    return CannotTellError(
        f"the order of {name_some(migrations) or 'the migrations'} is older than what this clone holds "
        f"({unknown.reason} at commit {unknown.commit[:12]})",
        history_hint(unknown),
    )


def history_hint(unknown: HistoryUnknownError) -> str:
    """What brings the history that is missing."""
    if "shallow" in unknown.reason:
        return (
            "get the whole history with `git fetch --unshallow` (in CI: fetch-depth 0), "
            "or bring a chain file written by `gitlembic chain --write` from a full clone"
        )
    return "run `git fsck`; in a partial clone `git fetch --refetch` brings the objects, a damaged one is cloned again"


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
    migrations = presence.migrations
    links = tuple(Link(migrations[name], migrations[name].migration.parents) for name in arrange_births(migrations))
    chain = Chain(place, links, None)
    return replace(chain, end=chain.heads[0] if len(chain.heads) == 1 else None)


def check_presence(presence: Presence) -> None:
    """Refuse a state in which some file is not one migration with a known id of its own."""
    for path, unparsable in presence.unparsable.items():
        place = f"{path}:{unparsable.line}" if unparsable.line else path
        raise BrokenInputError(f"cannot read {place}: {unparsable.reason}", f"mend {path}, then run this again")
    for path in presence.nameless:
        raise BrokenInputError(
            f"{path} assigns no `revision`, so it is not a migration",
            "give it one, or move it out of the directory of migrations",
        )
    for placed in presence.duplicates:
        raise _used_twice(presence.migrations[placed.migration.revision], placed)


def _used_twice(first: PlacedMigration, second: PlacedMigration) -> BrokenInputError:
    return BrokenInputError(
        f"the revision id {first.migration.revision} is used twice: by {first.path} and by {second.path}",
        "delete the file that is not wanted, or give it an id of its own",
    )


def check_chains(chains: Sequence[Chain]) -> None:
    """Refuse chains that Alembic could not run, or in which a dynamic migration is ambiguous."""
    links: dict[RevisionId, Link] = {}
    for link in (link for chain in chains for link in chain.links):
        other = links.setdefault(link.revision, link)
        if other is not link:
            raise _used_twice(other.placed, link.placed)
    labels = {label: link.revision for link in links.values() for label in link.placed.migration.branch_labels}
    if any(chain.is_dynamic for chain in chains):
        _check_computed(links.values())
    _check_parents(links)
    if all("branch_labels" not in link.placed.migration.unreadable for link in links.values()):
        _check_needed(links, labels)
    _check_cycles(links)
    for chain in chains:
        if chain.is_dynamic:
            _check_branches(chain)
            _check_dependencies(chain, labels)


def _check_computed(links: Iterable[Link]) -> None:
    for link in links:
        if "down_revision" in link.placed.migration.unreadable:
            raise BrokenInputError(
                f"the down_revision of {link.revision} in {link.placed.path} is computed, so its place cannot be read",
                "write it as a literal, or as get_down_revision(revision)",
            )


def _check_parents(links: Mapping[RevisionId, Link]) -> None:
    for link in links.values():
        for parent in link.placed.migration.parents:
            if parent not in links:
                raise BrokenInputError(
                    f"{link.revision} in {link.placed.path} declares down_revision {parent!r}, "
                    "which no migration here has",
                    f"bring the file of {parent} back (`git log --all -S {parent}` finds it), "
                    f"or correct the down_revision in {link.placed.path}",
                )


def _check_needed(links: Mapping[RevisionId, Link], labels: Mapping[str, RevisionId]) -> None:
    for link in links.values():
        for needed in link.placed.migration.depends_on:
            if needed not in links and needed not in labels:
                raise BrokenInputError(
                    f"{link.revision} in {link.placed.path} depends_on {needed!r}, which no migration here has",
                    f"bring the file of {needed} back, or correct the depends_on in {link.placed.path}",
                )


def _check_cycles(links: Mapping[RevisionId, Link]) -> None:
    circular = on_or_after_cycles({revision: link.parents for revision, link in links.items()})
    cycle = {revision: link.placed for revision, link in links.items() if revision in circular}
    if cycle:
        raise BrokenInputError(
            f"the down_revisions of these migrations form a cycle: {name_some(cycle)}",
            "correct the down_revision that was changed last (`git log -p` on these files shows it)",
        )


def _check_branches(chain: Chain) -> None:
    """A dynamic migration follows the line; with several branches it cannot know which."""
    bases = [link for link in chain.links if not link.parents]
    if len(bases) > 1:
        raise CannotTellError(
            "several migrations have no parent, so a dynamic one cannot know which to build on: "
            + name_some({link.revision: link.placed for link in bases}),
            "give one of them a literal parent, or a directory of its own in version_locations",
        )
    followers: dict[RevisionId, list[Link]] = {}
    for link in chain.links:
        for parent in link.parents:
            followers.setdefault(parent, []).append(link)
    beside = list(chain.side_heads)
    while beside:
        link = beside.pop()
        migration = link.placed.migration
        if migration.branch_labels or "branch_labels" in migration.unreadable:
            raise CannotTellError(
                f"{link.revision} in {link.placed.path} starts the branch "
                f"{', '.join(migration.branch_labels) or 'that its computed label names'} beside the line, "
                "so a dynamic migration cannot know its branch",
                "give the branch a directory of its own in version_locations, "
                "or write the down_revisions in this one as literals",
            )
        beside += followers.get(link.revision, ())


def _check_dependencies(chain: Chain, labels: Mapping[str, RevisionId]) -> None:
    position = {link.revision: number for number, link in enumerate(chain.links)}
    for link in chain.links:
        for needed in link.placed.migration.depends_on:
            other = labels.get(needed, needed)
            if position.get(other, -1) > position[link.revision]:  # type: ignore[call-overload]
                raise BrokenInputError(
                    f"{link.revision} in {link.placed.path} depends_on {needed}, which comes later in the chain "
                    f"({chain.links[position[other]].placed.path})",  # type: ignore[index]
                    "a migration can only depend on an earlier one: correct the depends_on",
                )


def group_locations(
    presences: Mapping[Place, Presence], oldest: Mapping[Place, RevisionId | None]
) -> tuple[Place, ...]:
    """Which locations share one chain (ORDER.md 4), each group in the order of configuration.

    `presences` has what stands in each location by itself, `oldest` the oldest migration there.
    Two are connected if that one declares, or was written against, a migration of the other; or
    if they hold the same files because one lies inside the other.
    """
    groups: list[list[Place]] = []
    for place in presences:
        joined = [group for group in groups if any(_connected(place, other, presences, oldest) for other in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([*(member for group in joined for member in group), place])
    rank = {place: number for number, place in enumerate(presences)}
    ordered = sorted((sorted(group, key=rank.__getitem__) for group in groups), key=lambda group: rank[group[0]])
    return tuple(tuple(location for place in group for location in place) for group in ordered)


def _connected(
    one: Place, other: Place, presences: Mapping[Place, Presence], oldest: Mapping[Place, RevisionId | None]
) -> bool:
    def builds_on(first: Place, second: Place) -> bool:
        revision = oldest[first]
        if revision is None:
            return False
        migration = presences[first].migrations[revision].migration
        return any(parent in presences[second] for parent in migration.named_parents)

    paths = {placed.path for placed in presences[one].migrations.values()}
    shared = any(placed.path in paths for placed in presences[other].migrations.values())
    return shared or builds_on(one, other) or builds_on(other, one)


def name_some(migrations: Mapping[RevisionId, PlacedMigration]) -> str:
    """The first few, with their files, and how many more there are."""
    named = [f"{revision} ({placed.path})" for revision, placed in migrations.items()]
    more = len(named) - _SHOWN
    return ", ".join(named[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
