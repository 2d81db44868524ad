"""`gitlembic rebase` as people need it: branches that part, meet and land, and plain Alembic agreeing afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import alembic
import pytest

from tests.support.git import Git
from tests.support.migrations import DYNAMIC
from tests.support.projects import (
    BASE,
    CACHE,
    LOCATION,
    Project,
    configuration,
    make_shallow,
    parents,
    succeed,
    table_migration,
    unchanged,
)
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.migrations import Down


def _made(revision: str, down: Down = DYNAMIC, **more: str) -> dict[str, str]:
    revises = down if isinstance(down, str) else ""
    return table_migration(revision, f"t_{revision}", down, revises=revises, **more)


def _start(repository: RepositoryBuilder) -> Project:
    repository.commit("base", [], {**configuration(), ".gitignore": "__pycache__\n", **_made(BASE, None)})
    return Project(repository.root)


def _mainline(repository: RepositoryBuilder, commit: str) -> None:
    """Where main is, whatever is checked out."""
    repository.branch("main", commit)


def _feature(repository: RepositoryBuilder, commit: str) -> None:
    repository.checkout(commit, "feature")


def _source(project: Project, revision: str) -> str:
    (path,) = (project.root / "migrations/versions").glob(f"{revision}_*.py")
    return path.read_text()


def _declared(project: Project, revision: str) -> str:
    (line,) = (one for one in _source(project, revision).splitlines() if one.startswith("down_revision"))
    return line.removeprefix("down_revision = ")


def _agree(project: Project, expected: Mapping[str, object]) -> None:
    """One head, and Alembic, with and without gitlembic, sees this graph; upgrading runs all of it."""
    document = project.chain()
    assert parents(document) == expected
    (head,) = document["chains"][0]["heads"]
    lines = ["heads", "history"]
    plain, ours = project.play("alembic", *lines), project.play("gitlembic", *lines)
    assert [done.returncode for done in (*plain, *ours)] == [0, 0, 0, 0]
    assert [done.stdout for done in plain] == [done.stdout for done in ours]
    assert plain[0].stdout == f"{head} (head)\n"
    succeed(project.alembic("upgrade", "head"))


def _row(*revisions: str) -> dict[str, str | None]:
    return dict(zip(revisions, (None, *revisions), strict=False))


def _land(repository: RepositoryBuilder, project: Project, commit: str, *, merging: str) -> Project:
    """Commit what is in the working tree, merge it into main, and check main out."""
    files: dict[str, str | bytes | None] = {
        path: text for path, text in project.files().items() if not path.startswith(".git/")
    }
    repository.commit(f"{commit} rebased", [commit], files)
    repository.commit("landed", [merging, f"{commit} rebased"], files)
    repository.checkout("landed")
    return project


@pytest.fixture
def stale_branch(repository: RepositoryBuilder) -> Project:
    """A feature branch that has merged main, with three migrations of its own.

    base --- a1 -----------        main: a1 is dynamic
        \\             \\
         f1 --- f2 --- merge --- f3       f1 and f3 are static and declare the base, f2 is dynamic
    """
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("f1", ["base"], _made("f1", BASE))
    repository.commit("f2", ["f1"], _made("f2"))
    repository.commit("merge", ["f2", "a1"], _made("a1"))
    repository.commit("f3", ["merge"], _made("f3", BASE))
    _mainline(repository, "a1")
    _feature(repository, "f3")
    return project


def test_a_feature_branch_with_stale_migrations_that_has_merged_main(
    stale_branch: Project, repository: RepositoryBuilder
) -> None:
    assert stale_branch.alembic("upgrade", "head").returncode != 0
    with unchanged(stale_branch):
        shown = succeed(stale_branch.gitlembic("rebase", "--dry-run"))
    assert "+down_revision = 'a1'" in shown.splitlines()
    assert "f1 (migrations/versions/f1_create_t_f1.py) would follow a1" in shown.splitlines()
    assert succeed(stale_branch.gitlembic("rebase")).splitlines() == [
        "f1 (migrations/versions/f1_create_t_f1.py) now follows a1",
        "f2 (migrations/versions/f2_create_t_f2.py) now follows f1",  # dynamic, it would stand before f1 here
        "f3 (migrations/versions/f3_create_t_f3.py) now follows f2",
    ]
    assert _declared(stale_branch, "a1") == "get_down_revision(revision)"
    _agree(stale_branch, _row(BASE, "a1", "f1", "f2", "f3"))
    assert succeed(stale_branch.gitlembic("rebase")) == "one line already, seen from main\n"
    _agree(_land(repository, stale_branch, "f3", merging="a1"), _row(BASE, "a1", "f1", "f2", "f3"))


def test_one_stale_migration_among_three(repository: RepositoryBuilder) -> None:
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1", BASE))
    repository.commit("f1", ["a1"], _made("f1", "a1"))
    repository.commit("f2", ["f1"], _made("f2", BASE))
    repository.commit("f3", ["f2"], _made("f3"))
    _mainline(repository, "a1")
    _feature(repository, "f3")
    before = project.files()
    assert succeed(project.gitlembic("rebase")) == "f2 (migrations/versions/f2_create_t_f2.py) now follows f3\n"
    changed = {path for path, text in project.files().items() if before.get(path) != text}
    assert {path for path in changed if not path.startswith(CACHE)} == {"migrations/versions/f2_create_t_f2.py"}
    assert "Revises: f3\n" in _source(project, "f2")
    _agree(project, _row(BASE, "a1", "f1", "f3", "f2"))
    _agree(_land(repository, project, "f3", merging="a1"), _row(BASE, "a1", "f1", "f3", "f2"))


def _two_landed_forks(repository: RepositoryBuilder) -> Project:
    """Main with a1, and the forks b1 <- b2 and c1, all written against the base."""
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("b", ["base"], {**_made("b1", BASE), **_made("b2", "b1")})
    repository.commit("c", ["base"], _made("c1", BASE))
    repository.commit("merge b", ["a1", "b"], {**_made("b1", BASE), **_made("b2", "b1")})
    repository.commit("merge c", ["merge b", "c"], _made("c1", BASE))
    return project


def test_two_forks_that_both_landed_on_main(repository: RepositoryBuilder) -> None:
    project = _two_landed_forks(repository)
    repository.checkout("merge c")
    assert project.chain()["chains"][0]["end"] == "a1"
    assert succeed(project.gitlembic("rebase")).splitlines() == [
        "b1 (migrations/versions/b1_create_t_b1.py) now follows a1",
        "c1 (migrations/versions/c1_create_t_c1.py) now follows b2",
    ]
    _agree(project, _row(BASE, "a1", "b1", "b2", "c1"))
    assert _declared(project, "b2") == "'b1'"


def test_landed_forks_are_mended_on_a_branch_that_goes_after_them(repository: RepositoryBuilder) -> None:
    project = _two_landed_forks(repository)
    repository.commit("f1", ["merge c"], _made("f1"))
    _mainline(repository, "merge c")
    _feature(repository, "f1")
    succeed(project.gitlembic("rebase"))
    _agree(project, _row(BASE, "a1", "f1", "b1", "b2", "c1"))


def test_a_fork_that_was_joined_later_is_left_alone(repository: RepositoryBuilder) -> None:
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1", BASE))
    repository.commit("b1", ["a1"], _made("b1", BASE))
    repository.commit("join", ["b1"], _made("ab", ("a1", "b1")))
    repository.checkout("join")
    with unchanged(project):
        assert succeed(project.gitlembic("rebase")) == "one line already, seen from main\n"
    _agree(project, {BASE: None, "a1": BASE, "b1": BASE, "ab": ["a1", "b1"]})


def test_a_merge_moves_in_the_stead_of_what_it_has_joined(repository: RepositoryBuilder) -> None:
    """The branch joined its fork with main's end of that time; main has gone on."""
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1", BASE))
    repository.commit("fork", ["a1"], {**_made("f1", BASE), **_made("join", ("a1", "f1"))})
    repository.commit("a2", ["a1"], _made("a2", "a1"))
    repository.commit("merge", ["fork", "a2"], _made("a2", "a1"))
    _mainline(repository, "a2")
    _feature(repository, "merge")
    assert (
        succeed(project.gitlembic("rebase")) == "join (migrations/versions/join_create_t_join.py) now follows a2, f1\n"
    )
    assert _declared(project, "join") == "('a2', 'f1')"
    _agree(project, {BASE: None, "a1": BASE, "a2": "a1", "f1": BASE, "join": ["a2", "f1"]})


