"""Whatever authors, branches, messages, paths and migrations are called, a terminal is told nothing by them."""

from __future__ import annotations

import re
import shlex
import unicodedata
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.migrations import DYNAMIC, migration_source
from tests.support.player import Step, play, sealed_environment
from tests.support.projects import LOCATION, configuration
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from pathlib import Path

_EVIL = "\x1b[5;41mEve\x1b]0;title\x07\x9b31m\u202e\r\x08\u2028\x7f"
_IN_A_REF = "\x9b31m\u202eEve"
"""What git, and dulwich, let a branch be called: bytes of a control character, and one that turns the text round."""

_OURS = re.compile("\x1b\\[(?!5;41m)[0-9;]*[mK]")
"""The colours that are asked for."""

_COMMANDS = (
    *("chain", "chain --births", "chain --at side", "chain --format json", "chain --check", "chain --at nowhere"),
    *("graph", "graph --ascii", "graph --merges", "graph --born-from", "graph --color always", "graph --diff HEAD~1"),
    *("graph --color always --merges", "graph --format json", "graph --format mermaid", "graph --format dot"),
    *("graph --format svg", "graph --format html", "graph --births"),
    *("doctor", "doctor --format json", "doctor --format github", "doctor --format sarif", "doctor --against HEAD~1"),
    *("doctor --fix --dry-run", "rebase --dry-run", "rebase --dry-run --dynamic", "rebase --freeze --dry-run"),
    *("adopt --dry-run", "adopt --print"),
)
_SLICE = (
    *("chain", "chain --format json", "graph --merges", "graph --color always", "graph --format html"),
    *("graph --format svg", "doctor --format github", "rebase --dry-run"),
)
_OF_ALEMBIC = ("upgrade head", "upgrade e999", "upgrade d00d", "downgrade nobody", "revision -m x")
"""Whose standard output is Alembic's own."""


def _build(root: Path) -> None:
    def migration(name: str, down: object, label: str = "") -> dict[str, str]:
        source = migration_source(name, down, message="@", labels=("@",) if label else ())  # type: ignore[arg-type]
        text = source.replace('"""@', f'"""{_EVIL}', 1).replace("'@'", repr(label))
        return {f"{LOCATION}/{name}_\x1b[5;41m\u202e\n.py": text}

    evil = f"{_EVIL} <eve@example.org>".replace("\n", "")
    with closing(RepositoryBuilder(root)) as repository:
        repository.commit("0", [], {**configuration(), **migration("a000", None)}, author=evil)
        repository.commit("1", ["0"], migration("b000", DYNAMIC), author=evil)
        repository.commit(_EVIL, ["1"], migration("d00d", DYNAMIC), author=evil)
        repository.commit("side", ["0"], migration("c000", "a000"), author=evil)
        repository.commit(f"merge {_EVIL}", ["1", "side"], migration("c000", "a000"), author=evil)
        repository.branch("side", "side")
        repository.branch(_IN_A_REF, _EVIL)
        repository.checkout(f"merge {_EVIL}")
    (root / LOCATION / "e000_new.py").write_text(migration_source("e000", message=_EVIL), encoding="utf-8")


def _run(root: Path, *lines: str) -> list[subprocess.CompletedProcess[str]]:
    return play([Step("gitlembic", shlex.split(line), root) for line in lines], sealed_environment(root.parent))


def _told(text: str) -> set[str]:
    """What a terminal, or whoever shows it to one, would obey."""
    kept = _OURS.sub("", text)
    return {character for character in kept if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}} - {"\n"}


@pytest.mark.parametrize(
    ("commands", "of_alembic", "broken"),
    [
        pytest.param(_SLICE, _OF_ALEMBIC[2:3], False, id="slice"),
        pytest.param(_COMMANDS, _OF_ALEMBIC, False, id="all", marks=pytest.mark.full),
        pytest.param(_COMMANDS, _OF_ALEMBIC, True, id="all, broken", marks=pytest.mark.full),
    ],
)
def test_a_terminal_is_told_nothing(
    tmp_path: Path, commands: Sequence[str], of_alembic: Sequence[str], *, broken: bool
) -> None:
    root = tmp_path / "project"
    _build(root)
    if broken:
        (root / LOCATION / "x\x1b[5;41m\u202e.py").write_text(f"revision = 'f000'\ndown_revision = {_EVIL!r}\n")
    for done in _run(root, *commands):
        assert _told(done.stdout) == set(), done.args
        assert _told(done.stderr) == set(), done.args
        assert "Traceback" not in done.stderr, (done.args, done.stderr)
    for done in _run(root, *of_alembic):
        assert _told(done.stderr) == set(), done.args
        assert "Traceback" not in done.stderr, (done.args, done.stderr)


def test_nothing_is_said_of_a_pattern_that_matches_nothing(tmp_path: Path) -> None:
    """Nor is its path printed. Who asks what git ignores has a location that is not tracked yet."""
    root = tmp_path / "project \x1b[5;41m"
    with closing(RepositoryBuilder(root)) as repository:
        repository.commit("0", [], {**configuration(), ".gitignore": "[a-\n"})
        repository.checkout("0")
    (root / LOCATION).mkdir(exist_ok=True, parents=True)
    (root / LOCATION / "a000.py").write_text(migration_source("a000"), encoding="utf-8")
    for done in _run(root, "chain", "heads"):
        assert (done.returncode, done.stderr) == (0, ""), done.args
