"""Scripts read from their sources are what Alembic makes by importing them, and their map is Alembic's."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import Revision, RevisionMap
from hypothesis import example, given
from hypothesis import strategies as st

from gitlembic.adapters.alembic_project import project_of
from gitlembic.adapters.lazy_scripts import LazyScript, LinearRevisionMap, ScriptReader
from gitlembic.commands.resolve import resolve
from gitlembic.core.chain import Link
from gitlembic.core.migration import Migration, PlacedMigration
from gitlembic.core.migration_source import parse_migration
from gitlembic.errors import BrokenInputError
from tests.support.migrations import migration_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Declared = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""A revision: its name, its parents, what it depends on, its labels."""


@st.composite
def graphs(draw: st.DrawFn) -> list[Declared]:
    """Chains with branches, merges, several bases, dependencies and labels, in any order of files."""
    names = draw(st.lists(st.text("abcd", min_size=4, max_size=6), unique=True, max_size=9))
    declared = []
    for number, name in enumerate(names):
        parents, needed = (
            tuple(draw(st.lists(st.sampled_from(names[:number]), unique=True, max_size=most))) if number else ()
            for most in (2, 1)
        )
        labels = (f"label-{name}",) if draw(st.integers(0, 5)) == 0 else ()
        declared.append((name, parents, needed, labels))
    return draw(st.permutations(declared))


def _both(declared: list[Declared]) -> tuple[RevisionMap, RevisionMap]:
    def load() -> list[Revision]:
        return [Revision(name, parents, needed, labels) for name, parents, needed, labels in declared]

    return RevisionMap(load), LinearRevisionMap(load)


