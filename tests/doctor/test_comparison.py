"""GL110 and GL111: the smallest evidence that triggers each, and the nearest that does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gitlembic.core.history import CommitId
from gitlembic.core.migration import Kind, RevisionId
from gitlembic.core.rebase import Move
from gitlembic.core.resolution import Resolution
from gitlembic.doctor.comparison import Difference, Rejoined, compare_chains
from gitlembic.doctor.evidence import Against, ComingSideHead, Evidence, Uncommitted
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.doctor.lazy import Lazy, known
from gitlembic.errors import GitlembicError
from tests.support.evidence import found, link, placed, present, resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.chain import Link


def _graph(**parents: str) -> dict[RevisionId, tuple[RevisionId, ...]]:
    return {RevisionId(name): tuple(map(RevisionId, named.split())) for name, named in parents.items()}


def _ids(one: str, others: str) -> tuple[RevisionId, tuple[RevisionId, ...]]:
    return RevisionId(one), tuple(map(RevisionId, others.split()))


NOTHING: Mapping[str, tuple[str, ...]] = {}


@pytest.mark.parametrize(
    ("before", "now", "difference"),
    [
        (_graph(a="", b="a"), _graph(a="", b="a", c="b"), NOTHING),
        (_graph(), _graph(a=""), NOTHING),
        (_graph(a=""), _graph(a="", b="a", c="a"), NOTHING),
        (_graph(a="", c="a"), _graph(a="", b="a", c="b"), {"inserted": ("b",)}),
        (_graph(a="", b="a", c="b"), _graph(a="", c="a", b="c"), {"moved": ("c", "b"), "repeated": ("b",)}),
        (_graph(a="", b="a", s="a"), _graph(a="", b="a", s="b"), {"rejoined": (Rejoined(*_ids("s", "b")),)}),
        (
            _graph(a="", b="a", s="a", t="s"),
            _graph(a="", b="a", c="b", s="c", t="s", d="t"),
            {"rejoined": (Rejoined(*_ids("s", "b c")),)},
        ),
        (
            _graph(a="", b="a", s="a"),
            _graph(a="", x="a", b="x", s="b"),
            {"inserted": ("x",), "rejoined": (Rejoined(*_ids("s", "x b")),)},
        ),
        (_graph(a="", b="a", s="a"), _graph(a="", x="a", s="x", b="a"), {"inserted": ("x",)}),
        (_graph(a="", b="a", s="a"), _graph(a="", b="a", s="a", m="b s"), NOTHING),
        (_graph(a="", b="a"), _graph(a=""), {"removed": ("b",)}),
        (_graph(a="", b="a", c="b"), _graph(a="", c="a"), {"removed": ("b",)}),
        (_graph(a="", b="a"), _graph(b=""), {"removed": ("a",)}),
        (_graph(b="gone"), _graph(b="gone"), NOTHING),
    ],
)
def test_what_differs(
    before: dict[RevisionId, tuple[RevisionId, ...]],
    now: dict[RevisionId, tuple[RevisionId, ...]],
    difference: dict[str, Any],
) -> None:
    empty: dict[str, Any] = dict.fromkeys(("inserted", "moved", "repeated", "removed"), ())
    assert compare_chains(before, now) == Difference(**{**empty, **difference})


def test_the_end_of_the_line_is_no_side_head() -> None:
    before, now = _graph(a="", b="a", s="a"), _graph(a="", s="a", c="s", b="c")
    assert compare_chains(before, now).rejoined == (Rejoined(*_ids("b", "s c")),)
    assert compare_chains(before, now, [RevisionId("b")]) == replace(
        Difference((), (), (), ()), inserted=(RevisionId("c"),), moved=(RevisionId("b"),)
    )


def test_a_squash_stands_for_its_originals() -> None:
    before = _graph(a="", b="a", c="b", d="c")
    squashed = {RevisionId("c"): _ids("", "b")[1]}
    assert compare_chains(before, _graph(a="", c="a", d="c"), squashed=squashed) == Difference((), (), (), ())
    head_inside = _graph(a="", b="a")
    squash = _graph(a="", c="a")
    assert compare_chains(head_inside, squash, squashed=squashed) == Difference((), (), (), ())
    inserted = _graph(a="", x="a", c="x")
    assert compare_chains(head_inside, inserted, squashed=squashed).inserted == ("x",)


def test_thousands_are_no_recursion() -> None:
    names = [RevisionId(str(number)) for number in range(5000)]
    chain = {name: names[max(number - 1, 0) : number] for number, name in enumerate(names)}
    graph = {name: tuple(parents) for name, parents in reversed(chain.items())}
    assert compare_chains(graph, graph) == Difference((), (), (), ())


COMMIT = CommitId("d" * 40)


def _links(graph: dict[RevisionId, tuple[RevisionId, ...]]) -> tuple[Link, ...]:
    return tuple(link(placed(name, *parents), *parents) for name, parents in graph.items())


def _against(
    before: dict[RevisionId, tuple[RevisionId, ...]],
    now: dict[RevisionId, tuple[RevisionId, ...]],
    shared: str,
    end: str | None = None,
) -> list[Finding]:
    then = Resolution(resolution(*_links(before), end=end)().chains, head=COMMIT)
    compared = Against("v1", then, frozenset(map(RevisionId, shared.split())))
    return found("GL110", Evidence(resolution=resolution(*_links(now)), against=known((compared,))))


def test_GL110() -> None:
    (finding,) = _against(_graph(a="", c="a"), _graph(a="", b="a", c="b"), "a c")
    assert finding.message == "b stands in front of what v1 has: a database at the head of v1 never runs it"
    assert (finding.path, finding.commit, finding.severity) == ("versions/b.py", COMMIT, Severity.ERROR)
    assert _against(_graph(a="", c="a"), _graph(a="", c="a", b="c"), "a c") == []


def _inserted(*now: Link) -> list[tuple[str | None, str]]:
    """Where the chain was a <- c, and c is the end."""
    then = Resolution(resolution(*_links(_graph(a="", c="a")))().chains, head=COMMIT)
    compared: Lazy[tuple[Against, ...]] = known((Against("v1", then, frozenset(map(RevisionId, "ac"))),))
    return [
        (finding.revision, finding.cure.partition(", if")[0])
        for finding in found("GL110", Evidence(resolution=resolution(*now, end="c"), against=compared))
    ]


def test_GL110_names_parents_that_keep_the_order_of_what_came_in_between() -> None:
    a, b1, b2 = link(placed("a")), link(placed("b1", dynamic=True), "a"), link(placed("b2", dynamic=True), "b1")
    assert _inserted(a, b1, link(placed("c", dynamic=True), "b1")) == [
        ("b1", 'let it follow the end: down_revision = "c"'),
    ]
    assert _inserted(a, b1, b2, link(placed("c", dynamic=True), "b2")) == [
        ("b1", 'let it follow the end: down_revision = "c", and the others theirs'),
        ("b2", 'let it follow the end: down_revision = "b1", and the others theirs'),
    ]
    held_by_a_literal = link(placed("c", "b1"), "b1")
    assert _inserted(a, b1, held_by_a_literal) == [
        ("b1", 'let it follow the end: down_revision = "c", and c follow a again, as at v1')
    ]
    newer = link(placed("d", "b1", "c"), "b1", "c")
    assert _inserted(a, b1, link(placed("c", dynamic=True), "b1"), newer) == [("b1", "let it follow the end")]


def test_GL110_names_no_parent_that_is_not_here() -> None:
    findings = _against(_graph(a="", b="a", x="b", c="x"), _graph(a="", c="a", b="c"), "a b c")
    cures = {finding.revision: finding.cure for finding in findings if finding.severity is Severity.ERROR}
    assert cures.keys() == {"b", "c"}
    assert cures[RevisionId("c")] == "`git merge v1`, then run this again: v1 has a parent of it that is not here"
    assert cures[RevisionId("b")].startswith("give these migrations the parents that they have at v1, as literals")


def test_GL110_of_a_side_head_that_was_moved_behind_the_other_head() -> None:
    before, now = _graph(a="", b="a", s="a"), _graph(a="", b="a", c="b", s="c")
    (finding,) = _against(before, now, "a b s", end="b")
    assert finding.severity is Severity.WARNING
    assert finding.message == (
        "s stood beside another head at v1, after a, and follows c here: a database that has not run it runs it after "
        "that; one that ran it and the other head stops with an error; one that ran it alone never runs b, c"
    )
    (of_two_static_heads,) = _against(before, now, "a b s")
    assert of_two_static_heads == replace(finding, severity=Severity.ERROR)
    assert finding.cure == (
        "nothing, if no database ran s, since `upgrade head` stops at v1; on one that did: "
        "`gitlembic downgrade a` there, with the files of v1, before this"
    )


def test_GL110_of_a_squash() -> None:
    now = resolution(*_links(_graph(a="", c="a")))
    then = Resolution(resolution(*_links(_graph(a="", b="a", c="b")))().chains, head=COMMIT)
    compared: Lazy[tuple[Against, ...]] = known((Against("v1", then, frozenset(map(RevisionId, "abc"))),))
    squashed: Lazy[Mapping[RevisionId, tuple[RevisionId, ...]]] = known({RevisionId("c"): (RevisionId("b"),)})
    assert [finding.revision for finding in found("GL110", Evidence(resolution=now, against=compared))] == ["b"]
    assert found("GL110", Evidence(resolution=now, against=compared, squashed=squashed)) == []


def test_GL110_moved_and_repeated() -> None:
    findings = _against(_graph(a="", b="a", c="b"), _graph(a="", c="a", b="c"), "a b c")
    assert [finding.message for finding in findings] == [
        "c follows a here, and b at v1",
        "b follows c here, and a at v1: a database at the head of v1 runs it again",
    ]


def test_GL110_says_of_nobody_that_another_parent_is_the_same() -> None:
    findings = _against(_graph(a="", b="a", c="b", d="c", e="d"), _graph(a="", b="a", c="b", d="a", e="d"), "a b c d e")
    assert [(finding.revision, finding.message) for finding in findings] == [
        ("d", "d follows a here, and c at v1"),
        ("b", "b comes before no head of v1 here: a database at the head of v1 runs it again"),
        ("c", "c comes before no head of v1 here: a database at the head of v1 runs it again"),
    ]
    assert {finding.cure for finding in findings[1:]} == {
        "write back the parents that d had at v1; `gitlembic chain --at v1` shows them"
    }


def test_GL110_merges_nothing_for_a_parent_that_was_deleted_here() -> None:
    before, now = _graph(a="", z="a", b="z", c="b"), _graph(a="", z="", c="a")
    (cure,) = [one.cure for one in _against(before, now, "a z b c") if one.revision == "c"]
    assert cure.startswith("bring b back, then give these migrations the parents that they have at v1")
    (cure,) = [one.cure for one in _against(before, now, "a z c") if one.revision == "c"]
    assert cure.startswith("`git merge v1`, then run this again")


def test_GL110_removed_or_not_here_yet() -> None:
    (deleted,) = _against(_graph(a="", b="a"), _graph(a=""), "a b")
    assert (deleted.message, deleted.severity) == (
        "b is deleted here, and v1 has it: a database that stands there cannot go on",
        Severity.ERROR,
    )
    assert deleted.cure == "bring it back: `git checkout v1 -- :/versions/b.py`; then run this again"
    (lacking,) = _against(_graph(a="", b="a"), _graph(a=""), "a")
    assert lacking.message.startswith("v1 has 1 migration that this checkout has not got yet, b first")
    assert (lacking.severity, lacking.cure[:16]) == (Severity.WARNING, "`git merge v1`, ")


def test_GL110_a_dynamic_one_that_is_brought_back_gets_its_old_parent() -> None:
    """At the end, a database that stands at it would miss what came in between."""
    gone = placed("b", dynamic=True, revises=("a",))
    then = Resolution(resolution(link(placed("a")), link(gone, "a"), end="b")().chains, head=COMMIT)
    against: Lazy[tuple[Against, ...]] = known((Against("v1", then, frozenset(map(RevisionId, "ab"))),))
    here = Evidence(resolution=resolution(link(placed("a")), end="a"), against=against)
    (committed,) = found("GL110", here)
    assert committed.cure == (
        "bring it back: `git checkout v1 -- :/versions/b.py`, with the parent that `gitlembic chain --at v1` shows, "
        "as a literal; then run this again"
    )
    (in_working_tree,) = found("GL110", replace(here, uncommitted=known(((gone, Uncommitted.DELETED),))))
    assert in_working_tree.cure == "bring it back: `git checkout v1 -- :/versions/b.py`"


SIDE = link(placed("c3", "a1"), "a1", side_head=True)
COMING: Lazy[tuple[ComingSideHead, ...]] = known((ComingSideHead("origin/main", SIDE, RevisionId("b2")),))


def test_GL111() -> None:
    (finding,) = found("GL111", Evidence(coming=COMING))
    assert finding.message == (
        "once this is merged into origin/main, c3 stands beside the line: it follows a1, and the end of origin/main "
        "is b2"
    )
    assert finding.cure == "`git merge origin/main`, then `gitlembic rebase`"
    assert found("GL111", Evidence()) == []


def test_GL111_is_cured_by_rebase_where_that_can_do_it() -> None:
    moves: Lazy[tuple[Move, ...]] = known((Move(SIDE.placed, Kind.STATIC, (RevisionId("b2"),)),))
    assert found("GL111", Evidence(coming=COMING, moves=moves))[0].cure == "`gitlembic rebase` makes it follow b2"

    def refuses() -> tuple[Move, ...]:
        raise GitlembicError("it lacks b2")

    assert found("GL111", Evidence(coming=COMING, moves=Lazy(refuses)))[0].cure.startswith("`git merge origin/main`")


def test_GL111_of_another_branch_names_it_to_rebase() -> None:
    """Without it, what that branch has released would move."""
    of_a_release = replace(COMING()[0], mainline="release/1.x", onto="release/1.x")
    coming: Lazy[tuple[ComingSideHead, ...]] = known((of_a_release,))
    moves: Lazy[tuple[Move, ...]] = known((Move(SIDE.placed, Kind.STATIC, (RevisionId("x9"),)),))
    (finding,) = found("GL111", Evidence(coming=coming, moves=moves))
    assert finding.cure == "`git merge release/1.x`, then `gitlembic rebase --onto release/1.x`"
    assert finding.fix is None


def test_GL111_names_no_merge_that_was_done_already() -> None:
    def refuses() -> tuple[Move, ...]:
        raise GitlembicError("this checkout would still have several heads")

    merged = Evidence(coming=COMING, present=present(placed("b2")), moves=Lazy(refuses))
    (finding,) = found("GL111", merged)
    assert finding.cure == "`gitlembic rebase` says what it needs to make it follow b2"


def test_GL111_is_silent_about_what_stands_beside_the_line_already() -> None:
    here = resolution(link(placed("a1")), link(placed("b2", "a1", dynamic=True), "a1"), SIDE, end="b2")
    assert found("GL111", Evidence(coming=COMING, resolution=here)) == []
