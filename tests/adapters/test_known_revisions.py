"""The revisions for completion: from what the last run left, and from files that it did not see."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gitlembic.adapters import known_revisions
from gitlembic.adapters.configured_locations import ConfiguredLocations
from gitlembic.adapters.known_revisions import read_known_revisions
from tests.support.migrations import migration_source
from tests.support.projects import ADA, BASE, GRACE, LOCATION, Project, succeed, two_branches

if TYPE_CHECKING:
    import pytest

    from tests.support.repositories import RepositoryBuilder


def _known(project: Project, typed: str = "", *, location: str = LOCATION, recursive: bool = False) -> list[str]:
    locations = ConfiguredLocations((project.root / location,), recursive)
    return [known.revision for known in read_known_revisions(locations, typed)]


def _set_age(project: Project, name: str, seconds: int) -> None:
    (path,) = (project.root / LOCATION).glob(f"{name}*.py")
    os.utime(path, (2_000_000_000 - seconds,) * 2)


def test_files_that_no_run_has_seen_are_parsed_the_last_changed_first(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    for age, revision in enumerate((ADA, BASE, GRACE)):
        _set_age(project, revision, age)
    assert _known(project) == [ADA, BASE, GRACE]
    assert _known(project, GRACE[:5])[0] == GRACE


def test_parsing_ends_when_it_takes_too_long(repository: RepositoryBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    project = two_branches(repository)
    monkeypatch.setattr(known_revisions, "_SECONDS", -1)
    assert _known(project) == []
    succeed(project.gitlembic("chain"))
    assert _known(project) == [GRACE, ADA, BASE]


def test_the_chain_backwards_after_files_that_it_lacks(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    succeed(project.gitlembic("chain"))
    project.write({f"{LOCATION}/new.py": migration_source("fff", labels=("billing",), message="add\nmore")})
    found = read_known_revisions(ConfiguredLocations((project.root / LOCATION,), recursive=False), "")
    assert [known.revision for known in found] == ["fff", GRACE, ADA, BASE]
    assert found[0] == ("fff", "add\nmore", ("billing",), True)
    assert found[1] == (GRACE, "create prices", (), True)
    assert not found[-1].is_dynamic


def test_files_that_are_gone_are_not_offered(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    succeed(project.gitlembic("chain"))
    next((project.root / LOCATION).glob(f"{GRACE}*")).unlink()
    assert _known(project) == [ADA, BASE]


def test_other_projects_of_the_repository_do_not_matter(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    project.write({"other/new.py": migration_source("fff"), "other/__init__.py": "", "other/broken.py": "revision ="})
    succeed(project.gitlembic("chain"))
    assert _known(project, location="other") == ["fff"]
    assert _known(project, location="nowhere") == []


def test_below_the_location_only_where_it_is_recursive(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    project.write({f"{LOCATION}/below/new.py": migration_source("fff")})
    assert "fff" not in _known(project)
    assert "fff" in _known(project, recursive=True)


def test_without_a_repository(repository: RepositoryBuilder) -> None:
    project = two_branches(repository).copy_without_git("copy")
    assert sorted(_known(project)) == sorted([ADA, BASE, GRACE])


def test_without_locations_what_was_seen_last(repository: RepositoryBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    project = two_branches(repository)
    monkeypatch.chdir(project.root)
    assert read_known_revisions(None, "") == ()
    succeed(project.gitlembic("chain"))
    assert [known.revision for known in read_known_revisions(None, "")] == [GRACE, ADA, BASE]


def test_nothing_is_written(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    before = project.files()
    _known(project)
    assert project.files() == before
