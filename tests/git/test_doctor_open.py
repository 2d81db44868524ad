"""What doctor --open finds on the branches beside a checkout."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from dulwich.objects import ObjectID
from dulwich.refs import Ref

from gitlembic.commands.doctor import examine
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.projects import LOCATION, configuration

if TYPE_CHECKING:
    from gitlembic.doctor.finding import Finding
    from tests.support.migrations import Down
    from tests.support.repositories import RepositoryBuilder

_DAY = 86400
_USERS = "    op.add_column('users', sa.Column('name', sa.Text()))"
_AGE = "    op.add_column('users', sa.Column('age', sa.Integer()))"


def _file(revision: str, down: Down, *, revises: str = "", body: str = "    pass") -> dict[str, str]:
    return {f"{LOCATION}/{revision}.py": migration_source(revision, down, revises=revises, body=body)}


@pytest.fixture
def repository(repository: RepositoryBuilder) -> RepositoryBuilder:
    """main with a1; on topic, checked out, b2 follows it.

    base             main
       \\
        b            topic
    """
    repository.commit("base", [], {**configuration(), **_file("a1", None)})
    repository.commit("b", ["base"], _file("b2", "a1", body=_USERS))
    repository.branch("main", "base")
    repository.checkout("b", "topic")
    return repository


def _found(repository: RepositoryBuilder, *against: str) -> dict[str, Finding]:
    """By code and revision."""
    options = ["-c", os.fspath(repository.root / "alembic.ini")]
    diagnosis = examine(options, select=(), ignore=(), against=against, with_open=True)
    assert diagnosis.skipped == ()
    return {f"{found.check.code} {found.finding.revision}": found.finding for found in diagnosis.found}


def _remote(repository: RepositoryBuilder, name: str, commit: str) -> None:
    repository.repo.refs[Ref(b"refs/remotes/origin/" + name.encode())] = ObjectID(repository.ids[commit].encode())


def test_branches_that_bring_nothing(repository: RepositoryBuilder) -> None:
    """Merged, squash-merged, without migrations, or the remote side of the branch that is checked out."""
    repository.commit("docs", ["base"], {"README": "x"})
    repository.commit("same", ["base"], _file("b2", "a1", body=_USERS))
    repository.commit("pushed", ["b"], _file("c3", "b2"))
    for name in ("docs", "same"):
        repository.branch(name, name)
    _remote(repository, "topic", "pushed")
    assert _found(repository) == {}


def test_a_branch_that_follows_the_same_migration(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["base"], _file("c3", "a1"), author="Grace <grace@example.org>")
    repository.branch("other", "c")
    (finding,) = _found(repository).values()
    assert finding.severity.value == "warning"
    assert finding.message == (
        "other (Grace, 2023-11-14) adds a migration too: c3; c3 follows a1, as b2 does, so whoever is merged second "
        "stands beside the line"
    )
    assert _found(repository, "other").keys() == {"GL110 c3", "GL111 b2"}  # what is compared with is no news


def test_a_dynamic_migration_gets_in_nobodys_way(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["base"], _file("c3", DYNAMIC, revises="a1"))
    repository.branch("other", "c")
    (finding,) = _found(repository).values()
    assert (finding.severity.value, finding.revision, finding.commit) == ("info", "c3", repository.ids["c"])
    assert finding.cure == "nothing; they follow one another in the order in which they are merged"


def test_static_migrations_of_two_other_branches_do_not_follow_one_another(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["base"], {**_file("c3", "a1"), **_file("d4", "c3")})
    repository.branch("other", "c")
    repository.checkout("base", "main")
    found = _found(repository)
    assert found.keys() == {"GL112 b2", "GL112 c3"}
    for finding in found.values():
        assert finding.cure.startswith("nothing if it is merged before anything else follows a1; or else merge that")


def test_the_same_table_and_the_same_column(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["base"], _file("c3", DYNAMIC, revises="a1", body=_AGE))
    repository.commit("d", ["base"], _file("d4", DYNAMIC, revises="a1", body=_USERS))
    _remote(repository, "c", "c")
    _remote(repository, "d", "d")
    found = _found(repository)
    assert found.keys() == {"GL112 c3", "GL112 d4", "GL501 b2", "GL502 b2"}
    assert "b2 and d4 (origin/d:migrations/versions/d4.py)" in found["GL501 b2"].message
    assert found["GL502 b2"].message.endswith("both touch table users")


def test_a_mainline_that_has_gone_on_touches_the_same(repository: RepositoryBuilder) -> None:
    """Before it is merged; whether it stands beside the line is told by GL111, so no GL112."""
    repository.commit("c", ["base"], _file("c3", DYNAMIC, revises="a1", body=_USERS))
    repository.branch("main", "c")
    found = _found(repository)
    assert found.keys() == {"GL111 b2", "GL501 b2"}
    assert "b2 and c3 (main:migrations/versions/c3.py)" in found["GL501 b2"].message
    assert found["GL501 b2"].cure == "read both: b2 will run after c3, whose author did not see it"


def test_a_mainline_that_squashed_what_is_here_touches_nothing_new(repository: RepositoryBuilder) -> None:
    squash = _file("s1", None, body=_USERS)[f"{LOCATION}/s1.py"] + '\nreplaces = (("a1", "0"),)\n'
    repository.commit("squash", ["base"], {f"{LOCATION}/a1.py": None, f"{LOCATION}/s1.py": squash})
    repository.branch("main", "squash")
    assert not {"GL501 b2", "GL502 b2"} & _found(repository).keys()


def test_on_the_mainline_who_the_branch_lacks_counts(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["base"], _file("c3", "a1", body=_USERS))
    repository.branch("other", "c")
    repository.checkout("b", "main")
    assert _found(repository).keys() == {"GL112 c3", "GL501 b2"}


def test_a_branch_and_its_remote_counterpart_are_told_once(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["base"], _file("c3", DYNAMIC, revises="a1"))
    repository.commit("more", ["c"], {"README": "x"})
    repository.branch("other", "more")
    _remote(repository, "other", "c")
    assert "other (Ada" in _found(repository)["GL112 c3"].message


def test_branches_on_each_other_are_told_in_one(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["base"], _file("c3", DYNAMIC, revises="a1", body=_AGE))
    repository.commit("upon", ["c"], {"README": "x"})
    repository.branch("other", "c")
    repository.branch("upon", "upon")
    options = ["-c", os.fspath(repository.root / "alembic.ini")]
    found = examine(options, select=(), ignore=(), with_open=True).found
    assert [one.check.code for one in found] == ["GL112", "GL502"]
    assert "other (Ada Lovelace, 2023-11-14) and upon add a migration too: c3" in found[0].finding.message


def test_the_same_id_with_other_code(repository: RepositoryBuilder) -> None:
    """Not with another parent or layout; not what the mainline had, and one of them has edited."""
    repository.commit("copy", ["base"], _file("b2", "a1", body=_AGE))
    repository.commit("moved", ["base"], _file("b2", DYNAMIC, body=_USERS + "  # reviewed"))
    repository.commit("edited", ["base"], _file("a1", None, body=_AGE))
    for name in ("moved", "edited"):
        repository.branch(name, name)
    assert _found(repository) == {}
    repository.branch("copy", "copy")
    (finding,) = _found(repository).values()
    assert (finding.revision, finding.path) == ("b2", f"{LOCATION}/b2.py")
    assert "copy has a migration b2 with other code" in finding.message


def test_old_branches_are_counted(repository: RepositoryBuilder) -> None:
    repository.commit("old", ["base"], _file("c3", "a1"), date=1_700_000_000 - 91 * _DAY)
    repository.commit("younger", ["base"], _file("d4", "a1"), date=1_700_000_000 - 89 * _DAY)
    for name in ("old", "younger"):
        repository.branch(name, name)
    found = _found(repository)
    assert found.keys() == {"GL112 None", "GL112 d4"}
    assert found["GL112 None"].message.startswith("1 branch was not looked at")


def test_branches_whose_commits_are_missing(repository: RepositoryBuilder) -> None:
    repository.repo.refs[Ref(b"refs/remotes/origin/gone")] = ObjectID(b"1" * 40)
    (finding,) = _found(repository).values()
    assert finding.message == "this clone lacks what would tell of origin/gone"
