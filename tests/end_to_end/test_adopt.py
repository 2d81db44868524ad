"""`gitlembic adopt` in a real project, and the migrations that its template then makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dulwich import porcelain

TEMPLATE = Path("migrations", "script.py.mako")


def _run(root: Path, *arguments: str, program: str = "gitlembic") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", program, *arguments], capture_output=True, text=True, check=False, cwd=root
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    assert _run(tmp_path, "init", "migrations", program="alembic").returncode == 0
    return tmp_path


def test_dry_run_shows_the_two_lines_and_changes_nothing(project: Path) -> None:
    before = (project / TEMPLATE).read_bytes()
    shown = _run(project, "adopt", "--dry-run")
    assert shown.returncode == 0
    assert [line for line in shown.stdout.splitlines() if line.startswith("+")][1] == (
        "+from gitlembic import get_down_revision<%! from gitlembic import down_revision_source %>"
    )
    assert (project / TEMPLATE).read_bytes() == before


def test_patches_once_and_keeps_line_endings_and_mode(project: Path) -> None:
    path = project / TEMPLATE
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o640)
    assert _run(project, "adopt").stdout == f"{path} now makes dynamic migrations\n"
    after = path.read_bytes()
    assert after.count(b"\n") == after.count(b"\r\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert _run(project, "adopt").stdout == f"{path} makes dynamic migrations already\n"
    assert path.read_bytes() == after


def test_new_migrations_are_dynamic_where_they_can_be(project: Path) -> None:
    """The base, a merge, a splice and another head keep literal parents."""
    subprocess.run(
        [sys.executable, "-c", "from dulwich.repo import Repo; Repo.init('.').close()"], cwd=project, check=True
    )
    _run(project, "adopt")
    before_commit = (
        ("revision", "--rev-id", "a1"),
        ("revision", "--rev-id", "b2"),
        ("revision", "--rev-id", "c3"),
        ("revision", "--rev-id", "d4", "--head", "c3"),
    )
    after_commit = (
        ("revision", "--rev-id", "e5", "--head", "b2", "--splice"),
        ("merge", "--rev-id", "f6", "heads"),
        ("revision", "--rev-id", "a7"),
    )
    for commands in (before_commit, after_commit):
        for arguments in commands:
            done = _run(project, *arguments)
            assert done.returncode == 0, done.stderr
        porcelain.add(project)
        porcelain.commit(
            project, message=b"migrations", author=b"Ada <ada@example.org>", committer=b"Ada <a@example.org>"
        )
    declared = {}
    for path in (project / "migrations" / "versions").glob("*.py"):
        (line,) = (line for line in path.read_text().splitlines() if line.startswith("down_revision"))
        declared[path.name[:2]] = line.partition(" = ")[2]
    assert declared["a1"] == "None"
    assert declared["b2"] == declared["c3"] == declared["d4"] == declared["a7"] == "get_down_revision(revision)"
    assert declared["e5"] == "'b2'"
    assert sorted(declared["f6"].strip("()").replace("'", "").split(", ")) == ["d4", "e5"]
    heads = _run(project, "heads")
    assert heads.stdout == "a7 (head)\n"
    assert _run(project, "heads", program="alembic").stdout == heads.stdout


def test_refuses_what_it_does_not_understand_with_the_lines_to_paste(project: Path) -> None:
    (project / TEMPLATE).write_text("revision = ${repr(up_revision)}\ndown_revision = ${down_revision!r}\n")
    done = _run(project, "adopt")
    assert done.returncode == 1
    assert os.fspath(TEMPLATE) in done.stderr
    assert "from gitlembic import get_down_revision" in done.stderr
    assert "down_revision = ${down_revision_source(down_revision)}" in done.stderr


def test_print_is_the_template_that_adopt_makes(project: Path) -> None:
    printed = _run(project, "adopt", "--print").stdout
    _run(project, "adopt")
    assert printed == (project / TEMPLATE).read_text()