def test_a_branch_behind_the_mainline_has_to_catch_up_first(repository: RepositoryBuilder) -> None:
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("f1", ["base"], _made("f1", BASE))
    _mainline(repository, "a1")
    _feature(repository, "f1")
    with unchanged(project):
        done = project.gitlembic("rebase")
    assert done.returncode == 1
    assert "a1 (migrations/versions/a1_create_t_a1.py)" in done.stderr
    assert "`git merge main`" in done.stderr


def test_dynamic_needs_no_parent_to_be_here(repository: RepositoryBuilder) -> None:
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("f1", ["base"], _made("f1", BASE))
    _mainline(repository, "a1")
    _feature(repository, "f1")
    assert succeed(project.gitlembic("rebase", "--dynamic")) == (
        "f1 (migrations/versions/f1_create_t_f1.py) now asks git, and will follow a1 on the mainline\n"
    )
    assert _declared(project, "f1") == "get_down_revision(revision)"
    assert "Revises: a1\n" in _source(project, "f1")
    _agree(project, _row(BASE, "f1"))
    project.write(_made("a1"))
    _agree(_land(repository, project, "f1", merging="a1"), _row(BASE, "a1", "f1"))


def test_dynamic_is_refused_where_this_branch_would_keep_two_heads(repository: RepositoryBuilder) -> None:
    """Dynamic, f1 keeps the place that it has here, in front of main's a1, which declares the base."""
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1", BASE))
    repository.commit("f1", ["base"], _made("f1", BASE))
    repository.commit("merge", ["f1", "a1"], _made("a1", BASE))
    _mainline(repository, "a1")
    _feature(repository, "merge")
    with unchanged(project):
        done = project.gitlembic("rebase", "--dynamic")
    assert done.returncode == 1
    assert "without --dynamic" in done.stderr
    succeed(project.gitlembic("rebase"))
    _agree(project, _row(BASE, "a1", "f1"))


