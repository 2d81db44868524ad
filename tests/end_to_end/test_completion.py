"""Completion in the real shells: what is on the line after Tab, and what the terminal shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gitlembic
from tests.support.migrations import migration_source
from tests.support.projects import ADA, BASE, GRACE, Project, configuration, succeed, two_branches
from tests.support.repositories import RepositoryBuilder
from tests.support.shells import open_shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.shells import Shell

COMPLETIONS = Path(gitlembic.__file__).parent / "templates"
LABELLED = "1abe11ed0001"
MESSAGE = 'it\'s "new": \\a $HOME `id`'

INSERTED = [
    ("up\t head", ["upgrade", "head"]),
    ("cha\t--fo\tj\t", ["chain", "--format", "json"]),
    ("chain --format=j\t", ["chain", "--format=json"]),
    ("-c al\theads", ["-c", "alembic.ini", "heads"]),
    ("--config=al\theads", ["--config=alembic.ini", "heads"]),
    ("-c 'a file'/m\theads", ["-c", "a file/my.ini", "heads"]),
    ("upgrade f00\t", ["upgrade", ADA]),
    (f"upgrade {BASE}:c0\t--sq\t", ["upgrade", f"{BASE}:{GRACE}", "--sql"]),
    (f"history -r{BASE}:c0\t", ["history", f"-r{BASE}:{GRACE}"]),
    (f"history --rev-range={BASE}:c0\t", ["history", f"--rev-range={BASE}:{GRACE}"]),
    ("history -r :f0\t", ["history", "-r", f":{ADA}"]),
    ("upgrade bil\t", ["upgrade", "billing@head"]),
    ("downgrade billing@b\t", ["downgrade", "billing@base"]),
    (f"upgrade {BASE}:bil\t", ["upgrade", f"{BASE}:billing@head"]),
    ("revision --head f0\t--spl\t", ["revision", "--head", ADA, "--splice"]),
    ("merge f0\tc0\t", ["merge", ADA, GRACE]),
    ("upgrade 'f0\t", ["upgrade", ADA]),
    ("chain --at gr\t", ["chain", "--at", "grace"]),
    ("init -t mul\tmig\t", ["init", "-t", "multidb", "migrations"]),
    ("completion f\t", ["completion", "fish"]),
    ("nosuch\t command\t", ["nosuch", "command"]),
    ("upgrade zzz\t", ["upgrade", "zzz"]),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    repository = RepositoryBuilder(tmp_path_factory.mktemp("completion") / "project")
    project = two_branches(repository)
    repository.close()
    labelled = migration_source(LABELLED, None, labels=("billing",), message=MESSAGE.replace("\\", "\\\\"))
    project.write({"migrations/versions/labelled.py": labelled, "a file/my.ini": ""})
    return project


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def name(request: pytest.FixtureRequest) -> str:
    assert isinstance(request.param, str)
    return request.param


@pytest.fixture(scope="module")
def shell(name: str, project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    script = COMPLETIONS / f"completion.{name}"
    with open_shell(name, script, project.root, tmp_path_factory.mktemp("home")) as shell:
        yield shell


@pytest.mark.parametrize(("keys", "words"), INSERTED, ids=[keys.replace("\t", "⇥") for keys, _ in INSERTED])
def test_tab_writes(shell: Shell, keys: str, words: list[str]) -> None:
    written = shell.run(f"gitlembic {keys}")
    assert [word.rstrip("/") for word in written] == words  # zsh takes the slash of a directory away again


def test_shows_revisions_newest_first_with_their_messages(shell: Shell, name: str) -> None:
    shown = shell.shown("gitlembic upgrade \t\t", BASE if name == "bash" else "create users")
    places = [shown.index(word) for word in ("billing@head", LABELLED, GRACE, ADA, BASE)]
    if name != "bash":  # which has columns, and no place for messages
        assert places == sorted(places)
        assert MESSAGE in shown
        assert "create prices" in shown


def test_zsh_finds_the_installed_script(project: Project, tmp_path: Path) -> None:
    directory = tmp_path / "site-functions"
    directory.mkdir()
    script = directory / "_gitlembic"
    script.write_bytes((COMPLETIONS / "completion.zsh").read_bytes())
    prepare = f"fpath=({directory} $fpath); autoload -U compinit; compinit -D -u"
    with open_shell("zsh", script, project.root, tmp_path / "home", prepare) as shell:
        assert shell.run("gitlembic upgrade f0\t") == ["upgrade", ADA]
        assert shell.run("gitlembic upgrade c0\t") == ["upgrade", GRACE]


def test_the_program_that_is_named_is_asked(shell: Shell) -> None:
    assert shell.run("~/bin/gitlembic upgrade f0\t") == ["upgrade", ADA]
    shown = shell.shown("/nowhere/gitlembic upgrade f0\t; echo it 'is'\r", "it is")
    assert ADA not in shown


def test_a_program_that_fails_says_nothing(
    name: str, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell stays usable, and nothing but what was typed is on the terminal."""
    monkeypatch.setenv("PYTHONHOME", os.fspath(tmp_path))
    with open_shell(name, COMPLETIONS / f"completion.{name}", project.root, tmp_path / "home") as shell:
        (tmp_path / "home" / "bin" / "gitlembic").write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
        shown = shell.shown("gitlembic up\t; echo so\t; echo 'it 'was\r", "it was")
    assert "broken" not in shown.partition("it 'was")[0]


