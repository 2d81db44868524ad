"""What a project needs beside its template -> a few lines for a terminal, each with what to type."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from gitlembic.cli.report import as_typed
from gitlembic.core.visible_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitlembic.commands.adopt import Outlook
    from gitlembic.commands.library import LibraryOrder
    from gitlembic.core.migration import RevisionId

_SHOWN = 6
"""Of the stretch between the first and the last difference, which may be years apart."""


def render_outlook(outlook: Outlook, options: Sequence[str] = ()) -> str:
    """What is left to do; empty if that is nothing."""
    lines = [f"{need.about}: {need.text}" for need in outlook.needs]
    if not outlook.in_repository:
        lines.insert(0, "Git: this is in no repository. Until it is (`git init`), new migrations get literal parents")
    for section, chosen in outlook.sections:
        lines.append(f"[{section}] has a template of its own: `gitlembic {shlex.join(chosen)} adopt`")
    needed = "".join(f"\n{as_typed(visible(line), options)}" for line in lines)
    order = "".join(f"\n{as_typed(visible(line), options)}" for line in _library(outlook.library))
    return "".join(f"{part}\n" for part in (needed, order) if part)


def _library(library: LibraryOrder | None) -> Iterator[str]:
    if library is None:
        return
    yield "The migrations of alembic-git-revisions run unchanged under gitlembic."
    if library.unknown:
        yield f"Whether both have the same order could not be told: {library.unknown}"
    elif not library.disagreements:
        yield "Both have the same order: nothing needs to be frozen. Plain alembic still asks that library for them."
        yield "To do without it: `gitlembic rebase --freeze --onto HEAD`, and take it out of the requirements"
    else:
        yield from _difference(library)


def _difference(library: LibraryOrder) -> Iterator[str]:
    count = len(library.disagreements)
    yield f"But {count} of them {'follows' if count == 1 else 'follow'} somebody else there:"
    for stretch in library.contradictions:
        yield f"  alembic-git-revisions: {_in_order(stretch.in_file)}"
        yield f"  gitlembic:             {_in_order(stretch.in_git)}"
    yield "Databases were deployed in the order of alembic-git-revisions. Freeze it, on the branch that is deployed:"
    yield "  1. `gitlembic rebase --freeze --onto HEAD` writes literal parents into all of them"
    yield "  2. then correct these, and commit all of it together:"
    for found in library.disagreements:
        yield f"     {found.placed.path}: down_revision = {json.dumps(found.theirs)}"
    yield "  3. then nothing asks alembic-git-revisions any more: take it out of the requirements"
    for stretch in library.contradictions:
        for late, earlier in stretch.slipped_in:
            yield (
                f"  Look at every database for what {late} does: "
                f"one that stood at {earlier} before it came never ran it"
            )


def _in_order(revisions: Sequence[RevisionId]) -> str:
    more = len(revisions) - _SHOWN
    return ", then ".join(revisions[:_SHOWN]) + (f", and {more} more" if more > 0 else "")
