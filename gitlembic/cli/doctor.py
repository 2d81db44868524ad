"""What `gitlembic doctor` was asked for -> what it prints, and its exit code."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gitlembic import __version__
from gitlembic.adapters.garbage import no_garbage_collection
from gitlembic.cli.doctor_report import Report, render_checks, render_explanation
from gitlembic.core.visible_text import visible
from gitlembic.doctor.annotations import render_annotations
from gitlembic.doctor.diagnosis import choose, unknown_words
from gitlembic.doctor.document import render_findings
from gitlembic.doctor.finding import Severity
from gitlembic.doctor.registry import CHECKS, DATABASE_GROUP
from gitlembic.doctor.sarif import render_sarif

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gitlembic.doctor.diagnosis import Diagnosis

_DOCUMENTS: Mapping[str, Callable[[Diagnosis], str]] = {
    "json": render_findings,
    "github": render_annotations,
    "sarif": lambda diagnosis: render_sarif(diagnosis, __version__),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of an examination, as they were typed."""

    against: tuple[str, ...]
    with_open: bool
    with_database: bool
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    style: str
    fail_level: str
    fix: bool
    dry_run: bool


def list_checks() -> int:
    """Print a table of all checks."""
    click.echo(render_checks(CHECKS, _width()), nl=False)
    return 0


def explain_checks(words: str) -> int:
    """Print everything that is known of the checks that are meant: by a code, the beginning of one, or a name."""
    wanted = _words((words,))
    for word in unknown_words(CHECKS, wanted) or (() if wanted else (words,)):
        raise _no_check(word)
    explained = (render_explanation(check, _width()) for check in choose(CHECKS, wanted, ()))
    click.echo("\n".join(explained), nl=False)
    return 0


def examine_project(options: Sequence[str], wanted: Wanted) -> int:
    """Look at a project, fix it if that is wanted, and print what is left; 1 if that is too bad."""
    with no_garbage_collection():
        from gitlembic.commands import doctor as command  # noqa: PLC0415 -- Alembic is only imported when it is needed

    select, ignore = _words(wanted.select), _words(wanted.ignore)
    for word in unknown_words(CHECKS, (*select, *ignore)):
        raise _no_check(word)
    if wanted.dry_run and not wanted.fix:
        raise click.UsageError("--dry-run goes with --fix")
    if not wanted.with_database and any(word.upper().startswith(DATABASE_GROUP) or word in _names() for word in select):
        raise click.UsageError("what --select names asks the database: that goes with --db")

    def examine() -> Diagnosis:
        return command.examine(
            options,
            select=select,
            ignore=ignore,
            against=wanted.against,
            with_database=wanted.with_database,
            with_open=wanted.with_open,
        )

    diagnosis = examine()
    if wanted.fix:
        from gitlembic.cli.doctor_fixes import apply_fixes  # noqa: PLC0415 -- as above

        apply_fixes(options, diagnosis, dry_run=wanted.dry_run, err=wanted.style != "text")
        if not wanted.dry_run:
            diagnosis = examine()
    if wanted.style == "text":
        report = Report(options, _width(), unicode="utf" in (sys.stdout.encoding or "").lower())
        click.echo(report.render(diagnosis, everything=bool(select)), nl=False)
    else:
        click.echo(_DOCUMENTS[wanted.style](diagnosis), nl=False)
    return 1 if diagnosis.at_least(Severity(wanted.fail_level)) else 0


def _names() -> frozenset[str]:
    return frozenset(check.name for check in CHECKS if check.group == DATABASE_GROUP)


def _no_check(word: str) -> click.UsageError:
    return click.UsageError(f"there is no check {visible(word)}; --list-checks lists them")


def _words(given: tuple[str, ...]) -> tuple[str, ...]:
    """Codes may also stand in one word, with commas."""
    return tuple(word.strip() for words in given for word in words.split(",") if word.strip())


def _width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
