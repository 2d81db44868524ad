"""Findings <-> plain values, for what is remembered of them."""

from __future__ import annotations

from typing import Any

from gitlembic.core.history import CommitId
from gitlembic.core.migration import RevisionId
from gitlembic.doctor.finding import Finding, Fix, Severity


def finding_row(finding: Finding) -> list[Any]:
    """What `finding_from_row` takes back."""
    return [
        finding.severity.value,
        finding.message,
        finding.cure,
        finding.path,
        finding.line,
        finding.revision,
        finding.commit,
        None if finding.fix is None else finding.fix.name,
    ]


def finding_from_row(row: Any) -> Finding:
    """Raises `ValueError`, `TypeError` or `LookupError` for what `finding_row` did not make."""
    severity, message, cure, path, line, revision, commit, fix = row
    if not all(isinstance(text, str) for text in (message, cure, path)) or not isinstance(line, int | None):
        raise TypeError(row)
    return Finding(
        Severity(severity),
        message,
        cure,
        path,
        line,
        None if revision is None else RevisionId(str(revision)),
        None if commit is None else CommitId(str(commit)),
        None if fix is None else Fix[fix],
    )
