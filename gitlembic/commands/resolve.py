"""A project -> its chains: asks the files, git and the chain file in the order of ORDER.md 5.

A project in which nothing is dynamic needs neither git nor a chain file. Where git can answer, it
does; a chain file serves where it cannot, and stops everything where it contradicts git.
"""

from __future__ import annotations

import contextlib
import os
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import compiled_only
from gitlembic.adapters.chain_file import chain_file_paths
from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.order_cache import OrderCache
from gitlembic.adapters.project_home import Home, find_homes
from gitlembic.adapters.remembered_repository import RememberedRepository
from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.core.chain import Chain, Source, chain_from_line, declared_chain, name_some, with_outside_followers
from gitlembic.core.chain_check import check_apart, check_chains, check_presence
from gitlembic.core.chain_file import (
    as_recorded,
    find_contradiction,
    is_end_recorded,
    line_from_entries,
    missing_entries,
)
from gitlembic.core.fold import FoldedLine, fold_line, fold_state, git_founding, history_hint
from gitlembic.core.grouping import all_groupings, declared_connections, group_locations, overlapping
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.line import settled_line
from gitlembic.core.ordering import compute_births, walk_first_parents
from gitlembic.core.presence import Presence, Presences
from gitlembic.core.resolution import Resolution
from gitlembic.errors import BrokenInputError, CannotTellError, NeedsRunningError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.chain import Birth
    from gitlembic.core.chain_file import Entries
    from gitlembic.core.fold import Known
    from gitlembic.core.history import CommitId, Location
    from gitlembic.core.line import Line
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.presence import Place

_MOST_TRIED = 4
"""Locations that can be grouped in 15 ways; five in 52."""

_REWRITE = "write the chain file again where the whole history is: `gitlembic chain --write`"


@dataclass(frozen=True, slots=True)
class _Question:
    at: str | None
    all_births: bool
    use_chain_file: bool


@dataclass(frozen=True)
class _Part:
    """The chains that one witness answers for: a repository, the chain files, or the files alone."""

    chains: tuple[Chain, ...]
    head: CommitId | None = None
    births: Mapping[CommitId, Birth] = field(default_factory=dict)


def resolve(
    project: Project, *, at: str | None = None, all_births: bool = False, use_chain_file: bool = True
) -> Resolution:
    """The chains of a project: of its working tree, or at the commit that `at` names.

    With `all_births`, also the birth of migrations older than the start of the line, which costs
    a walk to the beginning. Without `use_chain_file` git is not held against the chain files; who
    has no other witness still has those. Raises `GitlembicError` for what cannot be told or read.
    """
    for path in compiled_only(project) if at is None else ():
        raise NeedsRunningError(
            f"{path} has no source here, so what it declares cannot be read", "run this where it is"
        )
    question = _Question(at, all_births, use_chain_file)
    try:
        homes = find_homes(project)
        named = _home_of_ref(project, homes) if at is not None else None
        parts = [
            part
            for home in homes
            for part in _resolve_home(home, question if at is None or home is named else _today(home, at))
        ]
    except HistoryUnknownError as unknown:
        raise CannotTellError(
            f"the answer needs more history than this clone holds ({unknown.reason} at commit {unknown.commit[:12]})",
            history_hint(unknown),
        ) from unknown
    chains = with_outside_followers(tuple(chain for part in parts for chain in part.chains))
    check_chains(chains)
    check_apart([part.chains for part in parts])
    return Resolution(
        chains=chains,
        head=next((part.head for part in parts if part.head), None),
        at=at,
        births={commit: birth for part in parts for commit, birth in part.births.items()},
    )


def _home_of_ref(project: Project, homes: Sequence[Home]) -> Home:
    """Whose commits a REF names: those of the configuration's repository, else of the first location's."""
    own = find_git_directory(project.directory)
    return next((home for home in homes if home.repository == own and own), homes[0])


def _today(home: Home, at: str) -> _Question:
    """What is asked of a home that REF says nothing of: how it is, if that needs no history."""
    presence = Presences(WorkingTreeHistory(home.root)).at(WORKING_TREE, home.place)
    if _is_dynamic(presence):
        raise CannotTellError(
            f"--at {at} names a commit of another repository than that of {home.root}, "
            "whose dynamic migrations it does not place",
            "leave --at out",
        )
    return _Question(None, all_births=False, use_chain_file=True)


