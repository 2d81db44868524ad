"""What doctor finds in real histories: each check at the commit where it should, and nowhere else."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from gitlembic.commands.doctor import examine
from gitlembic.errors import CannotTellError
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.projects import LOCATION, configuration

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.migrations import Down
    from tests.support.repositories import RepositoryBuilder


def _file(revision: str, down: Down = DYNAMIC, *, revises: str = "", body: str = "    pass") -> dict[str, str]:
    return {f"{LOCATION}/{revision}.py": migration_source(revision, down, revises=revises, body=body)}


GONE = {f"{LOCATION}/b2.py": None}
EDITED = _file("b2", body="    op.drop_table('x')")


def _codes(repository: RepositoryBuilder, *against: str) -> list[tuple[str, str | None]]:
    """What is found, with the revision; GL203 apart, which is about not having committed."""
    options = ["-c", os.fspath(repository.root / "alembic.ini")]
    diagnosis = examine(options, select=(), ignore=("GL203",), against=against)
    assert diagnosis.skipped == ()
    return [(found.check.code, found.finding.revision) for found in diagnosis.found]


@pytest.fixture
def repository(repository: RepositoryBuilder) -> RepositoryBuilder:
    """main with a1 <- b2."""
    repository.commit("base", [], {**configuration(), **_file("a1", None)})
    repository.commit("main", ["base"], _file("b2", revises="a1"))
    repository.checkout("main")
    return repository


def test_nothing_wrong(repository: RepositoryBuilder) -> None:
    assert _codes(repository) == []


def test_a_squash_merge_of_two(repository: RepositoryBuilder) -> None:
    repository.commit("squash", ["main"], {**_file("c3", revises="b2"), **_file("d4", revises="b2")})
    repository.checkout("squash")
    assert _codes(repository) == [("GL106", "d4")]
    repository.commit("told", ["main"], {**_file("c3", revises="b2"), **_file("d4", revises="c3")})
    repository.checkout("told")
    assert _codes(repository) == []


def test_a_merge_commit_tells_two_apart(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["main"], _file("c3", revises="b2"))
    repository.commit("d", ["c"], _file("d4", revises="b2"))
    repository.commit("merge", ["main", "d"], {**_file("c3", revises="b2"), **_file("d4", revises="b2")})
    repository.checkout("merge")
    assert _codes(repository) == []


def test_a_revert_of_a_revert(repository: RepositoryBuilder) -> None:
    repository.commit("revert", ["main"], GONE)
    repository.checkout("revert")
    assert _codes(repository) == [("GL205", "b2")]
    repository.commit("c", ["revert"], _file("c3", revises="a1"))
    repository.commit("again", ["c"], _file("b2", revises="a1"))
    repository.checkout("again")
    assert _codes(repository) == [("GL107", "b2")]


def test_a_foxtrot(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["base"], _file("c3", revises="a1"))
    repository.commit("Merge branch 'main' into topic", ["c", "main"], _file("b2", revises="a1"))
    repository.checkout("Merge branch 'main' into topic", "topic")
    assert _codes(repository) == []
    repository.checkout("Merge branch 'main' into topic", "main")
    assert _codes(repository) == [("GL108", "b2")]
    assert _codes(repository, repository.ids["main"]) == [("GL108", "b2"), ("GL110", "c3")]


def _saw_main_at(repository: RepositoryBuilder, *commits: str) -> None:
    """As git notes it when it fetches or commits."""
    log = repository.root / ".git" / "logs" / "refs" / "heads" / "main"
    log.parent.mkdir(parents=True, exist_ok=True)
    ids = ["0" * 40, *(repository.ids[commit] for commit in commits)]
    lines = (f"{old} {new} Ada <ada@example.org> 1700000000 +0000\tx\n" for old, new in pairwise(ids))
    log.write_text("".join(lines))


def test_a_foxtrot_that_only_the_reflog_tells(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["base"], _file("c3", revises="a1"))
    repository.commit("Bring topic up to date", ["c", "main"], _file("b2", revises="a1"))
    repository.checkout("Bring topic up to date", "main")
    assert _codes(repository) == []
    _saw_main_at(repository, "base", "main", "Bring topic up to date")
    assert _codes(repository) == [("GL108", "b2")]


def test_a_merge_that_looks_like_a_foxtrot_and_the_reflog_knows_better(repository: RepositoryBuilder) -> None:
    """Whoever merges a fork whose branch has that name, too."""
    repository.commit("c", ["base"], _file("c3", revises="a1"))
    repository.commit("Merge branch 'main' of https://example.org/fork", ["main", "c"], _file("c3", revises="a1"))
    repository.checkout("Merge branch 'main' of https://example.org/fork", "main")
    assert _codes(repository) == [("GL108", "c3")]
    _saw_main_at(repository, "base", "main", "Merge branch 'main' of https://example.org/fork")
    assert _codes(repository) == []


def test_code_that_is_edited_after_its_birth(repository: RepositoryBuilder) -> None:
    """On main, on a branch, and before committing; not what the branch alone has."""
    repository.commit("edit", ["main"], EDITED)
    repository.checkout("edit", "topic")
    assert _codes(repository) == [("GL204", "b2")]
    repository.checkout("edit", "main")
    assert _codes(repository) == [("GL204", "b2")]
    repository.commit("c", ["main"], _file("c3", revises="b2"))
    repository.commit("c edited", ["c"], _file("c3", revises="b2", body="    op.drop_table('x')"))
    repository.branch("main", "main")
    repository.checkout("c edited", "topic")
    repository.branch("main", "main")
    assert _codes(repository) == []
    (repository.root / LOCATION / "b2.py").write_text(EDITED[f"{LOCATION}/b2.py"])
    assert _codes(repository) == [("GL204", "b2")]


def test_layout_that_is_edited_after_its_birth(repository: RepositoryBuilder) -> None:
    path = repository.root / LOCATION / "b2.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n") + b"# reviewed\r\n")
    assert _codes(repository) == []


def test_a_parent_that_is_changed_after_birth(repository: RepositoryBuilder) -> None:
    repository.commit("c", ["main"], _file("c3", "b2"))
    repository.commit("d", ["c"], _file("d4", "c3"))
    repository.commit("swap", ["d"], {**_file("c3", "d4"), **_file("d4", "b2")})
    repository.checkout("swap", "topic")
    repository.branch("main", "d")
    assert _codes(repository) == [("GL109", "c3"), ("GL109", "d4")]
    assert _codes(repository, "main") == [("GL109", "c3"), ("GL110", "c3"), ("GL109", "d4"), ("GL110", "d4")]
    assert _codes(repository, "main~2") == [("GL109", "c3"), ("GL109", "d4")]


def test_a_side_head_that_was_rebased(repository: RepositoryBuilder) -> None:
    repository.commit("side", ["main"], _file("s3", "a1"))
    repository.commit("c", ["side"], _file("c4", revises="b2"))
    repository.commit("rebase", ["c"], _file("s3", "c4"))
    repository.checkout("rebase")
    assert _codes(repository) == []
    repository.commit("slipped in", ["rebase"], {**_file("d5", "c4"), **_file("s3", "d5")})
    repository.checkout("slipped in")
    assert _codes(repository) == [("GL109", "s3")]


def test_a_side_head_that_was_rebased_where_nothing_is_dynamic(repository: RepositoryBuilder) -> None:
    repository.commit("static", ["base"], {**_file("b2", "a1"), **_file("s3", "a1")})
    repository.commit("rebase", ["static"], _file("s3", "b2"))
    repository.checkout("rebase")
    assert _codes(repository) == []
    repository.commit("back", ["rebase"], _file("s3", "a1"))
    repository.checkout("back")
    assert _codes(repository) == [("GL101", "b2"), ("GL109", "s3"), ("GL101", "s3")]


def test_nobody_stood_beside_another_where_a_cycle_was_mended(repository: RepositoryBuilder) -> None:
    """As in lablup/backend.ai: Alembic could not have run it, so nobody knows where anything stood."""
    repository.commit("cycle", ["base"], {**_file("b2", "s3"), **_file("s3", "b2"), **_file("d4", "a1")})
    repository.commit("mended", ["cycle"], _file("s3", "d4"))
    repository.checkout("mended")
    assert _codes(repository) == [("GL109", "s3")]


def test_a_squash_replaces(repository: RepositoryBuilder) -> None:
    squash = _file("b2", None)[f"{LOCATION}/b2.py"]
    replaces = f'{squash}\nreplaces = (("a1", "0"),)\n'
    repository.commit("squash", ["main"], {f"{LOCATION}/a1.py": None, f"{LOCATION}/b2.py": replaces})
    repository.checkout("squash", "topic")
    repository.branch("main", "main")
    assert _codes(repository) == []


def test_a_side_head_after_the_merge(repository: RepositoryBuilder) -> None:
    """Before anything is merged, and not where the branch has rebased."""
    repository.commit("c", ["base"], _file("c3", "a1"))
    repository.checkout("c", "topic")
    repository.branch("main", "main")
    assert _codes(repository) == [("GL111", "c3")]
    repository.commit("merged", ["c", "main"], _file("b2", revises="a1"))
    repository.checkout("merged", "topic")
    assert _codes(repository) == [("GL111", "c3")]
    repository.commit("rebased", ["merged"], _file("c3", "b2"))
    repository.checkout("rebased", "topic")
    assert _codes(repository) == []


def test_against_a_branch_that_has_gone_on(repository: RepositoryBuilder) -> None:
    repository.checkout("base", "topic")
    assert _codes(repository, "main") == [("GL110", "b2")]
    with pytest.raises(CannotTellError, match="names no commit"):
        _codes(repository, "nowhere")


def test_against_a_commit_where_there_is_no_repository(tmp_path: Path) -> None:
    for name, text in {**configuration(), **_file("a1", None)}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(CannotTellError, match=r"'v1' names no commit: .* is in no git repository"):
        examine(["-c", os.fspath(tmp_path / "alembic.ini")], select=(), ignore=(), against=("v1",))


def test_before_the_first_commit_there_is_no_mainline_to_know(repository: RepositoryBuilder) -> None:
    (repository.root / ".git" / "HEAD").write_text("ref: refs/heads/develop\n")
    for ref in ("main", "master"):
        (repository.root / ".git" / "refs" / "heads" / ref).unlink(missing_ok=True)
    assert _codes(repository) == []
    repository.checkout("main", "develop")
    (repository.root / ".git" / "refs" / "heads" / "main").unlink(missing_ok=True)
    options = ["-c", os.fspath(repository.root / "alembic.ini")]
    assert [found.check.code for found in examine(options, select=(), ignore=()).found] == ["GL309"]


def test_a_side_head_beside_a_release_is_moved_onto_that(repository: RepositoryBuilder) -> None:
    """b2 is released; with the mainline, which lacks it, `gitlembic rebase` would move it behind c3."""
    repository.branch("release", "main")
    repository.commit("c", ["base"], _file("c3", "a1"))
    repository.checkout("c", "topic")
    options = ["-c", os.fspath(repository.root / "alembic.ini")]

    def cures() -> list[str]:
        found = examine(options, select=("GL111",), ignore=(), against=("release",)).found
        return sorted({one.finding.cure for one in found})

    repository.branch("main", "base")
    assert cures() == ["`git merge release`, then `gitlembic rebase --onto release`"]
    repository.branch("main", "main")
    assert cures() == ["`git merge main`, then `gitlembic rebase`", "`git merge release`, then `gitlembic rebase`"]


def test_a_parent_that_another_branch_has(repository: RepositoryBuilder) -> None:
    """A hotfix that was cherry-picked to a release: there is no chain to ask whether a squash stands for it."""
    repository.commit("hotfix", ["base"], _file("h3", "b2"))
    repository.checkout("hotfix", "release")
    repository.branch("main", "main")
    options = ["-c", os.fspath(repository.root / "alembic.ini")]
    (found,) = examine(options, select=("GL102",), ignore=()).found
    assert f"no migration here has that id. It is on the branch main as {LOCATION}/b2.py" in found.finding.message
    assert found.finding.cure.endswith(" merge main` brings it here; or correct the down_revision")
