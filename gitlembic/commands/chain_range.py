"""A range as people write it -> the revisions of a chain in it; where it is none, what they may have meant."""

from __future__ import annotations

import contextlib
import shlex
from typing import TYPE_CHECKING

from gitlembic.adapters.revision_range import CURRENT, find_range, split_range
from gitlembic.commands.compute import find_home_of_ref
from gitlembic.core.whereabouts import matching
from gitlembic.errors import GitlembicError, RefusedError

if TYPE_CHECKING:
    from gitlembic.adapters.project import Project
    from gitlembic.commands.positions import Positions
    from gitlembic.core.resolution import Resolution


def revisions_in(project: Project, resolution: Resolution, text: str, positions: Positions | None) -> frozenset[str]:
    """The revisions that a range asks for, whose ends may be any commit: the head of the chain there.

    `positions` are those of the databases, if anybody asked them. Raises `GitlembicError` for what is not found.
    """
    try:
        says_current = CURRENT in split_range(text)
    except GitlembicError as error:
        raise GitlembicError(error.message, _meant(project, resolution, text) or error.hint) from error
    if says_current and positions is None:
        raise GitlembicError(
            f"{text!r} asks where the database stands, and only --db looks there", f"`gitlembic graph --db -r {text}`"
        )
    if says_current and positions is not None and positions.unknown:
        unknown = positions.unknown[0]
        raise GitlembicError("\n".join(unknown.facts), unknown.hint)

    def head_at(name: str) -> str | None:
        from gitlembic.commands.ref_head import head_at_commit  # dulwich costs 50 ms  # noqa: PLC0415

        try:
            return head_at_commit(project, resolution, name, name) if _is_commit(project, name) else None
        except RefusedError as error:
            raise RefusedError(error.message, _instead(name)) from error

    return find_range(resolution.links.values(), text, head_at, frozenset() if positions is None else positions.heads)


def _meant(project: Project, resolution: Resolution, text: str) -> str:
    """What to type where `text` is one name; "" if nobody is called so."""
    if matching(text, (link.placed for link in resolution.links.values())):
        return f"`gitlembic graph :{text}` draws it and all before, `gitlembic graph {text}:` it and all after"
    return _instead(text) if _is_commit(project, text) else ""


def _instead(name: str) -> str:
    quoted = shlex.quote(name)
    return f"`gitlembic graph --at {quoted}` draws the chain there, `gitlembic graph --diff {quoted}` what differs here"


def _is_commit(project: Project, name: str) -> bool:
    from gitlembic.adapters.git_repository import GitRepository  # takes long to import  # noqa: PLC0415

    with contextlib.suppress(GitlembicError):
        directory = find_home_of_ref(project).repository
        if directory is not None:
            with GitRepository(directory) as repository:
                repository.resolve(name)
                return True
    return False
