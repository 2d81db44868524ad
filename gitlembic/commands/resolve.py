"""A project -> its chains: asks the files, git and the chain file in the order of ORDER.md 5.

A project in which nothing is dynamic needs neither git nor a chain file. Where git can answer, it
does; a chain file serves where it cannot, and stops everything where it contradicts git.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.chain_file import chain_file_paths, read_chain_files
from gitlembic.adapters.git_directory import GitDirectory, find_git_directory
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.core.chain import (
    Chain,
    FoldedLine,
    chain_from_line,
    check_chains,
    check_presence,
    declared_chain,
    fold_line,
    group_locations,
    history_hint,
)
from gitlembic.core.chain_file import find_contradiction, line_from_entries, missing_entries
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError, Location
from gitlembic.core.line import settled_line, start_line
from gitlembic.core.ordering import arrange_births, compute_births, walk_first_parents
from gitlembic.core.presence import Presence, Presences
from gitlembic.core.resolution import Resolution, Source
from gitlembic.errors import BrokenInputError, CannotTellError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.git_repository import GitRepository
    from gitlembic.core.chain_file import Entries
    from gitlembic.core.history import CommitId
    from gitlembic.core.line import Line
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.presence import Place

_REWRITE = "write the chain file again where the whole history is: `gitlembic chain --write`"


@dataclass(frozen=True)
class _Home:
    """The locations that belong to one repository, or to none."""

    root: Path
    directory: GitDirectory | None
    locations: tuple[Path, ...]
    recursive: bool
    use_chain_file: bool

    def read_chain_files(self) -> Entries | None:
        return read_chain_files(self.locations) if self.use_chain_file else None

    @property
    def place(self) -> Place:
        """The locations as paths from the root, in git's spelling."""
        return tuple(
            dict.fromkeys(Location(_relative(location, self.root), self.recursive) for location in self.locations)
        )


def resolve(
    project: Project, *, at: str | None = None, all_births: bool = False, use_chain_file: bool = True
) -> Resolution:
    """The chains of a project: of its working tree, or at the commit that `at` names.

    With `all_births`, also the birth of migrations older than the start of the line, which costs
    a walk to the beginning. Without `use_chain_file` only git counts. Raises `GitlembicError` for
    what cannot be told or read.
    """
    homes = _homes(project, use_chain_file=use_chain_file)
    try:
        parts = [_resolve_home(home, at, all_births=all_births) for home in homes]
    except HistoryUnknownError as unknown:
        raise CannotTellError(
            f"the answer needs more history than this clone holds ({unknown.reason} at commit {unknown.commit[:12]})",
            history_hint(unknown),
        ) from unknown
    chains = tuple(chain for part in parts for chain in part.chains)
    check_chains(chains)
    sources = [part.source for part in parts if part.source is not Source.DECLARED]
    return Resolution(
        chains=chains,
        source=sources[0] if sources else Source.DECLARED,
        head=next((part.head for part in parts if part.head), None),
        at=at,
        births={commit: birth for part in parts for commit, birth in part.births.items()},
    )


def _homes(project: Project, *, use_chain_file: bool) -> list[_Home]:
    found: dict[GitDirectory | None, list[Path]] = {}
    for location in project.locations:
        found.setdefault(find_git_directory(location), []).append(location)
    return [
        _Home(
            root=directory.work_tree if directory else project.directory,
            directory=directory,
            locations=tuple(locations),
            recursive=project.recursive,
            use_chain_file=use_chain_file,
        )
        for directory, locations in found.items()
    ]


def _relative(location: Path, root: Path) -> str:
    path = os.path.relpath(os.path.realpath(location), os.path.realpath(root)).replace(os.sep, "/")
    return "" if path == "." else path


def _resolve_home(home: _Home, at: str | None, *, all_births: bool) -> Resolution:
    with ExitStack() as stack:
        on_disk = WorkingTreeHistory(home.root)
        if at is None and not all_births:
            presences = Presences(on_disk)
            presence = _checked(presences, WORKING_TREE, home.place)
            if not _is_dynamic(presence):
                head = home.directory.read_head() if home.directory else None
                return Resolution(_declared(presences, WORKING_TREE, home.place), Source.DECLARED, head)
        repository = _open(home, stack)
        presences = Presences(on_disk if repository is None else on_disk.on_top_of(repository))
        if at is not None:
            if repository is None:
                raise CannotTellError(f"--at {at}: {home.root} is in no git repository", "leave --at out")
            commit = repository.resolve(at)
            place = _place_at(presences, repository, commit, home.place)
            return _from_git(home, repository, presences, commit, place, all_births=all_births)
        if repository is not None and _git_knows(presences, repository, home):
            return _from_git(home, repository, presences, WORKING_TREE, home.place, all_births=all_births)
        return _from_chain_file(home, presences)


