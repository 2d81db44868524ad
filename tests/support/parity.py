"""Runs command lines through gitlembic and Alembic in copies of one project, and keeps what each did."""

from __future__ import annotations

import re
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from gitlembic.core.added_options import ADDED_OPTIONS
from tests.support.command_lines import BROKEN_INI, BROKEN_MIGRATIONS, Start
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.player import Step, play, sealed_environment
from tests.support.projects import models, succeed
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tests.support.command_lines import CommandLine, Planned
    from tests.support.migrations import Down
    from tests.support.projects import Done

PROGRAMS = ("gitlembic", "alembic")
TEMPLATES = ("generic", "async", "multidb", "pyproject", "pyproject_async")

SAME_ENVIRONMENT = {"COLUMNS": "10000"}
"""Usage is wrapped where the length of the program's name makes it so."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")
_ADDED = re.compile(
    "|".join(rf" \[{name}\]" for options in ADDED_OPTIONS.values() for option in options for name in option.names)
)
"""In a line of usage."""

_FRAMES = re.compile(r"^(Traceback .*\n)(?: .*\n)+", re.MULTILINE)
_TRACEBACK_FILE = re.compile(r"(?<=see )/\S+(?= for a template-oriented traceback)")
_SEEN = "seen.jsonl"

_WATCH = f"""
def _watch():
    import json
    from alembic import command, context

    def answer(ask, *arguments, **options):
        try:
            return ask(*arguments, **options)
        except Exception as error:
            return repr(error)

    config = context.config
    options = dict(vars(config.cmd_opts))
    function, positional, keywords = options.pop("cmd")
    seen = {{
        "function": [function.__qualname__, getattr(command, function.__name__, None) is function],
        "arguments": [positional, keywords],
        "cmd_opts": options,
        "type": repr(type(config.cmd_opts)),
        "x": answer(context.get_x_argument),
        "x_dictionary": answer(context.get_x_argument, as_dictionary=True),
        "revision": answer(context.get_revision_argument),
        "starting": answer(context.get_starting_revision_argument),
        "heads": sorted(context.get_head_revisions()),
        "head": answer(context.get_head_revision),
        "tag": answer(context.get_tag_argument),
        "offline": context.is_offline_mode(),
        "section": config.config_ini_section,
        "files": [config.config_file_name, config.toml_file_name],
        "url": config.get_main_option("sqlalchemy.url"),
        "attributes": sorted(config.attributes),
        "messaging": dict(config.messaging_opts),
    }}
    with open("{_SEEN}", "a") as file:
        file.write(json.dumps(seen) + "\\n")


