"""The chain at a branch or tag, and this one -> the revision that the name stands for, if they agree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gitlembic.core.chain import name_some
from gitlembic.core.rescue import lineage, needs_of
from gitlembic.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution

_STEPS = re.compile(r"(.+)([+-]\d+)")
_SPECIAL = re.compile(r"[\x00-\x20\x7f~^:?*\[\\@]|\.\.|//|^/|/$|\.lock$")
_BEFORE = ("refs/", "refs/tags/", "refs/heads/", "refs/remotes/")


def typed_names(arguments: Iterable[str]) -> frozenset[str]:
    """What may be a name in the revision arguments of a command: each, and both ends of a range."""
    return frozenset(part for argument in arguments for part in (argument, *argument.strip().split(":")))


def split_steps(text: str) -> tuple[str, int] | None:
    """`v2.3+1` -> `v2.3` and 1; `None` where no number of steps stands at the end."""
    found = _STEPS.fullmatch(text)
    return None if found is None else (found[1], int(found[2]))


def full_names(name: str) -> tuple[str, ...]:
    """The refs that git takes a name for, in its order; none for what no ref can be called."""
    if not name or _SPECIAL.search(name):
        return ()
    return (name,) if name.startswith("refs/") else tuple(f"{start}{name}" for start in _BEFORE)


def disagreement(name: str, there: Resolution, here: Resolution) -> RefusedError | None:
    """Why `name` stands for no revision here, where `there` is the chain that it names.

    It has to have one head, and this chain that with the same ancestors.
    """
    heads = [head for chain in there.chains for head in chain.heads]
    if len(heads) != 1:
        many = f"several heads ({', '.join(heads)})" if heads else "no migrations"
        return RefusedError(f"{name} is no revision, and as a branch or tag it has {many}", "name a revision instead")
    head = heads[0]
    rescue = f"`gitlembic rescue --to {name}` takes a database there, with the files of that commit"
    if head not in here.links:
        path = there.links[head].placed.shown
        return RefusedError(f"the chain at {name} ends at {head} ({path}), which no migration here has", rescue)
    before, now = lineage(needs_of(there.links), heads), lineage(needs_of(here.links), heads)
    differences = [
        f"{verb} {name_some({one: links[one].placed for one in links if one in revisions})}"
        for verb, links, revisions in (("also has", here.links, now - before), ("lacks", there.links, before - now))
        if revisions
    ]
    if not differences:
        return None
    return RefusedError(
        f"the chain at {name} ends at {head}; before that, this checkout {' and '.join(differences)}",
        f"`gitlembic doctor --against {name}` says what that means for a database; "
        f"name a revision if this checkout's chain is meant; {rescue}",
    )


def only_head(there: Resolution) -> RevisionId:
    """Its head, where `disagreement` found none."""
    return next(head for chain in there.chains for head in chain.heads)
