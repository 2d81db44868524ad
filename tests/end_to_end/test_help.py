"""Help and versions, and what is not imported for them."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from alembic.config import CommandLine

from gitlembic import __version__
from gitlembic.cli.arguments import OWN_COMMANDS
from gitlembic.core.added_options import ADDED_OPTIONS

VERSIONS = f"gitlembic {__version__} (alembic {version('alembic')}, dulwich {version('dulwich')})\n"


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "importtime", "-m", "gitlembic", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


@pytest.mark.parametrize(
    "line", ["--version", "--vers", "-q --version", "--version upgrade head", "-c x.ini --version"]
)
def test_version(line: str) -> None:
    done = _run(*line.split())
    assert (done.returncode, done.stdout) == (0, VERSIONS)
    assert _imported(done).isdisjoint({"alembic", "click", "dulwich", "dataclasses", "typing", "importlib.metadata"})


def test_version_where_pip_left_no_record(tmp_path: object) -> None:
    """A package of the system is described in another way, which `importlib.metadata` knows."""
    code = (
        "import sys, importlib.metadata\n"
        "importlib.metadata.version = lambda name: f'{name} of the system'\n"
        f"sys.path = [{str(tmp_path)!r}, '/nowhere']\n"
        "from gitlembic.cli.version import print_version\n"
    )
    preload = "from gitlembic import __version__; import gitlembic.cli.version as v; "
    done = subprocess.run(
        [sys.executable, "-c", preload + code.replace("\n", "; ").removesuffix("; ") + "; print_version()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"gitlembic {__version__} (alembic alembic of the system, dulwich dulwich of the system)\n"


@pytest.mark.parametrize("line", ["", "--help", "-h", "-qh", "--help upgrade", "-h chain --at"])
def test_the_first_page(line: str) -> None:
    done = _run(*line.split())
    assert done.returncode == 0
    assert _imported(done).isdisjoint({"alembic", "dulwich"})
    options, own, alembic = done.stdout.partition("Options, before the command:\n")[2].split("\n\n")
    for name in (
        "-c, --config FILE",
        "-n, --name NAME",
        "-x ARG",
        "-q, --quiet",
        "--raiseerr",
        "--version",
        "-h, --help",
    ):
        assert f"  {name} " in options
    assert own.startswith("gitlembic's commands:\n")
    assert "\n  chain " in own
    assert alembic.startswith("Alembic's commands:\n")
    for command in CommandLine().subparsers.choices:
        assert f"\n  {command} " in alembic


def test_what_a_command_is_for_fits_on_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    own = _run("--help").stdout.partition("gitlembic's commands:\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in own.splitlines()] == sorted(OWN_COMMANDS)


def test_alembics_commands_have_alembics_help() -> None:
    done = _run("upgrade", "--help")
    parser = CommandLine(prog="gitlembic").subparsers.choices["upgrade"]
    for option in ADDED_OPTIONS["upgrade"]:
        parser.add_argument(*option.names, action="store_true", help=option.help)
    assert (done.returncode, done.stdout) == (0, parser.format_help())


def test_commands_that_others_have_registered_are_listed() -> None:
    code = """
import sys
from alembic.config import CommandLine
original = CommandLine._generate_args
def nonesuch(config):
    '''Do what no other does.'''
def generate(self, prog):
    original(self, prog)
    self.register_command(nonesuch)
CommandLine._generate_args = generate
sys.argv = ["gitlembic", "--help"]
from gitlembic.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "  nonesuch        Do what no other does\n" in done.stdout


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("graf", "did you mean graph? "),
        ("--raiseerr uprade head", "did you mean upgrade? "),
        ("uprade --help", "did you mean upgrade? "),
        ("CHAIN", "did you mean chain? "),
        ("zzz", ""),
    ],
)
def test_an_unknown_command_names_those_that_are_near(line: str, hint: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gitlembic", *line.split()], capture_output=True, text=True, check=False
    )
    (name,) = (word for word in line.split() if word in {"graf", "uprade", "CHAIN", "zzz"})
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"gitlembic: there is no command {name}\nHint: {hint}`gitlembic --help` lists the commands\n",
    )


def test_an_option_that_comes_before_the_command() -> None:
    done = _run("chain", "-c", "alembic.ini")
    assert done.returncode == 2
    assert "Hint: put it before the command: `gitlembic -c FILE chain`" in done.stderr
    assert "Hint: put it" not in _run("chain", "--nosuch").stderr