_watch()
"""
"""Put before everything in env.py: writes down what it is told."""

_HOOK = "import sys\nwith open(sys.argv[1], 'a') as file:\n    file.write('# ' + ' '.join(sys.argv[2:]) + '\\n')\n"
_HOOKS = f"""
[post_write_hooks]
hooks = first, second
first.type = exec
first.executable = {sys.executable}
first.options = hook.py REVISION_SCRIPT_FILENAME first
second.type = module
second.module = hook
second.options = REVISION_SCRIPT_FILENAME second
second.cwd = %(here)s
"""


class Setting(Enum):
    """What git has of the project."""

    NO_REPOSITORY = "static migrations, and no repository"
    STATIC = "static migrations, committed"
    DYNAMIC = "dynamic ones after the first, committed: for plain Alembic they ask gitlembic"


@dataclass(frozen=True)
class Outcome:
    """What one command line did: how it ended, what it printed, and the files that it left.

    The databases are among the files, as the SQL that makes them, and so is what env.py saw.
    """

    code: int
    stdout: str
    stderr: str
    files: Mapping[str, str]

    def differences(self, other: Outcome) -> dict[str, tuple[object, object]]:
        """The parts that are not the same, by name: this one's, and the other's."""
        mine = {"code": self.code, "stdout": self.stdout, "stderr": self.stderr, **self.files}
        yours = {"code": other.code, "stdout": other.stdout, "stderr": other.stderr, **other.files}
        return {
            part: (mine.get(part), yours.get(part)) for part in {**mine, **yours} if mine.get(part) != yours.get(part)
        }


def prepare(
    template: str, starts: Iterable[Start], directory: Path, setting: Setting = Setting.NO_REPOSITORY
) -> dict[Start, Path]:
    """A project for each start, as `alembic init -t` made it, with the migrations and databases of that start."""
    fresh = directory / "fresh"
    fresh.mkdir(parents=True)
    environment = sealed_environment(directory, **SAME_ENVIRONMENT)
    for done in play([Step("alembic", ("init", "-t", template, "migrations"), fresh)], environment):
        succeed(done)
    _configure(fresh)
    projects = {}
    for start in starts:
        projects[start] = directory / start.name.lower()
        if start is Start.NOTHING:
            projects[start].mkdir()
            if setting is not Setting.NO_REPOSITORY:
                RepositoryBuilder(projects[start]).close()
            continue
        shutil.copytree(fresh, projects[start])
        for revision, planned in start.graph.items():
            path = projects[start] / "migrations" / "versions" / f"{revision}_create_{planned.table}.py"
            dynamic = setting is Setting.DYNAMIC and planned.down is not None
            path.write_text(_source(revision, planned, DYNAMIC if dynamic else planned.down), encoding="utf-8")
        if start is Start.BROKEN:
            _break(projects[start])
        if setting is not Setting.NO_REPOSITORY:
            _commit(projects[start])
    upgrades = [
        Step("alembic", ("upgrade", revision), project)
        for start, project in projects.items()
        for revision in start.applied
    ]
    for done in play(upgrades, environment):
        succeed(done)
    for project in projects.values():
        (project / _SEEN).unlink(missing_ok=True)
    return projects


def _configure(project: Path) -> None:
    """Databases, models, an env.py that writes down what it sees, and more files of configuration."""
    ini = project / "alembic.ini"
    environment = project / "migrations" / "env.py"
    env_py = environment.read_text(encoding="utf-8")
    driver = "sqlite+aiosqlite" if "async_engine" in env_py else "sqlite"
    text = ini.read_text(encoding="utf-8")
    for placeholder, name in (("dbname2", "second"), ("dbname", "first")):
        text = text.replace(f"driver://user:pass@localhost/{placeholder}", f"{driver}:///{name}.sqlite")
    elsewhere = text.replace(":///", ":///other-")
    section = elsewhere.partition("[alembic]\n")[2].partition("\n[")[0]
    ini.write_text(f"{text}\n[other]\n{section}\n", encoding="utf-8")
    without_hooks = text.replace("[post_write_hooks]", "[unused]")
    files = {
        "other.ini": elsewhere,
        "extended.ini": _with_option(text, "prepend_sys_path", "extended"),
        "environment.ini": _with_option(text, "revision_environment", "true"),
        "hooked.ini": without_hooks + _HOOKS,
        "several.ini": _with_option(
            _with_option(text, "version_locations", "%(here)s/migrations/versions;%(here)s/more"),
            "path_separator",
            ";",
        ),
        "sub/pyproject.toml": '[tool.alembic]\nscript_location = "%(here)s/../migrations"\nprepend_sys_path = ["."]\n',
        "models.py": models("users", "orders", "prices", "refunds"),
        "extended/models.py": models("users", "orders", "prices", "refunds", "coupons"),
        "hook.py": _HOOK,
        "more/.keep": "",
    }
    _write(project, files)
    env_py = env_py.replace("target_metadata = None", "from models import target_metadata")
    env_py = env_py.replace(
        "target_metadata = {}",
        "import models\ntarget_metadata = dict.fromkeys(['engine1', 'engine2'], models.target_metadata)",
    )
    environment.write_text(_WATCH + env_py, encoding="utf-8")


def _break(project: Path) -> None:
    """More files of configuration: each has something wrong with it, or leads to it."""
    text = (project / "alembic.ini").read_text(encoding="utf-8")
    files = {f"{name}.ini": content for name, content in BROKEN_INI.items()}
    for name, migrations in BROKEN_MIGRATIONS.items():
        files[f"{name}.ini"] = _with_option(text, "version_locations", f"%(here)s/broken/{name}")
        files |= {f"broken/{name}/{file}": source for file, source in {".keep": "", **migrations}.items()}
    _write(project, files)


def _write(project: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def _with_option(ini: str, name: str, value: str) -> str:
    without = re.sub(rf"^{name}\s*=.*\n", "", ini, flags=re.MULTILINE)
    return without.replace("[alembic]\n", f"[alembic]\n{name} = {value}\n", 1)


def _commit(project: Path) -> None:
    files = {path.relative_to(project).as_posix(): path.read_bytes() for path in project.rglob("*") if path.is_file()}
    with closing(RepositoryBuilder(project)) as repository:
        repository.commit("start", [], files)
        repository.branch("main", "start")


def _source(revision: str, planned: Planned, down: Down) -> str:
    source = migration_source(
        revision,
        down,
        revises=planned.down if isinstance(planned.down, str) else "",
        labels=planned.labels,
        depends_on=planned.depends_on,
        create_date="2026-01-01 00:00:00",
        message=f"create {planned.table}",
        body=f'    op.create_table("{planned.table}", sa.Column("id", sa.Integer, primary_key=True))',
    )
    downgrade = "def downgrade():\n"
    source = source.replace(f"{downgrade}    pass", f'{downgrade}    op.drop_table("{planned.table}")')
    return source.replace("grade():", 'grade(engine_name=""):')  # which multidb passes


def run_both(cases: Sequence[tuple[Path, CommandLine]], directory: Path) -> list[tuple[Outcome, Outcome]]:
    """What gitlembic and Alembic do with each of the lines, every time in a fresh copy of the line's project."""
    steps = []
    for number, (project, line) in enumerate(cases):
        for program in PROGRAMS:
            copy = directory / f"{number}{program[0]}"
            shutil.copytree(project, copy)
            steps.append(Step(program, line.argv, copy, line.environment))
    played = play(steps, sealed_environment(directory, **SAME_ENVIRONMENT))
    outcomes = [_outcome(done, step) for done, step in zip(played, steps, strict=True)]
    return [*zip(outcomes[::2], outcomes[1::2], strict=True)]


def plain(text: str, program: str, project: Path) -> str:
    """What a program printed or wrote, without what must differ.

    That is: names, dates, whose frames a traceback has, and the options that gitlembic adds.
    """
    text = _ADDED.sub("", text.replace(f"{project}", "PROJECT"))
    text = re.sub(rf"^(usage: )?{program}(?=[ :])", r"\1PROGRAM", text, flags=re.MULTILINE)
    return _FRAMES.sub(r"\1", _TRACEBACK_FILE.sub("FILE", _DATE.sub("DATE", text)))


def _outcome(done: Done, step: Step) -> Outcome:
    files = {
        path.relative_to(step.directory).as_posix(): plain(_content(path), step.program, step.directory)
        for path in sorted(step.directory.rglob("*"))
        if path.is_file() and not {".git", "__pycache__"} & {*path.parts}
    }
    return Outcome(
        done.returncode,
        plain(done.stdout, step.program, step.directory),
        plain(done.stderr, step.program, step.directory),
        files,
    )


def _content(path: Path) -> str:
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as database:
            return "\n".join(database.iterdump())
    return path.read_bytes().decode(errors="backslashreplace")
