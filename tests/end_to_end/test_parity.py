"""Whoever types `gitlembic` where they typed `alembic` gets the same: codes, output, files, databases, env.py.

Where the two differ, it is meant, and listed below with the reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.command_lines import Start, lines_of, short_lines
from tests.support.parity import TEMPLATES, Setting, prepare, run_both

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.support.command_lines import CommandLine
    from tests.support.parity import Outcome


@dataclass(frozen=True)
class Meant:
    """A difference from Alembic that is wanted."""

    reason: str
    parts: frozenset[str]


_HELP = Meant("gitlembic's own page also has gitlembic's commands", frozenset({"stdout"}))
_OPTION = Meant("gitlembic adds an option", frozenset({"stdout"}))
_VERSION = Meant("the three versions that a report of a bug needs", frozenset({"stdout"}))
_FIRST_RUN = Meant("whoever types nothing but the name is shown the help", frozenset({"code", "stdout", "stderr"}))
_UNKNOWN = Meant("names the commands that are near, gitlembic's own too, instead of all", frozenset({"stderr"}))
_PLACE = Meant("names the file and what to do, where Alembic has a traceback", frozenset({"code", "stderr"}))
_BEFORE_IT_IS_MADE = Meant("says so before it begins a file", frozenset({"code", "stdout", "stderr"}))
_RAISED = Meant("raises the error that names the file", frozenset({"stderr"}))
_CYCLE = Meant(
    "a cycle is found before anything runs, with its files, in every command", frozenset({"code", "stdout", "stderr"})
)
_TWICE = Meant(
    "an id that is used twice is an error; Alembic warns, and takes one of the files",
    frozenset({"code", "stdout", "stderr"}),
)
_TWICE_ONLINE = Meant(
    f"{_TWICE.reason}, after it has connected", frozenset({*_TWICE.parts, "first.sqlite", "seen.jsonl"})
)
_NOT_MADE_TWICE = Meant(
    f"{_TWICE.reason}, so it is not made", frozenset({*_TWICE.parts, "migrations/versions/a100_.py"})
)

_NOT_IMPORTED = Meant("a migration that does not run is not imported", frozenset({"code", "stdout", "stderr"}))
_IMPORTED_LATER = Meant(
    f"{_PLACE.reason}; env.py has run, and nothing was written",
    frozenset({*_PLACE.parts, "first.sqlite", "seen.jsonl"}),
)
_UNTOUCHED = Meant("an upgrade that cannot begin makes no table of versions", frozenset({"first.sqlite"}))

_MEANT = {
    "": _FIRST_RUN,
    "--help": _HELP,
    "-h": _HELP,
    "--version": _VERSION,
    "--vers": _VERSION,
    "upgrade --help": _OPTION,
    "nosuch": _UNKNOWN,
    "nosuch --help": _UNKNOWN,
    "head": _UNKNOWN,
    "upgrad head": _UNKNOWN,
    "-c syntax.ini heads": _PLACE,
    "-c syntax.ini upgrade head": _PLACE,
    "--raiseerr -c syntax.ini heads": _RAISED,
    "-c raising.ini heads": _NOT_IMPORTED,
    "-c raising.ini upgrade head": _IMPORTED_LATER,
    "-c unnamed.ini upgrade head": _UNTOUCHED,
    "upgrade +9": _UNTOUCHED,
    "-c bare.ini revision -m new": _BEFORE_IT_IS_MADE,
    "revision --rev-id a100": _NOT_MADE_TWICE,
    "-c orphan.ini heads": _PLACE,
    "-c orphan.ini history": _PLACE,
    "-c orphan.ini upgrade head": _PLACE,
    "-c orphan.ini revision -m new": _PLACE,
    "-c orphan.ini current": _PLACE,
    "--raiseerr -c orphan.ini heads": _RAISED,
    "-c depending.ini heads": _PLACE,
    "-c depending.ini upgrade head": _PLACE,
    "-c cycle.ini heads": _PLACE,
    "-c cycle.ini upgrade head": _CYCLE,
    "--raiseerr -c cycle.ini heads": _RAISED,
    "-c own.ini heads": _PLACE,
    "-c twice.ini heads": _TWICE,
    "-c twice.ini upgrade head": _TWICE_ONLINE,
    "-c unreadable.ini heads": _PLACE,
    "-c duplicate.ini heads": _PLACE,
    "-c percent.ini heads": _PLACE,
    "-c separator.ini heads": _PLACE,
}
"""The differences, all of them but those of `init`, wherever the project is."""

_EXPLAINED = Meant("git knows where a revision is, or whose the heads are", frozenset({"stderr"}))

_MEANT_IN_A_REPOSITORY = dict.fromkeys(
    [
        "history -r nosuch:",
        "history -r a100:nosuch",
        "show d400:",
        "show head",
        "show head-1",
        "show nosuch",
        "upgrade head",
        "upgrade HEAD",
        "upgrade nosuch",
        "upgrade nosuch@head",
        "upgrade upgrade",
        "upgrade +1",
        "--raiseerr upgrade head",
        "--raiseerr upgrade nosuch",
        "--raise upgrade nosuch",
        "downgrade nosuch",
        "stamp head",
        "stamp -1",
        "stamp +1",
        "stamp nosuch",
        "EDITOR=cat edit head",
        "EDITOR=cat edit nosuch",
        "EDITOR=cat edit a100:c300",
        "revision -m new",
        "revision -m new --head nosuch",
        "revision -m new --head head-1 --splice",
        "revision -m new --depends-on nosuch",
        "merge nosuch d400",
    ],
    _EXPLAINED,
)
"""Those that Alembic stops for want of one revision, if it does: a line means several things in several projects."""

_STOPPED = ("Can't locate revision", "Multiple head", "Ambiguous walk")

_INIT = {
    "init migrations": "migrations/",
    "init deep/er/migrations": "deep/er/migrations/",
    "init .": "",
    "init ''": "",
    "init -t generic scripts": "scripts/",
    "init -t async scripts": "scripts/",
    "init --template multidb scripts": "scripts/",
    "init --templ=pyproject scripts": "scripts/",
    "init -tpyproject_async scripts": "scripts/",
    "init --package scripts": "scripts/",
    "init -- scripts": "scripts/",
    "-q init migrations": "migrations/",
    "-c other.ini init migrations": "migrations/",
    "-n other init migrations": "migrations/",
    "ALEMBIC_CONFIG=named.ini init migrations": "migrations/",
    "init elsewhere": "elsewhere/",
}
"""The lines that make a project, unless Alembic refuses, and where.

