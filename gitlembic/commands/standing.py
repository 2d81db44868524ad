"""Which chain a database stands on; where this checkout lacks its position, the commits that have it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.commands.find_revision import find_revision
from gitlembic.commands.originals import find_squashes, unfold
from gitlembic.commands.resolve import resolve
from gitlembic.commands.stored_files import read_stored_files
from gitlembic.core.explanation import Explanation
from gitlembic.core.history import SHORT_COMMIT, WORKING_TREE
from gitlembic.core.migration import Kind
from gitlembic.core.rescue import heads_of, needs_of
from gitlembic.core.whereabouts import Deletion
from gitlembic.core.whereabouts_text import explain_position, name_tip
from gitlembic.errors import CannotTellError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.stored_scripts import StoredFile
    from gitlembic.core.journal import Entry
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution
    from gitlembic.core.whereabouts import Answer

_MOST_LOOKED_INTO = 30
"""Commits whose chains are computed, nearest first."""


@dataclass(frozen=True)
class Standing:
    """A chain that a database may stand on, with its files; `name` says where it is: on which branch.

    A squash stands there as what it has replaced, if git has that: so chains from before and after
    it have those in common. `squashed` says of each of them what the squash is called.
    """

    name: str
    resolution: Resolution
    files: Mapping[RevisionId, StoredFile]
    squashed: Mapping[RevisionId, RevisionId]

    @property
    def heads(self) -> tuple[RevisionId, ...]:
        needs = needs_of(self.resolution.links)
        return heads_of(needs, needs.keys())

    def with_squashed(self, ran: Mapping[str, Entry]) -> frozenset[str]:
        """What has run, where that of a squash is that of all it has replaced; not if only the last of those ran."""
        whole = {name for name, entry in ran.items() if entry.revision != name or entry.ran}
        return frozenset(ran).union(one for one, squash in self.squashed.items() if squash in whole)


def standing_on(project: Project, name: str, resolution: Resolution) -> Standing:
    """A chain with its files. Raises `CannotTellError` for what this clone lacks of them."""
    files = read_stored_files(project, resolution)
    squashed = {one: squash.link.revision for squash in find_squashes(resolution, files) for one in squash.replaced}
    with contextlib.suppress(CannotTellError):  # of an old one, git may have nothing any more
        resolution = unfold(project, resolution, files)
    return Standing(name, resolution, files, squashed)


def standing_at(project: Project, ref: str, heads: Iterable[RevisionId]) -> Standing:
    """The chain at a commit, branch or tag that the user named. Raises `CannotTellError` if it has not all `heads`."""
    standing = standing_on(project, f"at {ref}", resolve(project, at=ref))
    for head in heads:
        if head not in standing.resolution.links:
            raise CannotTellError(
                f"the database stands at {head}, which the chain at {ref} does not have",
                "leave --from out, to have the commits looked for that have it",
            )
    return standing


def check_whole(there: Standing, here: Resolution) -> None:
    """Raise `CannotTellError` for a commit that has no whole checkout, as what was not tracked has in a stash.

    There a dynamic migration has nobody before it who had somebody when it ran, and all of this
    checkout's would count as not run.
    """
    roots = {revision for revision, link in here.links.items() if not link.parents}
    for revision, link in there.resolution.links.items():
        if roots and link.kind is Kind.DYNAMIC and not link.parents and revision not in roots:
            raise CannotTellError(
                f"{revision} is {there.name} without anything that could stand before it, so what ran before it is "
                "not known (a stash keeps files that git did not track apart from the others)",
                "bring its file back here (`git stash apply`), `gitlembic downgrade` it, and take the file away again",
            )


def find_standings(project: Project, heads: Iterable[RevisionId], here: Resolution) -> tuple[Standing, ...]:
    """The chains that have all `heads`, nearest first, each commit once.

    Raises `CannotTellError`, with what is known of them, if there is none.
    """
    wanted = tuple(heads)
    failures: list[GitlembicError] = []
    found = []
    for commit, name in _commits(project, wanted, here).items():
        try:
            standing = standing_on(project, name, resolve(project, at=commit))
            check_whole(standing, here)
        except GitlembicError as error:
            failures.append(error)
            continue
        if all(head in standing.resolution.links for head in wanted):
            found.append(standing)
    if not found and failures:
        raise CannotTellError(
            f"the chain that has {', '.join(wanted)} cannot be told: {failures[0].message}", failures[0].hint
        )
    if not found:
        raise CannotTellError(
            f"the database stands at {', '.join(wanted)}, and no commit here has all of them",
            "name a commit whose chain does: --from REF",
        )
    return tuple(found)


def _commits(project: Project, heads: tuple[RevisionId, ...], here: Resolution) -> dict[str, str]:
    """The commits that have one of `heads` that this checkout lacks, nearest first, with where they are."""
    found: dict[str, str] = {}
    for head in heads:
        if head in here.links:
            continue
        whereabouts = find_revision(project, head, whole_reflog=True)
        answers = () if whereabouts is None else whereabouts.answers
        exact = [answer for answer in answers if answer.placed.migration.revision == head]
        commits = dict(pair for answer in reversed(exact) for pair in _commit(answer, here))
        if not commits:
            if whereabouts is None:
                known = Explanation((), "look for it where the repository of these migrations is")
            else:
                known = explain_position(whereabouts)
            unknown = f"the database stands at {head}, which no migration here has"
            raise CannotTellError("\n".join((unknown, *known.facts)), known.hint)
        found = {**found, **dict(reversed(commits.items()))}
    return dict([*found.items()][:_MOST_LOOKED_INTO])


def _commit(answer: Answer, here: Resolution) -> Iterator[tuple[str, str]]:
    if not isinstance(answer, Deletion):
        if answer.tip.commit != WORKING_TREE:
            yield answer.tip.commit, name_tip(answer.tip)
    elif answer.by is not None:
        by = answer.by.birth.commit
        yield f"{by}~1", f"before {by[:SHORT_COMMIT]} deleted it"
    elif here.head is not None:
        yield here.head, "in the last commit"
