"""Where the command is in argv: by example, and held against argparse itself."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

import pytest
from alembic.config import CommandLine
from hypothesis import given, settings
from hypothesis import strategies as st

from gitlembic.cli.arguments import OWN_COMMANDS, split_command

if TYPE_CHECKING:
    from alembic.config import Config


@pytest.mark.parametrize(
    ("line", "options", "command", "arguments"),
    [
        ("", (), None, ()),
        ("chain", (), "chain", ()),
        ("upgrade head", (), "upgrade", ("head",)),
        ("chain --at HEAD -x", (), "chain", ("--at", "HEAD", "-x")),
        ("-c a.ini chain", ("-c", "a.ini"), "chain", ()),
        ("-ca.ini chain", ("-ca.ini",), "chain", ()),
        ("-qca.ini chain", ("-qca.ini",), "chain", ()),
        ("-qc a.ini chain", ("-qc", "a.ini"), "chain", ()),
        ("-qqn chain chain", ("-qqn", "chain"), "chain", ()),
        ("-x a=1 -x b=2 chain", ("-x", "a=1", "-x", "b=2"), "chain", ()),
        ("--config a.ini chain", ("--config", "a.ini"), "chain", ()),
        ("--config=a.ini chain", ("--config=a.ini",), "chain", ()),
        ("--conf=a.ini chain", ("--conf=a.ini",), "chain", ()),
        ("--conf a.ini chain", ("--conf", "a.ini"), "chain", ()),
        ("--name alembic chain", ("--name", "alembic"), "chain", ()),
        ("--n chain heads", ("--n", "chain"), "heads", ()),
        ("--raise --qui chain", ("--raise", "--qui"), "chain", ()),
        ("-q -- chain --write", ("-q", "--"), "chain", ("--write",)),
        ("-c chain heads", ("-c", "chain"), "heads", ()),
        ("--nosuch chain", ("--nosuch",), "chain", ()),
        ("-z chain", ("-z",), "chain", ()),
        ("-c", ("-c",), None, ()),
        ("--version", ("--version",), None, ()),
        ("- chain", (), "-", ("chain",)),
    ],
)
def test_is_split_at_the_command(
    line: str, options: tuple[str, ...], command: str | None, arguments: tuple[str, ...]
) -> None:
    found = split_command(line.split())
    assert (found.options, found.command, found.arguments) == (options, command, arguments)


@pytest.mark.parametrize(
    ("line", "is_own"),
    [
        ("", True),
        ("--help", True),
        ("-h", True),
        ("--vers", True),
        ("-qh", True),
        ("-c a.ini --help", True),
        ("chain", True),
        ("demo", True),
        ("-q chain", True),
        ("--help upgrade", True),
        ("--version heads", True),
        ("heads", False),
        ("-c --help heads", False),
        ("upgrade --help", False),
        ("upgrade chain", False),
        ("-c chain upgrade", False),
        ("-q", False),
        ("-c --help", False),
        ("nosuch", False),
        ("--version upgrade head", True),
        ("-h upgrade", True),
    ],
)
def test_what_is_ours(line: str, *, is_own: bool) -> None:
    assert split_command(line.split()).is_own is is_own


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("-qc a.ini -x a=1 --name n --raise -- chain", ()),
        ("--nosuch chain", ("--nosuch",)),
        ("-qz --config=a.ini demo", ("-z",)),
        ("-c --nosuch demo", ()),
    ],
)
def test_which_options_are_unknown(line: str, unknown: tuple[str, ...]) -> None:
    assert split_command(line.split()).unknown == unknown


@pytest.mark.parametrize(
    ("line", "raises"),
    [
        ("--raiseerr heads", True),
        ("--ra heads", True),
        ("-q --raiseerr chain", True),
        ("heads", False),
        ("-c --raiseerr heads", False),
        ("heads --raiseerr", False),
    ],
)
def test_whether_errors_are_raised(line: str, *, raises: bool) -> None:
    assert split_command(line.split()).raise_errors is raises


def _parser_with_ours() -> CommandLine:
    """Alembic's own parser, which our commands are added to as commands like its own."""
    command_line = CommandLine(prog="gitlembic")

    def make(name: str) -> None:
        def own(config: Config) -> None:
            """One of ours."""

        own.__name__ = name
        command_line.register_command(own)

    for name in OWN_COMMANDS:
        make(name)
    return command_line


