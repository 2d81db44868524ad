"""Refuses a state that Alembic could not run, or in which a dynamic migration would be ambiguous (ORDER.md 4).

Everything here is about the one state that was asked for: HEAD with the working tree, or any
commit. What is wrong in that state is an error that names the migrations; older states are only
folded.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitlembic.core.chain import name_some
from gitlembic.core.declaration_error import DeclarationError, Declared, MissingRevisionError
from gitlembic.core.line import on_or_after_cycles
from gitlembic.core.migration import RevisionId
from gitlembic.core.reach import reach
from gitlembic.core.squash_header import SQUASH_OF
from gitlembic.core.visible_text import visible
from gitlembic.errors import BrokenInputError, CannotTellError, NeedsRunningError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.migration import PlacedMigration, Unparsable
    from gitlembic.core.presence import Presence

_SHOWN = 5
"""Migrations of a cycle that are named."""


def check_presence(presence: Presence) -> None:
    """Refuse a state in which some file is not one migration with a known id of its own."""
    broken = sorted(presence.unparsable.items(), key=lambda item: item[1].needs_running)
    for path, unparsable in broken:
        if unparsable.needs_running and not (presence.nameless or presence.duplicates):
            dynamic = any(placed.migration.is_dynamic for placed in presence.migrations.values())
            raise (BrokenInputError if dynamic else NeedsRunningError)(*_cannot_read(path, unparsable))
        if not unparsable.needs_running:
            raise BrokenInputError(*_cannot_read(path, unparsable))
    for path in presence.nameless:
        raise BrokenInputError(
            f"{visible(path)} assigns no `revision`, so it is not a migration",
            "give it one, or move it out of the directory of migrations",
        )
    for placed in presence.duplicates:
        raise _used_twice(presence.migrations[placed.migration.revision], placed)


def _cannot_read(path: str, unparsable: Unparsable) -> tuple[str, str]:
    place = f"{visible(path)}:{unparsable.line}" if unparsable.line else visible(path)
    return f"cannot read {place}: {unparsable.reason}", f"mend {path}, then run this again"


def _used_twice(first: PlacedMigration, second: PlacedMigration) -> DeclarationError:
    by = Declared(first.path, "revision"), Declared(second.path, "revision")
    return DeclarationError(
        (f"the revision id {first.migration.revision} is used twice: by ", by[0], " and by ", by[1]),
        f"delete the file that is not wanted, or give it an id of its own; {_log(first, second)} shows whose they are",
    )


def _log(*placed: PlacedMigration) -> str:
    """The command that shows the history of some files, wherever in the work tree it is typed."""
    return f"`git log -- {' '.join(shlex.quote(f':/{one.path}') for one in placed)}`"


def check_chains(chains: Sequence[Chain]) -> None:
    """Refuse chains that Alembic could not run, or in which a dynamic migration is ambiguous."""
    links: dict[RevisionId, Link] = {}
    for link in (link for chain in chains for link in chain.links):
        other = links.setdefault(link.revision, link)
        if other is not link:
            raise _used_twice(other.placed, link.placed)
    _check_computed(links.values(), NeedsRunningError if _all_static(chains) else BrokenInputError)
    _check_parents(links)
    needed: dict[RevisionId, tuple[RevisionId, ...]] = {}
    if all("branch_labels" not in link.placed.migration.unreadable for link in links.values()):
        needed = _needed(links)
    _check_cycles(links)
    _check_dependencies(links, needed)
    for chain in chains:
        if chain.is_dynamic:
            check_branches(chain)


def _all_static(chains: Sequence[Chain]) -> bool:
    return not any(chain.is_dynamic for chain in chains)


def _check_computed(links: Iterable[Link], kind: type[BrokenInputError]) -> None:
    for link in links:
        if "down_revision" in link.placed.migration.unreadable:
            raise kind(
                f"the down_revision of {link.revision} in {link.placed.shown} is computed, so its place cannot be read",
                "write it as a literal, or as get_down_revision(revision) with this line above it: "
                "from gitlembic import get_down_revision",
            )


def _check_parents(links: Mapping[RevisionId, Link]) -> None:
    for link in links.values():
        for parent in link.placed.migration.parents:
            if parent not in links:
                raise MissingRevisionError(
                    (
                        f"{link.revision} in ",
                        Declared(link.placed.path, "down_revision"),
                        f" declares down_revision {parent!r}, which no migration here has",
                    ),
                    f"bring the file of {parent} back, or correct the down_revision in {link.placed.shown}",
                    parent,
                )


def _needed(links: Mapping[RevisionId, Link]) -> dict[RevisionId, tuple[RevisionId, ...]]:
    """Whom each migration depends on, by revision; refuses what no migration here is called."""
    labels = {label: link.revision for link in links.values() for label in link.placed.migration.branch_labels}
    found = {}
    for link in links.values():
        for needed in link.placed.migration.depends_on:
            if needed not in links and needed not in labels:
                raise MissingRevisionError(
                    (
                        f"{link.revision} in ",
                        Declared(link.placed.path, "depends_on"),
                        f" depends_on {needed!r}, which no migration here has",
                    ),
                    f"bring the file of {needed} back, or correct the depends_on in {link.placed.shown}",
                    needed,
                )
        found[link.revision] = tuple(
            labels.get(needed, RevisionId(needed)) for needed in link.placed.migration.depends_on
        )
    return found


def _check_cycles(links: Mapping[RevisionId, Link]) -> None:
    circular = on_or_after_cycles({revision: link.parents for revision, link in links.items()})
    if not circular:
        return
    cycle = [links[revision] for revision in _cycle(links, circular)]
    named = cycle[:_SHOWN]
    steps = [(f"{link.revision} (", Declared(link.placed.path, "down_revision"), "), which follows ") for link in named]
    more = len(cycle) - len(named)
    raise DeclarationError(
        (
            "the down_revisions of these migrations form a cycle: ",
            *(part for step in steps for part in step),
            *([f"{more} more that follow "] if more else []),
            f"{cycle[0].revision}",
        ),
        f"correct the down_revision that was changed last ({_log(*(link.placed for link in named))} shows it with -p)",
    )


def _cycle(links: Mapping[RevisionId, Link], circular: Collection[RevisionId]) -> list[RevisionId]:
    """One cycle of those on cycles or after them, each before whom it follows."""
    walked: dict[RevisionId, None] = {}
    revision = next(revision for revision in links if revision in circular)
    while revision not in walked:
        walked[revision] = None
        revision = next(parent for parent in links[revision].parents if parent in circular)
    return [*walked][[*walked].index(revision) :]


def check_branches(chain: Chain) -> None:
    """A dynamic migration follows the line; with several branches it cannot know which."""
    bases = [link for link in chain.links if not link.parents]
    if len(bases) > 1:
        raise CannotTellError(
            "several migrations have no parent, so a dynamic one cannot know which to build on: "
            + name_some({link.revision: link.placed for link in bases}),
            f"{_deleting_replaced(bases)}give one of them a literal parent, or a directory of its own in "
            "version_locations; or, if they are branches that stay apart, write the down_revisions of the dynamic ones "
            "as literals",
        )
    followers: dict[RevisionId, list[Link]] = {}
    for link in chain.links:
        for parent in link.parents:
            followers.setdefault(parent, []).append(link)
    beside = list(chain.side_heads)
    while beside:
        link = beside.pop()
        migration = link.placed.migration
        if migration.branch_labels or "branch_labels" in migration.unreadable:
            raise CannotTellError(
                f"{link.revision} in {link.placed.shown} starts the branch "
                f"{', '.join(migration.branch_labels) or 'that its computed label names'} beside the line, "
                "so a dynamic migration cannot know its branch",
                "give the branch a directory of its own in version_locations, "
                "or write the down_revisions in this one as literals",
            )
        beside += followers.get(link.revision, ())


def _deleting_replaced(bases: Iterable[Link]) -> str:
    """What comes first where a squash may stand for the others."""
    squash = next((link for link in bases if SQUASH_OF.search(link.placed.migration.docstring)), None)
    if squash is None:
        return ""
    return f"delete the files of those that the squash {squash.revision} stands for, which would run once more; else "


def _check_dependencies(links: Mapping[RevisionId, Link], needed: Mapping[RevisionId, tuple[RevisionId, ...]]) -> None:
    """Refuse who depends on one of its own descendants: that can only run later."""
    if not any(needed.values()):
        return
    circular = on_or_after_cycles(
        {revision: (*link.parents, *needed.get(revision, ())) for revision, link in links.items()}
    )
    for revision in (revision for revision in circular if needed.get(revision)) if circular else ():
        for other in needed[revision]:
            if revision in reach([other], lambda one: (*links[one].parents, *needed.get(one, ()))):
                raise BrokenInputError(
                    f"{revision} in {links[revision].placed.shown} depends_on {other}, which comes later in the chain "
                    f"({links[other].placed.shown})",
                    "a migration can only depend on an earlier one: correct the depends_on",
                )


def check_apart(parts: Sequence[Sequence[Chain]]) -> None:
    """Refuse chains that build on one another where nothing tells which of their migrations came first.

    That is so for those of different repositories (or of one and of none), since no first-parent
    line has both; and for a dynamic migration that was written against another chain than the one
    its directory belongs to, which would begin that one anew.
    """
    if sum(map(len, parts)) == 1:
        return
    owner = {
        link.revision: (part, chain, link)
        for part, chains in enumerate(parts)
        for chain in chains
        for link in chain.links
    }
    for part, chain, link in owner.values():
        migration = link.placed.migration
        named = () if migration.is_dynamic and link.parents else migration.named_parents
        for other_part, other_chain, below in (owner[parent] for parent in named if parent in owner):
            is_elsewhere = other_part != part
            begins_anew = migration.is_dynamic and other_chain is not chain
            if begins_anew or (is_elsewhere and below.placed.migration.is_dynamic):
                where = "another repository" if is_elsewhere else "a chain of its own"
                literal = link if migration.is_dynamic else below
                raise CannotTellError(
                    f"{link.revision} in {link.placed.shown} builds on {below.revision} in {below.placed.shown}, "
                    f"which is in {where}, so nothing tells which came first",
                    f"write the down_revision of {literal.revision} as a literal, or move their directories into one",
                )
