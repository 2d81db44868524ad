"""GL1: this checkout against other commits: those that were deployed, and the mainline it will be merged into."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from gitlembic.core.git_paths import git_path
from gitlembic.core.history import HistoryUnknownError
from gitlembic.core.listing import first_of
from gitlembic.core.migration import Kind
from gitlembic.doctor.check import Check, Lasts
from gitlembic.doctor.checks.heads import find_side_heads
from gitlembic.doctor.comparison import compare_chains
from gitlembic.doctor.evidence import Uncommitted
from gitlembic.doctor.finding import Finding, Fix, Severity
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from gitlembic.core.chain import Link
    from gitlembic.core.migration import RevisionId
    from gitlembic.doctor.evidence import Against, ComingSideHead, Evidence

_NAMED = 5


def find_not_append_only(evidence: Evidence) -> Iterator[Finding]:
    for against in evidence.against():
        yield from _against(evidence, against)


def _against(evidence: Evidence, against: Against) -> Iterator[Finding]:
    then, now = against.resolution.links, evidence.resolution().links
    ends = [chain.end for chain in against.resolution.chains if chain.end is not None]
    difference = compare_chains(_graph(then), _graph(now), ends, evidence.squashed())
    ref = against.ref
    quoted = shlex.quote(ref)
    cures = _cures_of_inserted(evidence, difference.inserted, ref, then)
    for revision in difference.inserted:
        yield _finding(
            evidence,
            against,
            now[revision],
            f"{revision} stands in front of what {ref} has: a database at the head of {ref} never runs it",
            f"{cures[revision]}, if no database ran it; else run it on those of {ref}: "
            "`gitlembic upgrade --out-of-order head` where they have a journal, or by hand; "
            f"`gitlembic chain --at {quoted}` shows that chain",
        )
    others = dict.fromkeys((*difference.moved, *difference.repeated))
    edited = [revision for revision in others if set(then[revision].parents) != set(now[revision].parents)]
    for revision in others:
        again = f": a database at the head of {ref} runs it again" if revision in difference.repeated else ""
        if revision not in edited:
            if again:  # else it only goes on following one that is named here
                yield _finding(
                    evidence,
                    against,
                    now[revision],
                    f"{revision} comes before no head of {ref} here{again}",
                    f"write back the parents that {first_of(edited, _NAMED)} had at {ref}; "
                    f"`gitlembic chain --at {quoted}` shows them",
                )
            continue
        yield _finding(
            evidence,
            against,
            now[revision],
            f"{revision} follows {_parents(now[revision])} here, and {_parents(then[revision])} at {ref}{again}",
            _cure_of_moved(against, then[revision], now),
        )
    for side in difference.rejoined:
        yield _rejoined(evidence, against, then[side.first], now[side.first], side.missed)
    deleted = {one.migration.revision for one, state in evidence.uncommitted() if state is Uncommitted.DELETED}
    for revision in difference.removed:
        if revision in against.shared:
            placed = then[revision].placed
            # Where HEAD has it still, it keeps its place. Else what followed it may follow another by now, which is
            # found once it is back: joined with that by a merge migration, it would run again.
            literal = f", with the parent that `gitlembic chain --at {quoted}` shows, as a literal"
            back = (
                "" if revision in deleted else f"{literal if placed.migration.is_dynamic else ''}; then run this again"
            )
            yield _finding(
                evidence,
                against,
                then[revision],
                f"{revision} is deleted here, and {ref} has it: a database that stands there cannot go on",
                f"bring it back: `git checkout {quoted} -- {git_path(placed.path)}`{back}",
            )
    lacking = [revision for revision in difference.removed if revision not in against.shared]
    if lacking:
        yield Finding(
            Severity.WARNING,
            f"{ref} has {len(lacking)} {'migration' if len(lacking) == 1 else 'migrations'} that this checkout has "
            f"not got yet, {lacking[0]} first: it cannot follow {ref} into a database",
            f"`git merge {quoted}`, then run this again",
            revision=lacking[0],
            commit=against.resolution.head,
        )


def _cure_of_moved(against: Against, then: Link, now: Container[RevisionId]) -> str:
    """A parent that is deleted here does not come with a merge."""
    quoted = shlex.quote(against.ref)
    missing = [parent for parent in then.parents if parent not in now]
    if not against.shared.issuperset(missing):
        return f"`git merge {quoted}`, then run this again: {against.ref} has a parent of it that is not here"
    first = f"bring {first_of(missing, _NAMED)} back, then " if missing else ""
    return (
        f"{first}give these migrations the parents that they have at {against.ref}, as literals; "
        f"`gitlembic chain --at {quoted}` shows them"
    )


def _cures_of_inserted(
    evidence: Evidence, inserted: Sequence[RevisionId], ref: str, then: Mapping[RevisionId, Link]
) -> dict[RevisionId, str]:
    """What puts each behind the end, one behind the other as they stand now.

    Whoever names one of them by a literal would come behind it as well, and gets back the parent that it has at `ref`;
    nothing more exact is said where it has none there.
    """
    now = evidence.resolution().links
    parents: dict[RevisionId, RevisionId] = {}
    for chain in evidence.resolution().chains:
        behind = chain.end
        for link in chain.links:
            if link.revision in inserted and behind is not None:
                parents[link.revision] = behind
                behind = link.revision
    stay = [link for link in now.values() if link.revision not in inserted]
    held = [link.revision for link in stay if link.kind is Kind.STATIC and not parents.keys().isdisjoint(link.parents)]
    if not all(one in then and now.keys() >= set(then[one].parents) for one in held):
        parents = {}
    others = ", and the others theirs" if len(parents) > 1 else ""
    back = "".join(f", and {one} follow {_parents(then[one])} again, as at {ref}" for one in held if parents)
    return {
        one: f'let it follow the end: down_revision = "{parents[one]}"{others}{back}'
        if one in parents
        else "let it follow the end"
        for one in inserted
    }


def _rejoined(evidence: Evidence, against: Against, then: Link, now: Link, missed: Sequence[RevisionId]) -> Finding:
    """No more than a warning where a line is known, which keeps its order.

    At that commit `upgrade head` stopped, and where both heads ran it stops again. Of two static heads
    nobody can tell which one was deployed.
    """
    ref = against.ref
    on_a_line = any(chain.end is not None and then in chain.links for chain in against.resolution.chains)
    back = f"`gitlembic downgrade {', '.join(then.parents) or 'base'}` there, with the files of {ref}, before this"
    return replace(
        _finding(
            evidence,
            against,
            now,
            f"{now.revision} stood beside another head at {ref}, after {_parents(then)}, and follows {_parents(now)} "
            f"here: a database that has not run it runs it after that; one that ran it "
            f"and the other head stops with an error; one that ran it alone never runs {first_of(missed, _NAMED)}",
            f"nothing, if no database ran {now.revision}, since `upgrade head` stops at {ref}; on one that did: {back}",
        ),
        severity=Severity.WARNING if on_a_line else Severity.ERROR,
    )


def _graph(links: dict[RevisionId, Link]) -> dict[RevisionId, tuple[RevisionId, ...]]:
    return {revision: link.parents for revision, link in links.items()}


def _parents(link: Link) -> str:
    return ", ".join(link.parents) or "nobody"


def _finding(evidence: Evidence, against: Against, link: Link, message: str, cure: str) -> Finding:
    path = link.placed.path
    line = evidence.line(path, "down_revision")
    return Finding(Severity.ERROR, message, cure, path, line, link.revision, against.resolution.head)


def find_side_heads_when_merged(evidence: Evidence) -> Iterator[Finding]:
    coming = evidence.coming()
    already = {finding.revision for finding in find_side_heads(evidence)} if coming else set()
    for one in coming:
        link = one.link
        if link.revision not in already:
            onto = () if one.onto else _onto(evidence, link)
            yield Finding(
                Severity.ERROR,
                f"once this is merged into {one.mainline}, {link.revision} stands beside the line: it follows "
                f"{_parents(link)}, and the end of {one.mainline} is {one.end}",
                _cure_when_merged(evidence, one, onto),
                link.placed.path,
                evidence.line(link.placed.path, "down_revision"),
                link.revision,
                fix=Fix.REBASE if onto else None,
            )


def _cure_when_merged(evidence: Evidence, one: ComingSideHead, onto: Sequence[RevisionId]) -> str:
    if onto:
        return f"`gitlembic rebase` makes it follow {', '.join(onto)}"
    rebase = f"gitlembic rebase --onto {shlex.quote(one.onto)}" if one.onto else "gitlembic rebase"
    if one.end in evidence.present().migrations:  # merged already, and rebase refuses
        return f"`{rebase}` says what it needs to make it follow {one.end}"
    return f"`git merge {shlex.quote(one.mainline)}`, then `{rebase}`"


def _onto(evidence: Evidence, link: Link) -> tuple[RevisionId, ...]:
    """Whom `gitlembic rebase` would make it follow; nobody where that refuses."""
    try:
        return next((move.parents for move in evidence.moves() if move.revision == link.revision), ())
    except (GitlembicError, HistoryUnknownError):
        return ()


NOT_APPEND_ONLY = Check(
    code="GL110",
    name="not-append-only",
    what="The chain of a commit that --against names is not the beginning of this checkout's chain.",
    why="A database that was deployed from there silently misses migrations, repeats them, or cannot go on.",
    triggers="at v1 the chain is a1 <- c3, and here a1 <- b2 <- c3",
    silent="at v1 the chain is a1 <- c3, and here a1 <- c3 <- b2",
    find=find_not_append_only,
)

SIDE_HEAD_WHEN_MERGED = Check(
    code="GL111",
    name="side-head-when-merged",
    what="Merging this checkout into the mainline would leave a migration beside the line.",
    why="After the merge `upgrade head` stops with Multiple head revisions, for everybody.",
    triggers="here c3 has down_revision = 'a1', and the mainline has gone on to a1 <- b2",
    silent="c3 is dynamic; or the mainline still ends with a1",
    find=find_side_heads_when_merged,
    lasts=Lasts.ANSWER,
)
