"""A project -> its chains: asks the files, git and the chain file in the order of ORDER.md 5.

A project in which nothing is dynamic needs neither git nor a chain file. Where git can answer, it
does; a chain file serves where it cannot, and stops everything where it contradicts git.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.commands.chain_file_part import answer_from_chain_file
from gitlembic.commands.git_part import answer_from_git, check_links, remember_head
from gitlembic.commands.part import Part, Question, checked, declared_chains, is_dynamic, open_repository
from gitlembic.commands.recall import conclusion, read_state, scan
from gitlembic.commands.witness import find_witnesses, is_tracked
from gitlembic.core.chain import with_outside_followers
from gitlembic.core.chain_check import check_apart, check_chains
from gitlembic.core.fold import history_hint
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.ordering import walk_first_parents
from gitlembic.core.presence import Presences
from gitlembic.core.resolution import Resolution
from gitlembic.errors import CannotTellError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gitlembic.adapters.project import Project
    from gitlembic.adapters.project_home import Home
    from gitlembic.core.history import CommitId, Location


def compute(project: Project, homes: Sequence[Home], question: Question, on_disk: WorkingTreeHistory) -> Resolution:
    """The chains of a project in `homes`; `on_disk` is the working tree of the first of them.

    An answer that follows from its files and the state of its repository alone is noted there for
    another time.
    """
    with ExitStack() as stack:
        state = read_state(homes[0])
        parts = _compute_parts(project, homes, question, on_disk, stack)
        resolution = _together(parts, question)
        if (
            state is not None
            and question.at is None
            and not question.all_births
            and all(part.is_told_by_files for part in parts)
            and state == read_state(homes[0])  # whoever commits meanwhile, it was of one commit
        ):
            on_disk.conclude(conclusion(state, resolution))
        return resolution


def _together(parts: Sequence[Part], question: Question) -> Resolution:
    chains = with_outside_followers(tuple(chain for part in parts for chain in part.chains))
    check_chains(chains)
    check_apart([part.chains for part in parts])
    return Resolution(
        chains=chains,
        head=next((part.head for part in parts if part.head), None),
        at=question.at,
        births={commit: birth for part in parts for commit, birth in part.births.items()},
    )


def _compute_parts(
    project: Project, homes: Sequence[Home], question: Question, on_disk: WorkingTreeHistory, stack: ExitStack
) -> list[Part]:
    at = question.at
    try:
        named = _home_of_ref(project, homes) if at is not None else None
        return [
            part
            for number, home in enumerate(homes)
            for part in _compute_home(
                home,
                question if at is None or home is named else _today(home, at),
                on_disk if number == 0 else scan(home),
                stack,
            )
        ]
    except HistoryUnknownError as unknown:
        raise CannotTellError(
            f"the answer needs more history than this clone holds ({unknown.reason} at commit {unknown.commit[:12]})",
            history_hint(unknown),
        ) from unknown


def find_home_of_ref(project: Project) -> Home:
    """Whose branches and tags are meant where one is named."""
    return _home_of_ref(project, find_homes(project))


def _home_of_ref(project: Project, homes: Sequence[Home]) -> Home:
    """Whose commits a REF names: those of the configuration's repository, else of the first location's."""
    own = find_git_directory(project.directory)
    return next((home for home in homes if home.repository == own and own), homes[0])


def _today(home: Home, at: str) -> Question:
    """What is asked of a home that REF says nothing of: how it is, if that needs no history."""
    presence = Presences(WorkingTreeHistory(home.root)).at(WORKING_TREE, home.place)
    if is_dynamic(presence):
        raise CannotTellError(
            f"{at!r} names a commit of another repository than that of {home.root}, "
            "whose dynamic migrations it does not place",
            "leave it out",
        )
    return Question(None, all_births=False, use_chain_file=True)


def _compute_home(home: Home, question: Question, on_disk: WorkingTreeHistory, stack: ExitStack) -> list[Part]:
    stack.callback(on_disk.remember)
    if question.at is None and not question.all_births:
        presences = Presences(on_disk)
        if not is_dynamic(checked(presences, WORKING_TREE, home.place)):
            chains = declared_chains(home, presences, WORKING_TREE, home.place)
            return [Part(chains, home.head_if_readable(), is_told_by_files=True)]
    with ExitStack() as opened:
        repository = open_repository(home, opened)
        if repository is None:
            if question.at is not None:
                raise CannotTellError(
                    f"{question.at!r} names no commit: {home.root} is in no git repository",
                    "run this in the repository that the migrations come from",
                )
            return [answer_from_chain_file(home, Presences(on_disk), home.place)]
        history = on_disk.on_top_of(repository)
        presences = Presences(history)
        if question.at is not None:
            commit = repository.resolve(question.at)
            at_commit = _home_at(home, presences, history, commit)
            check_links(repository, commit, at_commit.place)
            return [answer_from_git(at_commit, repository, presences, commit, at_commit.place, question)]
        by_git, by_file = find_witnesses(home, presences, history, repository, question)
        parts = []
        if by_git:
            outside = (path for location in by_git for path in history.links_outside(location))
            then = presences.place_at_parent(history.head, WORKING_TREE, by_git) if history.head else ()
            check_links(repository, history.head, then, outside)
            remember_head(repository, presences, history, by_git)
            part = answer_from_git(home, repository, presences, WORKING_TREE, by_git, question)
            # Of what is not tracked, what git ignores would have a say as well.
            is_told = not by_file and all(is_tracked(presences, history.head, location) for location in by_git)
            parts.append(part._replace(is_told_by_files=is_told))
        if by_file:
            parts.append(answer_from_chain_file(home, presences, by_file))
        return parts


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
    return home._replace(configured=configured)
