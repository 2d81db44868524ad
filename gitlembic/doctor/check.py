"""What one check is."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitlembic.doctor.evidence import Evidence
    from gitlembic.doctor.finding import Finding


class Lasts(enum.Enum):
    """How long an answer holds: while the migrations, the history, the mainline and the settings are as they were.

    What looks at anything else has to look every time.
    """

    NEVER = enum.auto()
    SILENCE = enum.auto()
    """That nothing was found lasts; what is said of a finding may look further."""

    ANSWER = enum.auto()


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
    lasts: Lasts = Lasts.NEVER

    @property
    def group(self) -> str:
        """The first part of the code, which all checks of a category share."""
        return self.code[:3]
