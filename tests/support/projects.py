"""Alembic projects in git: two branches with a migration each, merged; and the programs that run them."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import alembic

from tests.support.fork_server import run_in_fork
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.player import Step, play, sealed_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import URL

    from tests.support.migrations import Down
    from tests.support.repositories import RepositoryBuilder

BASE, ADA, GRACE = "ba5e00000001", "f00dada00002", "c0ffee000003"
"""Ada's reached main first. By name, and by the date of writing, Grace's would come before it."""

LOCATION = "migrations/versions"
CACHE = ".git/gitlembic/"
CHAIN_FILE = "migrations/revision_chain.json"
CHAIN = {ADA: BASE, GRACE: ADA}

_TEMPLATES = Path(alembic.__file__).parent / "templates" / "generic"
_DYNAMIC_IF_PLAIN = (
    '${"get_down_revision(revision)" if isinstance(down_revision, str) else repr(down_revision)}'  # not for a merge
)
_LOGGING = "[loggers]" + (_TEMPLATES / "alembic.ini.mako").read_text(encoding="utf-8").partition("[loggers]")[2]
_SECONDS = 120

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Project:
    """A directory with a configuration of Alembic, and the commands that are run there."""

    root: Path

    def run(self, *command: str, **environment: str) -> Done:
        """Run a Python module with arguments as a user would; never raises for its exit code."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env=sealed_environment(self.root.parent, **environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )

    def gitlembic(self, *arguments: str, **environment: str) -> Done:
        return self._command("gitlembic", arguments, environment)

    def alembic(self, *arguments: str, **environment: str) -> Done:
        return self._command("alembic", arguments, environment)

    def _command(self, program: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Done:
        """In a process of its own where the environment has a say in how Python starts."""
        if any(name.startswith(("PYTHON", "LANG", "LC_")) for name in environment):
            return self.run("-m", program, *arguments, **environment)
        return run_in_fork(program, arguments, self.root, sealed_environment(self.root.parent, **environment))

    def play(self, program: str, *lines: str, **environment: str) -> list[Done]:
        """Run command lines, divided at blanks, one after the other."""
        steps = [Step(program, line.split(), self.root) for line in lines]
        return play(steps, sealed_environment(self.root.parent, **environment))

    def chain(self, *arguments: str) -> dict[str, Any]:
        """The document that `chain --format json` prints."""
        document = json.loads(succeed(self.gitlembic("chain", "--format", "json", *arguments)))
        assert isinstance(document, dict)
        return document

    def chain_file(self) -> Any:
        return json.loads((self.root / CHAIN_FILE).read_text(encoding="utf-8"))

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Put files into the working tree."""
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text if isinstance(text, bytes) else text.encode())

    def copy_without_git(self, name: str) -> Project:
        """The files, in a directory beside this one that is in no repository."""
        target = self.root.parent / name
        shutil.copytree(self.root, target, ignore=shutil.ignore_patterns(".git", "__pycache__"))
        return Project(target)

    def files(self) -> dict[str, bytes]:
        """Everything below the project's root, the git directory included, without Python's caches."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }


def succeed(done: Done) -> str:
    """What a command printed that must have done its work."""
    assert done.returncode == 0, f"{done.args} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def parents(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a chain as JSON says who follows whom, in its order."""
    return {link["revision"]: link["down_revision"] for chain in document["chains"] for link in chain["migrations"]}


def configuration(url: URL | str = "sqlite://", *, options: str = "", script: str = "migrations") -> dict[str, str]:
    """The files of `alembic init`, with models, and with a template that makes new migrations dynamic."""
    text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    environment = (_TEMPLATES / "env.py").read_text(encoding="utf-8")
    template = (_TEMPLATES / "script.py.mako").read_text(encoding="utf-8")
    return {
        "alembic.ini": "\n".join(
            [
                "[alembic]",
                f"script_location = %(here)s/{script}",
                "prepend_sys_path = .",
                "path_separator = os",
                f"sqlalchemy.url = {text.replace('%', '%%')}",
                options,
                _LOGGING,
            ]
        ),
        "models.py": models("users", "orders", "prices"),
        f"{script}/env.py": environment.replace("target_metadata = None", "from models import target_metadata"),
        f"{script}/script.py.mako": template.replace("${repr(down_revision)}", _DYNAMIC_IF_PLAIN).replace(
            "from alembic import op", "from alembic import op\nfrom gitlembic import get_down_revision"
        ),
    }


def models(*tables: str) -> str:
    """A module with the metadata that autogenerate compares the database with."""
    columns = 'Column("id", Integer, primary_key=True)'
    return "\n".join(
        [
            "from sqlalchemy import Column, Integer, MetaData, Table",
            "target_metadata = MetaData()",
            *(f'Table("{table}", target_metadata, {columns})' for table in tables),
            "",
        ]
    )


def table_migration(
    revision: str,
    table: str,
    down: Down = DYNAMIC,
    *,
    revises: str = BASE,
    create_date: str = "",
    location: str = LOCATION,
    library: str = "gitlembic",
) -> dict[str, str]:
    """A migration that creates a table: one file, named as Alembic names it."""
    source = migration_source(
        revision,
        down,
        revises=revises,
        create_date=create_date,
        message=f"create {table}",
        body=f'    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))',
        library=library,
    )
    downgrade = "def downgrade():\n"
    source = source.replace(f"{downgrade}    pass", f'{downgrade}    op.drop_table("{table}")')
    return {f"{location}/{revision}_create_{table}.py": source}


def three_tables(ada: Down = DYNAMIC, grace: Down = DYNAMIC, library: str = "gitlembic") -> dict[str, str]:
    """The migrations of `two_branches`."""
    return {
        **table_migration(BASE, "users", None, revises=""),
        **table_migration(ADA, "orders", ada, create_date="2026-02-02 00:00:00", library=library),
        **table_migration(GRACE, "prices", grace, create_date="2026-01-01 00:00:00", library=library),
    }


def two_branches(
    repository: RepositoryBuilder,
    url: URL | str = "sqlite://",
    *,
    library: str = "gitlembic",
    files: Mapping[str, str] | None = None,
    ignored: str = "",
) -> Project:
    """Main with the migrations of two branches, checked out; `files` takes the place of the configuration.

    base --- ada --- merge   main
         \\         /
          grace ---
    """
    users, orders, prices = (dict([item]) for item in three_tables(library=library).items())
    start = {**(configuration(url) if files is None else files), **users}
    if ignored:
        start[".gitignore"] = ignored
    repository.commit("base", [], start)
    repository.commit("ada", ["base"], orders, author="Ada <ada@example.org>")
    repository.commit("grace", ["base"], prices, author="Grace <grace@example.org>")
    repository.commit("merge", ["ada", "grace"], prices, author="Grace <grace@example.org>")
    repository.branch("grace", "grace")
    repository.checkout("merge")
    return Project(repository.root)


def link_worktree(repository: RepositoryBuilder, commit: str, root: Path) -> Project:
    """A linked worktree with a commit checked out, as `git worktree add --detach` makes it."""
    repository.checkout(commit, branch=None)
    shutil.copytree(repository.root, root, ignore=shutil.ignore_patterns(".git"))
    own = repository.root / ".git" / "worktrees" / root.name
    own.mkdir(parents=True)
    (own / "HEAD").write_text(f"{repository.ids[commit]}\n")
    (own / "commondir").write_text("../..\n")
    (own / "gitdir").write_text(f"{root / '.git'}\n")
    (root / ".git").write_text(f"gitdir: {own}\n")
    return Project(root)


def make_shallow(repository: RepositoryBuilder, *commits: str) -> None:
    """Cut the history below some commits, as `git clone --depth` does: nobody was there before to remember more."""
    shutil.rmtree(repository.root / CACHE, ignore_errors=True)
    lines = "".join(f"{repository.ids[commit]}\n" for commit in commits)
    (repository.root / ".git" / "shallow").write_text(lines)


@contextlib.contextmanager
def unchanged(project: Project) -> Iterator[None]:
    """Nothing below the project's root is written, the git directory included, save the cache."""
    before = project.files()
    yield
    after = project.files()
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    assert {path for path in changed if not path.startswith(CACHE)} == set()
