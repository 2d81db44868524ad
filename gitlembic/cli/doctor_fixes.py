"""Carries out what `doctor --fix` may do, or shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gitlembic.cli.report import print_downgrades, print_error, render_diff
from gitlembic.commands.doctor_fix import plan_fix, wanted_fixes
from gitlembic.core.visible_text import visible
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.doctor.diagnosis import Diagnosis


def apply_fixes(options: Sequence[str], diagnosis: Diagnosis, *, dry_run: bool, err: bool) -> None:
    """Fix what can be fixed, one thing after the other, and say so; what is refused is said and left.

    With `dry_run` only show the changes. With `err` all is said on stderr, because stdout is a document.
    """
    for fix in wanted_fixes(diagnosis):
        try:
            planned = plan_fix(options, fix)
            if not dry_run:
                planned.carry_out()
        except GitlembicError as error:
            print_error(error, options)
            continue
        for change in planned.changes:
            text = render_diff(change.path, change.before, change.after)
            click.echo(text if dry_run else f"fixed {visible(change.path)}: {fix.value}\n", nl=False, err=err)
        if planned.rebase is not None:
            print_downgrades(planned.rebase, options)
    if not err:
        click.echo("")
