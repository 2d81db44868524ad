"""Where a revision is -> sentences, and the commands that go there or bring it here."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitlembic.core.explanation import Explanation
from gitlembic.core.history import WORKING_TREE
from gitlembic.core.whereabouts import Deletion, Sighting, TipKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitlembic.core.whereabouts import Answer, Commit, Tip, Whereabouts

SHORT_COMMIT = 9
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
}

_GO_THERE = {
    TipKind.BRANCH: "`{git} switch {name}` goes there",
    TipKind.WORKTREE: "go on in {path}",
    TipKind.REMOTE_BRANCH: "`{git} switch --track {name}` goes there",
    TipKind.TAG: "`{git} switch --detach {name}` goes there",
}
_BRANCHES = frozenset({TipKind.UPSTREAM, TipKind.BRANCH, TipKind.REMOTE_BRANCH})


def explain_whereabouts(whereabouts: Whereabouts) -> Explanation:
    """Where it is, and the next command; where it is nowhere, what that means."""
    by_revision: dict[str, list[Answer]] = {}
    for answer in whereabouts.answers:
        by_revision.setdefault(answer.placed.migration.revision, []).append(answer)
    if not by_revision:
        return _nowhere(whereabouts)
    facts: list[str] = []
    for revision, answers in [*by_revision.items()][:_SHOWN]:
        facts += _facts("It" if revision == whereabouts.wanted else revision, answers)
    if len(by_revision) > _SHOWN:
        facts.append(f"It may also mean {_some([*by_revision][_SHOWN:])}.")
    commands = _commands(next(iter(by_revision.values())), whereabouts)
    return Explanation(tuple(facts), "; ".join(commands))


def describe_commit(commit: Commit) -> str:
    """`by Ada on 2026-01-01 in 18bf9bef1 (create orders)`."""
    birth = commit.birth
    date = f" on {birth.date:%Y-%m-%d}" if birth.date else ""
    subject = f" ({commit.subject})" if commit.subject else ""
    return f"by {birth.author or 'somebody'}{date} in {birth.commit[:SHORT_COMMIT]}{subject}"


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
    return [*facts, f"Others that have it: {_some(others)}."] if others else facts


def _seen(name: str, sighting: Sighting) -> str:
    added = f", added {describe_commit(sighting.added)}" if sighting.added else ""
    state = ", not committed," if sighting.tip.commit == WORKING_TREE else ""
    return f"{name} is {_named(sighting.tip)}{state} as {sighting.placed.path}{added}."


def _named(tip: Tip) -> str:
    where = f" (checked out in {tip.checked_out})" if tip.checked_out else ""
    return _NAMES[tip.kind].format(tip.name) + where


def _deleted(name: str, deletion: Deletion) -> str:
    path = deletion.placed.path
    if deletion.by is None:
        return f"{name} is in the last commit as {path}, and deleted here."
    return f"{name} was {path} until it was deleted {describe_commit(deletion.by)}."


def _commands(answers: Sequence[Answer], whereabouts: Whereabouts) -> list[str]:
    """What to do about the nearest answer of each kind; whoever deleted it just now need not look further."""
    nearest = {type(answer): answer for answer in reversed(answers)}
    if isinstance(answers[0], Deletion) and answers[0].by is None:
        nearest = {Deletion: answers[0]}
    return [_command(answer, whereabouts) for answer in answers if nearest.get(type(answer)) is answer]


def _command(answer: Answer, whereabouts: Whereabouts) -> str:
    if isinstance(answer, Sighting):
        return _commands_of_tip(answer, whereabouts)
    if answer.by is None:
        return _bring("HEAD", answer, whereabouts)
    commit = answer.by.birth.commit[:SHORT_COMMIT]
    why = f"`{whereabouts.git} show {commit}` says why it was deleted"
    return f"{why}, and {_bring(f'{commit}~1', answer, whereabouts)}"


def _commands_of_tip(sighting: Sighting, whereabouts: Whereabouts) -> str:
    tip = sighting.tip
    there = _GO_THERE.get(tip.kind, "")
    if tip.checked_out:
        there = "go on in {checked_out}"
    elif tip.local and tip.kind is TipKind.REMOTE_BRANCH:
        there = "`{git} switch {local} && {git} merge {name}` goes there"
    quoted = {"name": shlex.quote(tip.name), "local": shlex.quote(tip.local), "checked_out": tip.checked_out}
    ways = [there.format(git=whereabouts.git, path=tip.name, **quoted), _bring_tip(sighting, whereabouts)]
    return ", or ".join(filter(None, ways))


def _bring_tip(sighting: Sighting, whereabouts: Whereabouts) -> str:
    tip, git = sighting.tip, whereabouts.git
    if tip.commit == WORKING_TREE:
        return "commit it there first"
    if tip.kind in _BRANCHES:
        return f"`{git} merge {shlex.quote(tip.name)}` brings it here"
    if tip.kind is TipKind.STASH:
        return f"`{git} stash apply {tip.name}` brings it here"
    commit = shlex.quote(tip.name) if tip.kind is TipKind.TAG else tip.commit[:SHORT_COMMIT]
    return _bring(commit, sighting, whereabouts)


def _bring(commit: str, answer: Answer, whereabouts: Whereabouts) -> str:
    """The command that takes one file from a commit; prints it, if it would not be loaded where it was there."""
    path = answer.placed.path
    if any(location.holds(path) for location in whereabouts.place):
        return f"`{whereabouts.git} checkout {commit} -- {shlex.quote(path)}` brings it here"
    here = whereabouts.place[0].path or "."
    return f"`{whereabouts.git} show {commit}:{shlex.quote(path)}` prints it, for a file in {here}"


def _nowhere(whereabouts: Whereabouts) -> Explanation:
    facts = ["No branch, tag, stash or worktree that this clone knows has it, and no commit on HEAD's line deleted it."]
    if whereabouts.unread:
        names = _some([tip.name for tip in whereabouts.unread])
        facts.append(f"This clone lacks objects of {names}: there nothing was looked for.")
    if whereabouts.ended:
        facts.append("It also lacks the beginning of HEAD's line, where it may have been deleted.")
    return Explanation(tuple(facts), _where_else(whereabouts))


def _where_else(whereabouts: Whereabouts) -> str:
    git = whereabouts.git
    owner = "ask whoever made it, who has not pushed it"
    if whereabouts.is_shallow:
        return f"`{git} fetch --unshallow` brings the whole history (in CI: fetch-depth 0); if it is not there, {owner}"
    if whereabouts.unread or whereabouts.ended:
        return f"`{git} fetch --refetch` brings what is missing, `{git} fsck` looks for damage; otherwise {owner}"
    if whereabouts.has_remotes:
        return f"`{git} fetch --all --tags` brings what others have pushed since; if it is not there, {owner}"
    return f"there is no remote to fetch from, so {owner}"


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
