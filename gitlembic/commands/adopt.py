"""Makes a project's new migrations dynamic by patching its template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import template_path
from gitlembic.adapters.template_file import read_template, reference_template, write_template
from gitlembic.core.template_source import PASTE, UnknownTemplate, patch_template
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Adoption:
    """What a template is and what it will be; the same text if it is dynamic already."""

    path: Path
    before: str
    after: str

    @property
    def changes(self) -> bool:
        return self.before != self.after


def plan_adoption(options: Sequence[str]) -> Adoption:
    """What `adopt` would do to the project that Alembic's global options choose.

    Refuses a template it does not understand, with the lines to paste.
    """
    path = template_path(options)
    before = read_template(path)
    patched = patch_template(before)
    if isinstance(patched, UnknownTemplate):
        raise GitlembicError(
            f"{path} was not changed: {patched.reason}",
            "put these two lines in yourself, the second in place of the assignment: " + " | ".join(PASTE),
        )
    return Adoption(path, before, patched.text)


def show_reference() -> str:
    """A whole template that makes dynamic migrations."""
    return reference_template()


def carry_out(adoption: Adoption) -> None:
    """Write the template, whole or not at all, with the line endings and permissions it had."""
    write_template(adoption.path, adoption.after)
