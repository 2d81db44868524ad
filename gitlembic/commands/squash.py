"""The squash command: plans a squash and proves it; nothing is written yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project
from gitlembic.adapters.run_order import run_order
from gitlembic.adapters.versions_dir import read_source
from gitlembic.commands.checkouts import open_checkouts
from gitlembic.commands.rebase import same_text
from gitlembic.commands.ref_head import name_revision
from gitlembic.commands.resolve import resolve
from gitlembic.commands.squash_originals import committed_files, read_originals
from gitlembic.core.listing import first_of
from gitlembic.errors import BrokenInputError, BugError, GitlembicError
from gitlembic.squash.imports import imported_names
from gitlembic.squash.plan import Refusal, RefusedSquashError, find_range, find_refusals
from gitlembic.squash.proof import find_differences
from gitlembic.squash.render import Body, Heading, read_bodies, render, render_pruned, render_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gitlembic.commands.checkouts import Checkout
    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution
    from gitlembic.squash.original import Original
    from gitlembic.squash.plan import Range

_CREATE_DATE = re.compile(r"^Create Date: *(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Squash:
    """One migration in place of many, not written yet.

    `path` is where it goes, the file of its last original; `removed` are the files of the others;
    `bodies` are all originals in the order in which they run, none where they are pruned. `dialect` is
    the kind of database of a dump, which `text` then is.
    """

    resolution: Resolution
    wanted: Range
    bodies: tuple[Body, ...]
    path: Path
    shown: str
    text: str
    removed: tuple[Path, ...]
    heading: Heading
    dialect: str | None = None

    @property
    def replaced(self) -> frozenset[RevisionId]:
        """The revisions that will be gone."""
        return self.wanted.inside - {self.wanted.upto}


def plan_squash(options: Sequence[str], named: str, *, message: str | None, prune: bool) -> Squash:
    """What would be written for `REV` or `A..REV`, as `named`; revisions may be cut short, or be branches or tags.

    Raises `RefusedSquashError` for a range that cannot be squashed.
    """
    project = load_project(options)
    resolution = resolve(project)
    after, _, upto = named.rpartition("..")
    chain, last = _find(resolution, name_revision(project, resolution, upto))
    first = None if after in {"", "base"} else _find(resolution, name_revision(project, resolution, after))[1]
    wanted = find_range(chain, last, first)
    others = [link for other in resolution.chains if other is not chain for link in other.links]
    refusals = [*find_refusals(chain, others, wanted)]
    with open_checkouts(project) as checkouts:
        checkout = next((one for one in checkouts if set(chain.place) & set(one.home.place)), None)
        if checkout is None or resolution.head is None:
            raise GitlembicError(
                "the originals of a squash have to be in git, and nothing is committed here", "commit them first"
            )
        links = {link.revision: link for link in chain.links}
        refusals += _refuse_in_git(checkout, [links[name] for name in chain.graph if name in wanted.inside])
        if refusals:
            raise RefusedSquashError(refusals)
        originals = tuple(read_originals(checkout, links, run_order(resolution.links.values(), last, first)))
    refusals += _refuse_imports(checkout, chain, wanted)
    if refusals:
        raise RefusedSquashError(refusals)
    heading = _heading(originals, wanted, resolution.head, message)
    bodies, text = ((), render_pruned(heading)) if prune else _proven(heading, _read(originals))
    return Squash(
        resolution,
        wanted,
        bodies,
        checkout.home.root / links[last].placed.path,
        links[last].placed.shown,
        text,
        tuple(checkout.home.root / links[name].placed.path for name in chain.graph if name in wanted.inside - {last}),
        heading,
    )


def as_dump(squash: Squash, dialect: str, statements: Sequence[str]) -> Squash:
    """The same squash, with what the originals made in place of them."""
    return replace(squash, bodies=(), dialect=dialect, text=render_sql(squash.heading, dialect, statements))


def _find(resolution: Resolution, named: str) -> tuple[Chain, RevisionId]:
    """The revision of that name, or the only one that begins so; `head` is the end of the only chain."""
    found = [
        (chain, link.revision) for chain in resolution.chains for link in chain.links if link.revision == named
    ] or [
        (chain, revision)
        for chain in resolution.chains
        for revision in (link.revision for link in chain.links)
        if revision.startswith(named) or (named == "head" and revision in chain.heads)
    ]
    if len(found) != 1:
        what = "several migrations" if found else "no migration"
        raise GitlembicError(f"{named!r} names {what}", "`gitlembic chain` lists them")
    return found[0]


def _refuse_in_git(checkout: Checkout, links: Sequence[Link]) -> Iterator[Refusal]:
    """What git says against it."""
    if checkout.repository.directory.read_shallow():
        yield Refusal("this is a shallow clone, which may lack the originals' history", "`git fetch --unshallow`")
    committed = committed_files(checkout)
    changed = [
        link.placed.shown
        for link in links
        if link.placed.path not in committed
        or not same_text(
            checkout.repository.contents(committed[link.placed.path]),
            read_source(checkout.home.root / link.placed.path),
        )
    ]
    if changed:
        yield Refusal(f"not committed: {first_of(changed, 3)}", "commit first: git is what keeps the originals")


def _read(originals: Sequence[Original]) -> tuple[Body, ...]:
    try:
        return read_bodies(originals)
    except (SyntaxError, ValueError) as error:
        raise BrokenInputError(f"cannot read {getattr(error, 'filename', '')}: {error}", "mend it first") from error


def _proven(heading: Heading, bodies: tuple[Body, ...]) -> tuple[tuple[Body, ...], str]:
    """The bodies as they can stand, and the text; what does not prove to be itself in a function stands as text."""
    text = render(heading, bodies)
    changed = find_differences(text, bodies)
    if changed:
        bodies = tuple(
            replace(one, embedded=one.embedded or "its text does not bear another level")
            if one.original.revision in changed
            else one
            for one in bodies
        )
        text = render(heading, bodies)
        changed = find_differences(text, bodies)
    if changed:
        raise BugError(ValueError(f"the squash does not hold {', '.join(changed)} as it was"))
    return bodies, text


def _refuse_imports(checkout: Checkout, chain: Chain, wanted: Range) -> Iterator[Refusal]:
    """Migrations that import one that will be gone."""
    gone = {
        link.placed.path.rpartition("/")[2].removesuffix(".py"): link.placed.shown
        for link in chain.links
        if link.revision in wanted.inside - {wanted.upto}
    }
    for link in chain.links:
        source = read_source(checkout.home.root / link.placed.path)
        for name in sorted(imported_names(source) & gone.keys()):
            yield Refusal(
                f"{link.placed.shown} imports {gone[name]}, whose file will be gone",
                "move what it imports into a module of your own, or squash another range",
            )


def _heading(originals: Sequence[Original], wanted: Range, head: CommitId, message: str | None) -> Heading:
    last = originals[-1]
    dated = _CREATE_DATE.search(last.source)
    said = f"Squash of {len(originals)} revisions, {originals[0].revision} .. {last.revision}"
    return Heading(
        message=f"{message}\n\n{said}" if message else said,
        revision=wanted.upto,
        down_revision=wanted.after,
        create_date=dated[1] if dated else "",
        replaced_in=head,
        replaces=tuple((one.revision, one.blob) for one in originals if one.revision != wanted.upto),
    )
