"""The report that people read: its lines fit the terminal, and nothing in them can steer it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitlembic.cli.doctor_report import Report, render_checks, render_explanation
from gitlembic.doctor.diagnosis import Diagnosis, Found, Skipped
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.doctor.registry import CHECKS

ERROR = Found(
    CHECKS[0], Finding(Severity.ERROR, "c3 \x1b[31mstands beside " + "x " * 80, "`gitlembic rebase`", "v/c3.py", 7)
)
NOTES = tuple(Found(CHECKS[1], Finding(Severity.INFO, f"note {number}", "nothing")) for number in range(8))
SKIPPED = Skipped(CHECKS[2], "a shallow clone ends")


def _render(diagnosis: Diagnosis, *, width: int | None = None, unicode: bool = True, everything: bool = False) -> str:
    report = Report(("-c", "my app.ini"), width, unicode=unicode)
    return report.render(replace(diagnosis, caches=("/r/.git/gitlembic",)), everything=everything)


def test_nothing_found() -> None:
    checks = tuple(check for check in CHECKS if check.group not in {"GL2", "GL4", "GL5"})
    count = len(checks)
    lines = _render(Diagnosis(checks, (), ())).splitlines()
    assert lines[0].split() == ["✓", "chain", "12", "checks"]
    assert [line.split()[1] for line in lines[:2]] == ["chain", "environment"]
    assert lines[2].split() == ["cache", "/r/.git/gitlembic"]
    assert lines[-1] == f"Nothing found: {count} checks, all is well."


def test_one_check_is_one_check() -> None:
    lines = _render(Diagnosis(CHECKS[:1], (), ())).splitlines()
    assert lines[0].split() == ["✓", "chain", "1", "check"]
    assert lines[-1] == "Nothing found: 1 check, all is well."


def test_what_is_found() -> None:
    text = _render(Diagnosis(CHECKS, (ERROR,), (SKIPPED,)))
    lines = text.splitlines()
    assert lines[0].split(maxsplit=2) == ["✗", "chain", "1 error; 1 of 12 not possible"]
    assert "✗ GL101 side-head  v/c3.py:7" in lines
    assert "    Cure: `gitlembic -c 'my app.ini' rebase`" in lines
    assert "Not looked for: GL103 duplicate-revision, since a shallow clone ends" in lines
    assert lines[-1] == "1 error. `gitlembic -c 'my app.ini' doctor --explain GL101` says more."
    assert "\x1b" not in text


def test_what_a_finding_says_already_is_not_said_again() -> None:
    said = Found(ERROR.check, replace(ERROR.finding, message="a shallow clone ends:\n  long\n  lists"))
    text = _render(Diagnosis(CHECKS, (said,), (SKIPPED,)))
    assert "Not looked for: GL103 duplicate-revision, because of what GL101 says" in text.splitlines()


@pytest.mark.parametrize("width", [60, 80, 140])
def test_lines_fit_the_terminal(width: int) -> None:
    text = _render(Diagnosis(CHECKS, (ERROR, *NOTES), (SKIPPED,)), width=width)
    commands = [line for line in text.splitlines() if "`" not in line]
    assert max(map(len, commands)) <= width
    assert all(len(line) <= max(width, 80) for line in render_checks(CHECKS, width).splitlines())
    for check in CHECKS:
        assert max(map(len, render_explanation(check, width).splitlines())) <= max(width, 80)


def test_many_notes_are_counted_unless_they_were_asked_for() -> None:
    diagnosis = Diagnosis(CHECKS, NOTES, ())
    text = _render(diagnosis)
    assert text.count("GL102 missing-revision") == 5
    assert "3 more of GL102: `gitlembic -c 'my app.ini' doctor --select GL102` lists them" in text
    assert _render(diagnosis, everything=True).count("GL102 missing-revision") == 8
    assert text.splitlines()[-1].startswith("8 notes. ")


@pytest.mark.parametrize(("severity", "shown"), [(Severity.ERROR, 50), (Severity.WARNING, 20)])
def test_so_are_those_that_one_commit_may_have_caused(severity: Severity, shown: int) -> None:
    found = tuple(Found(CHECKS[1], replace(ERROR.finding, severity=severity)) for _ in range(60))
    text = _render(Diagnosis(CHECKS, (*found, *NOTES), ()))
    assert text.count("GL102 missing-revision") == shown + 5
    assert f"{60 - shown + 3} more of GL102: " in text
    assert _render(Diagnosis(CHECKS, found, ()), everything=True).count("GL102 missing-revision") == 60


def test_a_terminal_of_ascii() -> None:
    assert _render(Diagnosis(CHECKS, (ERROR,), ()), unicode=False).isascii()


def test_a_category_that_could_not_be_looked_at() -> None:
    text = _render(Diagnosis(CHECKS[2:3], (), (SKIPPED,)))
    assert text.splitlines()[0].split(maxsplit=2) == ["?", "chain", "1 of 1 not possible"]
    assert text.splitlines()[-1] == "0 checks found nothing; 1 could not look."