def _open(home: _Home, stack: ExitStack) -> GitRepository | None:
    if home.directory is None:
        return None
    from gitlembic.adapters.git_repository import GitRepository  # dulwich costs 50 ms  # noqa: PLC0415

    return stack.enter_context(GitRepository(home.directory))


def _checked(presences: Presences, commit: CommitId, place: Place) -> Presence:
    presence = presences.at(commit, place)
    check_presence(presence)
    return presence


def _is_dynamic(presence: Presence) -> bool:
    return any(placed.migration.is_dynamic for placed in presence.migrations.values())


def _place_at(presences: Presences, repository: GitRepository, commit: CommitId, place: Place) -> Place:
    """Where the locations of today were at any commit: by what they hold, else by what they were called.

    A commit that shares no migration with today may still have them, under a name of their past.
    """
    then = presences.place_at_parent(commit, WORKING_TREE, place)
    if presences.at(commit, then).migrations or repository.directory.read_head() is None:
        return then
    tried = {then}
    for step, _ in walk_first_parents(presences, WORKING_TREE, place):
        if step.place not in tried and presences.at(commit, step.place).migrations:
            return step.place
        tried.add(step.place)
    return then


def _declared(presences: Presences, commit: CommitId, place: Place) -> tuple[Chain, ...]:
    groups = _groups(presences, commit, place, by_git=False)
    return tuple(declared_chain(group, presences.at(commit, group)) for group in groups)


def _groups(presences: Presences, commit: CommitId, place: Place, *, by_git: bool) -> tuple[Place, ...]:
    single: dict[Place, Presence] = {(location,): presences.at(commit, (location,)) for location in place}
    if len(single) == 1:
        return (place,)
    oldest: dict[Place, RevisionId | None] = {}
    for one, presence in single.items():
        line = start_line(presence.migrations)
        if by_git and line is None:
            births = compute_births(presences, commit, one)
            oldest[one] = births[0].revisions[0] if births else None
        else:
            oldest[one] = next(iter(arrange_births(presence.migrations)), None)
    return group_locations(single, oldest)


def _git_knows(presences: Presences, repository: GitRepository, home: _Home) -> bool:
    """Whether git tracks the locations, or at least would if they were committed.

    Where it tracks nothing there, a chain file is the better witness, and in an ignored directory
    (a package in an environment) the only one.
    """
    head = repository.directory.read_head()
    if head is not None and presences.at(head, home.place).migrations:
        return True
    if any(location.path and repository.ignores(location.path) for location in home.place):
        return False
    if head is not None and presences.at(head, presences.place_at_parent(head, WORKING_TREE, home.place)).migrations:
        return True
    if home.read_chain_files() is not None:
        return False
    _check_untracked(presences.at(WORKING_TREE, home.place))
    return True


def _check_untracked(presence: Presence) -> None:
    """Refuse to arrange migrations of which git has seen none, where they were written side by side.

    Of a new project this is never so; of a copy that lies in somebody else's repository it is.
    """
    written: dict[tuple[RevisionId, ...], PlacedMigration] = {}
    for placed in presence.migrations.values():
        revises = placed.migration.revises
        if not placed.migration.is_dynamic or not revises:
            continue
        other = written.setdefault(revises, placed)
        if other is not placed:
            raise CannotTellError(
                f"git tracks none of the migrations here, and {other.migration.revision} ({other.path}) and "
                f"{placed.migration.revision} ({placed.path}) were both written after {', '.join(revises)}, "
                "so nothing tells which came first",
                "run this in the repository they come from, "
                "or bring a chain file written there by `gitlembic chain --write`",
            )


def check_new_migration(project: Project) -> None:
    """Refuse a new dynamic migration where git cannot be asked for its place, before it is written."""
    for home in _homes(project, use_chain_file=True):
        with ExitStack() as stack:
            repository = _open(home, stack)
            presences = Presences(WorkingTreeHistory(home.root, repository))
            if repository is None or not _git_knows(presences, repository, home):
                raise CannotTellError(
                    f"a new migration here would be dynamic, and {_why_not_git(home)}: its place could not be told",
                    "create it in the repository of the project (`git init` makes one)",
                )


def _why_not_git(home: _Home) -> str:
    return f"{home.root} is in no git repository" if home.directory is None else "git ignores the migrations here"