# In the middle of a merge, and of a rebase


def test_in_the_middle_of_a_merge(repository: RepositoryBuilder) -> None:
    """On the feature branch: `git merge main` has stopped; what it brought is in the working tree."""
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("f1", ["base"], _made("f1", BASE))
    _mainline(repository, "a1")
    _feature(repository, "f1")
    project.write(_made("a1"))
    (project.root / ".git" / "MERGE_HEAD").write_text(f"{repository.ids['a1']}\n")
    assert succeed(project.gitlembic("rebase")).splitlines() == [
        "f1 (migrations/versions/f1_create_t_f1.py) now follows a1",
        "Before git goes on, stage it: git add :/migrations/versions/f1_create_t_f1.py",
    ]
    _agree(project, _row(BASE, "a1", "f1"))


def test_in_the_middle_of_merging_a_feature_into_main(repository: RepositoryBuilder) -> None:
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("f1", ["base"], _made("f1", BASE))
    repository.checkout("a1")
    project.write(_made("f1", BASE))
    (project.root / ".git" / "MERGE_HEAD").write_text(f"{repository.ids['f1']}\n")
    succeed(project.gitlembic("rebase"))
    _agree(project, _row(BASE, "a1", "f1"))


def test_in_the_middle_of_a_rebase(repository: RepositoryBuilder) -> None:
    """HEAD is main, and the files of the commit that is being replayed are in the working tree."""
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("f1", ["base"], _made("f1", BASE))
    _mainline(repository, "a1")
    repository.branch("feature", "f1")
    repository.checkout("a1", branch=None)
    project.write(_made("f1", BASE))
    _rebasing(repository, "feature", onto="a1", stopped_at="f1")
    assert "Before git goes on" in succeed(project.gitlembic("rebase"))
    _agree(project, _row(BASE, "a1", "f1"))


