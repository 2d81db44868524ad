"""Checks and evidence -> the diagnosis: what was found, and what could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from gitlembic.core.history import HistoryUnknownError
from gitlembic.doctor.check import Check, Lasts
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    """`found` is sorted by path, line and code; `checks` are those that were wanted.

    `caches` are the directories in which the project's repositories keep what can be computed again.
    """

    checks: tuple[Check, ...]
    found: tuple[Found, ...]
    skipped: tuple[Skipped, ...]
    caches: tuple[str, ...] = ()

    def at_least(self, severity: Severity) -> bool:
        """Whether anything so bad was found."""
        return any(found.finding.severity.rank <= severity.rank for found in self.found)

    def lasting(self) -> dict[str, tuple[Finding, ...]]:
        """What will be found again while nothing changes, by code; not of a check that could not look, or crashed."""
        unsure = {skipped.check.code for skipped in self.skipped}
        if any(found.check is CRASHED for found in self.found):  # which says of none that it was that one
            return {}
        by_code = {
            check.code: tuple(found.finding for found in self.found if found.check is check)
            for check in self.checks
            if check.lasts is not Lasts.NEVER and check.code not in unsure
        }
        silent = {check.code for check in self.checks if check.lasts is Lasts.SILENCE}
        return {code: found for code, found in by_code.items() if not (found and code in silent)}


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


def diagnose(
    evidence: Evidence, checks: Iterable[Check], known: Mapping[str, tuple[Finding, ...]] = MappingProxyType({})
) -> Diagnosis:
    """Let every check look at the evidence; none of them ends the others.

    What is `known`, by the codes of checks, they need not look for.
    """
    checks = tuple(checks)
    found: list[Found] = []
    skipped: list[Skipped] = []
    for check in checks:
        try:
            findings = known[check.code] if check.code in known else check.find(evidence)
            found += [Found(check, finding) for finding in findings]
        except GitlembicError as error:  # noqa: PERF203 -- each check for itself
            skipped.append(Skipped(check, brief(error.message)))
        except HistoryUnknownError as unknown:
            skipped.append(Skipped(check, f"{unknown.reason} at commit {unknown.commit[:12]}"))
        except Exception as error:  # noqa: BLE001 -- whatever it is, the other checks still count
            found.append(Found(CRASHED, _crash(check, error)))
    return Diagnosis(checks, tuple(sorted(dict.fromkeys(found), key=_place)), tuple(skipped))


def brief(message: str) -> str:
    """The fact without what is listed below it."""
    return message.partition("\n")[0].rstrip(":")


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
