"""What is known of names beside what Alembic knows: each is looked up when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.adapters.named_revisions import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alembic.script import Script

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.resolution import Resolution


def known_names(
    project: Project,
    resolution: Resolution,
    typed: frozenset[str],
    before_import: Callable[[], None],
    say: Callable[[str], None],
) -> Names:
    """The branches, tags and squashes of a project, whose chains are `resolution`."""

    def head_at(name: str) -> str | None:
        from gitlembic.commands.ref_head import head_at_ref  # dulwich costs 50 ms  # noqa: PLC0415

        return head_at_ref(project, resolution, name)

    def originals(name: str) -> Iterable[Script] | None:
        from gitlembic.commands.originals import originals_of  # noqa: PLC0415 -- likewise

        return originals_of(project, resolution, name, before_import, say)

    return Names(typed, head_at, originals)
