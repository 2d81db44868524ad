"""Results -> tables and error messages, as text for a terminal."""

from __future__ import annotations

import difflib
import re
import shlex
import sys
from typing import TYPE_CHECKING

from gitlembic.core.chain import Source
from gitlembic.core.history import SHORT_COMMIT
from gitlembic.core.migration import Kind
from gitlembic.core.moved_text import describe_downgrades
from gitlembic.core.visible_text import columns, cut, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitlembic.commands.new_project import NewProject
    from gitlembic.commands.rebase import Rebase
    from gitlembic.core.chain import Birth, Chain, Link
    from gitlembic.core.explanation import Explanation
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import PlacedMigration
    from gitlembic.core.rebase import Move
    from gitlembic.core.resolution import Resolution
    from gitlembic.errors import GitlembicError

_SHORTEST_MESSAGE = 16
_HEADER_ROOM = 2
"""tabulate makes a column so much wider than its header, at least."""

_HEADERS = ("Revision", "Follows", "Kind", "Born", "Author", "Message")
_SAID = {
    Source.GIT: "",
    Source.CHAIN_FILE: " (from the chain file)",
    Source.GIT_AND_CHAIN_FILE: " (the oldest from the chain file)",
    Source.DECLARED: "",
}


def print_error(error: GitlembicError, options: Sequence[str] = ()) -> None:
    """The message and the next command, on stderr; with the `options` that chose the project."""
    message = "\n".join(visible(line) for line in error.message.split("\n"))
    print(f"gitlembic: {message}", file=sys.stderr)  # noqa: T201
    if error.hint:
        print(f"Hint: {visible(as_typed(error.hint, options))}", file=sys.stderr)  # noqa: T201


def print_explanation(explanation: Explanation, options: Sequence[str] = ()) -> None:
    """What git knows beside Alembic's message, and the next command, on stderr."""
    sys.stdout.flush()  # Alembic's message comes first
    for fact in explanation.facts:
        print(visible(fact), file=sys.stderr)  # noqa: T201
    print(f"Hint: {visible(as_typed(explanation.hint, options))}", file=sys.stderr)  # noqa: T201


def print_remark(said: str) -> None:
    """What happens while an Alembic command runs, on stderr."""
    print(f"gitlembic: {visible(said)}", file=sys.stderr, flush=True)  # noqa: T201


def print_pointer(resolutions: Iterable[Resolution], options: Sequence[str] = ()) -> None:
    """For who looks at several heads on a terminal: what draws and explains them; on stderr."""
    from gitlembic.core.heads import has_forked  # only who has a terminal needs it  # noqa: PLC0415

    if any(has_forked(chain) for resolution in resolutions for chain in resolution.chains):
        sys.stdout.flush()
        hint = "`gitlembic graph` draws these heads, `gitlembic doctor` says how they came and what makes one of them"
        print(f"Hint: {visible(as_typed(hint, options))}", file=sys.stderr)  # noqa: T201


def as_typed(text: str, options: Sequence[str]) -> str:
    """The commands in a text, for the project that these options chose; who names options has others in mind."""
    chosen = f"`gitlembic {shlex.join(options)} "
    return re.sub("`gitlembic (?!-)", lambda _: chosen, text) if options else text


def print_new_project(made: NewProject, options: Sequence[str] = ()) -> None:
    """Whether a new project's migrations will be dynamic, on stderr: what `init` prints stays Alembic's."""
    template = visible(str(made.template))
    if made.obstacle:
        said = f"{template} is as Alembic has it ({visible(made.obstacle)}); `gitlembic adopt` says what to change"
    elif made.in_repository:
        said = f"new migrations will take their place from git: {template} is as `gitlembic adopt` makes it"
    else:
        said = "this is in no git repository; once it is, `gitlembic adopt` makes new migrations dynamic"
    print(f"gitlembic: {as_typed(said, options)}", file=sys.stderr)  # noqa: T201


def render_chains(resolution: Resolution, options: Sequence[str] = (), width: int | None = None) -> str:
    """One table a chain, oldest first, with what it is and where it came from.

    `width` are the columns there are; without it messages are never cut, and nothing is left out.
    """
    tables = [_render_chain(chain, resolution.births, width) for chain in resolution.chains]
    return as_typed("\n\n".join(tables), options) + "\n"


def _render_chain(chain: Chain, births: Mapping[CommitId, Birth], width: int | None) -> str:
    from tabulate import tabulate  # only tables need it  # noqa: PLC0415

    title = "Chain of " + ", ".join(visible(location.path) or "." for location in chain.place) + _SAID[chain.source]
    if not chain.links:
        return f"{title}: no migrations"
    heads = frozenset(chain.heads)
    rows = [_row(link, births, is_head=link.revision in heads) for link in chain.links]
    headers: tuple[str, ...] = _HEADERS
    if width is not None:
        headers, *rows = _fitted([headers, *rows], width)
    table = tabulate(
        rows,
        headers=headers,
        disable_numparse=True,
        tablefmt="simple",
    )
    advice = _advice(chain, births)
    return f"{title}\n\n{table}" + (f"\n\n{advice}" if advice else "")