def test_in_the_middle_of_rebasing_the_mainline_itself(repository: RepositoryBuilder) -> None:
    """`git pull --rebase` on main: main still has the own f1, which goes behind what others pushed."""
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("f1", ["base"], _made("f1", BASE))
    _mainline(repository, "f1")
    repository.commit("replayed", ["a1"], _made("f1", BASE))
    repository.checkout("replayed", branch=None)
    _rebasing(repository, "main", onto="a1", stopped_at="f1")
    succeed(project.gitlembic("rebase"))
    _agree(project, _row(BASE, "a1", "f1"))


def _rebasing(repository: RepositoryBuilder, branch: str, *, onto: str, stopped_at: str) -> None:
    state = repository.root / ".git" / "rebase-merge"
    state.mkdir()
    (state / "head-name").write_text(f"refs/heads/{branch}\n")
    (state / "onto").write_text(f"{repository.ids[onto]}\n")
    (state / "stopped-sha").write_text(f"{repository.ids[stopped_at]}\n")


@pytest.fixture
def conflict(tmp_path: Path) -> tuple[Git, Project]:
    """A feature branch whose migration is stale, and whose other file conflicts with main's."""
    git = Git.init(tmp_path / "project")
    project = Project(git.root)
    project.write({**configuration(), ".gitignore": "__pycache__\n", "notes": "", **_made(BASE, None)})
    _commit_all(git)
    git("checkout", "--quiet", "-b", "feature")
    project.write({"notes": "ours\n", **_made("f1", BASE)})
    _commit_all(git)
    project.write(_made("f2"))
    _commit_all(git)
    git("checkout", "--quiet", "main")
    project.write({"notes": "theirs\n", **_made("a1")})
    _commit_all(git)
    git("checkout", "--quiet", "feature")
    return git, project


def _commit_all(git: Git) -> None:
    git("add", "--all")
    git("commit", "--quiet", "-m", "more")


def _go_on(git: Git, project: Project, *command: str) -> None:
    """Resolve the other file's conflict, stage what gitlembic has written as well, and let git go on."""
    project.write({"notes": "both\n"})
    git("add", "--all")
    git(*command)


@pytest.mark.needs_git
@pytest.mark.parametrize("how", ["merge", "rebase", "rebase --apply"])
def test_where_git_itself_has_stopped(conflict: tuple[Git, Project], how: str) -> None:
    git, project = conflict
    git(*how.split(), "main", accept=(1,))
    done = succeed(project.gitlembic("rebase"))
    assert "f1 (migrations/versions/f1_create_t_f1.py) now follows a1" in done
    assert "Before git goes on, stage it: git add :/migrations/versions/f1_create_t_f1.py" in done
    _go_on(git, project, *(("commit", "--quiet", "--no-edit") if how == "merge" else ("rebase", "--continue")))
    _agree(project, _row(BASE, "a1", "f1", "f2"))
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "--no-edit", "feature")
    _agree(project, _row(BASE, "a1", "f1", "f2"))


@pytest.mark.needs_git
@pytest.mark.parametrize("how", ["merge", "rebase"])
def test_where_git_has_stopped_on_the_mainline(conflict: tuple[Git, Project], how: str) -> None:
    """The mainline takes the branch in: merging it, or rebased onto it as `git pull --rebase` does."""
    git, project = conflict
    git("checkout", "--quiet", "main")
    git(how, "feature", accept=(1,))
    moved = "f1" if how == "merge" else "a1"
    if how == "rebase":  # the branch is what others have pushed: what is only here goes behind it
        project.write(_made("a1", BASE))
        git("add", "--all")
    done = succeed(project.gitlembic("rebase", *(() if how == "merge" else ("--force",))))
    assert done.startswith(f"{moved} (migrations/versions/{moved}_create_t_{moved}.py) now follows ")
    _go_on(git, project, *(("commit", "--quiet", "--no-edit") if how == "merge" else ("rebase", "--continue")))
    _agree(project, _row(BASE, *(("a1", "f1", "f2") if how == "merge" else ("f1", "f2", "a1"))))


