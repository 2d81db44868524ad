"""click's commands and the text in `manual_text.py` -> manual pages, as roff with the man macros."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from generate.commands import help_of, own_usages
from generate.manual_text import CONFIGURATION, DATE, DESCRIPTION, ENVIRONMENT, EXAMPLES, FILES, SEE_ALSO
from gitlembic import __version__
from gitlembic.cli.help import alembic_commands, spelling
from gitlembic.cli.program import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

    from gitlembic.core.usage import Usage

_LITERAL = re.compile(r"`([^`]*)`")
_KEPT_LINES = "\b\n"
"""click's mark for a paragraph whose lines are to stay as they are."""


def manual_pages(group: click.Group, readme: str) -> dict[str, str]:
    """The manual page of gitlembic and one of each own command, by the name of its file."""
    usages = own_usages(group)
    exits = _exit_codes(readme)
    pages = {"gitlembic.1": _main_page(group, usages, exits)}
    for usage in usages:
        pages[f"gitlembic-{usage.name}.1"] = _command_page(group, usage, exits)
    return pages


def _main_page(group: click.Group, usages: Iterable[Usage], exits: list[tuple[str, str]]) -> str:
    return "".join(
        [
            _head("gitlembic", PROGRAM.help),
            _section("SYNOPSIS", _synopsis("gitlembic", "[OPTIONS] COMMAND [ARGUMENTS]...")),
            _section("DESCRIPTION", _text(f"{help_of(group)}\n\n{DESCRIPTION}")),
            _section("OPTIONS", _items((spelling(option), option.help) for option in PROGRAM.options)),
            _section("COMMANDS OF GITLEMBIC", _items((f"gitlembic-{usage.name}(1)", usage.help) for usage in usages)),
            _section("COMMANDS OF ALEMBIC", _items(alembic_commands())),
            _section("CONFIGURATION", _text(CONFIGURATION)),
            _section("ENVIRONMENT", _items(ENVIRONMENT.items())),
            _section("FILES", _items(FILES.items())),
            _section("EXIT STATUS", _items(exits)),
            _section("EXAMPLES", _text(EXAMPLES["gitlembic"])),
            _section("SEE ALSO", _see_also(f"gitlembic-{usage.name}" for usage in usages)),
        ]
    )


def _command_page(group: click.Group, usage: Usage, exits: list[tuple[str, str]]) -> str:
    arguments = "".join(f" {value.metavar}" for value in usage.arguments)
    return "".join(
        [
            _head(f"gitlembic-{usage.name}", usage.help),
            _section("SYNOPSIS", _synopsis(f"gitlembic {usage.name}", f"[OPTIONS]{arguments}")),
            _section("DESCRIPTION", _text(help_of(group.commands[usage.name]))),
            _section("OPTIONS", _items((spelling(option), option.help) for option in usage.options)),
            _section("EXIT STATUS", _items(item for item in exits if item[0] != "255")),
            _section("EXAMPLES", _text(EXAMPLES[usage.name])) if usage.name in EXAMPLES else "",
            _section("SEE ALSO", _see_also(["gitlembic"])),
        ]
    )


def _head(name: str, summary: str) -> str:
    title = f'.TH {name.upper()} 1 "{DATE}" "gitlembic {__version__}" "gitlembic"\n'
    return f'.\\" Made by `.ci/regenerate`.\n{title}.SH NAME\n{_inline(f"{name} - {summary}")}'


def _section(title: str, *body: str) -> str:
    return f".SH {title}\n{''.join(body)}"


def _synopsis(command: str, rest: str) -> str:
    return f".B {_escape(command)}\n{_escape(rest)}\n"


def _items(items: Iterable[tuple[str, str]]) -> str:
    return "".join(f".TP\n.B {_escape(term)}\n{_inline(text)}" for term, text in items)


def _text(text: str) -> str:
    """Help as click has it, or text of the manual: paragraphs, some of which keep their lines."""
    return ".PP\n".join(
        _verbatim(each.removeprefix(_KEPT_LINES)) if each.startswith((_KEPT_LINES, "    ")) else _inline(each)
        for each in text.strip().split("\n\n")
    )


def _verbatim(text: str) -> str:
    lines = "\n".join(_not_a_request(_escape(line.strip())) for line in text.split("\n"))
    return f".RS 4\n.nf\n{lines}\n.fi\n.RE\n"


def _see_also(names: Iterable[str]) -> str:
    links = ",\n".join(f".BR {_escape(name)} (1)" for name in names).replace("(1),", "(1) ,")
    return f"{links}\n.PP\n{_inline(SEE_ALSO)}"


def _inline(text: str) -> str:
    """One paragraph, in lines as roff wants them, with what stands in backquotes in bold."""
    parts = _LITERAL.split(" ".join(text.split()))
    marked = "".join(f"\\fB{_escape(part)}\\fR" if place % 2 else _escape(part) for place, part in enumerate(parts))
    lines = textwrap.wrap(marked, 79, break_long_words=False, break_on_hyphens=False)
    return "".join(f"{_not_a_request(line)}\n" for line in lines)


def _escape(text: str) -> str:
    """Text that roff prints as it stands; hyphens stay what can be copied into a shell."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")


def _not_a_request(line: str) -> str:
    return f"\\&{line}" if line.startswith(".") else line


def _exit_codes(readme: str) -> list[tuple[str, str]]:
    """README's table of exit codes: it is said once."""
    table = readme.partition("## Exit codes")[2].partition("\n## ")[0]
    return re.findall(r"^\| (\d+) \| (.*) \|$", table, re.MULTILINE)
