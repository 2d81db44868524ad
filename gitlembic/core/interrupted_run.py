"""A run of migrations that stopped -> where the database stands, and what has to be looked at by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.explanation import Explanation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MOST_SHOWN = 10


class StepTaken(NamedTuple):
    """One migration that had begun.

    `path` is for people; `before` where the database stood, `after` where it stands if somebody finishes
    it by hand (`None` where that cannot be said), `heads` where it stands when it has ended, `None` if it has
    not; `kept` the statements that were committed, whatever became of the rest; `unsure` one that may have been.
    Of a squash `replaced` are those that it stands for, each of which is recorded when it has ended; of what
    is recorded nothing is among the `kept`.
    """

    revision: str
    path: str
    before: frozenset[str]
    after: frozenset[str] | None
    heads: frozenset[str] | None
    kept: tuple[str, ...] = ()
    unsure: str = ""
    replaced: frozenset[str] = frozenset()


class InterruptedRun(NamedTuple):
    """What ran on one database; there is at least one step.

    `before` is where it stood; of the steps at least the first `committed` are known to be recorded;
    `recorded` is where the database says that it stands, asked afterwards, `None` with the reason in
    `trouble` where it does not answer; `commits_at_once` if the server commits at least some
    statements without being asked.
    """

    database: str
    is_upgrade: bool
    before: frozenset[str]
    steps: tuple[StepTaken, ...]
    recorded: frozenset[str] | None
    committed: int = 0
    trouble: str = ""
    commits_at_once: bool = False

    @property
    def last(self) -> StepTaken:
        return self.steps[-1]

    @property
    def number_recorded(self) -> int | None:
        """How many of the steps are recorded, from the first; `None` where nobody knows.

        A step that runs out of order leaves the database where it stood; then what was known decides.
        """
        if self.recorded is None:
            return None
        if self.inside:
            return len(self.steps) - 1
        found = (n for n in range(self.committed, len(self.steps) + 1) if self._heads_after(n) == self.recorded)
        return next(found, None)

    @property
    def inside(self) -> frozenset[str]:
        """Where it stands inside the squash that has not ended."""
        return self.last.replaced & (self.recorded or frozenset()) if self.last.heads is None else frozenset()

    @property
    def open_steps(self) -> tuple[StepTaken, ...]:
        """Those that are not known to be recorded."""
        return self.steps[self.number_recorded or self.committed :]

    @property
    def heard(self) -> frozenset[str]:
        """Where it stood after the last of its commits that is known."""
        return self._heads_after(self.committed) or frozenset()

    def _heads_after(self, number: int) -> frozenset[str] | None:
        return self.steps[number - 1].heads if number else self.before


def explain_interruption(runs: Sequence[InterruptedRun]) -> Explanation:
    """What is to be said of the databases of one command, in the order in which it came to them.

    Three statements on MariaDB, of which the third is refused:

        The upgrade stopped in c3 (versions/c3_add_prices.py).
        The database stands at b2.
        c3 is not recorded, but this much of it was committed, and stays:
            CREATE TABLE prices (n INTEGER)
            INSERT INTO prices VALUES (1)
        Hint: undo by hand what stays of c3, and run the same command again; or ...
    """
    facts = [fact for run in runs for fact in (_heading(run, runs), *_facts(run))]
    return Explanation(tuple(facts), _hint(runs))


def _heading(run: InterruptedRun, runs: Sequence[InterruptedRun]) -> str:
    what = "upgrade" if run.is_upgrade else "downgrade"
    where = f" of {run.database}" if len(runs) > 1 else ""
    how = "stopped in" if run.last.heads is None else "stopped after" if run is runs[-1] else "ran up to"
    return f"The {what}{where} {how} {run.last.revision} ({run.last.path})."


def _facts(run: InterruptedRun) -> list[str]:
    facts = [_position(run)]
    for step in run.open_steps:
        facts += _left_behind(step, is_known=run.number_recorded is not None)
    nothing_kept = not any(step.kept or step.unsure for step in run.open_steps)
    if run.inside:
        facts.insert(1, f"{run.last.revision} is a squash, of which that is a part: up to there all is recorded.")
    if run.open_steps and nothing_kept and run.last.heads is None:
        more = "more " if run.inside else ""
        facts.append(f"Nothing {more}that {run.last.revision} did was kept.")
    return facts


def _position(run: InterruptedRun) -> str:
    if run.recorded is None:
        return f"The database does not answer ({run.trouble}); as far as is known, it stands at {_names(run.heard)}."
    stands = f"The database stands at {_names(run.recorded)}"
    number = run.number_recorded
    if number is None:
        return f"{stands} now: somebody else has gone on."
    if number == len(run.steps):
        return f"{stands}: everything that ran is recorded."
    ended = [step.revision for step in run.steps[number:] if step.heads is not None]
    as_before = ", as before" if number == 0 and not run.inside else ""
    if not ended:
        return f"{stands}{as_before}."
    were = "was" if len(ended) == 1 else "were"
    return f"{stands}{as_before}: {', '.join(ended)} had ended, but {were} not committed."


def _left_behind(step: StepTaken, *, is_known: bool) -> list[str]:
    facts = []
    if step.kept:
        recorded = "is not recorded" if is_known else "may not be recorded"
        shown = step.kept[:_MOST_SHOWN]
        more = len(step.kept) - len(shown)
        facts += [
            f"{step.revision} {recorded}, but this much of it was committed, and stays:",
            *(f"    {statement}" for statement in shown),
            *([f"    and {more} more"] if more else []),
        ]
    if step.unsure:
        facts += [f"Whether {step.revision} has executed this is not known:", f"    {step.unsure}"]
    return facts


def _hint(runs: Sequence[InterruptedRun]) -> str:
    again = "run the same command again"
    for run in runs:
        half = [step for step in run.open_steps if step.kept or step.unsure]
        first = "`gitlembic current` says where it stands, when it answers; then " if run.recorded is None else ""
        if half:
            undo = f"{first}undo by hand what stays of {_names(step.revision for step in half)}, and {again}"
            return undo + _finishing(half[-1], is_alone=len(runs) == 1)
        if first:
            return first + again
        if run.open_steps and run.commits_at_once and not run.inside:
            return (
                f"when the reason is mended, {again}; if an earlier run was ended in the middle of "
                f"{run.last.revision}, its first statements are there already: undo them before"
            )
    return f"when the reason is mended, {again}: it goes on from there"


def _finishing(step: StepTaken, *, is_alone: bool) -> str:
    """`stamp` moves all databases of env.py, and of several rows only those that it takes to be of one line."""
    if step.after is None:
        return ""
    if not is_alone:
        return (
            f"; or finish it by hand, and have the table of versions there say {_names(step.after)} "
            "(`gitlembic stamp` would move the other databases as well)"
        )
    has_others = step.before != step.after and max(len(step.before), len(step.after)) > 1
    purge = "--purge " if has_others else ""
    return (
        "; or, where env.py has no other database, finish it by hand, and then "
        f"`gitlembic stamp {purge}{' '.join(sorted(step.after)) or 'base'}`"
    )


def _names(revisions: Iterable[str]) -> str:
    return ", ".join(sorted(revisions)) or "base"
