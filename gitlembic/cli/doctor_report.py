"""A diagnosis -> text for a terminal."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from tabulate import tabulate

from gitlembic.cli.report import as_typed
from gitlembic.core.visible_text import visible
from gitlembic.doctor.diagnosis import brief
from gitlembic.doctor.finding import Severity
from gitlembic.doctor.registry import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitlembic.doctor.check import Check
    from gitlembic.doctor.diagnosis import Diagnosis, Found

_INDENT = "    "
_SHOWN = {Severity.ERROR: 50, Severity.WARNING: 20, Severity.INFO: 5}
"""Of the findings of one check; the others are counted. One commit may have broken thousands in one way."""

_SMALLEST = 40
_CODE_COLUMN = len("Code") + 2
"""tabulate leaves a header room for two more."""

_MARKS = {Severity.ERROR: ("✗", "x"), Severity.WARNING: ("!", "!"), Severity.INFO: ("i", "i")}
_FINE = ("✓", "ok")
_UNSEEN = ("?", "?")


class Report:
    """Renders for one terminal: `width` columns (`None` for no limit), `unicode` if it can show more than ASCII."""

    def __init__(self, options: Sequence[str], width: int | None, *, unicode: bool) -> None:
        self._options = options
        self._width = width
        self._ascii = not unicode

    def render(self, diagnosis: Diagnosis, *, everything: bool) -> str:
        """A line a category, what was found, the worst first, and a count; `everything` leaves nothing out."""
        parts = [self._categories(diagnosis)]
        seen: Counter[tuple[str, Severity]] = Counter()
        left_out: Counter[str] = Counter()
        for found in sorted(diagnosis.found, key=lambda found: found.finding.severity.rank):
            seen[found.check.code, found.finding.severity] += 1
            if everything or seen[found.check.code, found.finding.severity] <= _SHOWN[found.finding.severity]:
                parts.append(self._finding(found))
            else:
                left_out[found.check.code] += 1
        parts += self._left_out(left_out)
        parts += self._skipped(diagnosis)
        return "\n\n".join([*parts, self._conclusion(diagnosis)]) + "\n"

    def _categories(self, diagnosis: Diagnosis) -> str:
        rows = []
        for group, title in GROUPS.items():
            checks = [check for check in diagnosis.checks if check.group == group]
            found = [found.finding.severity for found in diagnosis.found if found.check.group == group]
            unseen = [skipped for skipped in diagnosis.skipped if skipped.check.group == group]
            if checks or found:
                worst = min(found, key=lambda severity: severity.rank, default=None)
                mark = _MARKS[worst] if worst else _UNSEEN if unseen else _FINE
                said = [_counted(found)] if found else []
                said += [f"{len(unseen)} of {len(checks)} not possible"] if unseen else []
                rows.append((mark[self._ascii], title, "; ".join(said) or _checks(len(checks))))
        rows += [("", "cache", visible(cache)) for cache in diagnosis.caches]
        return tabulate(rows, tablefmt="plain", disable_numparse=True)

    def _left_out(self, counts: Mapping[str, int]) -> list[str]:
        lines = [
            f"{count} more of {code}: `gitlembic doctor --select {code}` lists them" for code, count in counts.items()
        ]
        return [as_typed("\n".join(lines), self._options)] if lines else []

    def _finding(self, found: Found) -> str:
        check, finding = found.check, found.finding
        place = f"{visible(finding.path)}:{finding.line}" if finding.line else visible(finding.path)
        mark = _MARKS[finding.severity][self._ascii]
        heading = f"{mark} {check.code} {check.name}" + (f"  {place}" if place else "")
        return "\n".join(
            [
                heading,
                *self._wrapped(" ".join(visible(line.strip()) for line in finding.message.split("\n"))),
                *self._wrapped(f"Why:  {check.why}"),
                *self._wrapped(f"Cure: {visible(as_typed(finding.cure, self._options))}"),
            ]
        )

    def _skipped(self, diagnosis: Diagnosis) -> list[str]:
        said = {brief(found.finding.message): f"because of what {found.check.code} says" for found in diagnosis.found}
        reasons: dict[str, list[Check]] = {}
        for skipped in diagnosis.skipped:
            reasons.setdefault(said.get(skipped.reason, f"since {visible(skipped.reason)}"), []).append(skipped.check)
        return [
            "\n".join(self._wrapped(f"Not looked for: {_names(checks)}, {reason}", indent=""))
            for reason, checks in reasons.items()
        ]

    def _conclusion(self, diagnosis: Diagnosis) -> str:
        severities = [found.finding.severity for found in diagnosis.found]
        if not severities:
            looked = len(diagnosis.checks) - len(diagnosis.skipped)
            if diagnosis.skipped:
                return f"{_checks(looked)} found nothing; {len(diagnosis.skipped)} could not look."
            return f"Nothing found: {_checks(looked)}, all is well."
        code = min(diagnosis.found, key=lambda found: found.finding.severity.rank).check.code
        return as_typed(f"{_counted(severities)}. `gitlembic doctor --explain {code}` says more.", self._options)

    def _wrapped(self, text: str, indent: str = _INDENT) -> list[str]:
        if self._width is None:
            return [indent + text]
        return textwrap.wrap(
            text,
            max(self._width, _SMALLEST),
            initial_indent=indent,
            subsequent_indent=indent + ("      " if text.startswith(("Why:", "Cure:")) else ""),
            break_long_words=False,
            break_on_hyphens=False,
        )


def _counted(severities: Sequence[Severity]) -> str:
    """How many of each, worst first; what calls for nothing are notes."""
    names = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    counts = [(severities.count(severity), name) for severity, name in names.items()]
    return ", ".join(f"{count} {name}{'s' if count > 1 else ''}" for count, name in counts if count)


def _checks(count: int) -> str:
    return "1 check" if count == 1 else f"{count} checks"


def _names(checks: Iterable[Check]) -> str:
    return ", ".join(f"{check.code} {check.name}" for check in checks)


def render_checks(checks: Iterable[Check], width: int | None) -> str:
    """A table of all checks."""
    rows = [(check.code, check.name, check.what) for check in checks]
    widest = max((len(name) for _, name, _ in rows), default=0)
    left = None if width is None else max(width - widest - _CODE_COLUMN - 4, _SMALLEST)
    table = tabulate(
        rows,
        headers=("Code", "Name", "What it looks for"),
        disable_numparse=True,
        tablefmt="simple",
        maxcolwidths=[None, None, left],
    )
    return f"{table}\n"


def render_explanation(check: Check, width: int | None) -> str:
    """Everything that is known of one check."""
    parts = (
        ("What", check.what),
        ("Why", check.why),
        ("Finds", check.triggers),
        ("Fine", check.silent),
        ("Leave it out", f"--ignore {check.code}, or doctor.ignore in the configuration"),
    )
    lines = [f"{check.code} {check.name}", ""]
    for title, text in parts:
        indented = " " * 14
        wrapped = textwrap.wrap(text, max((width or 10_000) - len(indented), _SMALLEST), break_on_hyphens=False)
        lines += [f"{title + ':':<14}{wrapped[0]}", *(indented + line for line in wrapped[1:])]
    return "\n".join(lines) + "\n"
