"""The revision that a branch or tag stands for: the head of the chain there, where this one agrees."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gitlembic.adapters.git_repository import GitRepository
from gitlembic.commands.compute import find_home_of_ref
from gitlembic.commands.originals import unfold
from gitlembic.commands.resolve import resolve
from gitlembic.commands.stored_files import read_stored_files
from gitlembic.core.ref_target import disagreement, full_names, only_head
from gitlembic.errors import CannotTellError

if TYPE_CHECKING:
    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution


def head_at_ref(project: Project, here: Resolution, name: str) -> RevisionId | None:
    """The head of the chain at a branch or tag, `None` if there is none of that name, or git cannot be asked.

    Raises `RefusedError` where this chain does not agree with that one.
    """
    ref = _find_ref(project, name)
    return None if ref is None else head_at_commit(project, here, name, ref)


def head_at_commit(project: Project, here: Resolution, name: str, at: str) -> RevisionId:
    """The head of the chain at a commit that `at` names, and the user as `name`. Raises as `head_at_ref`."""
    there = resolve(project, at=at)
    if disagreement(name, there, here) is not None:  # which a squash may explain
        unfolded = [unfold(project, one, read_stored_files(project, one)) for one in (there, here)]
        refusal = disagreement(name, *unfolded)
        if refusal is not None:
            raise refusal
    return only_head(there)


def name_revision(project: Project, here: Resolution, name: str) -> str:
    """`name` where a revision of this chain begins so, else what it stands for as a branch or tag; else `name`.

    Raises `RefusedError` where this chain does not agree with the one there.
    """
    if name in {"", "head"} or any(revision.startswith(name) for revision in here.links):
        return name
    return head_at_ref(project, here, name) or name


def _find_ref(project: Project, name: str) -> str | None:
    repository = find_home_of_ref(project).repository
    if repository is None:
        return None
    with contextlib.suppress(CannotTellError), GitRepository(repository) as opened:
        return next((ref for ref in full_names(name) if opened.follow(ref) is not None), None)
    return None
