"""GL1: the branches beside this checkout, as `--open` finds them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitlembic.core.listing import first_of
from gitlembic.doctor.check import Check
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.doctor.evidence import Evidence, OpenBranch

_SHOWN = 5


def find_open_branches(evidence: Evidence) -> Iterator[Finding]:
    found = evidence.open()
    stacked: dict[tuple[PlacedMigration, ...], list[OpenBranch]] = {}
    for branch in found.branches:
        if branch.adds:
            stacked.setdefault(tuple(one.placed for one in branch.adds), []).append(branch)
    for branches in stacked.values():
        yield _open_branch(evidence, branches)
    if found.stale:
        yield Finding(
            Severity.INFO,
            f"{found.stale} {'branch was' if found.stale == 1 else 'branches were'} not looked at: nothing was "
            "committed there for 90 days",
            "delete what nobody will merge; `gitlembic doctor --against BRANCH` looks at one of them",
        )
    if found.unread:
        yield Finding(
            Severity.INFO,
            f"this clone lacks what would tell of {first_of(found.unread, _SHOWN)}",
            "`git fetch --unshallow`, or run this in a whole clone",
        )


def _open_branch(evidence: Evidence, branches: Sequence[OpenBranch]) -> Finding:
    """Branches that bring the same migrations are mostly built on each other."""
    branch, *more = branches
    added = [one.placed.migration.revision for one in branch.adds]
    rivals = _rivals(evidence, branch)
    where = f"{branch.name} ({branch.by.author}{f', {branch.by.date:%Y-%m-%d}' if branch.by.date else ''})"
    if more:
        where += f" and {first_of([one.name for one in more], _SHOWN)}"
    adds = f"{'add' if more else 'adds'} {'a migration' if len(added) == 1 else 'migrations'} too"
    message = f"{where} {adds}: {first_of(added, _SHOWN)}"
    first, cure = added[0], _cure_without_rivals(branch)
    if rivals:
        first, (parent, here) = next(iter(rivals.items()))
        message += f"; {first} follows {parent}, as {here} does, so whoever is merged second stands beside the line"
        cure = (
            f"merge one of them, then `gitlembic rebase` on the other; `gitlembic chain --at "
            f"{shlex.quote(branch.name)}` shows that chain"
        )
    return Finding(
        Severity.WARNING if rivals else Severity.INFO, message, cure, revision=first, commit=branch.by.commit
    )


def _cure_without_rivals(branch: OpenBranch) -> str:
    """What is to be done for somebody whom nobody here is in the way of; another branch may yet be."""
    added = {one.placed.migration.revision for one in branch.adds}
    declared = (parent for one in branch.adds for parent in one.placed.migration.parents)  # a dynamic one has none
    parent = next((one for one in declared if one not in added), None)
    if parent is None:
        return "nothing; they follow one another in the order in which they are merged"
    return (
        f"nothing if it is merged before anything else follows {parent}; or else merge that into it, then "
        "`gitlembic rebase` there"
    )


def _rivals(evidence: Evidence, branch: OpenBranch) -> dict[RevisionId, tuple[RevisionId, RevisionId]]:
    """The static migrations of a branch that follow whom somebody here follows whom the branch does not have."""
    try:
        links = evidence.resolution().links.values()
    except GitlembicError:  # of which another check tells
        return {}
    followers = {parent: link.revision for link in links if link.revision not in branch.has for parent in link.parents}
    statics = [one.placed.migration for one in branch.adds if not one.placed.migration.is_dynamic]
    return {
        migration.revision: (parent, followers[parent])
        for migration in statics
        for parent in migration.parents
        if parent in followers
    }


OPEN_BRANCH = Check(
    code="GL112",
    name="open-branch",
    what="Another branch adds migrations too, and --open looks at it.",
    why="They will meet on the mainline, where only one of two that follow the same migration can come next.",
    triggers="here b2 has down_revision = 'a1', and the branch topic brings c3 with down_revision = 'a1'",
    silent="the branch topic with migrations that the mainline has; or nothing committed there for 90 days",
    find=find_open_branches,
)