def _resolve_home(home: Home, question: _Question) -> list[_Part]:
    with ExitStack() as stack:
        on_disk = WorkingTreeHistory(home.root, cache=ScanCache(home.repository, home.place))
        stack.callback(on_disk.remember)
        if question.at is None and not question.all_births:
            presences = Presences(on_disk)
            if not _is_dynamic(_checked(presences, WORKING_TREE, home.place)):
                chains = _declared(home, presences, WORKING_TREE, home.place)
                return [_Part(chains, home.head_if_readable())]
        repository = _open(home, stack)
        if repository is None:
            if question.at is not None:
                raise CannotTellError(f"--at {question.at}: {home.root} is in no git repository", "leave --at out")
            return [_from_chain_file(home, Presences(on_disk), home.place)]
        history = on_disk.on_top_of(repository)
        presences = Presences(history)
        if question.at is not None:
            commit = repository.resolve(question.at)
            at_commit = _home_at(home, presences, history, commit)
            _check_links(repository, commit, at_commit.place)
            return [_from_git(at_commit, repository, presences, commit, at_commit.place, question)]
        by_git, by_file = _witnesses(home, presences, history, repository, question)
        parts = []
        if by_git:
            outside = (path for location in by_git for path in history.links_outside(location))
            then = presences.place_at_parent(history.head, WORKING_TREE, by_git) if history.head else ()
            _check_links(repository, history.head, then, outside)
            _remember_head(repository, presences, history, by_git)
            parts.append(_from_git(home, repository, presences, WORKING_TREE, by_git, question))
        if by_file:
            parts.append(_from_chain_file(home, presences, by_file))
        return parts


def _open(home: Home, stack: ExitStack) -> RememberedRepository | None:
    if home.directory is None:
        return None
    return stack.enter_context(RememberedRepository(home.directory, OrderCache(home.directory, home.place)))


def _checked(presences: Presences, commit: CommitId, place: Place) -> Presence:
    presence = presences.at(commit, place)
    check_presence(presence)
    return presence


def _is_dynamic(presence: Presence) -> bool:
    return any(placed.migration.is_dynamic for placed in presence.migrations.values())


def _home_at(home: Home, presences: Presences, history: WorkingTreeHistory, commit: CommitId) -> Home:
    """Where the locations of today were at any commit: by what they hold, else by what they were called.

    A commit that shares no migration with today may still have them, under a name of their past.
    """
    place = home.place
    then = {location: presences.location_at_parent(commit, WORKING_TREE, location) for location in place}
    if not presences.at(commit, tuple(dict.fromkeys(then.values()))).migrations and history.head is not None:
        called = {location: location for location in place}
        for step, _ in walk_first_parents(presences, WORKING_TREE, place):
            if presences.at(commit, step.place).migrations:
                then = called
                break
            for parent in step.parents[:1]:
                called = {now: presences.location_at_parent(parent, step.commit, past) for now, past in called.items()}
    configured: dict[Location, tuple[Path, ...]] = {}
    for now, past in then.items():  # several of today's may have been one
        configured[past] = (*configured.get(past, ()), *home.configured[now])
    return replace(home, configured=configured)


def _witnesses(
    home: Home,
    presences: Presences,
    history: WorkingTreeHistory,
    repository: RememberedRepository,
    question: _Question,
) -> tuple[Place, Place]:
    """The locations that git answers for, and those for which only a chain file can.

    Git knows nothing of what it ignores (a package in an environment). Of what it could track but
    does not, a chain file that records it is the better witness.
    """
    by_file = []
    for location in home.place:
        if _is_tracked(presences, history.head, location):
            continue
        here = presences.at(WORKING_TREE, (location,))
        entries = home.read_chain_files((location,)) if question.use_chain_file else None
        recorded = entries is not None and any(
            placed.migration.is_dynamic and revision in entries for revision, placed in here.migrations.items()
        )
        if recorded or repository.ignores(location, history.files(WORKING_TREE, location)):
            by_file.append(location)
        else:
            _check_untracked(here)
    return tuple(location for location in home.place if location not in by_file), tuple(by_file)


def _is_tracked(presences: Presences, head: CommitId | None, location: Location) -> bool:
    """Whether HEAD has migrations in a location, or had them where it was before."""
    if head is None:
        return False
    return bool(
        presences.at(head, (location,)).migrations
        or presences.at(head, presences.place_at_parent(head, WORKING_TREE, (location,))).migrations
    )


