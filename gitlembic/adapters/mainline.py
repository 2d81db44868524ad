"""Finds the mainline: the branch that deployments come from, as far as the repository knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitlembic.core.crossing import Mainline
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.errors import CannotTellError, GitlembicError

if TYPE_CHECKING:
    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.adapters.git_repository import GitRepository
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.core.history import CommitId, History

_REMOTE, _LOCAL = "refs/remotes/origin/", "refs/heads/"
_SHOWN = 12
_USUAL = (
    f"{_REMOTE}HEAD",
    f"{_REMOTE}main",
    f"{_REMOTE}master",
    f"{_LOCAL}main",
    f"{_LOCAL}master",
)


def find_mainline(
    repository: RememberedRepository, history: History, configured: str | None, onto: str | None
) -> Mainline:
    """The mainline that `onto` names, else the configured one, else the one that git knows.

    What others have counts more than what this clone has: `origin/NAME` before `NAME`, save for
    `onto`. While git rebases the mainline itself, its branch is still what it was before; then the
    mainline is what it is rebased onto.
    """
    # The working tree's own parents: HEAD, and what a merge in progress brings.
    parents = history.parents(WORKING_TREE)
    if onto is not None:
        name, tip = onto, repository.resolve(onto)
    else:
        name, tip = _known(repository, configured, is_empty=not parents)
    bases = repository.merge_bases(tip, parents)
    return Mainline(name, tip, bases)


def usual_mainline(repository: GitRepository | RememberedRepository) -> str | None:
    """The name of the branch that is the mainline if nobody configured another, without its remote."""
    try:
        found = next(filter(None, map(repository.follow, _USUAL)), None)
    except HistoryUnknownError:  # its newest commit is missing
        return None
    return _short(found[0]).removeprefix("origin/") if found else None


def read_mainline_refs(directory: GitDirectory, configured: str | None) -> list[list[Any]] | None:
    """Where the refs are of which `find_mainline` takes the first, and how long their reflogs, without dulwich.

    `None` where that is not all that it looks at.
    """
    if directory.has_reftable():
        return None
    refs = ((ref, directory.read_ref(ref)) for ref in _candidates(configured))
    found = [
        [ref, *named, directory.reflog_length(named[0].removeprefix("ref:").strip() or ref)]
        for ref, named in refs
        if named is not None
    ]
    return None if configured is not None and not found else found


def _candidates(configured: str | None) -> tuple[str, ...]:
    return _USUAL if configured is None else (f"{_REMOTE}{configured}", f"{_LOCAL}{configured}")


def _known(repository: RememberedRepository, configured: str | None, *, is_empty: bool) -> tuple[str, CommitId]:
    found = next(filter(None, map(repository.follow, _candidates(configured))), None)
    if found is None:
        if is_empty:
            raise GitlembicError("nothing is committed yet, so there is no mainline", "commit the migrations first")
        if configured is None:
            raise GitlembicError(
                "the mainline is unknown: there is no origin/HEAD, and no branch main or master",
                'name it with --onto REF, or for good: [tool.gitlembic] mainline = "NAME" in pyproject.toml '
                "(in alembic.ini: [gitlembic])",
            )
        return configured, _resolve_configured(repository, configured)
    ref, tip = found
    rebase = repository.directory.read_rebase()
    if rebase is not None and rebase[0] == ref:
        return rebase[1][:_SHOWN], rebase[1]
    return _short(ref), tip


def _resolve_configured(repository: RememberedRepository, configured: str) -> CommitId:
    try:
        return repository.resolve(configured)
    except CannotTellError as error:
        raise CannotTellError(
            f"the configured mainline {configured!r} names no commit in {repository.directory.work_tree}",
            "correct `mainline` in the configuration, fetch that branch, or name another with --onto REF",
        ) from error


def _short(ref: str) -> str:
    return ref.removeprefix("refs/remotes/").removeprefix(_LOCAL)
