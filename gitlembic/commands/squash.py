"""The squash command: plans a squash, proves it, and puts it in the place of its originals."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project
from gitlembic.adapters.atomic_file import write_all_atomically
from gitlembic.adapters.run_order import run_order
from gitlembic.adapters.versions_dir import read_source
from gitlembic.adapters.write_hooks import run_write_hooks
from gitlembic.commands.checkouts import open_checkouts
from gitlembic.commands.rebase import same_text
from gitlembic.commands.ref_head import name_revision
from gitlembic.commands.resolve import resolve
from gitlembic.core.declaration_source import CannotRewrite, rewrite_static
from gitlembic.core.history import CommitId, FileId, HistoryUnknownError
from gitlembic.core.listing import first_of
from gitlembic.core.migration import Migration, RevisionId
from gitlembic.core.migration_source import parse_migration
from gitlembic.core.names import legacy_revision
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.errors import BrokenInputError, BugError, CannotTellError, GitlembicError
from gitlembic.squash.earlier import read_squash
from gitlembic.squash.original import Original
from gitlembic.squash.plan import Refusal, find_range, find_refusals
from gitlembic.squash.proof import find_differences, is_same_but_for_imports
from gitlembic.squash.render import Body, Heading, read_bodies, render, render_pruned, render_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gitlembic.commands.checkouts import Checkout
    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.resolution import Resolution
    from gitlembic.squash.earlier import EarlierSquash
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


class RefusedSquashError(GitlembicError):
    """The range cannot be squashed: every reason, with its way out."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        reasons = "\n".join(f"  {refusal.reason}" for refusal in refusals)
        ways = dict.fromkeys(refusal.way_out for refusal in refusals if refusal.way_out)
        super().__init__(f"this range cannot be squashed:\n{reasons}", "; ".join(ways))


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
        originals = tuple(_originals(checkout, links, run_order(chain.links, last, first)))
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


def carry_out(options: Sequence[str], squash: Squash) -> tuple[str, ...]:
    """Write the squash and remove the files of its originals, all or nothing; what the user has to know.

    The project's own formatter, which Alembic's write hooks name, may lay it out anew; if the
    originals do not stand in there unchanged then, it stays as it was. Raises `GitlembicError`, with
    everything put back, if the chain would not be what it is without the replaced ones.
    """
    kept = {path: path.read_bytes() for path in (squash.path, *squash.removed)}
    said: list[str] = []
    try:
        write_all_atomically({squash.path: squash.text.encode()})
        if not _formatted(options, squash):
            write_all_atomically({squash.path: squash.text.encode()})
            said.append("the write hooks changed or broke what it does: it is not formatted")
        for path in squash.removed:
            path.unlink()
        _check_chain(options, squash)
    except BaseException as error:
        write_all_atomically(kept)
        if isinstance(error, OSError):
            raise GitlembicError(f"cannot write {error.filename}: {error.strerror}", "nothing was changed") from error
        raise
    return tuple(said)


def _formatted(options: Sequence[str], squash: Squash) -> bool:
    """Whether the write hooks, if there are any, leave it as it has to be."""
    try:
        run_write_hooks(options, squash.path)
        text = squash.path.read_text(encoding="utf-8")
    except (GitlembicError, OSError, ValueError):
        return False
    return is_same_but_for_imports(text, squash.text) and not find_differences(text, squash.bodies)


def _check_chain(options: Sequence[str], squash: Squash) -> None:
    """Raises `GitlembicError` if anybody that stays follows somebody else than before."""
    before = {
        revision: link.parents for revision, link in squash.resolution.links.items() if revision not in squash.replaced
    }
    before[squash.wanted.upto] = (squash.wanted.after,) if squash.wanted.after is not None else ()
    after = {revision: link.parents for revision, link in resolve(load_project(options)).links.items()}
    if after != before:
        moved = next(name for name in [*before, *after] if before.get(name) != after.get(name))
        raise GitlembicError(
            f"with this squash {moved} would follow {', '.join(after.get(moved, ())) or 'nobody'}, not "
            f"{', '.join(before.get(moved, ())) or 'nobody'}: everything was put back",
            "`gitlembic rebase --freeze` writes the order into the files first",
        )


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
    committed = _committed(checkout)
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


