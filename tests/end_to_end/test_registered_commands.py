"""Commands that others add to Alembic's command line are gitlembic's too."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.projects import ADA, GRACE, Project, succeed, two_branches

if TYPE_CHECKING:
    from tests.support.repositories import RepositoryBuilder

_SITECUSTOMIZE = '''
from alembic.config import CommandLine
from alembic.script import ScriptDirectory


def announce(config, revision, message="plain", sql=False):
    """Announce a revision.

    Nobody reads on here.
    """
    script = ScriptDirectory.from_config(config).get_revision(revision)
    config.print_stdout("%s: %s after %s", message, script.revision, script.down_revision)
    config.print_stdout("sql %s, x %s", sql, config.cmd_opts.x)


original = CommandLine._generate_args


def with_announce(self, prog):
    original(self, prog)
    self.register_command(announce)


CommandLine._generate_args = with_announce
'''


@pytest.fixture
def project(repository: RepositoryBuilder) -> Project:
    """A dynamic project; whatever Python starts beside it knows one more command."""
    project = two_branches(repository)
    project.write({"site/sitecustomize.py": _SITECUSTOMIZE})
    return project


def _extended(project: Project) -> dict[str, str]:
    return {"PYTHONPATH": os.fspath(project.root / "site"), "COLUMNS": "10000"}


@pytest.mark.parametrize("arguments", [("head",), ("head", "-m", "loud", "--sql")])
def test_run_with_the_chain(project: Project, arguments: tuple[str, ...]) -> None:
    done = project.gitlembic("-x", "a=b", "announce", *arguments, **_extended(project))
    assert succeed(done) == succeed(project.alembic("-x", "a=b", "announce", *arguments, **_extended(project)))
    assert f": {GRACE} after {ADA}\nsql {'--sql' in arguments}, x ['a=b']\n" in done.stdout


def test_appear_in_help_and_usage(project: Project) -> None:
    listed = re.compile(r"^ +announce +Announce a revision$", re.MULTILINE)
    assert listed.search(succeed(project.gitlembic("--help", **_extended(project))))
    assert not listed.search(succeed(project.gitlembic("--help")))
    assert "did you mean announce? " in project.gitlembic("anounce", **_extended(project)).stderr
    shown = succeed(project.gitlembic("announce", "--help", **_extended(project)))
    assert shown.startswith("usage: gitlembic announce [-h] [-m MESSAGE] [--sql] revision\n")


def test_its_errors_are_alembics(project: Project) -> None:
    wrong = project.gitlembic("announce", **_extended(project))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    failed = project.gitlembic("announce", "nosuch", **_extended(project))
    theirs = project.alembic("announce", "nosuch", **_extended(project))
    assert (failed.returncode, failed.stdout) == (theirs.returncode, theirs.stdout)
    assert failed.returncode == 255


def test_one_of_our_name_leaves_ours(project: Project) -> None:
    source = _SITECUSTOMIZE.replace("announce", "chain")
    project.write({"site/sitecustomize.py": source})
    assert GRACE in succeed(project.gitlembic("chain", **_extended(project)))
    assert succeed(project.gitlembic("heads", **_extended(project))) == f"{GRACE} (head)\n"
