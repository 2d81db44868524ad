"""A diagnosis -> SARIF 2.1.0, which code scanning and editors read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gitlembic.doctor.finding import Severity

if TYPE_CHECKING:
    from gitlembic.doctor.check import Check
    from gitlembic.doctor.diagnosis import Diagnosis, Found

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(diagnosis: Diagnosis, version: str) -> str:
    """One run, whose rules are the checks that were wanted or found something; `version` is gitlembic's."""
    rules = tuple(dict.fromkeys((*diagnosis.checks, *(found.check for found in diagnosis.found))))
    driver = {"name": "gitlembic", "version": version, "rules": [_rule(check) for check in rules]}
    results = [_result(found, rules.index(found.check)) for found in diagnosis.found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.code,
        "name": "".join(word.capitalize() for word in check.name.split("-")),
        "shortDescription": {"text": check.what},
        "fullDescription": {"text": check.why},
        "help": {"text": f"Finds: {check.triggers}\nFine: {check.silent}"},
    }


def _result(found: Found, rule: int) -> dict[str, Any]:
    finding = found.finding
    result: dict[str, Any] = {
        "ruleId": found.check.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. Cure: {finding.cure}"},
    }
    if finding.path:
        uri = quote(finding.path, errors="surrogateescape")
        place: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
        if finding.line:
            place["region"] = {"startLine": finding.line}
        result["locations"] = [{"physicalLocation": place}]
    return result
