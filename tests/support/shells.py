"""Interactive shells on a terminal of their own, with gitlembic's completion and nothing of the user's."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_COMMANDS = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
_PREPARE = {
    "bash": "bind 'set enable-bracketed-paste off'; bind 'set show-all-if-ambiguous on'; source {script}",
    "zsh": "autoload -U compinit; compinit -D -u; unsetopt automenu; source {script}",
    "fish": "source {script}",
}
_PROGRAM = """#!{python}
import os, sys
if "_GITLEMBIC_COMPLETE" in os.environ:
    from gitlembic.__main__ import main
    main()
else:
    print("RAN", ascii(sys.argv[1:]), "END")
"""
_ESCAPES = re.compile(r"\x1b(\[[0-9;?>=]*[A-Za-z]|[=>()][0-9A-B]?|\][^\x07]*\x07)")
_SECONDS = 30


class Shell:
    """A shell in which `gitlembic` only prints its arguments, unless it is asked to complete."""

    def __init__(self, process: pexpect.spawn[str]) -> None:
        self._process = process

    def run(self, keys: str) -> list[str]:
        """Type keys, some of which are tabs, and Enter; what `gitlembic` was given then."""
        self._process.send(f"{keys}\r")
        self._process.expect(r"RAN (\[.*?\]) END", timeout=_SECONDS)
        assert self._process.match is not None
        words = ast.literal_eval(self._process.match[1])
        assert isinstance(words, list)
        return words

    def shown(self, keys: str, until: str) -> str:
        """Type keys, and read what the terminal shows from there until a text; then the line is run.

        Twice Enter: the first may only take what is selected.
        """
        self._process.send(keys)
        self._process.expect_exact(until, timeout=_SECONDS)
        text = f"{self._process.before}{until}"
        self._process.send("\r\recho RAN \"['done']\" END\r")
        self._process.expect_exact("RAN ['done'] END", timeout=_SECONDS)
        return _ESCAPES.sub("", text)


@contextlib.contextmanager
def open_shell(name: str, script: Path, directory: Path, home: Path, prepare: str | None = None) -> Iterator[Shell]:
    """An interactive shell in a directory, which has read a script, or has been prepared in another way.

    Where it is not installed, the test is skipped, save in CI.
    """
    if shutil.which(name) is None:
        message = f"{name} is not installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    program = home / "bin" / "gitlembic"
    program.parent.mkdir(parents=True)
    program.write_text(_PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    environment = {
        "HOME": os.fspath(home),
        "LC_ALL": "C.UTF-8",
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PS1": "$ ",
        "TERM": "xterm",
    }
    with _spawn(_COMMANDS[name], directory, environment) as process:
        shell = Shell(process)
        process.send(f"{prepare or _PREPARE[name].format(script=script)}\r")
        assert shell.run("gitlembic ready") == ["ready"]
        yield shell


@contextlib.contextmanager
def _spawn(command: Sequence[str], directory: Path, environment: dict[str, str]) -> Iterator[pexpect.spawn[str]]:
    process = pexpect.spawn(
        command[0],
        list(command[1:]),
        cwd=os.fspath(directory),
        env=environment,  # type: ignore[arg-type,unused-ignore]
        dimensions=(50, 70),  # one column
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.close(force=True)