In a repository its new migrations are dynamic: the template is another. Whether they are is said on
stderr, if not to be quiet.
"""


_SECOND = frozenset({"-c raising.ini upgrade head", "-c twice.ini upgrade head"})
"""Where only one of the programs comes as far as the second of several databases."""


def _meant(text: str, setting: Setting, theirs: Outcome) -> frozenset[str]:
    if text not in _INIT or theirs.code:
        stopped = any(why in theirs.stdout + theirs.stderr for why in _STOPPED)
        explained = stopped and setting is not Setting.NO_REPOSITORY
        meant = (_MEANT_IN_A_REPOSITORY.get(text) if explained else None) or _MEANT.get(text)
        if meant is None and _NOT_CONFIGURED in theirs.stdout + theirs.stderr:
            return frozenset({"stderr"})
        return meant.parts if meant else frozenset()
    said = frozenset() if text.startswith("-q") else frozenset({"stderr"})
    return said if setting is Setting.NO_REPOSITORY else said | {f"{_INIT[text]}script.py.mako"}


_NOT_CONFIGURED = "No 'script_location' key found in configuration"
"""Where Alembic says so, gitlembic also says what configuration there is, and what to type."""

_IN_ANY_ORDER = {(Start.TIPS, "current"), (Start.TIPS, "current -v")}
"""Where Alembic prints a set of several revisions, in an order that changes from run to run."""


def _compare(template: str, lines: Mapping[Start, Sequence[CommandLine]], directory: Path, setting: Setting) -> None:
    """Everything that is not as the tables above say, at once."""
    projects = prepare(template, lines, directory / "starts", setting)
    cases = [(start, line) for start in lines for line in lines[start]]
    unexpected = {}
    outcomes = run_both([(projects[start], line) for start, line in cases], directory / "copies")
    for (start, line), (ours, theirs) in zip(cases, outcomes, strict=True):
        differences = ours.differences(theirs)
        if (start, line.text) in _IN_ANY_ORDER and Counter(ours.stdout) == Counter(theirs.stdout):
            differences.pop("stdout", None)
        if template == "multidb" and line.text in _SECOND:
            differences.pop("second.sqlite")
        if differences.keys() != _meant(line.text, setting, theirs):
            unexpected[start, line.text] = differences
    assert unexpected == {}


_HALVES = ([Start.MIDDLE], [start for start in Start if start is not Start.MIDDLE])
"""Equally long, for two processors."""


@pytest.mark.parametrize("starts", _HALVES, ids=["middle", "others"])
def test_generic(tmp_path: Path, starts: list[Start]) -> None:
    _compare("generic", {start: lines_of(start) for start in starts}, tmp_path, Setting.NO_REPOSITORY)


@pytest.mark.parametrize("template", TEMPLATES[1:])
def test_other_templates(tmp_path: Path, template: str) -> None:
    _compare(template, short_lines(), tmp_path, Setting.NO_REPOSITORY)


@pytest.mark.full
@pytest.mark.parametrize("start", Start)
@pytest.mark.parametrize("template", TEMPLATES[1:])
def test_everything_on_other_templates(tmp_path: Path, template: str, start: Start) -> None:
    _compare(template, {start: lines_of(start)}, tmp_path, Setting.NO_REPOSITORY)


_COMMITTED = {
    Setting.STATIC: {Start.NOTHING, Start.EMPTY, Start.MIDDLE, Start.TOP, Start.FORK, Start.TIPS, Start.BROKEN},
    Setting.DYNAMIC: {Start.EMPTY, Start.MIDDLE, Start.TOP},  # branches and broken ones are static
}


@pytest.mark.parametrize("setting", _COMMITTED)
def test_in_a_repository(tmp_path: Path, setting: Setting) -> None:
    lines = {start: lines for start, lines in short_lines().items() if start in _COMMITTED[setting]}
    _compare("generic", lines, tmp_path, setting)


@pytest.mark.full
@pytest.mark.parametrize(
    ("setting", "start"),
    [(setting, start) for setting in _COMMITTED for start in Start if start in _COMMITTED[setting]],
)
def test_everything_in_a_repository(tmp_path: Path, setting: Setting, start: Start) -> None:
    _compare("generic", {start: lines_of(start)}, tmp_path, setting)


def test_the_table_is_what_it_says() -> None:
    everything = {start: [line.text for line in lines_of(start)] for start in Start}
    assert sum(map(len, everything.values())) >= 150
    for start, texts in everything.items():
        assert len(texts) == len(set(texts))
        assert {line.text for line in short_lines().get(start, ())} <= {*texts}
    assert sum(map(len, short_lines().values())) == 20
    meant = _MEANT.keys() | _MEANT_IN_A_REPOSITORY.keys() | _INIT.keys()
    assert meant <= {text for texts in everything.values() for text in texts}