def _committed(checkout: Checkout) -> dict[str, FileId]:
    """The files of the locations as HEAD has them, by path."""
    head = checkout.history.head
    if head is None:
        return {}
    return {
        path: file
        for location in checkout.home.place
        for path, file in checkout.repository.files(head, location).items()
    }


def _originals(checkout: Checkout, links: Mapping[RevisionId, Link], order: Sequence[RevisionId]) -> Iterator[Original]:
    """What runs, in its order; of an earlier squash what that one replaced."""
    committed = _committed(checkout)
    for revision in order:
        link = links[revision]
        path = link.placed.path
        original = _original(checkout, revision, link.parents, path, committed[path])
        try:
            earlier = read_squash(original.source)
        except (SyntaxError, ValueError) as error:
            raise BrokenInputError(
                f"{link.placed.shown} is a squash, but {error}", "take it back from git as it was written"
            ) from error
        if earlier is None and replaced_revisions(original.source.encode()):
            raise RefusedSquashError(
                [
                    Refusal(
                        f"{link.placed.shown} is a squash without its originals (--as sql or --prune), which cannot be "
                        "taken apart again",
                        f"squash what comes after it: `gitlembic squash {revision}..REV`",
                    )
                ]
            )
        if earlier is None:
            yield original
        else:
            yield from _earlier_originals(checkout, earlier, original)


def _earlier_originals(checkout: Checkout, earlier: EarlierSquash, squash: Original) -> Iterator[Original]:
    """The originals of a squash, from git: its first ones follow whom the squash follows."""
    replaced_in = CommitId(earlier.replaced_in)
    try:
        own = next(
            file
            for location in checkout.home.place
            for path, file in checkout.repository.files(replaced_in, location).items()
            if path == squash.path
        )
        for step in earlier.steps:
            yield _original(checkout, step.revision, step.parents, step.path, FileId(step.blob) if step.blob else own)
    except (HistoryUnknownError, StopIteration, CannotTellError) as error:
        raise CannotTellError(
            f"{squash.path} is a squash, and git lacks its originals (commit {earlier.replaced_in[:12]})",
            f"`git fetch --all --tags`, or squash what comes after it: `gitlembic squash {squash.revision}..REV`",
        ) from error


def _original(
    checkout: Checkout, revision: RevisionId, parents: tuple[RevisionId, ...], path: str, blob: FileId
) -> Original:
    source = checkout.repository.contents(blob)
    name = path.rpartition("/")[2]
    parsed = parse_migration(source, legacy_revision(name))
    if isinstance(parsed, Migration) and parsed.is_dynamic:
        frozen = rewrite_static(source, parents, legacy_revision(name))
        if isinstance(frozen, CannotRewrite):
            raise GitlembicError(
                f"{path}:{frozen.number}: {frozen.reason}, so its parent cannot be written down",
                f"write `{frozen.line}` yourself, and commit it",
            )
        source = frozen
    message = parsed.message if isinstance(parsed, Migration) else ""
    return Original(revision, path, parents, _decoded(source, path), blob, message)


def _decoded(source: bytes, path: str) -> str:
    """As Python decodes it, with one kind of line end."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise BrokenInputError(f"cannot read {path}: {error}", f"mend {path}") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


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


def imported_names(source: bytes) -> frozenset[str]:
    """The last parts of all modules that a source imports, or names in a call of import_module."""
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found.update(part for alias in node.names for part in alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            found.update((node.module or "").split("."))
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Call):
            texts = (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))
            if getattr(node.func, "attr", getattr(node.func, "id", "")) in {"import_module", "__import__"}:
                found.update(part for text in texts for part in text.split("."))
    return frozenset(found)


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
