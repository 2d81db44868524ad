"""`gitlembic demo` plays the problem and the answer with real commands, and leaves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters import demo_shop
from gitlembic.commands import demo
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from pathlib import Path


def _play(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gitlembic", "demo"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": os.fspath(tmp_path), **environment},
    )


def test_shows_the_error_the_answer_and_the_chain(tmp_path: Path) -> None:
    done = _play(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    scenes = done.stdout.split("  $ ")
    assert [scene.partition("\n")[0] for scene in scenes[1:]] == [
        "alembic upgrade head",
        "gitlembic upgrade head",
        "gitlembic chain",
        "alembic current",
    ]
    assert "Multiple head revisions" in scenes[1]
    assert "Running upgrade ada000000002 -> 97ace0000003" in scenes[2]
    assert "97ace0000003 (head)  ada000000002  dynamic" in scenes[3]
    assert "97ace0000003 (head)" in scenes[4]


def test_leaves_nothing_behind(tmp_path: Path) -> None:
    _play(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_is_not_misled_by_the_environment(tmp_path: Path) -> None:
    elsewhere = os.fspath(tmp_path / "elsewhere")
    assert _play(tmp_path, ALEMBIC_CONFIG=elsewhere, GIT_DIR=elsewhere, GIT_WORK_TREE=elsewhere).returncode == 0


def test_needs_no_git(tmp_path: Path) -> None:
    assert _play(tmp_path, PATH=os.fspath(tmp_path)).returncode == 0


def test_says_so_when_a_command_does_not_do_what_it_is_about_to_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(demo_shop, "_ENVIRONMENT", "raise SystemExit('no database today')")
    with pytest.raises(GitlembicError, match=r"(?s)`gitlembic upgrade head` ended with 1.*no database today"):
        list(demo.run_demo())