def _check_untracked(presence: Presence) -> None:
    """Refuse to arrange migrations of which git has seen none, where they were written side by side.

    Of a new project this is never so; of a copy that lies in somebody else's repository it is.
    """
    written: dict[RevisionId, PlacedMigration] = {}
    for placed in presence.migrations.values():
        for parent in placed.migration.named_parents:
            other = written.setdefault(parent, placed)
            if other is not placed and (other.migration.is_dynamic or placed.migration.is_dynamic):
                raise CannotTellError(
                    f"git tracks none of the migrations here, and {other.migration.revision} ({other.path}) and "
                    f"{placed.migration.revision} ({placed.path}) were both written after {parent}, "
                    "so nothing tells which came first",
                    "if they were made here, commit them; else run this in the repository they come from, "
                    "or bring a chain file written there by `gitlembic chain --write`",
                )


def _check_links(
    repository: RememberedRepository, commit: CommitId | None, place: Place, outside: Iterable[str] = ()
) -> None:
    """Refuse links whose contents git does not know at a commit, so that it cannot tell when they came."""
    dead = [path for location in place if commit for path in repository.dead_links(commit, location)]
    for path in (*outside, *dead):
        raise CannotTellError(
            f"{path} is a link that leads out of the repository or to nothing in it, "
            "so git does not know when the migration came",
            "put the file itself there",
        )


def git_could_place(project: Project, directory: Path, resolution: Resolution) -> bool:
    """Whether git will be able to tell the place of a new dynamic migration in `directory`.

    `resolution` is the answer for the project without it.
    """
    real = os.path.realpath(directory)
    source = next(
        (chain.source for chain in resolution.chains if real in map(os.path.realpath, chain.directories)), None
    )
    if source is Source.DECLARED:
        return any(
            _could_track(home, (location,))
            for home in find_homes(project)
            for location, paths in home.configured.items()
            if real in map(os.path.realpath, paths)
        )
    return source in {Source.GIT, Source.GIT_AND_CHAIN_FILE}


def _could_track(home: Home, place: Place) -> bool:
    with ExitStack() as stack:
        repository = _open(home, stack)
        return repository is not None and not any(repository.ignores(one, ()) for one in place)


def _why_not_git(home: Home) -> str:
    return f"{home.root} is in no git repository" if home.directory is None else "git ignores the migrations here"


def _declared(home: Home, presences: Presences, commit: CommitId, place: Place) -> tuple[Chain, ...]:
    groups = group_locations(place, declared_connections(place, presences.at(commit, place).migrations))
    return tuple(_placed(home, declared_chain(group, presences.at(commit, group))) for group in groups)


def _placed(home: Home, chain: Chain, source: Source = Source.DECLARED) -> Chain:
    return replace(chain, source=source, directories=tuple(map(os.fspath, home.directories(chain.place))))


def _from_git(
    home: Home,
    repository: RememberedRepository,
    presences: Presences,
    tip: CommitId,
    place: Place,
    question: _Question,
) -> _Part:
    entries = home.read_chain_files(place) if tip == WORKING_TREE and question.use_chain_file else None
    chains: tuple[Chain, ...]
    if _is_dynamic(_checked(presences, tip, place)):
        settle = _Settle(entries)
        lines = _fold(presences, tip, place, settle, repository.known)
        source = Source.GIT_AND_CHAIN_FILE if settle.asked_file else Source.GIT
        chains = tuple(_placed(home, chain_from_line(group, line), source) for group, line in lines.items())
        _check_contradictions(home, entries, chains)
    else:
        chains = _declared(home, presences, tip, place)
    if question.all_births:
        chains = tuple(_with_all_births(presences, tip, chain) for chain in chains)
    commits = {link.born for chain in chains for link in chain.links if link.born not in {None, WORKING_TREE}}
    head = presences.history.parents(tip)[:1] if tip == WORKING_TREE else (tip,)
    return _Part(chains, next(iter(head), None), {commit: repository.birth(commit) for commit in commits if commit})


def _remember_head(
    repository: RememberedRepository, presences: Presences, history: WorkingTreeHistory, by_git: Place
) -> None:
    """Fold what is committed by itself, so that the next run can go on from there."""
    head = history.head
    if head is None:
        return
    place = presences.place_at_parent(head, WORKING_TREE, by_git)
    if repository.known(head, place) is not None or not _is_dynamic(presences.at(head, place)):
        return
    with contextlib.suppress(CannotTellError, HistoryUnknownError):  # which is said of the working tree
        repository.remember(head, place, fold_state(presences, head, place, repository.known), presences)


def _with_all_births(presences: Presences, tip: CommitId, chain: Chain) -> Chain:
    births = compute_births(presences, tip, chain.place)
    return chain.with_births({revision: birth.commit for birth in births for revision in birth.revisions})


