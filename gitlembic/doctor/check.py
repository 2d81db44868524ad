"""What one check is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitlembic.doctor.evidence import Evidence
    from gitlembic.doctor.finding import Finding


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked for.

    `code` is for ever: never another meaning, never used again. `name` says what is wrong, `why` in
    one sentence why that matters. `triggers` is the smallest example, `silent` the nearest that is fine.
    """

    code: str
    name: str
    what: str
    why: str
    triggers: str
    silent: str
    find: Callable[[Evidence], Iterator[Finding]]

    @property
    def group(self) -> str:
        """The first part of the code, which all checks of a category share."""
        return self.code[:3]
