"""A diagnosis -> text for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tabulate import tabulate

from gitlembic.cli.report import as_typed
from gitlembic.core.visible_text import visible
from gitlembic.doctor.diagnosis import brief
from gitlembic.doctor.finding import Severity
from gitlembic.doctor.registry import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitlembic.doctor.check import Check
    from gitlembic.doctor.diagnosis import Diagnosis, Found

_INDENT = "    "
_SHOWN = 5
"""Of findings that call for nothing, of one check; the others are counted."""

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
        """A line a category, the details of what was found, and a count; `everything` leaves nothing out."""
        parts = [self._categories(diagnosis)]
        parts += [self._finding(found) for found in self._shown(diagnosis, everything=everything)]
        parts += [self._left_out(diagnosis)] if not everything and self._left_out(diagnosis) else []
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

    def _shown(self, diagnosis: Diagnosis, *, everything: bool) -> Iterable[Found]:
        """The worst first, each kind in the order of the files."""
        infos: dict[str, int] = {}
        for found in sorted(diagnosis.found, key=lambda found: found.finding.severity.rank):
            if found.finding.severity is Severity.INFO:
                infos[found.check.code] = infos.get(found.check.code, 0) + 1
                if infos[found.check.code] > _SHOWN and not everything:
                    continue
            yield found

    def _left_out(self, diagnosis: Diagnosis) -> str:
        counts: dict[str, int] = {}
        for found in diagnosis.found:
            if found.finding.severity is Severity.INFO:
                counts[found.check.code] = counts.get(found.check.code, 0) + 1
        lines = [
            f"{count - _SHOWN} more of {code}: `gitlembic doctor --select {code}` lists them"
            for code, count in counts.items()
            if count > _SHOWN
        ]
        return as_typed("\n".join(lines), self._options)

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
