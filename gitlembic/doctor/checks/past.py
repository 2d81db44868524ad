"""GL1 and GL2: what was done to migrations after they reached the mainline, and may have been deployed.

What this checkout does can still be undone, so it is a warning; what is on the mainline already is a
note for whoever wonders about a database.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.git_paths import git_path
from gitlembic.core.history import SHORT_COMMIT, WORKING_TREE, HistoryUnknownError
from gitlembic.core.listing import first_of
from gitlembic.core.ordering import arrange_births
from gitlembic.core.whereabouts import gone_with
from gitlembic.core.whereabouts_text import tell_return
from gitlembic.doctor.check import Check, Lasts
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator, Mapping, Sequence

    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.doctor.evidence import Event, Evidence, Past

_NAMED = 5
_NAMED_FILES = 12


def find_undeclared_order(evidence: Evidence) -> Iterator[Finding]:
    chain_of, here = _chain_of(evidence), evidence.present().migrations
    for past in evidence.past():
        settled = {placed.migration.revision for event in past.events for placed in event.newcomers}
        for event, severity in _births(past):
            loose = {
                placed.migration.revision: placed
                for placed in event.loose
                if placed.migration.is_dynamic
                and (severity is Severity.INFO or placed.migration.revision not in settled)
            }
            for first, second in _undeclared_in(loose, chain_of):
                if not here.get(second.migration.revision, second).migration.is_dynamic:
                    continue  # frozen since: its file tells now
                yield Finding(
                    severity,
                    f"{first.migration.revision} and {second.migration.revision} were born together"
                    f"{_in(event.commit)}, and neither says that it follows the other; by Create Date and path "
                    f"{second.migration.revision} comes later",
                    _order_cure(first, second, severity),
                    second.path,
                    revision=second.migration.revision,
                    commit=_commit(event),
                )


def _births(past: Past) -> Iterator[tuple[Event, Severity]]:
    yield from ((event, Severity.INFO) for event in past.events)
    yield from ((event, Severity.WARNING) for event in past.branch)


def _chain_of(evidence: Evidence) -> dict[RevisionId, int]:
    """Numbers of chains; nothing where they are not known."""
    try:
        chains = evidence.resolution().chains
    except (GitlembicError, HistoryUnknownError):
        return {}
    return {link.revision: number for number, chain in enumerate(chains) for link in chain.links}


def _undeclared_in(
    loose: dict[RevisionId, PlacedMigration], chain_of: Mapping[RevisionId, int]
) -> Iterator[tuple[PlacedMigration, PlacedMigration]]:
    """Those of one chain only: nothing follows from the order of two that stand in different ones."""
    for number in dict.fromkeys(map(chain_of.get, loose)):
        yield from _undeclared({one: placed for one, placed in loose.items() if chain_of.get(one) == number})


def _undeclared(loose: dict[RevisionId, PlacedMigration]) -> Iterator[tuple[PlacedMigration, PlacedMigration]]:
    """The neighbours in birth order of whom the later does not name the earlier, directly or through others."""
    arranged = arrange_births(loose)
    for first, second in pairwise(arranged):
        named = {second}
        stack = [second]
        while stack:
            new = {parent for parent in loose[stack.pop()].migration.named_parents if parent in loose} - named
            named |= new
            stack += new
        if first not in named:
            yield loose[first], loose[second]


def _order_cure(first: PlacedMigration, second: PlacedMigration, severity: Severity) -> str:
    if severity is Severity.INFO:
        return "nothing, if databases were deployed so; `gitlembic rebase --freeze` writes the order into the files"
    return f"put `Revises: {first.migration.revision}` into the docstring of {second.path}, or the other way round"


def find_relanded(evidence: Evidence) -> Iterator[Finding]:
    here = evidence.present().migrations
    for past in evidence.past():
        born: dict[RevisionId, int] = {}  # of those who stand there, by the number of the event
        gone: dict[RevisionId, _Gone] = {}
        for number, (event, severity) in enumerate(_births(past)):
            came = {placed.migration.revision: placed for placed in event.newcomers}
            returned = {revision: gone.pop(revision) for revision in came if revision in gone}
            others = {**born, **dict.fromkeys(came, number)}
            newest = max((one for revision, one in others.items() if revision not in returned), default=-1)
            back = {
                revision: before
                for revision, before in returned.items()
                if (before.born is None or before.born <= newest)
                and _moves(before.placed, here.get(revision, came[revision]))
            }
            for revision, before in back.items():
                yield Finding(
                    severity,
                    f"{revision} was deleted{_in(before.deleted)} and came back{_in(event.commit)}, "
                    "and now stands after what came between",
                    _old_place_cure(before.deleted, [one for one in back if back[one].deleted == before.deleted]),
                    came[revision].path,
                    evidence.line(came[revision].path, "down_revision"),
                    revision,
                    _commit(event),
                )
            born = others
            for placed in event.removed:
                since = born.pop(placed.migration.revision, None)
                if severity is Severity.INFO:  # what only this checkout deleted was never gone from the mainline
                    gone[placed.migration.revision] = _Gone(placed, event.commit, since)


class _Gone(NamedTuple):
    """A migration, the commit that deleted it, and the number of the event that had brought it, where that is known."""

    placed: PlacedMigration
    deleted: CommitId
    born: int | None


def _old_place_cure(deleted: CommitId, back: Sequence[RevisionId]) -> str:
    """Of all that came back together: one of them at its old place would have the others after what came between."""
    one = len(back) == 1
    return (
        f"if {'it was' if one else 'they were'} deployed before, write the {'parent' if one else 'parents'} that "
        f"`gitlembic chain --at {deleted[:SHORT_COMMIT]}~` shows for {first_of(back, _NAMED)} into the "
        f"{'file' if one else 'files'} as {'a literal' if one else 'literals'}, then join "
        f"{'it' if one else 'them'} with what came between: `gitlembic merge heads -m MESSAGE`"
    )


def _moves(before: PlacedMigration, after: PlacedMigration) -> bool:
    """Whether it does not stand where it stood: as a literal, its old parent puts it there again."""
    return after.migration.is_dynamic or set(before.migration.named_parents) != set(after.migration.parents)


def find_foxtrots(evidence: Evidence) -> Iterator[Finding]:
    for past in evidence.past():
        if past.mainline is None:
            continue
        for event in past.events:
            turns = _merges(past.mainline, event.subject) if event.turns is None else event.turns
            if turns and event.crosses and event.newcomers:
                stand = "stands" if len(event.newcomers) == 1 else "stand"
                before = f"{event.commit[:SHORT_COMMIT]}^2"
                yield Finding(
                    Severity.WARNING,
                    f"{past.mainline} was fast-forwarded to a branch that had merged it{_in(event.commit)}: "
                    f"{_some(event.newcomers)} had been there first, and since then {stand} after that branch's",
                    f"compare with what was deployed before (`gitlembic doctor --against {before}`); from now on merge "
                    f"into {past.mainline} with merge commits, squashes or rebases",
                    event.newcomers[0].path,
                    revision=event.newcomers[0].migration.revision,
                    commit=event.commit,
                )


def _merges(mainline: str, subject: str) -> bool:
    """Whether it is the subject of a merge that took the mainline into something else, as far as it says that.

    `Merge branch 'main' into topic`, `Merge branch 'main' of https://...`, `merge origin/main`; not
    `Merge branch 'topic' into main`, and not what a forge merged from a fork's branch of that name.
    """
    name = re.escape(mainline.removeprefix("origin/"))
    merged = rf"merge (?:(?:remote-tracking )?branch |latest |with |from )*['\"]?(?:origin/|upstream/)?{name}['\"]?"
    return re.fullmatch(rf"{merged}(?: (?:into|of) .*)?\.?", subject, re.IGNORECASE) is not None


def find_reparented(evidence: Evidence) -> Iterator[Finding]:
    for past in evidence.past():
        for event, severity in _changes(past):
            for edit in event.edits:
                old, new = edit.before, edit.placed.migration
                if edit.squashes:  # it follows whom its first original followed
                    continue
                if edit.was_beside and event.base is None:  # a rebase cured a side head; --against tells databases
                    continue
                moved = not (old.is_dynamic or new.is_dynamic) and set(old.parents) != set(new.parents)
                if moved and new.revision not in evidence.squashed():
                    was = _names(old.parents)
                    yield Finding(
                        Severity.INFO if edit.was_beside else severity,
                        f"{new.revision} followed {was} on the mainline and follows "
                        f"{_names(new.parents)}{_since(event)}",
                        f"right, since it stood beside that; on a database that ran it, `gitlembic downgrade "
                        f"{' '.join(old.parents) or 'base'}` first, with the files as they were"
                        if edit.was_beside
                        else f"write its old parent back, and let the newer one follow {new.revision}",
                        edit.placed.path,
                        evidence.line(edit.placed.path, "down_revision") if severity is Severity.WARNING else None,
                        new.revision,
                        _commit(event),
                    )


def find_edited_code(evidence: Evidence) -> Iterator[Finding]:
    here = evidence.present().migrations
    for past in evidence.past():
        for event, severity in _changes(past):
            for edit in event.edits:
                revision = edit.placed.migration.revision
                # What is gone runs nowhere, and under the id of a squash runs what that replaced.
                if edit.changes_code and not edit.squashes and revision in here and revision not in evidence.squashed():
                    what = "downgrade" if edit.only_downgrade else "code"
                    yield Finding(
                        Severity.INFO if edit.only_downgrade else severity,
                        f"the {what} of {revision} is another than when it reached the mainline{_since(event)}",
                        "nothing, if it takes back what the upgrade did"
                        if edit.only_downgrade
                        else "a database that ran it before stays as it is: put the change into a new migration, "
                        "unless the result is the same",
                        here[revision].path,
                        revision=revision,
                        commit=_commit(event),
                    )


def find_deleted(evidence: Evidence) -> Iterator[Finding]:
    for past in evidence.past():
        here = evidence.present().migrations
        # What a squash stands for now may have been deleted and brought back before that.
        stand = here.keys() | evidence.squash_of().keys()
        ever = {placed.migration.revision: placed for event, _ in _changes(past) for placed in event.removed}
        last = {placed.migration.revision: event for event, _ in _changes(past) for placed in event.removed}
        for event, severity in _changes(past):
            gone = [
                placed
                for placed in event.removed
                if last[placed.migration.revision] is event
                and placed.migration.revision not in event.replaced
                and placed.migration.revision not in stand
            ]
            if gone:
                yield Finding(
                    severity,
                    f"{_some(gone)} {'was' if len(gone) == 1 else 'were'} on the mainline, and deleted"
                    f"{_since(event)}; no squash stands for {'it' if len(gone) == 1 else 'them'}",
                    _bring_back(event, _with_older(gone, ever, stand), last, {one.path for one in here.values()}),
                    gone[0].path,
                    revision=gone[0].migration.revision,
                    commit=_commit(event),
                )


def _with_older(
    gone: Sequence[PlacedMigration], ever: Mapping[RevisionId, PlacedMigration], here: Container[RevisionId]
) -> tuple[PlacedMigration, ...]:
    """With those that other commits deleted and that these follow: one that is back alone would miss the rest."""
    older = (one for placed in gone for one in gone_with(placed, ever, here))
    return tuple({placed.migration.revision: placed for placed in (*gone, *older)}.values())


def _bring_back(
    event: Event, wanted: Sequence[PlacedMigration], last: Mapping[RevisionId, Event], taken: Collection[str]
) -> str:
    """All files, each as it was when it was deleted; what stands today where one of them was is not overwritten."""
    commit = _before(event)
    files_at: dict[str, list[str]] = {}
    for placed in wanted:
        files_at.setdefault(_before(last[placed.migration.revision]), []).append(git_path(placed.path))
    files = "the file" if len(wanted) == 1 else f"the {len(wanted)} files"
    how = (
        ", ".join(f"`git checkout {one} -- {' '.join(paths)}`" for one, paths in files_at.items())
        if len(wanted) <= _NAMED_FILES
        else f"`git checkout {commit} -- FILES`, of which `git diff --name-only --diff-filter=D {commit}` has the names"
    )
    in_the_way = [placed.path for placed in wanted if placed.path in taken]
    if in_the_way:
        how = f"`git show {commit}:PATH` prints each, for files of other names: {first_of(in_the_way, _NAMED)} is taken"
    # What only this checkout deleted keeps its place on the mainline.
    then = f"; {tell_return(wanted, commit)}" if event.base is None else ""
    return f"if a database may stand there, bring {files} back: {how}{then}"


def _before(event: Event) -> str:
    """The commit that still has what the event deleted."""
    return f"{event.commit[:SHORT_COMMIT]}~" if event.base is None else event.base[:SHORT_COMMIT]


def _changes(past: Past) -> Iterator[tuple[Event, Severity]]:
    yield from ((event, Severity.INFO) for event in past.events)
    if past.own is not None:
        yield past.own, Severity.WARNING


def _commit(event: Event) -> CommitId | None:
    return None if event.commit == WORKING_TREE else event.commit


def _in(commit: CommitId) -> str:
    return "" if commit == WORKING_TREE else f" in {commit[:SHORT_COMMIT]}"


def _since(event: Event) -> str:
    return " here" if event.commit == WORKING_TREE else f" since {event.commit[:SHORT_COMMIT]}"


def _names(revisions: Sequence[str]) -> str:
    return ", ".join(revisions) or "nobody"


def _some(migrations: Sequence[PlacedMigration]) -> str:
    return first_of([placed.migration.revision for placed in migrations], _NAMED)


UNDECLARED_ORDER = Check(
    code="GL106",
    name="undeclared-order",
    what="One commit brought several dynamic migrations, and nothing in them says which was written first.",
    why="Their order then follows from their dates, which may not be how they were tried.",
    triggers="a squash merge with b2 and c3, both with `Revises: a1` in their docstrings",
    silent="the same with `Revises: b2` in c3; or both merged with a merge commit",
    find=find_undeclared_order,
    lasts=Lasts.ANSWER,
)

RELANDED = Check(
    code="GL107",
    name="relanded-migration",
    what="A migration was deleted from the mainline and came back later.",
    why="A database that ran it before it was deleted runs it again, after what came between.",
    triggers="the revert of a merge, then something else, then the revert of the revert",
    silent="the same with nothing else between; or a static one that came back with the parent that it had",
    find=find_relanded,
    lasts=Lasts.ANSWER,
)

FOXTROT = Check(
    code="GL108",
    name="foxtrot",
    what="The mainline was fast-forwarded to a branch that had merged the mainline.",
    why="Its first parents are now the branch's, so migrations that were first come second.",
    triggers="on a branch with b2: `git merge main`, which brings c3; then main is fast-forwarded to it",
    silent="the same branch, merged into main with a merge commit; one whose merge has a subject that does not name "
    "main, in a clone that did not fetch main before and after",
    find=find_foxtrots,
    lasts=Lasts.ANSWER,
)

REPARENTED = Check(
    code="GL109",
    name="reparented-migration",
    what="A static migration declares another parent than when it reached the mainline.",
    why="A database that ran it in its old place may miss or repeat what stands around it.",
    triggers="b2 on main has down_revision = 'a1', and here 'c3'",
    silent="a migration that only this branch has; or one that `gitlembic rebase --freeze` made static",
    find=find_reparented,
    lasts=Lasts.ANSWER,
)

EDITED_CODE = Check(
    code="GL204",
    name="edited-migration",
    what="What a migration runs was changed after it reached the mainline.",
    why="Databases that ran it before and those that run it from now on differ.",
    triggers="another column in op.create_table() of a migration that main has",
    silent="other quotes, comments, docstrings, type hints, imports or layout; sa.text() in op.execute(); "
    "a migration that only this branch has",
    find=find_edited_code,
    lasts=Lasts.ANSWER,
)

DELETED = Check(
    code="GL205",
    name="deleted-migration",
    what="A migration was deleted after it reached the mainline, and no squash stands for it.",
    why="A database that stands at it cannot go anywhere: Can't locate revision identified by it.",
    triggers="`git rm` of a migration that main has",
    silent="a renamed file; a squash whose `replaces` names it; a migration that only this branch had",
    find=find_deleted,
    lasts=Lasts.ANSWER,
)
