"""Repositories as git itself makes them, and the same answers without git.

The other tests write objects with dulwich; here git packs, merges and renames as it does for users.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.git.questions import LOCATION, chain, in_a_row, migration, order, resolve_project, write_files
from tests.support.git import Git
from tests.support.projects import ADA, GRACE, succeed, two_branches

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.repositories import RepositoryBuilder


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository with the migration `z` on main."""
    made = Git.init(tmp_path / "project")
    made.commit("z")
    return made


def _expect(git: Git, expected: str) -> None:
    """The order and the chain; the same from a fresh clone and when everything is packed."""
    assert order(git.root) == expected
    assert chain(git.root) == in_a_row(expected)
    clone = git.root.parent / f"clone at {git('rev-parse', '--short', 'HEAD')}"
    git("clone", "--quiet", "--no-local", os.fspath(git.root), os.fspath(clone))
    assert chain(clone) == in_a_row(expected)
    git("gc", "--quiet", "--aggressive", "--prune=now")
    assert not [entry for entry in (git.root / ".git" / "objects").iterdir() if len(entry.name) == 2]  # no loose ones
    assert (git.root / ".git" / "packed-refs").exists()
    assert order(git.root) == expected
    assert chain(git.root) == in_a_row(expected)


@pytest.mark.needs_git
class TestHistory:
    def test_merge_after_update_branch(self, git: Git) -> None:
        git.branch_off("feature", "main", "b", "a")
        git("checkout", "--quiet", "main")
        git.commit("m")
        git("checkout", "--quiet", "feature")
        git.merge("main")
        git.commit("c")
        assert order(git.root) == "z b a m c"
        git("checkout", "--quiet", "main")
        git.merge("feature")
        _expect(git, "z m b a c")

    def test_fast_forward_to_a_branch_that_had_merged_main(self, git: Git) -> None:
        git.branch_off("feature", "main", "b", "a")
        git("checkout", "--quiet", "main")
        git.commit("m")
        git("checkout", "--quiet", "feature")
        git.merge("main")
        git("checkout", "--quiet", "main")
        git("merge", "--quiet", "--ff-only", "feature")
        _expect(git, "z b a m")

    def test_octopus(self, git: Git) -> None:
        git.branch_off("one", "main", "f", "e")
        git.branch_off("two", "main", "b", "a")
        git.branch_off("three", "main", "d", "c")
        git("checkout", "--quiet", "main")
        git.commit("m")
        git.merge("one", "two", "three")
        assert len(git("rev-parse", "HEAD^@").split()) == 4
        _expect(git, "z m f e b a d c")

    def test_squash_merge(self, git: Git) -> None:
        git("checkout", "--quiet", "-b", "feature")
        write_files(git.root, {**migration("b", revises="z"), **migration("a", revises="b")})
        git("add", "--all")
        git("commit", "--quiet", "-m", "two")
        git("checkout", "--quiet", "main")
        git.commit("m")
        git("merge", "--quiet", "--squash", "feature")
        assert order(git.root) == "z m b a"
        git("commit", "--quiet", "-m", "squashed")
        _expect(git, "z m b a")

    def test_rebase(self, git: Git) -> None:
        git.branch_off("feature", "main", "b", "a")
        git("checkout", "--quiet", "main")
        git.commit("m")
        git("checkout", "--quiet", "feature")
        git("rebase", "--quiet", "main")
        git("checkout", "--quiet", "main")
        git("merge", "--quiet", "--ff-only", "feature")
        _expect(git, "z m b a")

    def test_cherry_pick(self, git: Git) -> None:
        git("branch", "release")
        git.commit("n", "m")
        git("checkout", "--quiet", "release")
        git("cherry-pick", "main")
        assert order(git.root) == "z m"
        git.commit("a")
        git.merge("main")
        _expect(git, "z m a n")

    def test_revert_and_land_again(self, git: Git) -> None:
        git.commit("a")
        git("revert", "--no-edit", "HEAD")
        assert order(git.root) == "z"
        git.commit("m")
        git("revert", "--no-edit", "HEAD~1")
        _expect(git, "z m a")

    def test_renames_with_git_mv(self, git: Git) -> None:
        git.commit("m", "a")
        git("mv", f"{LOCATION}/add_m.py", f"{LOCATION}/zz_last.py")
        assert order(git.root) == "z m a"
        git("commit", "--quiet", "-m", "rename")
        git.commit("b")
        _expect(git, "z m a b")

    def test_location_moved_with_git_mv_on_a_branch(self, git: Git) -> None:
        git("mv", "migrations", "db")
        git("commit", "--quiet", "-m", "an older place")
        git.commit("m", location="db/versions")
        git("checkout", "--quiet", "-b", "move")
        git("mv", "db", "migrations")
        git("commit", "--quiet", "-m", "back")
        git.commit("b")
        git("checkout", "--quiet", "main")
        git.commit("n", location="db/versions")
        git.merge("move")
        _expect(git, "z m n b")

    def test_conflict_while_merging_and_markers_committed(self, git: Git) -> None:
        git.branch_off("feature", "main", "b", "a")
        path = f"{LOCATION}/add_z.py"
        write_files(git.root, {path: migration("z", message="of the feature")[path]})
        git("commit", "--quiet", "-am", "edit")
        git("checkout", "--quiet", "main")
        write_files(git.root, {path: migration("z", message="of main")[path]})
        git("commit", "--quiet", "-am", "edit too")
        git.commit("m")
        git("merge", "--quiet", "--no-edit", "feature", accept=(1,))
        assert "<<<<<<<" in (git.root / path).read_text()
        assert order(git.root) == "z m b a"
        git("add", "--all")
        git("commit", "--quiet", "-m", "with the markers")
        git.commit("n")
        write_files(git.root, migration("z", message="mended"))
        git("commit", "--quiet", "-am", "mend")
        _expect(git, "z m b a n")

    def test_merge_in_progress(self, git: Git) -> None:
        git.branch_off("feature", "main", "b", "a")
        git("checkout", "--quiet", "main")
        git.commit("m")
        git("merge", "--quiet", "--no-ff", "--no-commit", "feature")
        write_files(git.root, migration("0"))
        assert order(git.root) == "z m b a 0"
        git("merge", "--abort")
        assert order(git.root) == "z m 0"

    def test_merge_of_an_annotated_tag_in_progress(self, git: Git) -> None:
        """git then writes the id of the tag into MERGE_HEAD, not that of the commit."""
        git.branch_off("release", "main", "b", "a")
        git("tag", "-a", "v1", "-m", "one")
        git("checkout", "--quiet", "main")
        git.commit("m")
        git("merge", "--quiet", "--no-ff", "--no-commit", "v1")
        assert (git.root / ".git" / "MERGE_HEAD").read_text().strip() == git("rev-parse", "v1")
        assert order(git.root) == "z m b a"

    def test_subtree_merge(self, git: Git, tmp_path: Path) -> None:
        other = Git.init(tmp_path / "other")
        other.commit("y", "b", "a", location="versions")
        git("fetch", "--quiet", os.fspath(other.root), "main:other")
        git("merge", "--quiet", "-s", "ours", "--no-commit", "--allow-unrelated-histories", "other")
        git("read-tree", "--prefix=vendor/", "-u", "other")
        git("commit", "--quiet", "-m", "subtree")
        assert chain(git.root, "vendor/versions") == in_a_row("y b a")
        git.commit("c", location="vendor/versions")
        git("gc", "--quiet")
        assert chain(git.root, "vendor/versions") == in_a_row("y b a c")
        assert chain(git.root) == ["z *"]


