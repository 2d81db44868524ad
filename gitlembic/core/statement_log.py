"""What the migrations of a run have executed -> what of it stays, whatever becomes of the transaction.

It knows no server: whoever keeps the log says which statements commit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from gitlembic.core.visible_text import cut

_LONGEST = 120
_MOST_LOOKED_AT = 1000
_MOST_KEPT = 500
_WORD = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/|\()*([A-Za-z]+)", re.DOTALL)
_WITHOUT_EFFECT = frozenset(
    {
        *("SELECT", "SHOW", "SET", "PRAGMA", "EXPLAIN", "DESCRIBE", "DESC"),
        *("BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"),
    }
)
_RECORDED = ""
"""Stands among statements, of which none is empty, where one has recorded those before it."""

_TEMPORARY = re.compile(r"\s*(CREATE|DROP)\s+TEMPORARY\b", re.IGNORECASE)
_COMMITTING = frozenset(
    {
        *("ALTER", "ANALYZE", "BEGIN", "CACHE", "CHECK", "COMMIT", "CREATE", "DROP", "FLUSH", "GRANT", "INSTALL"),
        *("LOCK", "OPTIMIZE", "RENAME", "REPAIR", "RESET", "REVOKE", "START", "TRUNCATE", "UNINSTALL", "UNLOCK"),
    }
)
"""Before which MySQL and MariaDB commit, and after which; Oracle's are among them."""


@lru_cache(maxsize=64)  # who fills a table executes one statement again and again
def first_word(statement: str) -> str:
    """The first word of a statement, in capitals, behind comments."""
    found = _WORD.match(statement)
    return found[1].upper() if found else ""


def commits_implicitly(statement: str) -> bool:
    """Whether MySQL, MariaDB or Oracle commits because of this statement."""
    return first_word(statement) in _COMMITTING and not _TEMPORARY.match(statement)


@dataclass(slots=True)
class _Entry:
    text: str
    times: int = 1

    def __str__(self) -> str:
        return self.text if self.times == 1 else f"{self.text} ({self.times} times)"


@dataclass(slots=True)
class StatementLog:
    """The statements of one migration, in order; those that only read are left out.

    `kept` were committed by now; `pending` wait for a commit; `running` has begun and not ended,
    and if `running_commits`, then its end alone would commit it.
    """

    kept: list[_Entry] = field(default_factory=list)
    pending: list[_Entry] = field(default_factory=list)
    running: str = ""
    running_commits: bool = False

    def begin(self, statement: str, *, commits: bool) -> None:
        self.running = shortened(statement)
        self.running_commits = commits

    def end(self, statement: str) -> None:
        self.running = ""
        if first_word(statement) not in _WITHOUT_EFFECT:
            _append(self.pending, shortened(statement))

    def record(self) -> None:
        """What came before is recorded, if what is pending is committed."""
        self.running = ""
        self.pending.append(_Entry(_RECORDED))

    def commit(self) -> None:
        for entry in self.pending:
            if entry.text == _RECORDED:
                self.kept.clear()
            else:
                _append(self.kept, entry.text, entry.times)
        self.pending.clear()

    def roll_back(self) -> None:
        self.pending.clear()


@lru_cache(maxsize=64)  # likewise
def shortened(statement: str) -> str:
    """A statement on one line, or as much of its beginning as one wants to read."""
    return cut(" ".join(statement[:_MOST_LOOKED_AT].split()), _LONGEST)


def _append(entries: list[_Entry], text: str, times: int = 1) -> None:
    """One more statement; what is executed again and again, as rows are inserted, takes one entry."""
    if entries and (entries[-1].text == text or len(entries) == _MOST_KEPT):
        entries[-1].times += times
    else:
        entries.append(_Entry(text, times))
