"""A project that `alembic init` has just made -> the same, making dynamic migrations where git can place them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.template_file import read_template, write_template
from gitlembic.core.template_source import UnknownTemplate, patch_template
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class NewProject:
    """A new project's template, and whether its migrations will be dynamic.

    `obstacle` says why not: as Alembic's template is, so it was left. Outside a repository there is
    no obstacle, and nothing that could place them.
    """

    template: Path
    in_repository: bool
    obstacle: str = ""


def make_dynamic(directory: Path) -> NewProject:
    """Patch the template in `directory`, all of it or nothing; leaves Alembic's where it cannot."""
    template = directory / "script.py.mako"
    try:
        if find_git_directory(directory.absolute()) is None:
            return NewProject(template, in_repository=False)
        patched = patch_template(read_template(template))
        if isinstance(patched, UnknownTemplate):
            return NewProject(template, in_repository=True, obstacle=patched.reason)
        write_template(template, patched.text)
    except GitlembicError as error:
        return NewProject(template, in_repository=True, obstacle=error.message)
    return NewProject(template, in_repository=True)