@pytest.mark.needs_git
class TestNames:
    @pytest.fixture
    def tagged(self, git: Git) -> Git:
        """`z m` is v1 (annotated), `z m n` v2 (lightweight) and main; `z b` is the branch topic/b."""
        git.commit("m")
        git("tag", "-a", "v1", "-m", "one")
        git("tag", "-a", "of-a-tag", "-m", "a tag of a tag", "v1")
        git.commit("n")
        git("tag", "v2")
        git("update-ref", "refs/remotes/origin/main", "v1")
        git.branch_off("topic/b", "main~2", "b")
        git("checkout", "--quiet", "main")
        return git

    @pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            ("v1", "z m"),
            ("of-a-tag", "z m"),
            ("refs/tags/v1", "z m"),
            ("v2", "z m n"),
            ("main", "z m n"),
            ("HEAD", "z m n"),
            ("topic/b", "z b"),
            ("refs/heads/topic/b", "z b"),
            ("origin/main", "z m"),
            ("v1~1", "z"),
            ("main~2", "z"),
            ("HEAD^", "z m"),
        ],
    )
    def test_at(self, tagged: Git, at: str, expected: str, *, packed: bool) -> None:
        if packed:
            tagged("pack-refs", "--all", "--prune")
            tagged("gc", "--quiet")
        resolution = resolve_project(tagged.root, at=at)
        assert resolution.head == tagged("rev-parse", f"{at}^{{commit}}")
        assert chain(tagged.root, at=at) == in_a_row(expected)

    def test_at_abbreviated_ids(self, tagged: Git) -> None:
        for packed in False, True:
            if packed:
                tagged("gc", "--quiet")
            for abbreviated in ("--short", "--short=12", "--short=40"):
                assert chain(tagged.root, at=tagged("rev-parse", abbreviated, "topic/b")) == in_a_row("z b")

    def test_linked_worktree(self, tagged: Git, tmp_path: Path) -> None:
        tree = tmp_path / "linked"
        tagged("worktree", "add", "--quiet", os.fspath(tree), "topic/b")
        assert chain(tree) == in_a_row("z b")
        assert chain(tree, at="HEAD") == in_a_row("z b")
        assert chain(tree, at="main") == in_a_row("z m n")
        assert chain(tagged.root) == in_a_row("z m n")
        linked = Git(tree)
        linked("merge", "--quiet", "--no-ff", "--no-commit", "main~1")
        write_files(tree, migration("0"))
        assert chain(tree) == in_a_row("z b m 0")
        assert chain(tagged.root) == in_a_row("z m n")
        linked("commit", "--quiet", "-m", "merged")
        tagged("gc", "--quiet")
        assert chain(tree) == in_a_row("z b m 0")
        assert chain(tagged.root, at="topic/b") == in_a_row("z b m")

    def test_detached_head(self, tagged: Git) -> None:
        tagged("checkout", "--quiet", "--detach", "v1")
        _expect_chain(tagged, "z m")
        tagged.commit("a")
        _expect_chain(tagged, "z m a")

    def test_orphan_branch(self, tagged: Git) -> None:
        tagged("checkout", "--quiet", "--orphan", "afresh")
        _expect_chain(tagged, "m n z")
        tagged("commit", "--quiet", "-m", "everything at once")
        _expect_chain(tagged, "m n z")

    def test_grown_after_packing(self, tagged: Git) -> None:
        tagged("gc", "--quiet")
        tagged.commit("a")
        tagged("repack", "--quiet", "-d")
        tagged.commit("0")
        _expect_chain(tagged, "z m n a 0")


