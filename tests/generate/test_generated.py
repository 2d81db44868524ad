"""What is generated is fresh, follows new commands by itself, and is what its readers want."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from generate.__main__ import ROOT, stale_files
from generate.commands import command_table, own_commands_module, own_usages
from generate.manual import manual_pages

from gitlembic.cli.arguments import OWN_COMMANDS
from gitlembic.cli.main import cli
from gitlembic.cli.own_commands import OWN_USAGES
from gitlembic.core.usage import Option, Takes, Usage, Value

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(path.name for path in (ROOT / "man").iterdir())


@click.group()
def _group() -> None:
    """A group.

    .dots and 'quotes', -dashes, back\\slashes and `code`.
    """


@_group.command()
@click.option("--onto", metavar="REF", help="Onto what.")
@click.option("--freeze", metavar="[REV]", is_flag=False, flag_value="", help="Up to which.")
@click.option("-o", "--output", metavar="FILE", help="Where to.")
@click.option("--dry-run", is_flag=True, help="Change nothing.")
@click.argument("name", metavar="CODE")
def rewrite() -> None:
    """Rewrite it.

    \b
      .kept   as it is
    """


def test_everything_is_fresh() -> None:
    stale = stale_files()
    assert not stale, f"python -m generate writes {', '.join(stale)}"


def test_every_own_command_is_known_everywhere() -> None:
    assert set(cli.commands) == set(OWN_COMMANDS)
    assert own_usages(cli) == OWN_USAGES
    assert sorted(["gitlembic.1", *(f"gitlembic-{name}.1" for name in OWN_COMMANDS)]) == PAGES


def test_a_new_command_is_picked_up() -> None:
    usage = Usage(
        "rewrite",
        "Rewrite it",
        (
            Option(("--onto",), "Onto what.", Value(Takes.REF, "REF")),
            Option(("--freeze",), "Up to which.", Value(Takes.DYNAMIC_REVISION, "[REV]")),
            Option(("-o", "--output"), "Where to.", Value(Takes.FILE, "FILE")),
            Option(("--dry-run",), "Change nothing."),
            Option(("--help",), "Show this message and exit."),
        ),
        (Value(Takes.TEXT, "CODE"),),
    )
    assert own_usages(_group) == (usage,)
    namespace: dict[str, object] = {}
    exec(own_commands_module(_group), namespace)  # noqa: S102 -- it is what we made
    assert namespace["OWN_USAGES"] == (usage,)
    assert "| `gitlembic rewrite --freeze [REV]` | Up to which |\n" in command_table(_group)
    page = manual_pages(_group, README)["gitlembic-rewrite.1"]
    assert ".B \\-o, \\-\\-output FILE\nWhere to.\n" in page
    assert "\n.nf\n\\&.kept   as it is\n.fi\n" in page


def test_roff_takes_no_text_for_a_request() -> None:
    page = manual_pages(_group, README)["gitlembic.1"]
    assert "\n\\&.dots and \\(aqquotes\\(aq, \\-dashes, back\\eslashes and \\fBcode\\fR.\n" in page


def _need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        message = f"{program} is not installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "command",
    [
        ("groff", "-man", "-ww", "-Tutf8", "-z"),
        ("mandoc", "-Tlint", "-Wstyle"),
        ("man", "--warnings", "-l"),
    ],
    ids=lambda command: command[0],
)
def test_pages_render_without_warnings(command: tuple[str, ...], page: str) -> None:
    program, *options = command
    done = subprocess.run(
        [_need(program), *options, ROOT / "man" / page],
        env=os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "80", "PAGER": "cat"},
        capture_output=True,
        text=True,
        check=False,
    )
    warnings = done.stderr + (done.stdout if program == "mandoc" else "")
    assert (done.returncode, warnings) == (0, "")


def test_the_scripts_are_where_the_wheel_takes_them_from() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    shared = text.partition("[tool.hatch.build.targets.wheel.shared-data]\n")[2].partition("\n\n")[0]
    sources = [line.partition(" = ")[0].strip('"') for line in shared.splitlines()]
    covered = {path for source in sources for path in (ROOT / source, *Path(ROOT / source).glob("*"))}
    assert {path for name in ("completions", "man") for path in (ROOT / name).iterdir()} <= covered
