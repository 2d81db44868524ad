"""What a squash is made of: its originals as git keeps them, those of earlier squashes among them."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

from gitlembic.core.declaration_source import CannotRewrite, rewrite_static
from gitlembic.core.history import CommitId, FileId, HistoryUnknownError
from gitlembic.core.migration import Migration, RevisionId
from gitlembic.core.migration_source import parse_migration
from gitlembic.core.names import legacy_revision
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.errors import BrokenInputError, CannotTellError, GitlembicError
from gitlembic.squash.earlier import read_squash
from gitlembic.squash.original import Original
from gitlembic.squash.plan import Refusal, RefusedSquashError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gitlembic.commands.checkouts import Checkout
    from gitlembic.core.chain import Link
    from gitlembic.squash.earlier import EarlierSquash


def committed_files(checkout: Checkout) -> dict[str, FileId]:
    """The files of the locations as HEAD has them, by path."""
    head = checkout.history.head
    if head is None:
        return {}
    return {
        path: file
        for location in checkout.home.place
        for path, file in checkout.repository.files(head, location).items()
    }


def read_originals(
    checkout: Checkout, links: Mapping[RevisionId, Link], order: Sequence[RevisionId]
) -> Iterator[Original]:
    """What runs, in its order; of an earlier squash what that one replaced."""
    committed = committed_files(checkout)
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
