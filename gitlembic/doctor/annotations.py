"""A diagnosis -> workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.visible_text import visible
from gitlembic.doctor.finding import Severity

if TYPE_CHECKING:
    from gitlembic.doctor.diagnosis import Diagnosis, Found

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_annotations(diagnosis: Diagnosis) -> str:
    """One line a finding; nothing where nothing was found."""
    return "".join(f"{_annotation(found)}\n" for found in diagnosis.found)


def _annotation(found: Found) -> str:
    check, finding = found.check, found.finding
    place = {"file": finding.path, "line": str(finding.line or "")}
    properties = {**{name: value for name, value in place.items() if value}, "title": f"{check.code} {check.name}"}
    written = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{_escaped(f'{finding.message}. Cure: {finding.cure}')}"


def _escaped(text: str, more: str = "") -> str:
    """As the runner's own toolkit writes values: `%` first, then what would end one."""
    safe = visible(text).replace("%", "%25")
    for character in more:
        safe = safe.replace(character, f"%{ord(character):02X}")
    return safe
