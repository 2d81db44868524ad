"""Checks and evidence -> the diagnosis: what was found, and what could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.history import HistoryUnknownError
from gitlembic.doctor.check import Check
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gitlembic.doctor.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the check that found it."""

    check: Check
    finding: Finding


@dataclass(frozen=True, slots=True)
class Skipped:
    """A check whose evidence could not be had, and why."""

    check: Check
    reason: str


@dataclass(frozen=True)
class Diagnosis:
    """`found` is sorted by path, line and code; `checks` are those that were wanted."""

    checks: tuple[Check, ...]
    found: tuple[Found, ...]
    skipped: tuple[Skipped, ...]

    def at_least(self, severity: Severity) -> bool:
        """Whether anything so bad was found."""
        return any(found.finding.severity.rank <= severity.rank for found in self.found)


def _no_findings(_evidence: Evidence) -> Iterator[Finding]:
    yield from ()


CRASHED = Check(
    code="GL300",
    name="crashed-check",
    what="A check stopped with an error of its own.",
    why="What it looks for was not found, whether or not it is there. The other checks are complete.",
    triggers="a bug in gitlembic",
    silent="a check that says that it needs more history than a shallow clone has",
    find=_no_findings,
)
"""Found by `diagnose` itself."""


def diagnose(evidence: Evidence, checks: Iterable[Check]) -> Diagnosis:
    """Let every check look at the evidence; none of them ends the others."""
    checks = tuple(checks)
    found: list[Found] = []
    skipped: list[Skipped] = []
    for check in checks:
        try:
            found += [Found(check, finding) for finding in check.find(evidence)]
        except GitlembicError as error:  # noqa: PERF203 -- each check for itself
            skipped.append(Skipped(check, error.message.partition("\n")[0].rstrip(":")))
        except HistoryUnknownError as unknown:
            skipped.append(Skipped(check, f"{unknown.reason} at commit {unknown.commit[:12]}"))
        except Exception as error:  # noqa: BLE001 -- whatever it is, the other checks still count
            found.append(Found(CRASHED, _crash(check, error)))
    return Diagnosis(checks, tuple(sorted(dict.fromkeys(found), key=_place)), tuple(skipped))


def _crash(check: Check, error: Exception) -> Finding:
    return Finding(
        Severity.ERROR,
        f"{check.code} {check.name} stopped: {type(error).__name__}: {error}",
        "please report it, with the output of `gitlembic --version`",
    )


def _place(found: Found) -> tuple[str, int, str]:
    return found.finding.path, found.finding.line or 0, found.check.code


def choose(checks: Sequence[Check], select: Sequence[str], ignore: Sequence[str]) -> tuple[Check, ...]:
    """The checks that `select` means (all without any) and `ignore` does not."""
    return tuple(
        check
        for check in checks
        if (not select or any(_means(word, check) for word in select))
        and not any(_means(word, check) for word in ignore)
    )


def unknown_words(checks: Sequence[Check], words: Iterable[str]) -> tuple[str, ...]:
    """The words that mean no check at all."""
    return tuple(word for word in words if not any(_means(word, check) for check in checks))


def _means(word: str, check: Check) -> bool:
    """A code, the beginning of one (a whole category), or a name."""
    return word == check.name or (bool(word) and check.code.startswith(word.upper()))