@pytest.mark.needs_git
@pytest.mark.parametrize("how", ["cherry-pick", "am", "revert"])
def test_where_git_has_stopped_with_one_commit(conflict: tuple[Git, Project], how: str) -> None:
    """On main, which gets f1 by itself."""
    git, project = conflict
    git("checkout", "--quiet", "main")
    if how == "cherry-pick":
        git("cherry-pick", "feature~1", accept=(1,))
    elif how == "am":
        git("format-patch", "--quiet", "-1", "feature~1", "-o", "../patches")
        git("am", "--3way", "../patches/0001-more.patch", accept=(1, 128))
        done = project.gitlembic("rebase")
        assert done.returncode == 1  # only the patch has these contents, no commit of this branch
        assert "--force" in done.stderr
    else:
        git("reset", "--quiet", "--hard", "feature~1")
        git("rm", "--quiet", "notes", "migrations/versions/f1_create_t_f1.py")
        git("commit", "--quiet", "-m", "take it back")
        project.write({"notes": "theirs\n", **_made("a1")})
        _commit_all(git)
        git("revert", "HEAD~1", accept=(1,))
    assert succeed(project.gitlembic("rebase", *(("--force",) if how == "am" else ()))).splitlines() == [
        "f1 (migrations/versions/f1_create_t_f1.py) now follows a1",
        "Before git goes on, stage it: git add :/migrations/versions/f1_create_t_f1.py",
    ]
    _go_on(git, project, *((how, "--continue") if how != "cherry-pick" else ("commit", "--quiet", "--no-edit")))
    _agree(project, _row(BASE, "a1", "f1"))


# The mainline


@pytest.fixture
def behind_release(repository: RepositoryBuilder) -> Project:
    """A branch with a1 and f1 that both declare the base; `release` has a1, `other` has f1."""
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1", BASE))
    repository.commit("f1", ["base"], _made("f1", BASE))
    repository.commit("both", ["f1", "a1"], _made("a1", BASE))
    repository.branch("release", "a1")
    repository.branch("other", "f1")
    _feature(repository, "both")
    return project


def test_refuses_where_the_mainline_is_unknown(behind_release: Project) -> None:
    with unchanged(behind_release):
        done = behind_release.gitlembic("rebase")
    assert done.returncode == 1
    assert "the mainline is unknown" in done.stderr
    assert "--onto REF" in done.stderr
    with unchanged(behind_release):
        assert behind_release.gitlembic("rebase", "--onto", "nowhere").returncode == 3


def test_before_the_first_commit_there_is_no_mainline(tmp_path: Path) -> None:
    RepositoryBuilder(tmp_path / "project").close()
    project = Project(tmp_path / "project")
    project.write({**configuration(), **table_migration(BASE, "users", None)})
    done, diagnosed = project.play("gitlembic", "rebase", "doctor --select GL309")
    assert done.returncode == 1
    assert done.stderr.startswith("gitlembic: nothing is committed yet, ")
    assert "Nothing found" in succeed(diagnosed)


@pytest.mark.parametrize(("onto", "mover"), [("release", "f1"), ("other", "a1")])
def test_onto_names_the_mainline(behind_release: Project, onto: str, mover: str) -> None:
    (first,) = {"a1", "f1"} - {mover}
    assert f"now follows {first}" in succeed(behind_release.gitlembic("rebase", "--onto", onto))
    _agree(behind_release, _row(BASE, first, mover))


def test_what_the_remote_calls_its_head_is_the_mainline(behind_release: Project, repository: RepositoryBuilder) -> None:
    refs = repository.root / ".git" / "refs" / "remotes" / "origin"
    refs.mkdir(parents=True)
    (refs / "HEAD").write_text("ref: refs/remotes/origin/release\n")
    (refs / "release").write_text(f"{repository.ids['a1']}\n")
    repository.branch("main", "f1")
    assert "f1 (migrations" in succeed(behind_release.gitlembic("rebase", "--dry-run"))
    (refs / "main").write_text(f"{repository.ids['f1']}\n")
    behind_release.write({"pyproject.toml": '[tool.gitlembic]\nmainline = "main"\n'})
    assert "a1 (migrations" in succeed(behind_release.gitlembic("rebase", "--dry-run"))


