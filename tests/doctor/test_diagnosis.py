"""What becomes of checks: chosen, passed over, crashed; and their order."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gitlembic.core.history import CommitId, HistoryUnknownError
from gitlembic.doctor.diagnosis import Diagnosis, Found, choose, diagnose, unknown_words
from gitlembic.doctor.document import render_findings
from gitlembic.doctor.evidence import Evidence
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.doctor.lazy import Lazy, known
from gitlembic.doctor.registry import CHECKS, GROUPS
from gitlembic.errors import BrokenInputError, CannotTellError, NeedsRunningError
from tests.support.evidence import found, placed, present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitlembic.core.resolution import Resolution
    from gitlembic.errors import GitlembicError

CHECK = CHECKS[0]


def _raising(error: Exception) -> Callable[[Evidence], Iterator[Finding]]:
    def find(_evidence: Evidence) -> Iterator[Finding]:
        yield Finding(Severity.INFO, "found before", "")
        raise error

    return find


def _unknown(error: GitlembicError) -> Lazy[Resolution]:
    def look_up() -> Resolution:
        raise error

    return Lazy(look_up)


def test_codes_are_unique_ordered_and_grouped() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == sorted(set(codes))
    assert {check.group for check in CHECKS} == set(GROUPS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.what and check.why and check.triggers and check.silent for check in CHECKS)


def test_GL300() -> None:
    """A check that crashes is a finding, and the others go on; one that cannot know is passed over."""
    crashing = replace(CHECK, find=_raising(RuntimeError("oops")))
    shallow = replace(CHECK, find=_raising(HistoryUnknownError(CommitId("c" * 40), "a shallow clone ends")))
    refusing = replace(CHECK, find=_raising(CannotTellError("no repository")))
    missing = next(check for check in CHECKS if check.code == "GL102")
    diagnosis = diagnose(Evidence(present=present(placed("b2", "a1"))), [crashing, shallow, refusing, missing])
    assert [one.check.code for one in diagnosis.found] == ["GL300", "GL102"]
    assert "RuntimeError: oops" in diagnosis.found[0].finding.message
    assert [skipped.reason for skipped in diagnosis.skipped] == [
        "a shallow clone ends at commit cccccccccccc",
        "no repository",
    ]


def test_GL301() -> None:
    """Not where another check says more exactly what is wrong."""
    unknown = _unknown(CannotTellError("the order is older than what this clone holds", "unshallow it"))
    (finding,) = found("GL301", Evidence(resolution=unknown))
    assert (finding.message, finding.cure) == ("the order is older than what this clone holds", "unshallow it")
    assert found("GL301", Evidence(resolution=unknown, present=present(placed("b2", "a1")))) == []
    assert found("GL301", Evidence()) == []


def test_GL301_where_the_files_cannot_be_read_either() -> None:
    error = BrokenInputError("cannot read versions/a1.py")

    def unreadable() -> Iterator[None]:
        raise error

    (finding,) = found("GL301", Evidence(resolution=_unknown(error), present=Lazy(unreadable)))  # type: ignore[arg-type]
    assert finding.severity is Severity.ERROR


def test_GL301_what_alembic_can_run_is_no_error() -> None:
    (finding,) = found("GL301", Evidence(resolution=_unknown(NeedsRunningError("a1.pyc has no source here"))))
    assert finding.severity is Severity.INFO


def test_findings_sort_by_path_line_and_code() -> None:
    places = [("b.py", 2), ("b.py", None), ("", None), ("a.py", 9)]
    findings = [Finding(Severity.INFO, "", "", path, line) for path, line in places]
    checks = [replace(CHECK, code=code, find=lambda _: iter(findings)) for code in ("GL2", "GL1")]
    diagnosis = diagnose(Evidence(), checks)
    found = [(one.finding.path, one.finding.line, one.check.code) for one in diagnosis.found]
    assert found == [
        (path, line, code)
        for path, line in [("", None), ("a.py", 9), ("b.py", None), ("b.py", 2)]
        for code in ("GL1", "GL2")
    ]


@pytest.mark.parametrize(
    ("select", "ignore", "codes"),
    [
        ([], [], ["GL101", "GL102", "GL201"]),
        (["GL102"], [], ["GL102"]),
        (["gl102"], [], ["GL102"]),
        (["cycle", "GL2"], [], ["GL101", "GL201"]),
        (["GL1"], ["cycle"], ["GL102"]),
        ([], ["GL"], []),
    ],
)
def test_checks_are_chosen_by_code_beginning_or_name(select: list[str], ignore: list[str], codes: list[str]) -> None:
    names = {"GL101": "cycle", "GL102": "side-head", "GL201": "nameless"}
    checks = [replace(CHECK, code=code, name=name) for code, name in names.items()]
    assert [check.code for check in choose(checks, select, ignore)] == codes


def test_words_that_mean_no_check() -> None:
    assert unknown_words(CHECKS, ["GL1", "GL999", "cycle", "cycl", ""]) == ("GL999", "cycl", "")


@pytest.mark.parametrize(
    ("severity", "level", "fails"),
    [
        (Severity.ERROR, Severity.ERROR, True),
        (Severity.WARNING, Severity.ERROR, False),
        (Severity.WARNING, Severity.WARNING, True),
        (Severity.INFO, Severity.WARNING, False),
        (Severity.INFO, Severity.INFO, True),
    ],
)
def test_levels(severity: Severity, level: Severity, fails: bool) -> None:  # noqa: FBT001 -- a parameter
    assert Diagnosis((), (Found(CHECK, Finding(severity, "", "")),), ()).at_least(level) is fails


def test_json_has_every_key() -> None:
    diagnosis = diagnose(Evidence(present=present(placed("b2", "a1"))), CHECKS)
    document = json.loads(render_findings(diagnosis))
    assert document["format"] == 1
    (finding,) = document["findings"]
    assert finding | {"message": "", "why": "", "cure": ""} == {
        "code": "GL102",
        "name": "missing-revision",
        "severity": "error",
        "message": "",
        "why": "",
        "path": "versions/b2.py",
        "line": None,
        "revision": "b2",
        "commit": None,
        "cure": "",
        "fixable": False,
    }


def test_a_value_is_looked_up_once() -> None:
    asked: list[int] = []
    lazy = Lazy(lambda: asked.append(1))
    lazy()
    lazy()
    assert asked == [1]
    assert known(3)() == 3


def test_of_a_longer_reason_the_first_line_is_enough() -> None:
    """The rest is said by the finding that it belongs to."""
    refusing = replace(CHECK, find=_raising(CannotTellError("the orders differ:\nthis\nthat")))
    assert [one.reason for one in diagnose(Evidence(), [refusing]).skipped] == ["the orders differ"]
