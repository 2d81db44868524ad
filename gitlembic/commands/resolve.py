"""A project -> its chains: those of the last time where nothing has changed, else computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.adapters.garbage import no_garbage_collection
from gitlembic.adapters.project import compiled_only
from gitlembic.adapters.project_home import find_homes
from gitlembic.commands.recall import recall, scan
from gitlembic.errors import NeedsRunningError

if TYPE_CHECKING:
    from gitlembic.adapters.project import Project
    from gitlembic.core.resolution import Resolution


@no_garbage_collection()
def resolve(
    project: Project, *, at: str | None = None, all_births: bool = False, use_chain_file: bool = True
) -> Resolution:
    """The chains of a project: of its working tree, or at the commit that `at` names.

    With `all_births`, also the birth of migrations older than the start of the line, which costs
    a walk to the beginning. Without `use_chain_file` git is not held against the chain files; who
    has no other witness still has those. Raises `GitlembicError` for what cannot be told or read.
    """
    for path in compiled_only(project) if at is None else ():
        raise NeedsRunningError(
            f"{path} has no source here, so what it declares cannot be read", "run this where it is"
        )
    homes = find_homes(project)
    on_disk = scan(homes[0])
    if at is None and not all_births and len(homes) == 1:
        remembered = recall(homes[0], on_disk)
        if remembered is not None:
            return remembered
    # Most runs come no further, and the rest takes longer to import than all of that.
    from gitlembic.commands.compute import compute  # noqa: PLC0415
    from gitlembic.commands.part import Question  # noqa: PLC0415
    from gitlembic.core.declaration_error import DeclarationError  # noqa: PLC0415

    try:
        return compute(project, homes, Question(at, all_births, use_chain_file), on_disk)
    except DeclarationError as error:
        if at is not None:
            raise error.at(at) from None
        from gitlembic.commands.find_revision import tell_more  # dulwich costs 50 ms  # noqa: PLC0415

        raise tell_more(error, project) from None