def _from_git(
    home: _Home, repository: GitRepository, presences: Presences, tip: CommitId, place: Place, *, all_births: bool
) -> Resolution:
    presence = _checked(presences, tip, place)
    entries = home.read_chain_files() if tip == WORKING_TREE else None
    head = repository.directory.read_head() if tip == WORKING_TREE else tip
    source = Source.GIT
    if _is_dynamic(presence):
        settle = _Settle(entries)
        folded = {
            group: fold_line(presences, tip, group, settle) for group in _groups(presences, tip, place, by_git=True)
        }
        chains = tuple(chain_from_line(group, line) for group, line in folded.items())
        source = Source.GIT_AND_CHAIN_FILE if settle.asked_file else Source.GIT
        _check_contradictions(home, entries, chains)
    else:
        chains, source = _declared(presences, tip, place), Source.DECLARED
    if all_births:
        chains = tuple(_with_all_births(presences, tip, chain) for chain in chains)
    commits = {link.born for chain in chains for link in chain.links} - {None, WORKING_TREE}
    return Resolution(chains, source, head, births={commit: repository.birth(commit) for commit in commits if commit})


def _with_all_births(presences: Presences, tip: CommitId, chain: Chain) -> Chain:
    births = compute_births(presences, tip, chain.place)
    return chain.with_births({revision: birth.commit for birth in births for revision in birth.revisions})


class _Settle:
    """How the oldest migrations of a shallow clone stand: by themselves, else by the chain file."""

    def __init__(self, entries: Entries | None) -> None:
        self._entries = entries
        self.asked_file = False

    def __call__(self, migrations: Mapping[RevisionId, PlacedMigration]) -> Line | None:
        line = settled_line(migrations)
        if line is not None or self._entries is None or missing_entries(self._entries, migrations):
            return line
        self.asked_file = True
        return line_from_entries(self._entries, migrations)


def _check_contradictions(home: _Home, entries: Entries | None, chains: tuple[Chain, ...]) -> None:
    for chain in chains if entries is not None else ():
        found = find_contradiction(entries or {}, chain)
        if found is not None:
            paths = " and ".join(os.fspath(path) for path in chain_file_paths(home.locations) if path.exists())
            raise CannotTellError(
                f"{paths} contradicts git, and databases may have been deployed in its order:\n"
                f"  chain file: {', then '.join(found.in_file)}\n"
                f"  git:        {', then '.join(found.in_git)}",
                "if no database was deployed in the file's order, write the file again: `gitlembic chain --write`; "
                "otherwise freeze that order: give each of these migrations the down_revision "
                "that the file records, as a literal",
            )


def _from_chain_file(home: _Home, presences: Presences) -> Resolution:
    presence = _checked(presences, WORKING_TREE, home.place)
    if not _is_dynamic(presence):
        return Resolution(_declared(presences, WORKING_TREE, home.place), Source.DECLARED)
    if not home.use_chain_file:
        raise CannotTellError(
            f"a chain file is made from git, and {_why_not_git(home)}",
            "run this in the repository that the migrations come from",
        )
    entries = home.read_chain_files()
    paths = " or ".join(os.fspath(path) for path in chain_file_paths(home.locations))
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
    for group in _groups(presences, WORKING_TREE, home.place, by_git=False):
        migrations = presences.at(WORKING_TREE, group).migrations
        line = line_from_entries(entries, migrations)
        if line is None:
            raise BrokenInputError(f"the chain file {paths} records no chain for the migrations here", _REWRITE)
        chains.append(chain_from_line(group, FoldedLine(line, {})))
    return Resolution(tuple(chains), Source.CHAIN_FILE)


@dataclass(frozen=True)
class Checkout:
    """The working tree of one repository, with the locations in it that share a chain."""

    root: Path
    repository: GitRepository
    history: WorkingTreeHistory
    groups: tuple[Place, ...]


@contextmanager
def open_checkouts(project: Project) -> Iterator[tuple[Checkout, ...]]:
    """The working trees that hold a project's locations; refuses what is in no repository, or cannot be read."""
    with ExitStack() as stack:
        checkouts = []
        for home in _homes(project, use_chain_file=False):
            repository = _open(home, stack)
            if repository is None:
                raise CannotTellError(
                    f"{home.root} is in no git repository, so there is no mainline to compare with",
                    "run this in the repository of the project",
                )
            history = WorkingTreeHistory(home.root, repository)
            presences = Presences(history)
            by_git = _is_dynamic(_checked(presences, WORKING_TREE, home.place))
            groups = _groups(presences, WORKING_TREE, home.place, by_git=by_git)
            checkouts.append(Checkout(home.root, repository, history, groups))
        yield tuple(checkouts)