class _Settle:
    """How the oldest migrations of a shallow clone stand: by themselves, else by the chain file."""

    def __init__(self, entries: Entries | None) -> None:
        self.entries = entries
        self.asked_file = False

    def __call__(self, migrations: Mapping[RevisionId, PlacedMigration]) -> Line | None:
        line = settled_line(migrations)
        if line is not None or self.entries is None or missing_entries(self.entries, migrations):
            return line
        self.asked_file = True
        line = line_from_entries(self.entries, migrations)
        return line if line is not None and is_end_recorded(line) else None


def _fold(presences: Presences, tip: CommitId, place: Place, settle: _Settle, known: Known) -> dict[Place, FoldedLine]:
    """The line of each group of locations.

    A shallow clone may not tell which of them belong together; it is enough for the answer that
    every way of grouping them gives the same one, the first being what the files declare.
    """
    answers = [
        {group: fold_line(presences, tip, group, settle, known) for group in groups}
        for groups in _groupings(presences, tip, place, settle, known)
    ]
    computed = [
        {name: parents for folded in lines.values() for name, parents in folded.line.parents().items()}
        for lines in answers
    ]
    if any(parents != computed[0] for parents in computed):
        raise CannotTellError(
            f"whether {', '.join(location.path or '.' for location in place)} share a chain is older than "
            f"what this clone holds, and the order of {name_some(presences.at(tip, place).migrations)} depends on it",
            "get the whole history with `git fetch --unshallow` (in CI: fetch-depth 0)",
        )
    return answers[0]


def _groupings(
    presences: Presences, tip: CommitId, place: Place, settle: _Settle, known: Known
) -> list[tuple[Place, ...]]:
    if len(place) == 1:
        return [(place,)]
    try:
        connections = git_founding(presences, tip, place, known).all_connections
        here = presences.at(tip, place).migrations
        return [group_locations(place, connections | overlapping(place, here))]
    except HistoryUnknownError:
        migrations = presences.at(tip, place).migrations
        if settle.entries is not None:
            recorded = as_recorded(settle.entries, migrations)
            return [group_locations(place, declared_connections(place, recorded))]
        if len(place) > _MOST_TRIED:
            raise
        declared = group_locations(place, declared_connections(place, migrations))
        return [declared, *(groups for groups in all_groupings(place) if groups != declared)]


def _check_contradictions(home: Home, entries: Entries | None, chains: Sequence[Chain]) -> None:
    for chain in chains if entries is not None else ():
        found = find_contradiction(entries or {}, chain)
        if found is not None:
            paths = " and ".join(map(os.fspath, chain_file_paths(home.directories(chain.place))))
            raise CannotTellError(
                f"{paths} contradicts git, and databases may have been deployed in its order:\n"
                f"  chain file: {', then '.join(found.in_file)}\n"
                f"  git:        {', then '.join(found.in_git)}",
                "if no database was deployed in the file's order, write the file again: `gitlembic chain --write`; "
                "otherwise freeze that order: give each of these migrations the down_revision "
                "that the file records, as a literal",
            )


def _from_chain_file(home: Home, presences: Presences, place: Place) -> _Part:
    presence = _checked(presences, WORKING_TREE, place)
    if not _is_dynamic(presence):
        return _Part(_declared(home, presences, WORKING_TREE, place))
    entries = home.read_chain_files(place)
    paths = " or ".join(map(os.fspath, chain_file_paths(home.directories(place))))
    if entries is None:
        raise CannotTellError(
            f"{_why_not_git(home)}, and there is no chain file ({paths}), "
            "so the order of the dynamic migrations is not known",
            "write one where the history is, and bring it here: `gitlembic chain --write`",
        )
    stale = missing_entries(entries, presence.migrations)
    if stale:
        names = ", ".join(f"{placed.migration.revision} ({placed.path})" for placed in stale)
        raise CannotTellError(f"the chain file {paths} is stale, it lacks {names}", _REWRITE)
    chains = []
    for group in group_locations(place, declared_connections(place, as_recorded(entries, presence.migrations))):
        migrations = presences.at(WORKING_TREE, group).migrations
        line = line_from_entries(entries, migrations)
        if line is None:
            raise BrokenInputError(f"the chain file {paths} records no chain for the migrations here", _REWRITE)
        chains.append(_placed(home, chain_from_line(group, FoldedLine(line, {})), Source.CHAIN_FILE))
    return _Part(tuple(chains))
