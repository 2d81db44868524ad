"""Makes a project's new migrations dynamic by patching its template, and says what else it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project, options_of_section, script_sections, template_path
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.project_surroundings import read_surroundings
from gitlembic.adapters.settings_files import with_journal_switched_on
from gitlembic.adapters.template_file import read_template, reference_template, write_template
from gitlembic.commands.library import compare_with_library
from gitlembic.commands.resolve import resolve
from gitlembic.core.needs import Need, find_needs
from gitlembic.core.template_source import (
    PASTE,
    PatchedTemplate,
    UnknownTemplate,
    names_parents,
    patch_template,
    restore_template,
)
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gitlembic.commands.library import LibraryOrder


@dataclass(frozen=True, slots=True)
class Adoption:
    """What a file is and what it will be; the same text if nothing is to be done."""

    path: Path
    before: str
    after: str

    @property
    def changes(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Outlook:
    """What is left to do for a project beside its template.

    `in_repository`: git can place its migrations. `sections` are the other sections of the ini
    file with a template of their own that is as before, with the options that choose them.
    """

    in_repository: bool
    needs: tuple[Need, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    library: LibraryOrder | None


def plan_adoption(options: Sequence[str]) -> Adoption:
    """What `adopt` would do to the project that Alembic's global options choose.

    Refuses a template it does not understand, with the lines to paste.
    """
    path = template_path(options)
    before = read_template(path)
    patched = patch_template(before)
    if isinstance(patched, UnknownTemplate):
        raise GitlembicError(
            "\n    ".join([f"{path} was not changed: {patched.reason}; the two lines that it needs:", *PASTE]),
            "put them in yourself: the first beside the imports, the second where down_revision is assigned",
        )
    return Adoption(path, before, patched.text)


def plan_undoing(options: Sequence[str]) -> Adoption:
    """What `adopt --undo` would do: a template that makes static migrations, as before gitlembic."""
    path = template_path(options)
    before = read_template(path)
    restored = restore_template(before)
    if isinstance(restored, UnknownTemplate):
        raise GitlembicError(
            f"{path} was not changed: {restored.reason}",
            "write `down_revision = ${repr(down_revision)}` there yourself",
        )
    return Adoption(path, before, restored.text)


def count_dynamic(options: Sequence[str]) -> int:
    """How many migrations of the project ask git; 0 where that cannot be told."""
    try:
        links = resolve(load_project(options)).links
    except GitlembicError:  # whoever asks for the chain is told why
        return 0
    return sum(link.placed.migration.is_dynamic for link in links.values())


def plan_journal(options: Sequence[str]) -> Adoption:
    """What `adopt --journal` would do to the file with the project's settings."""
    return Adoption(*with_journal_switched_on(options))


def show_reference() -> str:
    """A whole template that makes dynamic migrations."""
    return reference_template()


def carry_out(adoption: Adoption) -> None:
    """Write the file, whole or not at all, with the line endings and permissions it had."""
    write_template(adoption.path, adoption.after)


def look_around(options: Sequence[str]) -> Outlook:
    """What the project that the options choose needs beside its template."""
    project = load_project(options)
    needs = dict.fromkeys(_template_needs(options))
    in_repository = False
    for home in find_homes(project):
        if home.repository is not None:
            in_repository = True
            for location in home.place:
                needs |= dict.fromkeys(find_needs(read_surroundings(home.repository, location.path)))
    return Outlook(in_repository, tuple(needs), tuple(_other_sections(options)), compare_with_library(project))


def _template_needs(options: Sequence[str]) -> Iterator[Need]:
    path = template_path(options)
    if not names_parents(read_template(path)):
        yield Need(
            "Template",
            f"{path} writes no line `Revises: ${{down_revision | comma,n}}` into the docstring. "
            "Put it in: where one commit brings several migrations, it tells which was written first",
        )


def _other_sections(options: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    seen = {template_path(options)}
    for section in script_sections(options):
        chosen = options_of_section(options, section)
        try:
            path = template_path(chosen)
            template = read_template(path)
        except GitlembicError:  # whoever chooses that section is told
            continue
        if path not in seen and patch_template(template) != PatchedTemplate(template):
            yield section, chosen
        seen.add(path)
