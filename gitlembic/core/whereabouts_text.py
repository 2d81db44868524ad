"""Where a revision is -> sentences, and the commands that go there or bring it here."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitlembic.core.explanation import Explanation
from gitlembic.core.history import IN_CI, SHORT_COMMIT, WORKING_TREE
from gitlembic.core.listing import first_of
from gitlembic.core.whereabouts import Deletion, Sighting, TipKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gitlembic.core.chain import Birth
    from gitlembic.core.migration import PlacedMigration
    from gitlembic.core.whereabouts import Answer, Commit, Tip, Whereabouts

_SHOWN = 3
"""Other places, and other revisions of which only the beginning was given, that are named."""

_NAMES = {
    TipKind.UPSTREAM: "on the remote branch {}",
    TipKind.BRANCH: "on the branch {}",
    TipKind.WORKTREE: "in the worktree {}",
    TipKind.REMOTE_BRANCH: "on the remote branch {}",
    TipKind.TAG: "in the tag {}",
    TipKind.STASH: "in {}",
    TipKind.REFLOG: "in what was checked out here before ({})",
    TipKind.LOOSE: "in the commit {}, which may be on no branch any more,",
}

_RESCUE = "`gitlembic rescue` undoes what this checkout lacks, with the files from git"
_LOST = (
    "if its file is gone for good, undo by hand what it did to the database; then `gitlembic stamp --purge REV` says "
    "that it stands at REV alone, the last one here that ran, and runs nothing"
)

_BRANCHES = frozenset({TipKind.UPSTREAM, TipKind.BRANCH, TipKind.REMOTE_BRANCH})
_NO_PLACE_TO_BE = frozenset({TipKind.UPSTREAM, TipKind.STASH, TipKind.REFLOG, TipKind.LOOSE})
_REFS = _BRANCHES | {TipKind.TAG}


def explain_whereabouts(whereabouts: Whereabouts) -> Explanation:
    """Where it is, and the commands that go there or bring it here; where it is nowhere, what that means."""
    return _explain(whereabouts, _ways)


def explain_position(whereabouts: Whereabouts) -> Explanation:
    """The same of the revision at which a database stands.

    It is not to be brought here from a tip: what this checkout has would then partly stand before
    it, and count as run by that database.
    """
    return _explain(whereabouts, _way_back, or_else=f", or {_RESCUE}", if_lost=f"; {_LOST}")


def _explain(
    whereabouts: Whereabouts, advise: Callable[[Sighting, Whereabouts], str], or_else: str = "", if_lost: str = ""
) -> Explanation:
    by_revision: dict[str, list[Answer]] = {}
    for answer in whereabouts.answers:
        by_revision.setdefault(answer.placed.migration.revision, []).append(answer)
    if not by_revision:
        return _nowhere(whereabouts, if_lost)
    facts: list[str] = []
    for revision, answers in [*by_revision.items()][:_SHOWN]:
        facts += _facts("It" if revision == whereabouts.wanted else revision, answers)
    if len(by_revision) > _SHOWN:
        facts.append(f"It may also mean {first_of([*by_revision][_SHOWN:], _SHOWN)}.")
    nearest = next(iter(by_revision.values()))[0]
    hint = (
        f"{_restore(nearest, whereabouts)}{or_else}" if isinstance(nearest, Deletion) else advise(nearest, whereabouts)
    )
    return Explanation(tuple(facts), hint)


def describe_commit(commit: Commit) -> str:
    """`by Ada on 2026-01-01 in 18bf9bef1 (create orders)`."""
    return describe_birth(commit.birth) + (f" ({commit.subject})" if commit.subject else "")


def describe_birth(birth: Birth) -> str:
    """`by Ada on 2026-01-01 in 18bf9bef1`."""
    date = f" on {birth.date:%Y-%m-%d}" if birth.date else ""
    return f"by {birth.author or 'somebody'}{date} in {birth.commit[:SHORT_COMMIT]}"


def _facts(name: str, answers: Iterable[Answer]) -> list[str]:
    """One sentence for each kind of answer, the nearest told in full."""
    facts = []
    others = []
    told = False
    for answer in answers:
        if isinstance(answer, Deletion):
            facts.append(_deleted(name, answer))
        elif told:
            others.append(answer.tip.name)
        else:
            facts.append(_seen(name, answer))
            told = True
    others = list(dict.fromkeys(others))
    return [*facts, f"Others that have it: {first_of(others, _SHOWN)}."] if others else facts


def _seen(name: str, sighting: Sighting) -> str:
    added = f", added {describe_commit(sighting.added)}" if sighting.added else ""
    state = ", not committed," if sighting.tip.commit == WORKING_TREE else ""
    return f"{name} is {name_tip(sighting.tip)}{state} as {sighting.placed.path}{added}."


def name_tip(tip: Tip) -> str:
    """`on the branch feature`."""
    where = f" (checked out in {tip.checked_out})" if tip.checked_out else ""
    return _NAMES[tip.kind].format(tip.name) + where


def _deleted(name: str, deletion: Deletion) -> str:
    path = deletion.placed.path
    if deletion.by is None:
        here = f"its id is {deletion.became} here" if deletion.became else "deleted here"
        return f"{name} is in the last commit as {path}, and {here}."
    if not deletion.merged:
        return f"{name} was {path} until {_what_happened(deletion)} {describe_commit(deletion.by)}."
    origin = f" {describe_commit(deletion.origin)}" if deletion.origin else ""
    return f"{name} was {path} until {_what_happened(deletion)}{origin}, merged {describe_commit(deletion.by)}."


def _what_happened(deletion: Deletion) -> str:
    return f"its id was changed to {deletion.became}" if deletion.became else "it was deleted"


def _restore(deletion: Deletion, whereabouts: Whereabouts) -> str:
    brought = (deletion.placed, *deletion.older)
    if deletion.by is None:
        return _bring("HEAD", brought, whereabouts)
    commit = deletion.by.birth.commit[:SHORT_COMMIT]
    told = (deletion.origin or deletion.by).birth.commit[:SHORT_COMMIT]
    why = f"`{whereabouts.git} show {told}` says why"
    return f"{why}, and {_bring(f'{commit}~1', brought, whereabouts)} ({tell_return(brought, f'{commit}~1')})"


def tell_return(brought: Sequence[PlacedMigration], commit: str) -> str:
    """Where migrations stand once their files are back from `commit`, and what that calls for.

    Others may have come to stand where they stood. A database may have run either; only a merge
    migration is right for both, and a dynamic one would stand behind those others. But one that ran
    what followed them, too, would run them again: that has to follow them as before.
    """
    here = {placed.migration.revision for placed in brought}
    dynamic = [placed.migration.revision for placed in brought if placed.migration.is_dynamic]
    join = (
        "`gitlembic merge heads -m MESSAGE` joins both, whichever a database ran; where one ran both, "
        "write its old parent into that other instead"
    )
    if dynamic:
        return (
            f"then write the parents that `gitlembic chain --at {commit}` shows for {first_of(dynamic, _SHOWN)} into "
            f"the files as literals, else they stand at the end; where another follows the same parent by now, {join}"
        )
    oldest = [placed.migration for placed in brought if here.isdisjoint(placed.migration.parents)]
    parents = [parent for migration in oldest for parent in migration.parents]
    return (
        f"{first_of([migration.revision for migration in oldest], _SHOWN)} declares its old parent, "
        f"{first_of(parents, _SHOWN) or 'nobody'}, still: if another follows that by now, {join}"
    )


def _ways(sighting: Sighting, whereabouts: Whereabouts) -> str:
    """How to go there, and how to bring it here."""
    tip = sighting.tip
    there = (
        ""
        if tip.kind in {TipKind.UPSTREAM, TipKind.STASH, TipKind.REFLOG, TipKind.LOOSE}
        else _go_there(tip, whereabouts.git)
    )
    return ", or ".join(filter(None, [there, _bring_tip(sighting, whereabouts)]))


def _way_back(sighting: Sighting, whereabouts: Whereabouts) -> str:
    """How to go there, and how to take the database back from there."""
    there = _go_there(sighting.tip, whereabouts.git)
    if sighting.tip.commit == WORKING_TREE:
        return f"{there}; once it is committed there, {_RESCUE}"
    return f"{there}, or {_RESCUE}"


def _go_there(tip: Tip, git: str) -> str:
    name = shlex.quote(tip.name)
    if tip.checked_out or tip.kind is TipKind.WORKTREE:
        return f"go on in {tip.checked_out or tip.name}"
    if tip.kind is TipKind.STASH:
        return f"`{git} stash branch NAME {name}` goes there"
    if tip.kind is TipKind.BRANCH:
        return f"`{git} switch {name}` goes there"
    if tip.kind is TipKind.REMOTE_BRANCH and tip.remote and not tip.local:
        return f"`{git} switch --track {shlex.quote(_revision(tip))}` goes there"
    return f"`{git} switch --detach {shlex.quote(_revision(tip))}` goes there"


def _revision(tip: Tip) -> str:
    """What git commands take for the commit: the name of its ref, else its id."""
    return (tip.full or tip.name) if tip.kind in _REFS else tip.commit[:SHORT_COMMIT]


def _bring_tip(sighting: Sighting, whereabouts: Whereabouts) -> str:
    tip, git = sighting.tip, whereabouts.git
    if tip.commit == WORKING_TREE:
        return "commit it there first"
    if tip.kind in _BRANCHES and not sighting.merged:
        return f"`{git} merge {shlex.quote(_revision(tip))}` brings it here"
    if tip.kind is TipKind.STASH:
        return f"`{git} stash apply {tip.name}` brings it here"
    return _bring(shlex.quote(_revision(tip)), [sighting.placed], whereabouts)


def _bring(commit: str, brought: Sequence[PlacedMigration], whereabouts: Whereabouts) -> str:
    """The command that takes files from a commit, which is quoted already: that of the first, and others it needs.

    Prints those that would not be loaded where they were there, or would overwrite what stands there.
    """
    paths: list[str] = []
    prints: list[str] = []
    for path in (placed.path for placed in brought):
        command = f"`{whereabouts.git} show {commit}:{shlex.quote(path)}` prints it"
        if not any(location.holds(path) for location in whereabouts.place):
            prints.append(f"{command}, for a file in {whereabouts.place[0].path or '.'}")
        elif path in whereabouts.taken:
            prints.append(f"{command}, for a file of another name")
        else:
            paths.append(path)
    more = f"with {first_of([placed.migration.revision for placed in brought[1:]], _SHOWN)}, which it follows, "
    checkout = [f"`{whereabouts.git} checkout {commit} -- {shlex.join(paths)}` brings it here"] if paths else []
    return (more if len(brought) > 1 else "") + " and ".join([*checkout, *prints])


def _nowhere(whereabouts: Whereabouts, if_lost: str) -> Explanation:
    facts = ["No branch, tag, stash or worktree that this clone knows has it, and no commit on HEAD's line deleted it."]
    if whereabouts.unread:
        names = first_of([tip.name for tip in whereabouts.unread], _SHOWN)
        facts.append(f"This clone lacks objects of {names}: there nothing was looked for.")
    if whereabouts.ended:
        facts.append("It also lacks the beginning of HEAD's line, where it may have been deleted.")
    return Explanation(tuple(facts), _where_else(whereabouts) + if_lost)


def _where_else(whereabouts: Whereabouts) -> str:
    owner = "ask whoever made it, who has not pushed it"
    fetch = fetching(whereabouts)
    return f"{fetch}; if it is not there, {owner}" if fetch else f"there is no remote to fetch from, so {owner}"


def fetching(whereabouts: Whereabouts) -> str:
    """The command that may bring what this clone does not know; "" if none would."""
    git = whereabouts.git
    if whereabouts.is_shallow:
        return f"`{git} fetch --unshallow` brings the whole history {IN_CI}"
    if whereabouts.unread or whereabouts.ended:
        return f"`{git} fetch --refetch --no-filter` brings what is missing, `{git} fsck` looks for damage"
    return f"`{git} fetch --all --tags` brings what others have pushed since" if whereabouts.has_remotes else ""