def test_the_configuration_names_the_mainline(behind_release: Project) -> None:
    """alembic.ini wins; a key that is not known is an error that lists the known ones."""
    ini = (behind_release.root / "alembic.ini").read_text()
    behind_release.write({"pyproject.toml": '[tool.gitlembic]\nmainline = "release"\n'})
    assert "f1 (migrations" in succeed(behind_release.gitlembic("rebase", "--dry-run"))
    behind_release.write({"alembic.ini": f"{ini}\n[gitlembic]\nmainline = other\n"})
    assert "a1 (migrations" in succeed(behind_release.gitlembic("rebase", "--dry-run"))
    for files, said in (
        ({"alembic.ini": f"{ini}\n[gitlembic]\nmainlin = other\n"}, "unknown key 'mainlin'"),
        ({"alembic.ini": ini, "pyproject.toml": "[tool.gitlembic]\nmain-line = 1\n"}, "unknown key 'main-line'"),
        ({"pyproject.toml": "[tool.gitlembic]\nmainline = 1\n"}, "mainline of [tool.gitlembic]"),
        ({"pyproject.toml": "[tool.gitlembic]\nmainline = 'gone'\n"}, "the configured mainline 'gone'"),
        ({"pyproject.toml": "[tool]\ngitlembic = 1\n"}, "is not a table"),
        ({"pyproject.toml": "[tool.gitlembic\n"}, "cannot read"),
    ):
        behind_release.write(files)
        done = behind_release.gitlembic("rebase", "--dry-run")
        assert done.returncode == 3
        assert said in done.stderr
        assert "known ones: mainline" in done.stderr or "key" not in said


# What is refused, and what is not touched


def test_refuses_files_with_uncommitted_changes_unless_forced(repository: RepositoryBuilder) -> None:
    project = _start(repository)
    repository.commit("a1", ["base"], {**_made("a1"), **_made("f1", BASE)})
    repository.checkout("base")
    project.write({**_made("a1", BASE), **_made("f1", BASE)})
    with unchanged(project):
        done = project.gitlembic("rebase")
        assert "+down_revision = 'a1'" in succeed(project.gitlembic("rebase", "--dry-run"))
    assert done.returncode == 1
    assert "migrations/versions/f1_create_t_f1.py" in done.stderr
    assert "--force" in done.stderr
    succeed(project.gitlembic("rebase", "--force"))
    _agree(project, _row(BASE, "a1", "f1"))


def test_the_line_endings_that_git_turned_are_no_change(repository: RepositoryBuilder) -> None:
    project = _two_landed_forks(repository)
    repository.checkout("merge c")
    for path in (project.root / "migrations/versions").glob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    succeed(project.gitlembic("rebase"))
    (path,) = (project.root / "migrations/versions").glob("b1_*.py")
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")
    _agree(project, _row(BASE, "a1", "b1", "b2", "c1"))


def test_what_cannot_be_rewritten_exactly_is_refused_with_the_line_to_type(repository: RepositoryBuilder) -> None:
    project = _two_landed_forks(repository)
    repository.checkout("merge c")
    source = _source(project, "c1").replace(f"down_revision = '{BASE}'", f"down_revision = other = '{BASE}'")
    project.write({"migrations/versions/c1_create_t_c1.py": source})
    with unchanged(project):
        done = project.gitlembic("rebase", "--force")
    assert done.returncode == 1
    assert '`down_revision = "b2"` in migrations/versions/c1_create_t_c1.py' in done.stderr


def test_a_labelled_branch_and_a_new_root(repository: RepositoryBuilder) -> None:
    project = _start(repository)
    files = {**_made("a1", BASE), **_made("shop", None)}
    path = "migrations/versions/shop_create_t_shop.py"
    repository.commit("old", ["base"], {**files, path: files[path].replace("labels = None", "labels = ('store',)")})
    repository.commit("a2", ["old"], _made("a2", "a1"))
    repository.commit("f1", ["a2"], _made("f1", "a1"))
    _mainline(repository, "a2")
    _feature(repository, "f1")
    assert succeed(project.gitlembic("rebase")).splitlines() == [
        "f1 (migrations/versions/f1_create_t_f1.py) now follows a2",
        f"Each branch keeps a head of its own: f1 (migrations/versions/f1_create_t_f1.py), shop ({path})",
    ]
    assert succeed(project.alembic("heads")) == "f1 (head)\nshop (store) (head)\n"
    project.write(_made("f2", None))
    with unchanged(project):
        done = project.gitlembic("rebase", "--force")
    assert done.returncode == 1
    assert "several migrations have no parent" in done.stderr


