"""The graph command: what it takes, and where its answer goes."""

from __future__ import annotations

import locale
import os
import shutil
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitlembic.adapters.atomic_file import write_atomically
from gitlembic.adapters.garbage import no_garbage_collection
from gitlembic.cli.paint import paint
from gitlembic.cli.report import as_typed
from gitlembic.core.visible_text import visible
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.commands.graph import Drawn
    from gitlembic.core.explanation import Explanation
    from gitlembic.graph.glyphs import Glyphs
    from gitlembic.graph.lines import Line


_FORMATS = {
    "": "text",
    ".txt": "text",
    ".svg": "svg",
    ".html": "html",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".json": "json",
}
"""What a file is drawn as, by its ending."""


def _style_of(output: str | None) -> str:
    ending = Path(output or "").suffix.lower()
    if ending not in _FORMATS:
        known = ", ".join(f"{one} ({style})" for one, style in _FORMATS.items() if style != "text")
        raise click.UsageError(
            f"no format is known by the ending {visible(ending)}; known are {known}, or say which with --format"
        )
    return _FORMATS[ending]


@click.command()
@click.argument("range", required=False, metavar="[RANGE]")
@click.option("-r", "--rev-range", metavar="RANGE", help="The same, in the spelling of Alembic's history.")
@click.option("-n", "--max-count", metavar="N", type=click.IntRange(min=1), help="No more than the newest N.")
@click.option("--at", metavar="REF", help="The chain at a commit, branch or tag; nothing is checked out.")
@click.option("--diff", metavar="REF", help="What the chain adds, moves or drops against that of a commit.")
@click.option("--born-from", is_flag=True, help="Draw dynamic migrations from whom they were written against.")
@click.option("--merges", is_flag=True, help="Group migrations by the commit or merge that brought them.")
@click.option(
    "--db",
    is_flag=True,
    help="Ask the database, through env.py, where it stands; mark what is pending, and what a journal misses.",
)
@click.option("--births", is_flag=True, help="Find the birth of every migration, however old.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "mermaid", "dot", "svg", "html"]),
    help="What to draw: text for a terminal, or what other programs read. Default: see -o, else text.",
)
@click.option("-o", "--output", metavar="FILE", help="Write it into a file, as .svg, .html, .dot, .mmd, .json or text.")
@click.option("--ascii", "only_ascii", is_flag=True, help="Draw with ASCII characters only.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="When to use colours; by itself on a terminal, unless NO_COLOR is set.",
)
@click.pass_obj
@no_garbage_collection()
def graph(
    options: tuple[str, ...],
    range: str | None,  # noqa: A002 -- its name in the help
    rev_range: str | None,
    max_count: int | None,
    at: str | None,
    diff: str | None,
    born_from: bool,  # noqa: FBT001 -- click passes options by name
    merges: bool,  # noqa: FBT001
    db: bool,  # noqa: FBT001
    births: bool,  # noqa: FBT001
    style: str | None,
    output: str | None,
    only_ascii: bool,  # noqa: FBT001
    color: str,
) -> int:
    """See the chain as a picture, newest first.

    Each migration has a line: its revision, of which the bright part is enough to name it, what
    sets it apart, its message, then who brought it in, when, and in which commit. Where that is not known
    without a longer search, the date of writing stands there instead; --births finds all. A full
    dot is a dynamic migration, an empty one a static; a dotted lane is a depends_on.

    RANGE is A:B (with A) or A..B (without), where each end is what Alembic takes: a revision or
    its beginning, a label, head, base, label@head, or a relative one such as -3 (write
    `-r -3:` for a range that begins with a dash); or a commit, branch or tag: the head of the chain there;
    with --db also current, where the database stands. With --diff only what differs is shown, and whom it
    follows, unless a range says otherwise. On a terminal a pager shows what is
    longer than the screen, as git does: GIT_PAGER, PAGER, else less.
    """
    from gitlembic.commands.graph import Wanted, draw_graph  # noqa: PLC0415 -- Alembic is imported when it is needed
    from gitlembic.graph.draw import Parenthood  # noqa: PLC0415

    if range is not None and rev_range is not None:
        raise click.UsageError("give one range, either by itself or with -r")
    style = style or _style_of(output)
    for given, name in ((merges, "--merges"), (only_ascii, "--ascii")):
        if given and style != "text":
            raise click.UsageError(f"{name} is for --format text: {style} has no way to show it")
    wanted = Wanted(
        at=at,
        all_births=births,
        range=range or rev_range,
        limit=max_count,
        against=diff,
        parenthood=Parenthood.WRITTEN if born_from else Parenthood.COMPUTED,
        by_commit=merges,
        with_database=db,
    )
    drawn = draw_graph(options, wanted)
    if not drawn.pictures and diff is not None:
        click.echo(f"no difference from {visible(diff)}", err=True)
    elif not drawn.pictures:
        click.echo("nothing is in that range", err=True)
    if style != "text":
        _put(_rendered(options, drawn, style), output)
    elif output is not None:
        _put(paint(_lines(drawn, None, only_ascii=only_ascii), coloured=color == "always"), output)
    else:
        _show(drawn, only_ascii=only_ascii, color=color)
    _say(drawn.remarks, options)  # below the picture, which may be longer than the screen
    return 0


