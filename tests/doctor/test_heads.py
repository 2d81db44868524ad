"""GL101: the smallest evidence that triggers it, and the nearest that does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

from gitlembic.core.chain import Birth
from gitlembic.core.history import CommitId, HistoryUnknownError
from gitlembic.core.migration import Kind, RevisionId
from gitlembic.core.rebase import Move
from gitlembic.doctor.evidence import Event, Evidence, Past
from gitlembic.doctor.finding import Fix
from gitlembic.doctor.lazy import Lazy, known
from gitlembic.errors import GitlembicError
from tests.support.evidence import found, link, placed, resolution

COMMIT = CommitId("c" * 40)
GRACE = Birth(COMMIT, datetime(2026, 5, 4, tzinfo=timezone.utc), "Grace")
A, B = link(placed("a1")), link(placed("b2", dynamic=True), "a1")
SIDE = link(placed("c3", "a1"), "a1", side_head=True, born=COMMIT)
MOVE = Move(placed("c3", "a1"), Kind.STATIC, (RevisionId("b2"),))


def _refuses() -> tuple[Move, ...]:
    raise GitlembicError("the mainline is unknown")


def test_GL101() -> None:
    beside = resolution(A, B, SIDE, end="b2", births={COMMIT: GRACE})
    (finding,) = found("GL101", Evidence(resolution=beside, moves=known((MOVE,))))
    assert finding.message == (
        "c3 follows a1 and so stands beside the line, whose end is b2; it came with Grace in ccccccccc on 2026-05-04"
    )
    assert finding.cure.startswith("`gitlembic rebase` makes it follow b2")
    assert (finding.path, finding.commit, finding.fix) == ("versions/c3.py", COMMIT, Fix.REBASE)
    behind = link(placed("c3", "b2"), "b2")
    assert found("GL101", Evidence(resolution=resolution(A, B, behind, end="c3"))) == []


def test_GL101_on_the_mainline_already() -> None:
    (finding,) = found("GL101", Evidence(resolution=resolution(A, B, SIDE, end="b2")))
    assert finding.cure.startswith("it is on the mainline and may have been deployed")
    assert finding.fix is None


def test_GL101_of_the_mainline_where_rebase_moves_what_is_only_here() -> None:
    """The branch came first here, and has merged the mainline: joining the heads would be the second best."""
    own = link(placed("b2", "a1"), "a1")
    moves: Lazy[tuple[Move, ...]] = known((Move(own.placed, Kind.STATIC, (RevisionId("c3"),)),))
    beside = resolution(A, own, SIDE, link(placed("d4", dynamic=True), "b2"), end="d4")
    (finding,) = found("GL101", Evidence(resolution=beside, moves=moves))
    assert finding.cure.startswith("it is on the mainline and stays: `gitlembic rebase` makes b2 follow c3; ")
    assert (finding.revision, finding.fix) == ("c3", Fix.REBASE)


def test_GL101_where_rebase_moves_something_else() -> None:
    own = link(placed("b2", "a1"), "a1")
    moves: Lazy[tuple[Move, ...]] = known((Move(own.placed, Kind.STATIC, (RevisionId("a1"),)),))
    (finding,) = found("GL101", Evidence(resolution=resolution(A, own, SIDE, end="b2"), moves=moves))
    assert finding.cure.startswith("it is on the mainline and may have been deployed")
    assert finding.fix is None


def test_GL101_where_rebase_refuses() -> None:
    (finding,) = found("GL101", Evidence(resolution=resolution(A, B, SIDE, end="b2"), moves=Lazy(_refuses)))
    assert finding.cure.startswith("`gitlembic rebase` says what it needs")


def test_GL101_where_nothing_is_dynamic() -> None:
    """Of a branch the oldest is named; labels, or a root for each head, mean that it is meant so."""
    static = link(placed("b2", "a1"), "a1")
    branch = link(placed("c3", "a1"), "a1"), link(placed("d4", "c3"), "c3")
    moved = Evidence(resolution=resolution(A, static, *branch), moves=known((MOVE,)))
    assert [finding.revision for finding in found("GL101", moved)] == ["c3"]
    unknown = Evidence(resolution=resolution(A, static, *branch), moves=Lazy(_refuses))
    assert [finding.revision for finding in found("GL101", unknown)] == ["b2", "d4"]
    labelled = link(placed("b2", "a1", labels=("blue",)), "a1")
    assert found("GL101", Evidence(resolution=resolution(A, labelled, *branch))) == []
    computed = link(placed("b2", "a1", unreadable=frozenset({"branch_labels"})), "a1")
    assert found("GL101", Evidence(resolution=resolution(A, computed, *branch))) == []
    assert found("GL101", Evidence(resolution=resolution(A, link(placed("r9"))))) == []


def test_GL101_of_a_branch_with_a_label() -> None:
    """A label explains one head, not two; whoever has other labels, or a root of its own, is fine."""
    core = link(placed("a1"))
    label = link(placed("b2", "a1", labels=("blue",)), "a1")
    fork = link(placed("c3", "b2"), "b2"), link(placed("d4", "b2"), "b2")
    other = link(placed("e5", "a1", labels=("red",)), "a1")
    evidence = Evidence(resolution=resolution(core, label, *fork, other, link(placed("r9"))), moves=Lazy(_refuses))
    assert [finding.message for finding in found("GL101", evidence)] == [
        "c3 follows b2 and so stands beside d4",
        "d4 follows b2 and so stands beside c3",
    ]
    assert found("GL101", replace(evidence, resolution=resolution(core, label, fork[0], other))) == []
    computed = link(placed("b2", "a1", unreadable=frozenset({"branch_labels"})), "a1")
    assert len(found("GL101", replace(evidence, resolution=resolution(core, computed, *fork)))) == 2


def test_GL101_says_who_brought_it_where_only_the_past_tells() -> None:
    event = Event(COMMIT, newcomers=(SIDE.placed,), by=GRACE)
    unborn = link(placed("c3", "a1"), "a1", side_head=True)
    beside = resolution(A, B, unborn, end="b2")
    (finding,) = found("GL101", Evidence(resolution=beside, past=known((Past(events=(event,)),))))
    assert finding.commit == COMMIT


def test_GL101_without_a_past() -> None:
    """A shallow clone does not say who brought it; that it stands there is known."""

    def too_old() -> tuple[Past, ...]:
        raise HistoryUnknownError(COMMIT, "shallow")

    (finding,) = found("GL101", Evidence(resolution=resolution(A, B, SIDE, end="b2"), past=Lazy(too_old)))
    assert finding.commit is None