def test_locations_that_share_no_chain(repository: RepositoryBuilder) -> None:
    """Each has a line of its own; what the other has written into its directory belongs to its parent."""
    project = _start(repository)
    versions = "version_locations = %(here)s/migrations/versions:%(here)s/shop\n"
    repository.commit(
        "old",
        ["base"],
        {
            "alembic.ini": configuration(options=versions)["alembic.ini"],
            **table_migration("s1", "t_s1", None, revises="", location="shop"),
        },
    )
    repository.commit("main", ["old"], {**_made("a1", BASE), **table_migration("s2", "t_s2", "s1", location="shop")})
    own = {**_made("f1", BASE), **table_migration("g1", "t_g1", "s1", location="shop")}
    repository.commit("own", ["main"], {**own, **table_migration("f2", "t_f2", "f1", location="shop")})
    _mainline(repository, "main")
    _feature(repository, "own")
    assert succeed(project.gitlembic("rebase")).splitlines()[:2] == [
        "f1 (migrations/versions/f1_create_t_f1.py) now follows a1",
        "g1 (shop/g1_create_t_g1.py) now follows s2",
    ]
    assert succeed(project.alembic("heads")) == "f2 (head)\ng1 (head)\n"


def test_outside_a_repository_it_cannot_tell(repository: RepositoryBuilder) -> None:
    project = _two_landed_forks(repository)
    repository.checkout("merge c")
    copy = project.copy_without_git("copy")
    assert copy.gitlembic("rebase").returncode == 3


# Freezing


def test_freezing_is_the_way_to_leave(repository: RepositoryBuilder) -> None:
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("b1", ["base"], _made("b1"))
    repository.commit("merge", ["b1", "a1"], _made("a1"))
    repository.checkout("merge")
    assert succeed(project.gitlembic("rebase", "--freeze", "b1")).splitlines() == [
        "b1 (migrations/versions/b1_create_t_b1.py) now follows ba5e00000001"
    ]
    assert "gitlembic" not in _source(project, "b1")
    assert _declared(project, "a1") == "get_down_revision(revision)"
    _agree(project, _row(BASE, "b1", "a1"))
    succeed(project.gitlembic("rebase", "--freeze"))
    assert _declared(project, "a1") == "'b1'"
    _agree(project, _row(BASE, "b1", "a1"))
    copy = project.copy_without_git("copy")
    assert all("gitlembic" not in path.read_text() for path in (copy.root / "migrations/versions").glob("*.py"))
    assert succeed(copy.alembic("heads")) == "a1 (head)\n"
    assert succeed(project.gitlembic("rebase", "--freeze")).startswith("no dynamic migration on main to freeze\n")


def test_leaving_leaves_nothing_behind(repository: RepositoryBuilder) -> None:
    """What a template made dynamic, its first migration that imports what it never needed, and the template."""
    template = Path(alembic.__file__).parent.joinpath("templates", "generic", "script.py.mako").read_text()
    repository.commit("base", [], {**configuration(), "migrations/script.py.mako": template, f"{LOCATION}/.keep": ""})
    repository.checkout("base")
    project = Project(repository.root)
    succeed(project.gitlembic("adopt"))
    for done in project.play("alembic", "revision -m a --rev-id aa", "revision -m b --rev-id bb"):
        succeed(done)
    made = {path: text for path, text in project.files().items() if path.startswith("migrations/")}
    assert all(b"gitlembic" in text for path, text in made.items() if path.endswith(("_a.py", "_b.py", ".mako")))
    repository.commit("made", ["base"], made)
    repository.checkout("made")
    assert succeed(project.gitlembic("adopt", "--undo", "--dry-run")).endswith(
        "\n1 migration still asks gitlembic: `gitlembic rebase --freeze` writes literal parents\n"
    )
    assert "aa (migrations/versions/aa_a.py) would lose an import that it does not need\n" in succeed(
        project.gitlembic("rebase", "--freeze", "--dry-run")
    )
    frozen, undone, again, heads = project.play("gitlembic", "rebase --freeze", "adopt --undo", "adopt --undo", "heads")
    assert succeed(frozen).splitlines() == [
        "bb (migrations/versions/bb_b.py) now follows aa",
        "aa (migrations/versions/aa_a.py) loses an import that it does not need",
        "New migrations are dynamic as before; to leave gitlembic: `gitlembic adopt --undo`",
    ]
    assert succeed(undone).endswith("script.py.mako now makes static migrations\n")
    assert succeed(again).endswith("script.py.mako makes static migrations already\n")
    assert succeed(heads) == "bb (head)\n"
    after = {path: text for path, text in project.files().items() if path.startswith("migrations/")}
    assert after["migrations/script.py.mako"] == template.encode()
    assert not [path for path, text in after.items() if b"gitlembic" in text]


