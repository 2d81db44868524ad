"""An Alembic command, run with the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic import get_down_revision
from gitlembic.adapters.alembic_session import Hooks, run_alembic
from gitlembic.adapters.chain_cache import chain_cache_path, write_chain_cache
from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.commands.look_up import remember
from gitlembic.commands.resolve import check_new_migration, resolve
from gitlembic.core.chain_format import render_json
from gitlembic.core.template_source import DYNAMIC_EXPRESSION, is_dynamic_template
from gitlembic.errors import BugError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.resolution import Resolution


def run(argv: Sequence[str], own_commands: frozenset[str], explain_heads: Callable[[Resolution], None]) -> None:
    """Run Alembic with `argv`; whatever loads migrations gets the chain, and leaves it as JSON.

    `own_commands` are named beside Alembic's where it does not know one; `explain_heads` is given
    the chain where Alembic stops because it has several heads.
    """
    loaded: list[Resolution] = []

    def resolve_and_keep(project: Project) -> Resolution:
        try:
            resolution = resolve(project)
        except GitlembicError:
            raise
        except Exception as error:
            raise BugError(error) from error
        remember(project, resolution)
        keep(project, resolution)
        loaded.append(resolution)
        return resolution

    def explain() -> None:
        if loaded:
            explain_heads(loaded[-1])

    def check_new(project: Project, template: Path, onto_another: bool) -> None:  # noqa: FBT001 -- as called
        try:
            text = template.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return  # which Alembic will report itself
        writes_literal = onto_another and DYNAMIC_EXPRESSION in text
        if is_dynamic_template(text) and not writes_literal and loaded[-1].links:
            check_new_migration(project)

    run_alembic(argv, Hooks(resolve_and_keep, get_down_revision, check_new, explain, own_commands))


def keep(project: Project, resolution: Resolution) -> None:
    """Leave the chain in the git directory, if there is one."""
    directory = find_git_directory(project.locations[0]) if project.locations else None
    if directory is not None:
        locations = [location.path for chain in resolution.chains for location in chain.place]
        write_chain_cache(chain_cache_path(directory, locations), render_json(resolution))