def _answer(ask: Callable[[], Any]) -> Any:
    """What comes back, or what goes wrong."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            answer = ask()
        except Exception as error:  # noqa: BLE001 -- Alembic's own must be the same, whatever it is
            answer = type(error), str(error)
    return answer, [str(warning.message) for warning in warned]


@given(graphs(), st.data())
def test_the_map_is_alembics(declared: list[Declared], data: st.DataObject) -> None:
    theirs, ours = _both(declared)
    names = sorted(name for name, *_ in declared)
    some = tuple(data.draw(st.lists(st.sampled_from(names), unique=True))) if names else ()

    def ask(revisions: RevisionMap) -> list[Any]:
        return [
            [name for name in revisions._revision_map if name in names],
            {name: revision and revision.revision for name, revision in revisions._revision_map.items()},
            revisions.heads,
            revisions._real_heads,
            revisions.bases,
            revisions._real_bases,
            {name: sorted(revision.branch_labels) for name, revision in revisions._revision_map.items() if revision},
            [revision.revision for revision in revisions.iterate_revisions("heads", "base", inclusive=True)],
            sorted(
                revision.revision for revision in revisions._get_all_current(some) if isinstance(revision, Revision)
            ),
        ]

    assert _answer(lambda: ask(ours)) == _answer(lambda: ask(theirs))


@given(graphs(), st.data())
def test_the_heads_of_any_set_are_alembics(declared: list[Declared], data: st.DataObject) -> None:
    names = sorted(name for name, *_ in declared)
    some = sorted(data.draw(st.sets(st.sampled_from(names)))) if names else []
    theirs, ours = (
        {getattr(revision, "revision", None) for revision in one._filter_into_branch_heads(map(one.get_revision, some))}
        for one in _both(declared)
    )
    assert theirs == ours


@pytest.mark.parametrize(
    "declared",
    [
        [("aaaa", ("bbbb",), (), ()), ("bbbb", ("aaaa",), (), ())],
        [("aaaa", (), (), ()), ("bbbb", ("cccc",), (), ())],
        [("aaaa", (), (), ()), ("aaaa", (), (), ()), ("bbbb", ("aaaa",), (), ())],
        [("aaaa", (), (), ()), ("dddd", ("cccc",), (), ()), ("cccc", ("dddd",), (), ())],
        [("aaaa", (), (), ()), ("bbbb", ("aaaa", "cccc"), (), ()), ("cccc", ("bbbb",), (), ())],
        [("aaaa", (), ("bbbb",), ()), ("bbbb", ("aaaa",), (), ())],
    ],
    ids=["cycle", "absent", "twice", "cycle-beside", "cycle-of-a-merge", "cycle-of-dependencies"],
)
def test_a_broken_map_is_broken_as_alembics(declared: list[Declared]) -> None:
    theirs, ours = _both(declared)
    assert _answer(lambda: ours.heads) == _answer(lambda: theirs.heads)


@given(st.text("ab \t\n", max_size=20))
@example("\n    add x\n\n      Revises: a\n    ")
@example("add x\n\n    Revises: a\n")
@example("\t add\n  x\n")
def test_the_docstring_is_what_python_makes_of_it(text: str) -> None:
    source = f'"""{text}"""\nrevision = "a"\ndown_revision = None\n'
    module: dict[str, Any] = {}
    exec(compile(source, "a.py", "exec"), module)  # noqa: S102 -- to hold against it
    assert LazyScript(_link(source), "a.py", _never).longdoc == module["__doc__"].strip()


def _link(source: str) -> Link:
    migration = parse_migration(source.encode())
    assert isinstance(migration, Migration)
    return Link(PlacedMigration("a.py", migration), migration.parents)


def _never(path: str, link: Link) -> Script | None:
    raise AssertionError(path, link)


def _directory(root: Path, *locations: str, recursive: bool = False) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", os.fspath(root))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(os.fspath(root / location) for location in locations))
    config.set_main_option("recursive_version_locations", str(recursive).lower())
    return ScriptDirectory.from_config(config)


def _read(directory: ScriptDirectory) -> list[Script]:
    return list(ScriptReader(directory, resolve(project_of(directory)), lambda: None).read())


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize(
    "locations", [["a"], ["a", "b"], ["b", "a"], ["a", "a/below"], ["a", "a"], ["linked", "b"], ["a", "nowhere"]]
)
def test_the_files_are_alembics_in_its_order(tmp_path: Path, locations: list[str], *, recursive: bool) -> None:
    names = ["a/z.py", "a/b.py", "a/below/y.py", "a/below/deep/a.py", "a/Below/x.py", "b/a.py", "b/sub/a.py"]
    for number, name in enumerate(names):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(migration_source(f"rev{number}", None, message=f"m{number}"))
    (tmp_path / "elsewhere.py").write_text(migration_source("elsewhere", None))
    (tmp_path / "b/link.py").symlink_to(tmp_path / "elsewhere.py")
    (tmp_path / "a/linked").symlink_to(tmp_path / "b")
    (tmp_path / "linked").symlink_to(tmp_path / "a")
    (tmp_path / "a/__init__.py").write_text("")
    (tmp_path / "a/__pycache__").mkdir()
    (tmp_path / "a/__pycache__/c.py").write_text("")
    (tmp_path / "a/notes.txt").write_text("")
    directory = _directory(tmp_path, *locations, recursive=recursive)

    def described(scripts: list[Script]) -> list[tuple[Any, ...]]:
        return [(script.path, script.revision, script.down_revision, script.doc, script.longdoc) for script in scripts]

    ours = _answer(lambda: described([script for script in _read(directory) if isinstance(script, LazyScript)]))
    assert ours == _answer(lambda: described(list(directory._load_revisions())))
    assert len(ours[0]) >= 2


@pytest.mark.parametrize(
    "declared",
    [
        'revision = "a"\ndown_revision = None\nbranch_labels = tuple(["x"])\n',
        'revision = "a"\ndown_revision = None\ndepends_on = None or ()\n',
        'revision = "a"\ndown_revision = None\n__doc__ = "computed"\n',
        'from os.path import *\nrevision = "a"\ndown_revision = None\n',
    ],
)
def test_what_is_not_literal_is_imported_at_once(tmp_path: Path, declared: str) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions/a.py").write_text(f'"""written"""\n{declared}')
    directory = _directory(tmp_path, "versions")
    (ours,), (theirs,) = _read(directory), directory._load_revisions()
    assert type(ours) is Script
    assert (ours.doc, ours.branch_labels, ours.dependencies) == (theirs.doc, theirs.branch_labels, theirs.dependencies)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("return 1", "SyntaxError: 'return' outside function (a.py, line 4)"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_what_cannot_be_imported_is_named_with_its_line(tmp_path: Path, line: str, error: str) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions/a.py").write_text(f'revision = "a"\ndown_revision = None\n\n{line}\n')
    (script,) = _read(_directory(tmp_path, "versions"))
    with pytest.raises(BrokenInputError) as raised:
        _ = script.module
    assert raised.value.message.endswith(f"versions/a.py:4: {error}")
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ("revision='b'", "has revision 'b' when it is imported, but 'a' in its source"),
        ("down_revision=('b', 'c')", "has down_revision ('b', 'c') when it is imported, but None in its source"),
        ("branch_labels='x'", "has branch_labels ('x',) when it is imported, but () in its source"),
        ("depends_on='b'", "has depends_on 'b' when it is imported, but None in its source"),
    ],
)
def test_a_module_that_contradicts_its_source_is_refused(tmp_path: Path, sets: str, message: str) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions/a.py").write_text(f'revision = "a"\ndown_revision = None\nglobals().update({sets})\n')
    (script,) = _read(_directory(tmp_path, "versions"))
    with pytest.raises(BrokenInputError) as raised:
        _ = script.module
    assert raised.value.message.endswith(f"versions/a.py {message}")


@pytest.mark.parametrize("name", ["branch_labels", "depends_on"])
@pytest.mark.parametrize("value", ["", [], ()])
def test_an_empty_text_declares_nothing(tmp_path: Path, name: str, value: object) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions/a.py").write_text(f'revision = "a"\ndown_revision = None\n{name} = {value!r}\n')
    (script,) = _read(_directory(tmp_path, "versions"))
    assert isinstance(script, LazyScript)
    assert script.module.revision == "a"


def test_an_alembic_without_the_hook_loads_in_its_own_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions/a.py").write_text(migration_source("a", None))
    directory = _directory(tmp_path, "versions")
    loaded = list(directory._load_revisions())
    monkeypatch.delattr(Script, "_from_path")
    monkeypatch.setattr(directory, "_load_revisions", lambda: loaded)
    assert _read(directory) == loaded