def _expect_chain(git: Git, expected: str) -> None:
    assert chain(git.root) == in_a_row(expected)


_STUB = """#!/bin/sh
echo "$@" >> "{record}"
exit 1
"""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Where the stub of git notes that it was called."""
    return tmp_path / "calls"


@pytest.fixture
def stub(tmp_path: Path, record: Path) -> str:
    """A PATH on which git is nothing but a program that fails and notes that it was called."""
    directory = tmp_path / "bin"
    directory.mkdir()
    (directory / "git").write_text(_STUB.format(record=record))
    (directory / "git").chmod(0o755)
    return os.fspath(directory)


@pytest.mark.skipif(os.name == "nt", reason="the stub is a shell script")
class TestWithoutGit:
    def test_the_stub_notes_that_it_was_called(self, stub: str, record: Path) -> None:
        found = shutil.which("git", path=stub)
        assert found is not None
        assert subprocess.run([found, "log", "--topo-order"], check=False).returncode == 1
        assert record.read_text() == "log --topo-order\n"

    @pytest.mark.parametrize("at", [(), ("--at", "grace"), ("--births",)], ids=["here", "at", "births"])
    def test_the_chain_is_computed(
        self, repository: RepositoryBuilder, stub: str, record: Path, at: tuple[str, ...]
    ) -> None:
        project = two_branches(repository)
        expected = project.chain(*at)
        for path in (stub, "", os.devnull):
            shown = succeed(project.gitlembic("chain", "--format", "json", *at, PATH=path))
            assert json.loads(shown) == expected, path
        assert not record.exists()

    @pytest.mark.parametrize("command", [("upgrade", "head"), ("heads",), ("history",), ("chain", "--write")])
    def test_commands_run(
        self, repository: RepositoryBuilder, stub: str, record: Path, command: tuple[str, ...]
    ) -> None:
        project = two_branches(repository)
        succeed(project.gitlembic(*command, PATH=stub))
        assert not record.exists()

    def test_plain_alembic_runs(self, repository: RepositoryBuilder, stub: str, record: Path) -> None:
        project = two_branches(repository)
        shown = succeed(project.alembic("history", PATH=stub))
        assert f"{ADA} -> {GRACE} (head)" in shown
        assert not record.exists()
