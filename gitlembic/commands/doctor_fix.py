"""What `doctor --fix` does about findings: nothing that another command does not do as safely."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.commands import adopt, chain, rebase
from gitlembic.doctor.finding import Fix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gitlembic.commands.rebase import Rebase
    from gitlembic.doctor.diagnosis import Diagnosis


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file before and after; empty before if it is not there yet."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PlannedFix:
    """The files that are to change, and how to change them; `rebase` if that is what moves migrations."""

    changes: tuple[FileChange, ...]
    carry_out: Callable[[], object]
    rebase: Rebase | None = None


def wanted_fixes(diagnosis: Diagnosis) -> tuple[Fix, ...]:
    """What would cure some of the findings, each once, in the order in which to do it."""
    wanted = {found.finding.fix for found in diagnosis.found}
    return tuple(fix for fix in Fix if fix in wanted)


def plan_fix(options: Sequence[str], fix: Fix) -> PlannedFix:
    """What to change for one fix; raises `GitlembicError` where the command behind it refuses."""
    return _PLANNERS[fix](options)


def _adopt(options: Sequence[str]) -> PlannedFix:
    adoption = adopt.plan_adoption(options)
    change = FileChange(os.fspath(adoption.path), adoption.before, adoption.after)
    return PlannedFix((change,), lambda: adopt.carry_out(adoption))


def _rebase(options: Sequence[str]) -> PlannedFix:
    plan = rebase.plan_rebase(options)
    changes = [
        FileChange(rewrite.move.placed.path, _text(rewrite.before), _text(rewrite.after)) for rewrite in plan.rewrites
    ]
    return PlannedFix(tuple(changes), lambda: rebase.carry_out(plan, force=False), plan)


def _write_chain_file(options: Sequence[str]) -> PlannedFix:
    texts = chain.plan_stale_chain_files(options)
    changes = [FileChange(os.fspath(path), _text(path.read_bytes()), text) for path, text in texts.items()]
    return PlannedFix(tuple(changes), lambda: chain.write_chain_files(texts))


_PLANNERS: Mapping[Fix, Callable[[Sequence[str]], PlannedFix]] = {
    Fix.ADOPT: _adopt,
    Fix.REBASE: _rebase,
    Fix.WRITE_CHAIN_FILE: _write_chain_file,
}


def _text(source: bytes) -> str:
    return source.decode("utf-8", "replace")
