"""Puts a squash into the place of its originals, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project
from gitlembic.adapters.atomic_file import write_all_atomically
from gitlembic.adapters.write_hooks import run_write_hooks
from gitlembic.commands.resolve import resolve
from gitlembic.errors import GitlembicError
from gitlembic.squash.proof import find_differences, is_same_but_for_imports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.commands.squash import Squash


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
