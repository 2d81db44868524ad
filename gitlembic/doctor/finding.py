"""What a check found."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import RevisionId


class Severity(enum.Enum):
    """How bad it is, worst first."""

    ERROR = "error"
    """Something does not work, or a database will silently miss or repeat a migration."""

    WARNING = "warning"
    """It works today, and will surprise somebody."""

    INFO = "info"
    """Good to know; nothing has to be done."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Fix(enum.Enum):
    """What can be done without asking, in the order in which to do it: a chain file records what a rebase made."""

    ADOPT = "patch the template"
    REBASE = "move this branch's side heads"
    WRITE_CHAIN_FILE = "write a stale chain file again"


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect at one place; which check found it is for `Diagnosis` to say.

    `path` is relative to the repository's root, with `/`, and empty where the defect is in no file.
    `line` is 1-based. `cure` is the next thing to do, with commands between backquotes;
    `fix` is what `doctor --fix` does about it, `None` if that is for people to decide.
    """

    severity: Severity
    message: str
    cure: str
    path: str = ""
    line: int | None = None
    revision: RevisionId | None = None
    commit: CommitId | None = None
    fix: Fix | None = None
