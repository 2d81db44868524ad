"""What `graph` knows of births without a walk: those that were found before, and who is not committed."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.alembic_project import load_project
from gitlembic.commands.births import keep_births
from gitlembic.commands.resolve import resolve
from tests.support.projects import BASE, CACHE, Project, configuration, succeed, table_migration

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.repositories import RepositoryBuilder

ONE, TWO, NEW = "0ace00000001", "0ace00000002", "0ace00000003"


@pytest.fixture
def project(repository: RepositoryBuilder) -> Project:
    """A static project: base --- one --- two, main at one."""
    repository.commit("base", [], {**configuration(), **table_migration(BASE, "users", None, revises="")})
    repository.commit("one", ["base"], table_migration(ONE, "one", BASE))
    repository.commit("two", ["one"], table_migration(TWO, "two", ONE))
    repository.commit("other", ["base"], table_migration(TWO, "two", BASE))
    repository.checkout("one")
    return Project(repository.root)


def _graph(project: Project, *options: str) -> dict[str, tuple[str | None, bool]]:
    """The commit of each birth, as far as it is shown, and whether the migration is marked as not committed."""
    document = json.loads(succeed(project.gitlembic("graph", "--format", "json", *options)))
    marks = {row["revision"]: row["marks"] for row in document["rows"]}
    return {
        link["revision"]: (link["born"] and link["born"]["commit"], "uncommitted" in marks[link["revision"]])
        for link in document["chains"][0]["migrations"]
    }


def _versions(project: Project) -> Path:
    return project.root / "migrations" / "versions"


def test_births_are_found_once_and_stay_while_the_line_grows(project: Project, repository: RepositoryBuilder) -> None:
    base, one = repository.ids["base"], repository.ids["one"]
    assert _graph(project) == {BASE: (None, False), ONE: (None, False)}
    assert _graph(project, "--births") == _graph(project) == {BASE: (base, False), ONE: (one, False)}
    assert project.chain()["chains"][0]["migrations"][0]["born"] is None  # that is as it was, whatever was asked before
    repository.checkout("two")
    for _ in range(2):
        assert _graph(project) == {BASE: (base, False), ONE: (one, False), TWO: (None, False)}
    repository.checkout("other")  # which has them of a line of its own
    assert _graph(project) == {BASE: (None, False), TWO: (None, False)}


def test_who_was_deleted_and_came_back_is_born_again(project: Project, repository: RepositoryBuilder) -> None:
    base = repository.ids["base"]
    repository.commit("gone", ["one"], dict.fromkeys(table_migration(ONE, "one", BASE)))
    repository.commit("back", ["gone"], table_migration(ONE, "one", BASE))
    _graph(project, "--births")
    repository.checkout("back")
    assert _graph(project) == {BASE: (base, False), ONE: (None, False)}
    assert _graph(project, "--births") == _graph(project)
    assert _graph(project)[ONE] == (repository.ids["back"], False)


def test_births_of_another_commit_are_not_kept(project: Project, repository: RepositoryBuilder) -> None:
    alembic = load_project(["-c", os.fspath(project.root / "alembic.ini")])
    resolution = resolve(alembic, all_births=True)
    repository.checkout("other")  # somebody switches meanwhile
    keep_births(alembic, resolution)
    assert not [*(project.root / CACHE).glob("births-*")]


def test_losing_them_is_no_harm(project: Project) -> None:
    expected = _graph(project, "--births")
    for path in (project.root / CACHE).glob("births-*.json"):
        path.write_text("[]")
    assert [known for known, _ in _graph(project).values()] == [None, None]
    shutil.rmtree(project.root / CACHE)
    assert _graph(project, "--births") == expected


def test_who_is_not_committed_is_marked_in_a_static_project(project: Project) -> None:
    project.write(table_migration(NEW, "new", ONE))
    for options in ((), ("--births",), ()):
        marked = {revision: uncommitted for revision, (_, uncommitted) in _graph(project, *options).items()}
        assert marked == {BASE: False, ONE: False, NEW: True}, options


def test_a_renamed_file_is_committed_still(project: Project) -> None:
    (path,) = _versions(project).glob(f"{ONE}*")
    path.rename(path.with_name("renamed.py"))
    assert [uncommitted for _, uncommitted in _graph(project).values()] == [False, False]


def test_a_location_that_is_being_moved_is_committed_still(project: Project) -> None:
    project.write(table_migration(TWO, "two", ONE))
    _versions(project).rename(project.root / "moved")
    configured = project.root / "alembic.ini"
    configured.write_text(configured.read_text().replace("[alembic]\n", "[alembic]\nversion_locations = moved\n", 1))
    graph = _graph(project)
    assert {revision: uncommitted for revision, (_, uncommitted) in graph.items()} == {
        BASE: False,
        ONE: False,
        TWO: True,
    }


def test_what_a_merge_brings_is_committed(project: Project, repository: RepositoryBuilder) -> None:
    project.write(table_migration(TWO, "two", ONE))
    assert _graph(project)[TWO] == (None, True)
    (project.root / ".git" / "MERGE_HEAD").write_text(f"{repository.ids['two']}\n")
    assert _graph(project)[TWO] == (None, False)


def test_before_the_first_commit_nothing_is(repository: RepositoryBuilder) -> None:
    project = Project(repository.root)
    project.write({**configuration(), **table_migration(BASE, "users", None, revises="")})
    assert _graph(project) == {BASE: (None, True)}


def test_a_repository_that_cannot_be_read_costs_the_births_only(
    project: Project, repository: RepositoryBuilder
) -> None:
    head = repository.ids["one"]
    objects = project.root / ".git" / "objects"
    (objects / head[:2] / head[2:]).unlink()
    assert _graph(project) == {BASE: (None, False), ONE: (None, False)}
