"""An Alembic command, run with the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic import get_down_revision
from gitlembic.adapters.alembic_session import Hooks, run_alembic
from gitlembic.adapters.chain_cache import chain_cache_path, write_chain_cache
from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.commands.look_up import remember
from gitlembic.commands.resolve import resolve
from gitlembic.core.chain_format import render_json
from gitlembic.errors import BugError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.resolution import Resolution


def run(argv: Sequence[str], explain_heads: Callable[[Resolution], None]) -> None:
    """Run Alembic with `argv`; whatever loads migrations gets the chain, and leaves it as JSON.

    `explain_heads` is given the chain where Alembic stops because it has several heads.
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

    run_alembic(argv, Hooks(resolve_and_keep, get_down_revision, explain))


def keep(project: Project, resolution: Resolution) -> None:
    """Leave the chain in the git directory, if there is one."""
    directory = find_git_directory(project.locations[0]) if project.locations else None
    if directory is not None:
        locations = [location.path for chain in resolution.chains for location in chain.place]
        write_chain_cache(chain_cache_path(directory, locations), render_json(resolution))