def _complete(root: Path, shell: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "gitlembic", *words],
        env=os.environ | {"_GITLEMBIC_COMPLETE": shell},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def _imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}


@pytest.mark.parametrize("words", [[""], ["upgrade", ""], ["chain", "--at", ""], ["adopt", "-"], ["-c", ""]])
def test_imports_nothing_that_takes_long(project: Project, words: list[str]) -> None:
    done = _complete(project.root, "zsh", *words)
    assert done.stdout
    assert _imported(done).isdisjoint({"alembic", "sqlalchemy", "click", "dulwich", "tabulate", "argparse"})


@pytest.mark.parametrize(
    "break_it",
    [
        {"alembic.ini": "[alembic\n"},
        {"alembic.ini": b"\xff\xfe[alembic]\n"},
        {"alembic.ini": "[alembic]\nscript_location = %(nosuch)s/migrations\n"},
        {"alembic.ini": "[alembic]\n"},
        {"pyproject.toml": "[tool.alembic\n", "alembic.ini": "[alembic]\n"},
        {".git": "gitdir: nowhere"},
        {".git": "neither"},
        {"migrations/versions/broken.py": "revision = (\n"},
        {"migrations/versions/broken.py": b"\xff\x00revision"},
    ],
    ids=str,
)
def test_never_prints_an_error(tmp_path: Path, break_it: dict[str, str | bytes]) -> None:
    project = Project(tmp_path)
    project.write(configuration())
    project.write(break_it)
    for words in (["upgrade", ""], ["chain", "--at", ""]):
        done = _complete(project.root, "fish", *words)
        assert done.returncode == 0
        assert [line for line in done.stderr.splitlines() if not line.startswith("import time:")] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh", ""])
def test_never_fails_for_its_arguments(tmp_path: Path, shell: str) -> None:
    for words in ([], ["gitlembic 'up", "x"], ["a", "b", "c"]):
        done = _complete(tmp_path, shell, *words)
        assert done.returncode == 0
        assert [line for line in done.stderr.splitlines() if not line.startswith("import time:")] == []


def test_prints_the_scripts(project: Project) -> None:
    for shell in ("bash", "zsh", "fish"):
        printed = succeed(project.gitlembic("completion", shell))
        assert printed == (COMPLETIONS / f"completion.{shell}").read_text(encoding="utf-8")
    assert project.gitlembic("completion", "tcsh").returncode == 2