_COMMAND_LINE = _parser_with_ours()
_COMPLETE = [
    *([name] for name in ("branches", "check", "current", "ensure_version", "heads", "history", "list_templates")),
    *([name] for name in sorted(OWN_COMMANDS)),
    ["upgrade", "head"],
    ["downgrade", "-1"],
    ["edit", "chain"],
    ["init", "heads"],
    ["merge", "heads"],
    ["revision", "-m", "chain"],
    ["revision", "--head", "heads", "--splice"],
    ["show", "heads"],
    ["stamp", "--purge", "heads"],
]
"""Commands with arguments that are enough for them, many of them the names of commands."""


def _command_by_argparse(argv: list[str]) -> str | None:
    """The command that Alembic would run; `None` where its parser refuses."""
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        try:
            options = _COMMAND_LINE.parser.parse_args(argv)
        except SystemExit:
            return None
    if not hasattr(options, "cmd"):
        return None
    name = options.cmd[0].__name__
    assert isinstance(name, str)
    return name


def _prefixes(*names: str) -> list[str]:
    return [name[:length] for name in names for length in range(3, len(name) + 1)]


_NAMES = [words[0] for words in _COMPLETE]
_VALUES = st.sampled_from([*_NAMES, "a.ini", "a=1", "with space", "=", "ü", "c", "q"]) | st.text(
    st.characters(codec="utf-8", exclude_characters="-"), min_size=1
)
_FLAGS = st.sampled_from(["-q", "-qq", *_prefixes("--quiet", "--raiseerr")])
_LONG = st.sampled_from(_prefixes("--config", "--name"))
_SHORT = st.sampled_from(["-c", "-n", "-x", "-qc", "-qqx", "-qn"])
_OPTION = st.one_of(
    _FLAGS.map(lambda flag: [flag]),
    st.builds(lambda name, value: [name, value], _LONG | _SHORT, _VALUES),
    st.builds(lambda name, value: [f"{name}={value}"], _LONG, _VALUES | st.just("")),
    st.builds(lambda name, value: [f"{name}{value}"], _SHORT, _VALUES),
)


@given(options=st.lists(_OPTION, max_size=5), end=st.sampled_from([[], ["--"]]), command=st.sampled_from(_COMPLETE))
@settings(max_examples=300, deadline=None)
def test_well_formed_options_are_read_as_argparse_reads_them(
    options: list[list[str]], end: list[str], command: list[str]
) -> None:
    before = [word for option in options for word in option]
    argv = [*before, *end, *command]
    assert _command_by_argparse([*before, *command]) == command[0]
    assert split_command(argv).command == command[0]
    assert split_command(argv).options == (*before, *end)


_WORDS = st.sampled_from(
    [
        *_NAMES,
        "-c",
        "-n",
        "-x",
        "-q",
        "-qc",
        "-xq",
        "-cq",
        "-h",
        "-z",
        "-1",
        "-",
        "a b",
        "-a b",
        "=",
        "",
        "--x",
        "-c=",
        *_prefixes("--config", "--name", "--raiseerr", "--quiet", "--config=x", "--name="),
    ]
)


@given(
    argv=st.builds(lambda words, command: [*words, *command], st.lists(_WORDS, max_size=6), st.sampled_from(_COMPLETE))
)
@settings(max_examples=500, deadline=None)
def test_whatever_argparse_runs_is_what_is_found(argv: list[str]) -> None:
    """Any words at all; where argparse refuses them, it does so again when it is handed them."""
    command = _command_by_argparse(argv)
    if command is not None:
        assert split_command(argv).command == command
