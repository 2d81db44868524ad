"""GL110 and GL111: the smallest evidence that triggers each, and the nearest that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.core.history import CommitId
from gitlembic.core.migration import Kind, RevisionId
from gitlembic.core.rebase import Move
from gitlembic.core.resolution import Resolution
from gitlembic.doctor.comparison import Difference, compare_chains
from gitlembic.doctor.evidence import Against, ComingSideHead, Evidence
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.doctor.lazy import Lazy, known
from gitlembic.errors import GitlembicError
from tests.support.evidence import found, link, placed, resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.chain import Link


def _graph(**parents: str) -> dict[RevisionId, tuple[RevisionId, ...]]:
    return {RevisionId(name): tuple(map(RevisionId, named.split())) for name, named in parents.items()}


NOTHING: Mapping[str, tuple[str, ...]] = {}


@pytest.mark.parametrize(
    ("before", "now", "difference"),
    [
        (_graph(a="", b="a"), _graph(a="", b="a", c="b"), NOTHING),
        (_graph(), _graph(a=""), NOTHING),
        (_graph(a=""), _graph(a="", b="a", c="a"), NOTHING),
        (_graph(a="", c="a"), _graph(a="", b="a", c="b"), {"inserted": ("b",)}),
        (_graph(a="", b="a", c="b"), _graph(a="", c="a", b="c"), {"moved": ("c", "b"), "repeated": ("b",)}),
        (_graph(a="", b="a", s="a"), _graph(a="", b="a", s="b"), {"moved": ("s",)}),
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
    difference: dict[str, tuple[RevisionId, ...]],
) -> None:
    empty: dict[str, tuple[RevisionId, ...]] = dict.fromkeys(("inserted", "moved", "repeated", "removed"), ())
    assert compare_chains(before, now) == Difference(**{**empty, **difference})


def test_thousands_are_no_recursion() -> None:
    names = [RevisionId(str(number)) for number in range(5000)]
    chain = {name: names[max(number - 1, 0) : number] for number, name in enumerate(names)}
    graph = {name: tuple(parents) for name, parents in reversed(chain.items())}
    assert compare_chains(graph, graph) == Difference((), (), (), ())


COMMIT = CommitId("d" * 40)


def _links(graph: dict[RevisionId, tuple[RevisionId, ...]]) -> tuple[Link, ...]:
    return tuple(link(placed(name, *parents), *parents) for name, parents in graph.items())


def _against(
    before: dict[RevisionId, tuple[RevisionId, ...]], now: dict[RevisionId, tuple[RevisionId, ...]], shared: str
) -> list[Finding]:
    then = Resolution(resolution(*_links(before))().chains, head=COMMIT)
    compared = Against("v1", then, frozenset(map(RevisionId, shared.split())))
    return found("GL110", Evidence(resolution=resolution(*_links(now)), against=known((compared,))))


def test_GL110() -> None:
    (finding,) = _against(_graph(a="", c="a"), _graph(a="", b="a", c="b"), "a c")
    assert finding.message == "b stands in front of what v1 has: a database at the head of v1 never runs it"
    assert (finding.path, finding.commit, finding.severity) == ("versions/b.py", COMMIT, Severity.ERROR)
    assert _against(_graph(a="", c="a"), _graph(a="", c="a", b="c"), "a c") == []


def test_GL110_moved_and_repeated() -> None:
    findings = _against(_graph(a="", b="a", c="b"), _graph(a="", c="a", b="c"), "a b c")
    assert [finding.message for finding in findings] == [
        "c follows a here, and b at v1",
        "b follows c here, and a at v1: a database at the head of v1 runs it again",
    ]


def test_GL110_removed_or_not_here_yet() -> None:
    (deleted,) = _against(_graph(a="", b="a"), _graph(a=""), "a b")
    assert (deleted.message, deleted.severity) == (
        "b is deleted here, and v1 has it: a database that stands there cannot go on",
        Severity.ERROR,
    )
    (lacking,) = _against(_graph(a="", b="a"), _graph(a=""), "a")
    assert lacking.message.startswith("v1 has 1 migration that this checkout has not got yet, b first")
    assert (lacking.severity, lacking.cure[:16]) == (Severity.WARNING, "`git merge v1`, ")


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


def test_GL111_is_silent_about_what_stands_beside_the_line_already() -> None:
    here = resolution(link(placed("a1")), link(placed("b2", "a1", dynamic=True), "a1"), SIDE, end="b2")
    assert found("GL111", Evidence(coming=COMING, resolution=here)) == []
