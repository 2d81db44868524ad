"""A migration that is about to be written: whether it is dynamic, and whether it may be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import project_of
from gitlembic.adapters.template_file import read_template
from gitlembic.commands.look_up import loading_script
from gitlembic.commands.resolve import resolve
from gitlembic.commands.witness import git_could_place
from gitlembic.core.template_source import decides_by_itself, is_dynamic_template
from gitlembic.errors import BrokenInputError, CannotTellError, GitlembicError

if TYPE_CHECKING:
    from types import FrameType

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.resolution import Resolution


def parent_source(down_revision: object, frame: FrameType | None) -> str:
    """The right side of the `down_revision` assignment in a migration that Alembic is writing in `frame`.

    `get_down_revision(revision)` if that will be the parent that was asked for: the end of the chain
    that the new file joins. Everything else is written as a literal: a base, a merge, `--splice`, another
    `--head`; and the end as well, where git cannot be asked.
    """
    script = loading_script(frame)
    target = _target(frame)
    if isinstance(down_revision, str) and script is not None and target is not None:
        project = project_of(script)
        try:
            resolution = resolve(project)
            if _is_end(down_revision, target.parent, resolution) and git_could_place(
                project, target.parent, resolution
            ):
                return "get_down_revision(revision)"
        except GitlembicError:  # whoever asks for the chain itself is told why
            pass
    return repr(down_revision)


def check_new(project: Project, resolution: Resolution, template: Path, target: Path, down_revision: object) -> None:
    """Refuse the migration that Alembic is about to write to `target`, if its place could not be told.

    That is so for templates that make every migration dynamic, whatever git knows. `resolution`
    are the chains without it.
    """
    try:
        text = read_template(template)
    except BrokenInputError:  # which Alembic will report itself
        return
    dynamic = isinstance(down_revision, str) and is_dynamic_template(text) and not decides_by_itself(text)
    if dynamic and not git_could_place(project, target.parent, resolution):
        raise CannotTellError(
            f"a new migration in {target.parent} would be dynamic, and git cannot be asked there: "
            "its place could not be told",
            "create it in the repository of the project (`git init` makes one)",
        )


def _is_end(revision: str, directory: Path, resolution: Resolution) -> bool:
    """Whether a dynamic migration in `directory` would follow `revision`.

    In a directory that holds none yet it joins the chain that it is written against (ORDER.md 4).
    """
    real = os.path.realpath(directory)
    own = next((chain for chain in resolution.chains if real in map(os.path.realpath, chain.directories)), None)
    return any(chain.end == revision and (chain is own or own is None or not own.links) for chain in resolution.chains)


def _target(frame: FrameType | None) -> Path | None:
    """The file that Alembic is making of a template (`ScriptDirectory._generate_template`)."""
    while frame is not None:
        target = frame.f_locals.get("dest")
        if isinstance(target, Path):
            return target
        frame = frame.f_back
    return None
