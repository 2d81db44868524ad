"""GL4: the smallest evidence that triggers each, and the nearest that does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from gitlembic.core.explanation import Explanation
from gitlembic.core.journal import Action, Entry
from gitlembic.core.migration import RevisionId
from gitlembic.doctor.evidence import Database, Evidence
from gitlembic.doctor.finding import Severity
from gitlembic.doctor.lazy import Lazy, known
from gitlembic.errors import GitlembicError
from tests.support.evidence import found, link, placed, resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

URL = "sqlite:///shop.db"
A, B, C = link(placed("a1")), link(placed("b2"), "a1"), link(placed("c3"), "b2")
CHAIN = resolution(A, B, C, end="c3")


def _ran(*revisions: str) -> tuple[Entry, ...]:
    return tuple(Entry(Action.UPGRADE, name, frozenset({name}), checksum=f"1:{name}") for name in revisions)


def _evidence(*heads: str, journal: tuple[Entry, ...] = ()) -> Evidence:
    return Evidence(resolution=CHAIN, databases=known((Database(URL, frozenset(heads), journal),)))


def _revisions(code: str, evidence: Evidence) -> list[str | None]:
    return [finding.revision for finding in found(code, evidence)]


def test_GL401() -> None:
    def look_up() -> tuple[Database, ...]:
        raise GitlembicError("cannot ask", "start it")

    (finding,) = found("GL401", Evidence(databases=Lazy(look_up)))
    assert (finding.severity, finding.message, finding.cure) == (Severity.ERROR, "cannot ask", "start it")
    assert found("GL401", _evidence("c3")) == []


def test_GL402() -> None:
    lost = _evidence("d4")
    (finding,) = found("GL402", lost)
    assert finding.message == f"{URL} stands at d4, which this checkout does not have"
    where = replace(lost, position=lambda _: Explanation(("It is on feature.",), "git switch feature"))
    (finding,) = found("GL402", where)
    assert finding.message.endswith("does not have. It is on feature.")
    assert finding.cure == "git switch feature"
    (finding,) = found("GL402", replace(where, databases=_evidence("d4", journal=_ran("a1", "d4")).databases))
    assert finding.cure == "git switch feature; with its journal, `gitlembic rescue --keep` undoes nothing"
    assert len(found("GL402", _evidence("d4", journal=_ran("a1", "c3", "d4")))) == 1
    assert found("GL402", _evidence("d4", journal=_ran("a1", "b2", "c3", "d4"))) == []
    assert found("GL402", _evidence("b2")) == []


def test_GL403() -> None:
    (finding,) = found("GL403", _evidence("d4", journal=_ran("a1", "b2", "c3", "d4")))
    assert finding.severity is Severity.INFO
    assert "stands at d4, which is newer" in finding.message
    assert found("GL403", _evidence("d4", journal=_ran("a1", "c3", "d4"))) == []
    assert found("GL403", _evidence("d4")) == []
    assert found("GL403", _evidence("c3", journal=_ran("a1", "b2", "c3"))) == []


def test_GL404() -> None:
    assert [finding.message for finding in found("GL404", _evidence("a1"))] == [f"{URL} has not run b2, c3 yet"]
    assert found("GL404", _evidence("c3")) == []
    assert found("GL404", _evidence("d4")) == []
    many = replace(_evidence(), resolution=resolution(*(link(placed(f"r{number}")) for number in range(7))))
    assert [finding.message for finding in found("GL404", many)] == [
        f"{URL} has not run r0, r1, r2, r3, r4 and 2 more yet"
    ]


def test_GL404_and_GL406_do_not_contradict_each_other() -> None:
    """`upgrade head` would stop at what GL406 finds."""
    evidence = _evidence("b2", journal=_ran("b2"))
    (behind,), (missing,) = found("GL404", evidence), found("GL406", evidence)
    assert behind.cure.startswith("`gitlembic upgrade --out-of-order head` runs them after what was missed")
    assert missing.cure.startswith("`gitlembic upgrade --out-of-order head` runs it there")
    assert missing.cure.endswith("`gitlembic stamp b2` says so")


def test_GL404_where_there_are_several_heads() -> None:
    fork = resolution(A, B, link(placed("c3"), "a1"))
    (finding,) = found("GL404", replace(_evidence("b2"), resolution=fork))
    assert finding.cure == "`gitlembic upgrade heads` runs them"


def test_GL405() -> None:
    (finding,) = found("GL405", _evidence("a1", "c3"))
    assert finding.message == f"{URL} stands at c3 and at a1, which comes before it"
    fork = resolution(A, B, link(placed("c3"), "a1"))
    assert found("GL405", replace(_evidence("b2", "c3"), resolution=fork)) == []


def test_GL406() -> None:
    (finding,) = found("GL406", _evidence("c3", journal=_ran("a1", "c3")))
    assert (finding.severity, finding.revision, finding.path) == (Severity.ERROR, "b2", "versions/b2.py")
    assert _revisions("GL406", _evidence("c3")) == []
    out_of_order = Entry(Action.OUT_OF_ORDER, "b2", frozenset({"c3"}))
    assert _revisions("GL406", _evidence("c3", journal=(*_ran("a1", "c3"), out_of_order))) == []


def test_no_stamp_is_named_where_it_would_move_databases_that_stand_elsewhere() -> None:
    """They would be said to have run b2 and c3, and would never run them."""

    def cures(code: str, other: str, *heads: str, journal: tuple[Entry, ...] = ()) -> list[str]:
        (database,) = _evidence(*heads, journal=journal).databases()
        beside = Database("sqlite:///other.db", frozenset(other.split()), database.journal)
        evidence = replace(_evidence(), databases=known((database, beside)))
        return [finding.cure for finding in found(code, evidence) if URL in finding.message]

    ran = _ran("a1", "c3")
    assert "gitlembic stamp c3" in cures("GL406", "c3", "c3", journal=ran)[0]
    assert "gitlembic stamp" not in cures("GL406", "a1", "c3", journal=ran)[0]
    assert "gitlembic stamp --purge c3" in cures("GL405", "a1 c3", "a1", "c3")[0]
    assert cures("GL405", "a1", "a1", "c3")[0].startswith("if all before c3 ran there, delete the row of a1 there (")


def test_GL406_inside_a_squash() -> None:
    replaced: Mapping[RevisionId, tuple[RevisionId, ...]] = {RevisionId("b2"): (RevisionId("x1"), RevisionId("x2"))}

    def revisions(head: str, *ran: str) -> list[str | None]:
        return _revisions("GL406", replace(_evidence(head, journal=_ran(*ran)), squashed=known(replaced)))

    assert revisions("c3", "a1", "x2", "b2", "c3") == ["b2"]
    assert revisions("c3", "a1", "x1", "x2", "b2", "c3") == []
    assert revisions("x1", "a1", "x1") == []


def test_GL407() -> None:
    entries = _ran("a1", "b2", "c3")
    dated = replace(entries[1], at=datetime(2026, 5, 4, tzinfo=timezone.utc), commit="c" * 40)
    now: Lazy[Mapping[str, str]] = known({"a1": "1:a1", "b2": "1:another", "c3": "2:another way"})
    evidence = replace(_evidence("c3", journal=(entries[0], dated, entries[2])), checksums=now)
    (finding,) = found("GL407", evidence)
    assert finding.message == f"b2 ran on {URL} on 2026-05-04, with ccccccccc checked out, and its code is another now"
    assert (finding.severity, finding.path) == (Severity.WARNING, "versions/b2.py")
    assert found("GL407", replace(_evidence("c3"), checksums=now)) == []
    baseline = Entry(Action.BASELINE, None, frozenset({"c3"}), frozenset({"a1", "b2", "c3"}))
    assert found("GL407", replace(evidence, databases=_evidence("c3", journal=(baseline,)).databases)) == []
