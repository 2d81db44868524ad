"""The rebase command: moves side heads onto the end of the line, or freezes the line, in the files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project, template_path
from gitlembic.adapters.atomic_file import write_all_atomically
from gitlembic.adapters.mainline import find_mainline
from gitlembic.adapters.settings_files import read_settings
from gitlembic.adapters.template_file import read_template
from gitlembic.adapters.versions_dir import read_source
from gitlembic.commands.checkouts import open_checkouts
from gitlembic.commands.find_revision import tell_more
from gitlembic.commands.git_part import remember_commit
from gitlembic.commands.ref_head import name_revision
from gitlembic.commands.replaced import find_replaced
from gitlembic.commands.resolve import resolve
from gitlembic.core.chain_check import check_chains
from gitlembic.core.crossing import Crossing
from gitlembic.core.declaration_error import DeclarationError
from gitlembic.core.declaration_source import CannotRewrite, rewrite_dynamic, rewrite_static, without_unused_import
from gitlembic.core.fold import history_hint
from gitlembic.core.freezing import is_everything, plan_freeze, plan_tidying
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.migration import Kind
from gitlembic.core.names import legacy_revision
from gitlembic.core.rebase import plan_moves
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.core.template_source import is_dynamic_template
from gitlembic.errors import CannotTellError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.commands.checkouts import Checkout
    from gitlembic.core.chain import Chain
    from gitlembic.core.crossing import Mainline
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.rebase import Move


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One file, before and after.

    `committed`: git has the contents before, so that nothing is lost.
    """

    move: Move
    path: Path
    before: bytes
    after: bytes
    committed: bool


@dataclass(frozen=True)
class Rebase:
    """What is to be written; nothing if everything is as it should be.

    `mainlines` are the names that were compared with, one a repository. `left_dynamic` are the
    dynamic migrations that are not on the mainline yet; `dynamic_template` the template that goes on making
    dynamic ones where none is left; `heads` those that the mainline will have,
    more than one where branches live side by side; `in_progress` says that git has stopped
    in a merge, rebase, cherry-pick or the like, and will commit what is staged.
    """

    mainlines: tuple[str, ...]
    rewrites: tuple[Rewrite, ...]
    left_dynamic: tuple[PlacedMigration, ...]
    dynamic_template: Path | None
    heads: tuple[PlacedMigration, ...]
    in_progress: bool


def plan_rebase(options: Sequence[str], *, onto: str | None = None, dynamic: bool = False) -> Rebase:
    """The files to write so that everybody stands on one line, seen from the mainline."""
    kind = Kind.DYNAMIC if dynamic else Kind.STATIC
    return _plan(options, onto, lambda crossing: plan_moves(crossing, kind))


def plan_freezing(options: Sequence[str], *, onto: str | None = None, newest: str | None = None) -> Rebase:
    """The files to write so that the mainline's dynamic migrations, up to `newest`, declare their parents.

    `newest` is a revision, the beginning of one, a branch or a tag.
    """
    if newest is not None:
        project = load_project(options)
        newest = name_revision(project, resolve(project), newest)
    everything = is_everything(newest)

    def freeze(crossing: Crossing) -> tuple[Move, ...]:
        return (*plan_freeze(crossing, newest), *(plan_tidying(crossing) if everything else ()))

    plan = _plan(options, onto, freeze)
    template = template_path(options)
    left = not everything or plan.left_dynamic
    if left or not template.exists() or not is_dynamic_template(read_template(template)):
        return plan
    return replace(plan, dynamic_template=template)


def carry_out(rebase: Rebase, *, force: bool) -> None:
    """Write the files, all or none; refuses to touch what is not committed, unless `force`."""
    uncommitted = [rewrite.move.placed.shown for rewrite in rebase.rewrites if not rewrite.committed]
    if uncommitted and not force:
        raise GitlembicError(
            f"not committed, and it would be rewritten: {', '.join(uncommitted)}",
            "commit first, or repeat this with --force (--dry-run shows the changes)",
        )
    try:
        write_all_atomically({rewrite.path: rewrite.after for rewrite in rebase.rewrites})
    except OSError as error:
        raise GitlembicError(f"cannot write {error.filename}: {error.strerror}", "nothing was changed") from error