def _row(link: Link, births: Mapping[CommitId, Birth], *, is_head: bool) -> tuple[str, ...]:
    birth = births.get(link.born) if link.born else None
    marks = [
        *link.placed.migration.branch_labels,
        *(["side head"] if link.side_head else ["head"] if is_head else []),
    ]
    name = visible(link.revision) + (f" ({', '.join(map(visible, marks))})" if marks else "")
    if birth is None:
        born = "uncommitted" if link.born else ""
    else:
        born = f"{birth.date:%Y-%m-%d} {birth.commit[:SHORT_COMMIT]}" if birth.date else birth.commit[:SHORT_COMMIT]
    follows = ", ".join(map(visible, link.parents)) or "<base>"
    author = visible(birth.author) if birth else ""
    return name, follows, link.kind.value, born, author, visible(link.placed.migration.message.partition("\n")[0])


def _fitted(rows: Sequence[tuple[str, ...]], width: int) -> list[tuple[str, ...]]:
    """The rows, headers first, with the last column, the messages, cut to what the others leave of a line.

    Of those the author goes first, then the birth, then the kind, until a short message has room.
    """
    *others, longest = (
        max(columns(header) + _HEADER_ROOM, *map(columns, cells)) for header, *cells in zip(*rows, strict=True)
    )
    shown = dict(enumerate(others))
    for dropped in map(_HEADERS.index, ("Author", "Born", "Kind")):
        if width - sum(shown.values()) - 2 * len(shown) >= min(longest, _SHORTEST_MESSAGE):
            break
        del shown[dropped]
    left = max(width - sum(shown.values()) - 2 * len(shown), _SHORTEST_MESSAGE)
    return [(*(row[number] for number in shown), cut(row[-1], left)) for row in rows]


def render_diff(name: str, before: str, after: str) -> str:
    """A unified diff, safe for a terminal."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    return "".join(f"{visible(line)}\n" for line in lines)


def render_rebase(rebase: Rebase, options: Sequence[str] = (), *, frozen: bool, dry_run: bool) -> str:
    """Who follows whom from now on, and what is left to do."""
    names = ", ".join(map(visible, rebase.mainlines))
    lines = [_render_move(rewrite.move, dry_run=dry_run) for rewrite in rebase.rewrites]
    if not lines:
        line = "one line" if len(rebase.heads) <= 1 else "one line a branch"
        lines = [f"no dynamic migration on {names} to freeze" if frozen else f"{line} already, seen from {names}"]
    elif rebase.in_progress and not dry_run:
        paths = " ".join(visible(shlex.quote(f":/{rewrite.move.placed.path}")) for rewrite in rebase.rewrites)
        lines.append(f"Before git goes on, stage it: git add {paths}")
    if frozen and rebase.left_dynamic:
        lines.append(
            f"Still dynamic, because not on {names} yet: {_name_all(rebase.left_dynamic)}; "
            "`gitlembic rebase --freeze --onto HEAD` freezes what stands in this checkout, as it stands here"
        )
    if rebase.dynamic_template is not None:
        lines.append("New migrations are dynamic as before; to leave gitlembic: `gitlembic adopt --undo`")
    if not frozen and len(rebase.heads) > 1:
        lines.append(f"Each branch keeps a head of its own: {_name_all(rebase.heads)}")
    return as_typed("\n".join(lines), options) + "\n"


def print_downgrades(rebase: Rebase, options: Sequence[str] = ()) -> None:
    """What has to be done first about databases that ran what is moved, on stderr."""
    ran = describe_downgrades(rewrite.move for rewrite in rebase.rewrites)
    if ran:
        hint = f"{ran} first, with the files as they were; else what now stands before it never runs there"
        print(f"Hint: {visible(as_typed(hint, options))}", file=sys.stderr)  # noqa: T201


def _name_all(migrations: Iterable[PlacedMigration]) -> str:
    return ", ".join(visible(f"{placed.migration.revision} ({placed.path})") for placed in migrations)


def _render_move(move: Move, *, dry_run: bool) -> str:
    named = ", ".join(map(visible, move.parents)) or "nobody"
    if move.is_tidying:
        how = f"{'would lose' if dry_run else 'loses'} an import that it does not need"
    elif move.kind is Kind.DYNAMIC:
        how = (
            "would ask git, and follow" if dry_run else "now asks git, and will follow"
        ) + f" {named} on the mainline"
    else:
        how = f"{'would follow' if dry_run else 'now follows'} {named}"
    return f"{visible(move.revision)} ({visible(move.placed.path)}) {how}"


def _advice(chain: Chain, births: Mapping[CommitId, Birth]) -> str:
    """Who stands beside the line, who brought it, and what to do about it."""
    if not chain.is_dynamic or not chain.side_heads:
        return ""
    lines = []
    for link in chain.side_heads:
        birth = births.get(link.born) if link.born else None
        brought = f", brought by {visible(birth.author)} in {birth.commit[:SHORT_COMMIT]}," if birth else ""
        lines.append(
            f"{visible(link.revision)} ({visible(link.placed.path)}){brought} stands beside the line: it declares "
            f"{', '.join(map(visible, link.parents)) or 'no parent'}, but the end is {visible(chain.end or 'none')}."
        )
    lines.append(
        "Cure: `gitlembic rebase` moves what is not on the mainline yet onto the end "
        "(--dry-run shows how, --dynamic makes it dynamic). "
        "If it was deployed already, join the two instead: `gitlembic merge heads -m MESSAGE`."
    )
    return "\n".join(lines)
