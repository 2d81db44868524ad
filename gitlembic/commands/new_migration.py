"""A migration that is about to be written: whether it is dynamic, and whether it may be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitlembic.adapters.alembic_project import project_of
from gitlembic.adapters.template_file import read_template
from gitlembic.commands.look_up import loading_script
from gitlembic.commands.resolve import resolve
from gitlembic.commands.witness import check_untracked_with, git_could_place
from gitlembic.core.chain import Link
from gitlembic.core.chain_check import check_branches
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId
from gitlembic.core.reach import reach
from gitlembic.core.template_source import decides_by_itself, is_dynamic_template
from gitlembic.errors import BrokenInputError, CannotTellError, GitlembicError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.chain import Chain
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
            chain = _chain_of_end(down_revision, target.parent, resolution)
            if chain is not None and git_could_place(project, target.parent, resolution):
                check_branches(chain)
                return "get_down_revision(revision)"
        except GitlembicError:  # whoever asks for the chain itself is told why
            pass
    return repr(down_revision)


def check_new(
    project: Project, resolution: Resolution, template: Path, target: Path, values: Mapping[str, Any]
) -> None:
    """Refuse the migration that Alembic is about to write to `target`, if no command could run with it.

    So it is where its place could not be told, which templates that make every migration dynamic do not
    ask, and where those that are there could not tell theirs any more. `values` are what Alembic gives to the
    template; `resolution` are the chains without it.
    """
    try:
        text = read_template(template)
    except BrokenInputError:  # which Alembic will report itself
        return
    down_revision = values.get("down_revision")
    dynamic = isinstance(down_revision, str) and is_dynamic_template(text) and not decides_by_itself(text)
    if dynamic and not git_could_place(project, target.parent, resolution):
        raise CannotTellError(
            f"a new migration in {target.parent} would be dynamic, and git cannot be asked there: "
            "its place could not be told",
            "create it in the repository of the project (`git init` makes one)",
        )
    revision = RevisionId(values["up_revision"])
    same = resolution.links.get(revision)
    if same is not None:
        raise RefusedError(f"{same.placed.shown} has the revision id {revision} already", "choose another `--rev-id`")
    kind = Kind.DYNAMIC if dynamic else Kind.STATIC
    migration = Migration(revision, kind, _texts(down_revision), _texts(values.get("branch_labels")))
    _check_beside_others(project, resolution, target, migration)


def _check_beside_others(project: Project, resolution: Resolution, target: Path, new: Migration) -> None:
    """Refuse what would leave those of the same chain in doubt about their order, or about their branch."""
    chain = _chain_joined(new, target.parent, resolution)
    if chain is None:
        return
    placed = PlacedMigration(Path(os.path.relpath(target, chain.root)).as_posix(), new)
    joined = _with(chain, placed)
    refused = f"{target.name} was not made, since no command could run with it"
    if joined.is_dynamic:
        try:
            check_branches(joined)
        except CannotTellError as error:
            raise RefusedError(
                f"{refused}: {error.message}",
                "give the new branch a directory of its own in version_locations: `--version-path DIRECTORY`",
            ) from error
    dynamic = (link.placed.migration for link in chain.links if link.placed.migration.is_dynamic)
    if any({*new.parents}.intersection(migration.named_parents) for migration in dynamic):
        try:
            check_untracked_with(project, target.parent, placed)
        except CannotTellError as error:
            raise RefusedError(f"{refused}: {error.message}", "commit those that are there first") from error


def _with(chain: Chain, new: PlacedMigration) -> Chain:
    """The chain with a migration that joins the line with all its ancestors, or stands beside it (ORDER.md 4)."""
    parents = new.migration.parents
    joins = chain.end in parents
    graph = chain.graph
    ancestors = reach(parents, lambda one: graph.get(one, ())) if joins else {}
    links = (link._replace(side_head=link.side_head and link.revision not in ancestors) for link in chain.links)
    return chain._replace(links=(*links, Link(new, parents, side_head=not joins)))


def _texts(value: object) -> tuple[Any, ...]:
    """What Alembic writes as `None`, one text or several."""
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


def _own_chain(directory: Path, resolution: Resolution) -> Chain | None:
    real = os.path.realpath(directory)
    return next((chain for chain in resolution.chains if real in map(os.path.realpath, chain.directories)), None)


def _chain_of_end(revision: str, directory: Path, resolution: Resolution) -> Chain | None:
    """The chain whose end is `revision`, if a dynamic migration in `directory` would join it.

    In a directory that holds none yet it joins the chain that it is written against (ORDER.md 4).
    """
    own = _own_chain(directory, resolution)
    found = (chain for chain in resolution.chains if chain.end == revision)
    return next((chain for chain in found if chain is own or own is None or not own.links), None)


def _chain_joined(new: Migration, directory: Path, resolution: Resolution) -> Chain | None:
    """The chain that a migration in `directory` will be of; `None` where it begins one."""
    own = _own_chain(directory, resolution)
    if own is not None and own.links:
        return own
    return next((chain for chain in resolution.chains if not chain.graph.keys().isdisjoint(new.parents)), None)


def _target(frame: FrameType | None) -> Path | None:
    """The file that Alembic is making of a template (`ScriptDirectory._generate_template`)."""
    while frame is not None:
        target = frame.f_locals.get("dest")
        if isinstance(target, Path):
            return target
        frame = frame.f_back
    return None