def _plan(options: Sequence[str], onto: str | None, plan: Callable[[Crossing], tuple[Move, ...]]) -> Rebase:
    settings = read_settings(options)
    project = load_project(options)
    try:
        with open_checkouts(project) as checkouts:
            crossings = [
                (checkout, crossing)
                for checkout in checkouts
                for crossing in cross(
                    checkout, find_mainline(checkout.repository, checkout.history, settings.mainline, onto)
                )
            ]
            _check_here(project, [crossing.chain({}) for _, crossing in crossings])
            for checkout, crossing in crossings:
                _check_not_replaced(checkout, crossing)
            planned = [(checkout, crossing, plan(crossing)) for checkout, crossing in crossings]
            rewrites = [rewrite for checkout, _, moves in planned for rewrite in _rewrites(checkout, moves)]
            heads = [placed for _, crossing, moves in planned for placed in _heads(crossing, moves)]
            in_progress = any(checkout.repository.directory.is_stopped() for checkout in checkouts)
    except HistoryUnknownError as unknown:
        raise CannotTellError(
            "where this branch and the mainline part is more than this clone holds "
            f"({unknown.reason} at commit {unknown.commit[:12]})",
            history_hint(unknown),
        ) from unknown
    return Rebase(
        mainlines=tuple(dict.fromkeys(crossing.mainline.name for _, crossing in crossings)),
        rewrites=tuple(rewrites),
        left_dynamic=tuple(placed for _, crossing in crossings for placed in crossing.unmerged_dynamic()),
        dynamic_template=None,
        heads=tuple(heads),
        in_progress=in_progress,
    )


def _check_here(project: Project, chains: Sequence[Chain]) -> None:
    try:
        check_chains(chains)
    except DeclarationError as error:
        raise tell_more(error, project) from None


def cross(checkout: Checkout, mainline: Mainline) -> Iterator[Crossing]:
    """A working tree and a mainline, once for the locations that share a chain."""
    remember_commit(checkout.repository, checkout.presences, mainline.tip, checkout.home.place)
    for group in checkout.groups:
        yield Crossing(checkout.presences, group, mainline, checkout.repository.known)


def _heads(crossing: Crossing, moves: Iterable[Move]) -> Iterator[PlacedMigration]:
    chain = crossing.merged_chain({move.revision: move.declared for move in moves})
    return (link.placed for link in chain.links if link.revision in chain.heads)


def _check_not_replaced(checkout: Checkout, crossing: Crossing) -> None:
    """Refuse to give a place on the line to what a squash of this working tree stands for."""
    root = checkout.home.root
    squashes = {
        revision: replaced_revisions(read_source(root / placed.path)) for revision, placed in crossing.here.items()
    }
    for refusal in find_replaced(crossing.here, squashes):
        raise GitlembicError(*refusal)


def _rewrites(checkout: Checkout, moves: Iterable[Move]) -> list[Rewrite]:
    rewrites = []
    refused = []
    for move in moves:
        path = checkout.home.root / move.placed.path
        source = read_source(path)
        after = _rewritten(move, source, legacy_revision(path.name))
        if isinstance(after, CannotRewrite):
            refused.append((move.placed.path, after))
        elif after != source:
            rewrites.append(Rewrite(move, path, source, after, _is_committed(checkout, move.placed.path, source)))
    if refused:
        raise GitlembicError(
            "cannot be rewritten exactly, and nothing was changed:\n"
            + "\n".join(f"  {_at_line(path, reason)}: {reason.reason}" for path, reason in refused),
            "write it yourself: " + "; ".join(f"`{reason.line}` in {path}" for path, reason in refused),
        )
    return rewrites


def _rewritten(move: Move, source: bytes, legacy: RevisionId | None) -> bytes | CannotRewrite:
    if move.is_tidying:
        return without_unused_import(source, legacy)
    rewrite = rewrite_static if move.kind is Kind.STATIC else rewrite_dynamic
    return rewrite(source, move.parents, legacy)


def _at_line(path: str, reason: CannotRewrite) -> str:
    return f"{path}:{reason.number}" if reason.number else path


def _is_committed(checkout: Checkout, path: str, source: bytes) -> bool:
    """Whether git has these contents at that path: in HEAD, or in what it is merging, replaying or taking back.

    A check-out may have turned line endings, which loses nothing.
    """
    repository = checkout.repository
    reverted = repository.directory.read_reverted()
    brought = (*repository.directory.read_replayed(), *(repository.parents(reverted) if reverted else ()))
    for commit in (*checkout.history.parents(WORKING_TREE), *brought):
        for location in checkout.home.place:
            file = repository.files(commit, location).get(path)
            if file is not None and same_text(repository.contents(file), source):
                return True
    return False


def same_text(one: bytes, other: bytes) -> bool:
    """Whether two versions of a file differ in their line endings at most."""
    return one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")