def test_a_frozen_line_makes_shallow_clones_enough(repository: RepositoryBuilder) -> None:
    """What came after the newest frozen one, and when, is all that a clone has to know."""
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("b1", ["base"], _made("b1"))
    repository.commit("merge", ["b1", "a1"], _made("a1"))
    repository.checkout("merge")
    succeed(project.gitlembic("rebase", "--freeze", "a1"))
    frozen = {path: text for path, text in project.files().items() if not path.startswith(".git/")}
    repository.commit("frozen", ["merge"], frozen)
    repository.commit("c1", ["frozen"], _made("c1"))
    repository.checkout("frozen")
    make_shallow(repository, "frozen")
    assert parents(project.chain()) == _row(BASE, "b1", "a1")
    repository.checkout("c1")
    _agree(project, _row(BASE, "b1", "a1", "c1"))
    make_shallow(repository, "c1")
    assert project.gitlembic("heads").returncode == 3  # whether c1 is older than the others is cut off


def test_freezing_leaves_what_is_not_on_the_mainline_yet(repository: RepositoryBuilder) -> None:
    project = _start(repository)
    repository.commit("a1", ["base"], _made("a1"))
    repository.commit("f1", ["a1"], _made("f1"))
    _mainline(repository, "a1")
    _feature(repository, "f1")
    with unchanged(project):
        done = project.gitlembic("rebase", "--freeze", "f1")
    assert done.returncode == 1
    assert "f1 (migrations/versions/f1_create_t_f1.py) is not on the line of main, " in done.stderr
    hinted = "gitlembic rebase --freeze f1 --onto HEAD"
    assert f"Hint: push or merge it first; or `{hinted}` freezes it where this checkout has it\n" in done.stderr
    assert "f1 (migrations/versions/f1_create_t_f1.py) would follow a1\n" in succeed(
        project.gitlembic(*hinted.split()[1:], "--dry-run")
    )
    assert "'nosuch' names no migration on the line of main" in project.gitlembic("rebase", "--freeze", "nosuch").stderr
    said = succeed(project.gitlembic("rebase", "--freeze"))
    assert "Still dynamic, because not on main yet: f1 (" in said
    assert "; `gitlembic rebase --freeze --onto HEAD` freezes " in said
    assert _declared(project, "f1") == "get_down_revision(revision)"
    _agree(project, _row(BASE, "a1", "f1"))


def test_freezing_refuses_where_this_branch_has_another_order(
    stale_branch: Project, repository: RepositoryBuilder
) -> None:
    with unchanged(stale_branch):
        done = stale_branch.gitlembic("rebase", "--freeze")
    assert done.returncode == 1
    assert "in this checkout a1 follows f2 now, and would follow ba5e00000001" in done.stderr
    repository.checkout("f1", "feature")
    with unchanged(stale_branch):
        done = stale_branch.gitlembic("rebase", "--freeze")
    assert done.returncode == 1
    assert "a1 (migrations/versions/a1_create_t_a1.py) is not in this checkout" in done.stderr


def test_usage() -> None:
    done = Project(Path.cwd()).gitlembic("rebase", "--dynamic", "--freeze")
    assert done.returncode == 2
    assert "exclude each other" in done.stderr
