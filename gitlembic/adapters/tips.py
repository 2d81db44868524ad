"""A repository -> all that has a name there, or had one: branches, tags, worktrees, stashes, the reflog."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from gitlembic.core.history import HistoryUnknownError
from gitlembic.core.whereabouts import Tip, TipKind
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.adapters.git_repository import GitRepository
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.core.history import CommitId

_HEADS, _REMOTES, _TAGS, _STASH = "refs/heads/", "refs/remotes/", "refs/tags/", "refs/stash"


def read_other_branches(repository: GitRepository | RememberedRepository) -> tuple[Tip, ...]:
    """The branches that are not checked out here, local ones first; no remote counterpart of the one that is."""
    found = _branches(repository.refs(), repository.directory.read_branch(), {}, repository.remotes())
    return tuple(sorted((tip for tip in found if tip.kind is not TipKind.UPSTREAM), key=lambda tip: tip.kind))


def read_tips(repository: GitRepository) -> tuple[Tip, ...]:
    """The tips of a repository, nearest first; the branch that is checked out here is none of them."""
    refs = repository.refs()
    here = repository.directory.read_branch()
    others = {tree: tree.read_branch() for tree in repository.directory.other_worktrees()}
    tips = [
        *_branches(refs, here, others, repository.remotes()),
        *_worktrees(others),
        *_tags(repository, refs),
        *_stashes(repository, refs),
        *_reflog(repository, refs),
    ]
    return tuple(sorted(tips, key=lambda tip: tip.kind))  # each kind in the order in which it was found


def _branches(
    refs: Mapping[str, CommitId],
    here: str | None,
    others: Mapping[GitDirectory, str | None],
    remotes: Collection[str],
) -> Iterator[Tip]:
    checked_out = {branch: os.fspath(tree.work_tree) for tree, branch in others.items() if branch is not None}
    for ref, commit in sorted(refs.items()):
        if ref.startswith(_HEADS) and ref != here:
            name = ref.removeprefix(_HEADS)
            yield Tip(TipKind.BRANCH, name, commit, _full(ref, name, refs), checked_out=checked_out.get(ref, ""))
        elif ref.startswith(_REMOTES) and not ref.endswith("/HEAD"):
            name = ref.removeprefix(_REMOTES)
            remote = max((one for one in remotes if name.startswith(f"{one}/")), key=len, default="")
            local = _HEADS + (name.removeprefix(f"{remote}/") if remote else name.partition("/")[2])
            kind = TipKind.UPSTREAM if local == here else TipKind.REMOTE_BRANCH
            mine = local.removeprefix(_HEADS) if local in refs else ""
            yield Tip(kind, name, commit, _full(ref, name, refs), local=mine, remote=remote)


def _full(ref: str, name: str, refs: Mapping[str, CommitId]) -> str:
    """What git commands take for a ref whose name is that of another one as well; "" if it is not."""
    others = {f"refs/{name}", *(f"{prefix}{name}" for prefix in (_HEADS, _REMOTES, _TAGS))} - {ref}
    return "" if others.isdisjoint(refs) else ref.removeprefix("refs/")


def _worktrees(others: Mapping[GitDirectory, str | None]) -> Iterator[Tip]:
    for tree, branch in others.items():
        with contextlib.suppress(GitlembicError):  # its HEAD is damaged, or in a reftable
            head = tree.read_head() if branch is None else None
            if head is not None:
                yield Tip(TipKind.WORKTREE, os.fspath(tree.work_tree), head)


def _tags(repository: GitRepository, refs: Mapping[str, CommitId]) -> Iterator[Tip]:
    for ref, name in sorted(refs.items()):
        if ref.startswith(_TAGS):
            try:
                commit = repository.commit_of(name)
            except (HistoryUnknownError, GitlembicError):
                commit = name  # which whoever looks into it will find missing
            if commit is not None:
                short = ref.removeprefix(_TAGS)
                yield Tip(TipKind.TAG, short, commit, _full(ref, short, refs))


def _stashes(repository: GitRepository, refs: Mapping[str, CommitId]) -> Iterator[Tip]:
    """What was stashed, and what was not tracked then, which is in a commit of its own."""
    newest = [refs[_STASH]] if _STASH in refs else []
    for number, commit in enumerate(repository.directory.read_reflog(_STASH) or newest):
        name = f"stash@{{{number}}}"
        yield Tip(TipKind.STASH, name, commit)
        with contextlib.suppress(HistoryUnknownError, GitlembicError):
            yield from (Tip(TipKind.STASH, name, untracked) for untracked in repository.parents(commit)[2:])


def _reflog(repository: GitRepository, refs: Mapping[str, CommitId]) -> Iterator[Tip]:
    seen = {*refs.values(), repository.directory.read_head()}
    for number, commit in enumerate(repository.directory.read_reflog("HEAD")):
        if commit not in seen:
            seen.add(commit)
            yield Tip(TipKind.REFLOG, f"HEAD@{{{number}}}", commit)