def _say(remarks: Iterable[Explanation], options: tuple[str, ...]) -> None:
    """What is known of databases, on stderr."""
    sys.stdout.flush()
    for remark in remarks:
        for fact in remark.facts:
            click.echo(visible(fact), err=True)
        if remark.hint:
            click.echo(f"Hint: {visible(as_typed(remark.hint, options))}", err=True)


def _rendered(options: tuple[str, ...], drawn: Drawn, style: str) -> str:
    """The drawing in a format that programs read."""
    from gitlembic.graph.document import render_document  # noqa: PLC0415 -- as above
    from gitlembic.graph.flowcharts import render_dot, render_mermaid  # noqa: PLC0415
    from gitlembic.graph.svg import render_svg  # noqa: PLC0415

    if style == "html":
        return _page_of(options, drawn)
    if style == "json":
        return render_document(drawn.resolution, drawn.pictures)
    return {"mermaid": render_mermaid, "dot": render_dot, "svg": render_svg}[style](drawn.pictures)


def _page_of(options: tuple[str, ...], drawn: Drawn) -> str:
    from importlib import resources  # noqa: PLC0415 -- as above

    from gitlembic.commands.graph import read_sources  # noqa: PLC0415
    from gitlembic.graph.page import render_page  # noqa: PLC0415

    template = resources.files("gitlembic").joinpath("templates", "graph.html").read_text(encoding="utf-8")
    return render_page(template, drawn.resolution, drawn.pictures, read_sources(options, drawn))


def _put(text: str, output: str | None) -> None:
    if output in {None, "-"}:
        click.echo(text, nl=False)
        return
    try:
        write_atomically(Path(output), text)
    except OSError as error:
        raise GitlembicError(f"cannot write {output}: {error.strerror}", "name another file with -o") from error


def _show(drawn: Drawn, *, only_ascii: bool, color: str) -> None:
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else None
    coloured = color == "always" or (color == "auto" and is_terminal and not os.environ.get("NO_COLOR"))
    text = paint(_lines(drawn, width, only_ascii=only_ascii), coloured=coloured)
    if not (is_terminal and _page(text)):
        click.echo(text, nl=False, color=coloured)


def _lines(drawn: Drawn, width: int | None, *, only_ascii: bool) -> list[Line]:
    from gitlembic.graph.text import Screen, render_pictures  # noqa: PLC0415 -- as above

    return render_pictures(drawn.pictures, Screen(width, _glyphs(only_ascii=only_ascii), datetime.now(timezone.utc)))


def _glyphs(*, only_ascii: bool) -> Glyphs:
    from gitlembic.graph.glyphs import ASCII, ROUNDED  # noqa: PLC0415 -- as above

    try:
        "".join((*ROUNDED.vertical.values(), ROUNDED.up_left, ROUNDED.dynamic, ROUNDED.ellipsis)).encode(
            sys.stdout.encoding or "ascii"
        )
    except UnicodeEncodeError:
        return ASCII
    return ASCII if only_ascii or _is_another_locale() else ROUNDED


def _is_another_locale() -> bool:
    """Whether Python writes UTF-8 by itself, and the locale, by which a pager goes, has another encoding."""
    if not hasattr(locale, "nl_langinfo") or {"PYTHONIOENCODING", "PYTHONUTF8"} & os.environ.keys():
        return False
    return locale.nl_langinfo(locale.CODESET).upper() not in {"UTF-8", "UTF8"}


def _page(text: str) -> bool:
    from gitlembic.adapters.pager import page  # noqa: PLC0415 -- as above

    sys.stdout.flush()
    return page(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"), os.environ)
