"""Remembers what some checks have found, so that nothing is looked at again where nothing has changed.

Losing it, damaging it, or being forbidden to write it changes nothing but speed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gitlembic.adapters.cache_files import cache_key, mark_used, place_name, write_cache
from gitlembic.core.sealed import VERSION, seal, unseal
from gitlembic.doctor.rows import finding_from_row, finding_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.presence import Place
    from gitlembic.doctor.finding import Finding

    Findings = Mapping[str, tuple[Finding, ...]]


class FindingsCache:
    """What was found in some locations of one work tree, while everything is as `state` says, by the checks' codes."""

    def __init__(self, directory: GitDirectory, place: Place, state: list[Any]) -> None:
        self._root = directory.cache_dir
        self._name = f"findings-{VERSION}-{cache_key(f'{directory.work_tree}{chr(10)}{place_name(place)}')}.json"
        self.state = state

    def load(self) -> Findings:
        """What was found; nothing if anything has changed."""
        path = self._root / self._name
        try:
            with path.open(encoding="utf-8") as file:
                mark_used(path, os.fstat(file.fileno()))
                state, rows = unseal(file.read())
            if state != self.state:
                return {}
            return {str(code): tuple(map(finding_from_row, found)) for code, found in dict(rows).items()}
        except (OSError, LookupError, TypeError, ValueError):  # not there, or not what we write
            return {}

    def save(self, findings: Findings) -> None:
        """Keep it, in place of what was found before."""
        rows = {code: [finding_row(finding) for finding in found] for code, found in findings.items()}
        write_cache(self._root, self._name, seal([self.state, rows]))
