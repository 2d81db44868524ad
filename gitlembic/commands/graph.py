"""The graph command: the chains of a project as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project
from gitlembic.commands.alembic import keep
from gitlembic.commands.resolve import resolve
from gitlembic.graph.draw import View, draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.core.resolution import Resolution
    from gitlembic.graph.picture import Picture


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to draw: at which commit, which part, and how much of it."""

    at: str | None = None
    all_births: bool = False
    range: str | None = None
    limit: int | None = None


@dataclass(frozen=True)
class Drawn:
    """What was drawn, and from what."""

    resolution: Resolution
    pictures: tuple[Picture, ...]


def draw_graph(options: Sequence[str], wanted: Wanted) -> Drawn:
    """The chains of the project that Alembic's global options choose."""
    project = load_project(options)
    resolution = resolve(project, at=wanted.at, all_births=wanted.all_births)
    if wanted.at is None:
        keep(project, resolution)
    return Drawn(resolution, draw(resolution, View(_asked(resolution, wanted.range), wanted.limit)))


def _asked(resolution: Resolution, text: str | None) -> frozenset[str] | None:
    """The revisions of a range; `None` for all."""
    if text is None:
        return None
    from gitlembic.adapters.revision_range import find_range  # only ranges need it  # noqa: PLC0415

    return find_range(resolution.links.values(), text)
