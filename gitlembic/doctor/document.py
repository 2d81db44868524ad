"""A diagnosis -> the JSON that `CLI.md` promises. Keys are only ever added."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gitlembic.doctor.diagnosis import Diagnosis, Found

FORMAT = 1


def render_findings(diagnosis: Diagnosis) -> str:
    """The findings as JSON text, ending in a newline."""
    return json.dumps({"format": FORMAT, "findings": [_finding(found) for found in diagnosis.found]}, indent=2) + "\n"


def _finding(found: Found) -> dict[str, Any]:
    check, finding = found.check, found.finding
    return {
        "code": check.code,
        "name": check.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "why": check.why,
        "path": finding.path or None,
        "line": finding.line,
        "revision": finding.revision,
        "commit": finding.commit,
        "cure": finding.cure,
        "fixable": finding.fix is not None,
    }
