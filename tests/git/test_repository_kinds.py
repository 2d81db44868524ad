"""Every kind of repository and clone that git makes: the same chain, or a refusal that says why."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.errors import BrokenInputError, CannotTellError
from tests.git.questions import LOCATION, chain, in_a_row, migration, resolve_project, write_files
from tests.support.git import Git
from tests.support.projects import CACHE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs_git

ROW = in_a_row("z m b a")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A static base, then `m` on main and `b a` on a branch that is merged."""
    made = Git.init(tmp_path / "project")
    write_files(made.root, migration("z", None))
    made("add", "--all")
    made("commit", "--quiet", "-m", "base")
    made.branch_off("feature", "main", "b", "a")
    made("checkout", "--quiet", "main")
    made.commit("m")
    made.merge("feature")
    return made


def _clone(git: Git, *arguments: str) -> Git:
    target = git.root.parent / "clone"
    git("clone", "--quiet", *arguments, f"file://{git.root}", os.fspath(target))
    return Git(target)


def _chain_or_refusal(root: Path) -> list[str] | CannotTellError:
    try:
        return chain(root)
    except CannotTellError as refusal:
        return refusal


def _cold(root: Path) -> list[str]:
    shutil.rmtree(root / CACHE, ignore_errors=True)
    return chain(root)


class TestShallow:
    """Equal to the full clone, or refused with the migrations named; never another answer."""

    @pytest.mark.parametrize("dynamic_base", [False, True])
    def test_at_every_depth(self, tmp_path: Path, *, dynamic_base: bool) -> None:
        origin = Git.init(tmp_path / "project")
        write_files(origin.root, migration("z") if dynamic_base else migration("z", None))
        origin("add", "--all")
        origin("commit", "--quiet", "-m", "base")
        for name in ("m", "n", "o"):
            origin.commit(name)
            origin("commit", "--quiet", "--allow-empty", "-m", "something else")
        origin.branch_off("feature", "main~3", "b")
        origin("checkout", "--quiet", "main")
        origin.merge("feature")
        whole = chain(origin.root)
        told = []
        for depth in range(1, 10):
            clone = tmp_path / f"depth {depth}"
            origin("clone", "--quiet", f"--depth={depth}", f"file://{origin.root}", os.fspath(clone))
            found = _chain_or_refusal(clone)
            if isinstance(found, CannotTellError):
                assert any(f"{name} ({LOCATION}/add_{name}.py)" in str(found) for name in "zmno"), depth
                assert "git fetch --unshallow" in (found.hint or "")
            else:
                assert found == whole, depth
                told.append(depth)
        assert told == list(range(min(told), 10))  # deeper never knows less
        assert 1 < min(told) < 9

    def test_deepened_after_it_was_asked(self, git: Git) -> None:
        clone = _clone(git, "--depth=1")
        with pytest.raises(CannotTellError, match="is older than what this clone holds"):
            chain(clone.root)
        clone("fetch", "--quiet", "--unshallow")
        assert chain(clone.root) == ROW

    def test_made_shallow_after_it_was_asked(self, git: Git) -> None:
        """It tells no more than a clone that has never been deeper."""
        clone = _clone(git)
        assert chain(clone.root) == ROW
        clone("fetch", "--quiet", "--depth=1")
        with pytest.raises(CannotTellError, match="is older than what this clone holds"):
            chain(clone.root)
        clone("fetch", "--quiet", "--unshallow")
        assert chain(clone.root) == ROW

    def test_deepened_step_by_step(self, git: Git) -> None:
        """What it remembers from before, when it knew less, misleads it at no step."""
        clone = _clone(git, "--depth=1")
        told = []
        for _ in range(4):
            found = _chain_or_refusal(clone.root)
            told.append(found if isinstance(found, list) else None)
            clone("fetch", "--quiet", "--deepen=1")
        assert told[0] is None
        assert told[-1] == ROW
        assert all(found in (None, ROW) for found in told)

    def test_a_chain_file_tells_what_git_cannot(self, git: Git) -> None:
        clone = _clone(git, "--depth=1")
        write_files(clone.root, {"migrations/revision_chain.json": '{"m": "z", "b": "m", "a": "b"}'})
        assert chain(clone.root) == ROW
        write_files(clone.root, migration("n"))
        assert chain(clone.root) == in_a_row("z m b a n")  # git knows that it came last
        write_files(clone.root, {"migrations/revision_chain.json": '{"m": "z", "b": "m"}'})
        with pytest.raises(CannotTellError, match="a "):
            chain(clone.root)


class TestPartial:
    """What was not fetched is not fetched now: gitlembic never goes to the network."""

    @pytest.mark.parametrize("leave_out", ["blob:none", "tree:0"])
    def test_answers_or_says_what_is_missing(self, git: Git, leave_out: str) -> None:
        git("config", "uploadpack.allowFilter", "true")
        clone = _clone(git, f"--filter={leave_out}")
        found = _chain_or_refusal(clone.root)
        if isinstance(found, CannotTellError):
            assert leave_out == "tree:0"
            assert "is missing" in str(found)
            assert "git fetch --refetch --no-filter" in (found.hint or "")
        else:
            assert found == ROW
        clone("fetch", "--quiet", "--refetch", "--no-filter")
        assert chain(clone.root) == ROW

    def test_an_older_version_of_an_edited_migration(self, git: Git) -> None:
        """Which was never checked out here; it may have declared something else."""
        path = git.root / LOCATION / "add_m.py"
        path.write_text(path.read_text().replace("pass", "return"))
        git("commit", "--quiet", "--all", "-m", "edited")
        git("config", "uploadpack.allowFilter", "true")
        clone = _clone(git, "--filter=blob:none")
        with pytest.raises(CannotTellError, match="is missing") as refusal:
            chain(clone.root)
        assert "git fetch --refetch --no-filter" in (refusal.value.hint or "")
        clone("fetch", "--quiet", "--refetch", "--no-filter")
        assert chain(clone.root) == ROW


class TestWorkTrees:
    def test_of_a_bare_repository(self, git: Git, tmp_path: Path) -> None:
        """A common layout: `.bare`, with every branch in a worktree beside it."""
        bare = tmp_path / "all" / ".bare"
        git("clone", "--quiet", "--bare", f"file://{git.root}", os.fspath(bare))
        Git(bare)("worktree", "add", "--quiet", "../main", "main")
        assert chain(tmp_path / "all" / "main") == ROW
        assert (bare / "gitlembic").is_dir()

    def test_submodule_and_its_worktree(self, git: Git, tmp_path: Path) -> None:
        outer = Git.init(tmp_path / "outer")
        outer("submodule", "--quiet", "add", f"file://{git.root}", "inner")
        outer("commit", "--quiet", "-m", "with a submodule")
        inner = outer.root / "inner"
        assert (inner / ".git").is_file()
        assert chain(inner) == ROW
        Git(inner)("worktree", "add", "--quiet", "--detach", "../beside", "HEAD~1")
        assert chain(outer.root / "beside") == in_a_row("z m")
        assert chain(outer.root, f"inner/{LOCATION}") == ROW  # the location's repository answers, not the project's
        shutil.copytree(inner, tmp_path / "copied", symlinks=True)
        with pytest.raises(CannotTellError):  # its .git file leads nowhere now
            chain(tmp_path / "copied")

    def test_separate_git_dir(self, git: Git, tmp_path: Path) -> None:
        target = tmp_path / "separate"
        git("clone", "--quiet", f"--separate-git-dir={tmp_path / 'elsewhere.git'}", f"file://{git.root}", str(target))
        assert chain(target) == ROW
        assert (tmp_path / "elsewhere.git" / "gitlembic").is_dir()

    def test_one_repository_in_the_work_tree_of_another(self, git: Git) -> None:
        inner = Git.init(git.root / "vendored")
        inner.commit("x", "y")
        assert chain(inner.root) == in_a_row("x y")
        assert chain(git.root) == ROW

    def test_a_location_that_is_a_link_into_the_repository(self, git: Git, tmp_path: Path) -> None:
        (tmp_path / "alias").symlink_to(git.root / LOCATION)
        assert chain(tmp_path, "alias") == ROW
        (git.root / "there").symlink_to(LOCATION)
        assert chain(git.root, "there") == ROW

    @pytest.mark.parametrize("sparse_index", [False, True])
    def test_sparse_checkout(self, git: Git, *, sparse_index: bool) -> None:
        write_files(git.root, {"docs/index.txt": "much\n", "top.txt": "more\n"})
        git("add", "--all")
        git("commit", "--quiet", "-m", "docs")
        index = ["--sparse-index"] if sparse_index else []
        git("sparse-checkout", "set", "--cone", *index, "migrations")
        assert not (git.root / "docs").exists()
        assert chain(git.root) == ROW

    def test_split_index(self, git: Git) -> None:
        git("update-index", "--split-index")
        assert chain(git.root) == ROW

    def test_line_ends_converted_in_the_work_tree(self, git: Git) -> None:
        write_files(git.root, {".gitattributes": "*.py text eol=crlf\n"})
        git("add", "--all")
        git("commit", "--quiet", "-m", "crlf")
        clone = _clone(git)
        assert b"\r\n" in (clone.root / LOCATION / "add_a.py").read_bytes()
        assert chain(clone.root) == ROW

    @pytest.mark.parametrize("ignored", ["migrations/", "*.py", "add_*"])
    def test_a_location_that_git_ignores(self, git: Git, ignored: str) -> None:
        """What was checked out of it has not been tracked since."""
        git("rm", "-r", "--quiet", "--cached", LOCATION)
        (git.root / ".gitignore").write_text(f"{ignored}\n")
        git("add", ".gitignore")
        git("commit", "--quiet", "-m", "forget the migrations")
        assert git("check-ignore", f"{LOCATION}/add_a.py")
        with pytest.raises(CannotTellError, match="git ignores the migrations here, and there is no chain file"):
            chain(git.root)

    def test_outside_any_repository(self, git: Git, tmp_path: Path) -> None:
        shutil.copytree(git.root / LOCATION, tmp_path / "copy" / LOCATION)
        Git(tmp_path / "copy")("status", accept=(128,))
        with pytest.raises(CannotTellError, match="is in no git repository, and there is no chain file"):
            chain(tmp_path / "copy")

    def test_of_another_owner(self, git: Git) -> None:
        """Git refuses it, since hooks and configuration could run programs; nothing of them is run here."""
        if os.geteuid() != 0:
            pytest.skip("only root may give files away")
        for path in (git.root, *git.root.rglob("*")):
            os.lchown(path, 12345, 12345)
        git("status", accept=(128,))
        assert chain(git.root) == ROW


class TestStorage:
    def test_many_packs(self, git: Git) -> None:
        names = ["z", "m", "b", "a"]
        for number in range(20):
            git.commit(f"d{number}")
            git("repack", "--quiet", "-d")
            names.append(f"d{number}")
        assert len(list((git.root / ".git/objects/pack").glob("*.pack"))) > 15
        assert chain(git.root) == in_a_row(" ".join(names))
        git("multi-pack-index", "write")
        assert _cold(git.root) == in_a_row(" ".join(names))
        for index in (git.root / ".git/objects/pack").glob("*.idx"):
            assert index.exists()

    @pytest.mark.parametrize("split", [False, True])
    def test_commit_graph(self, git: Git, *, split: bool) -> None:
        arguments = ["--split"] if split else []
        git("commit-graph", "write", "--reachable", *arguments)
        git.commit("n")
        git("commit-graph", "write", "--reachable", *(["--split=no-merge"] if split else []))
        git.commit("o")
        assert chain(git.root) == in_a_row("z m b a n o")

    def test_borrowed_objects(self, git: Git) -> None:
        clone = _clone(git, "--shared")
        if not (clone.root / ".git/objects/info/alternates").exists():  # not over file://
            shutil.rmtree(clone.root)
            git("clone", "--quiet", "--shared", os.fspath(git.root), os.fspath(clone.root))
        clone.commit("n")
        assert chain(clone.root) == in_a_row("z m b a n")

    def test_sha256(self, tmp_path: Path) -> None:
        root = tmp_path / "long ids"
        root.mkdir()
        git = Git(root)
        git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
        git.commit("z", "a")
        git.branch_off("feature", "main~1", "b")
        git("checkout", "--quiet", "main")
        git.merge("feature")
        assert chain(root) == in_a_row("z a b")
        assert chain(root) == in_a_row("z a b")  # from the cache
        assert chain(root, at="main~1") == in_a_row("z a")

    def test_reftable_as_git_writes_it(self, tmp_path: Path) -> None:
        git = Git(tmp_path / "project")
        git.root.mkdir()
        git("init", "--quiet", "--ref-format=reftable", "--initial-branch=main", accept=(0, 129))
        if not (git.root / ".git/reftable").is_dir():
            pytest.skip("git is older than 2.45")
        git.commit("z", "a")
        git.branch_off("feature", "main", "b")
        git("pack-refs", "--all")
        git("checkout", "--quiet", "main")
        git.merge("feature")
        found = _chain_or_refusal(git.root)
        assert isinstance(found, CannotTellError) or found == in_a_row("z a b")

    def test_ten_thousand_packed_refs(self, git: Git) -> None:
        commit = git("rev-parse", "HEAD")
        lines = [f"{commit} refs/remotes/origin/branch-{number:05}\n" for number in range(10_000)]
        git("pack-refs", "--all")
        packed = git.root / ".git/packed-refs"
        header, *refs = packed.read_text().splitlines(keepends=True)
        packed.write_text(header + "".join(sorted([*refs, *lines], key=lambda line: line.split()[1])))
        assert git("rev-parse", "origin/branch-09999") == commit
        assert chain(git.root) == ROW
        assert chain(git.root, at="origin/branch-09999") == ROW

    def test_replaced_commits_are_what_they_were(self, git: Git) -> None:
        """Replacements and grafts are one clone's own view; the order must be everybody's."""
        git("replace", "--graft", "HEAD~1")
        assert chain(git.root) == ROW
        assert _cold(git.root) == ROW
        (git.root / ".git/info").mkdir(exist_ok=True)
        (git.root / ".git/info/grafts").write_text(git("rev-parse", "HEAD") + "\n")
        assert _cold(git.root) == ROW

    @pytest.mark.parametrize("length", [0, 100, -30])
    def test_truncated_packs_are_refused(self, git: Git, length: int) -> None:
        git("gc", "--quiet", "--prune=now")
        (pack,) = (git.root / ".git/objects/pack").glob("*.pack")
        contents = pack.read_bytes()
        pack.chmod(0o644)
        pack.write_bytes(contents[:length] if length else b"")
        with pytest.raises((BrokenInputError, CannotTellError)) as refusal:
            chain(git.root)
        assert refusal.value.hint


class TestEnvironment:
    """GIT_DIR and its like, as git treats them."""

    def test_git_dir_of_an_exported_tree(self, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        exported = tmp_path / "exported"
        shutil.copytree(git.root / "migrations", exported / "migrations")
        with pytest.raises(CannotTellError):
            chain(exported)
        monkeypatch.setenv("GIT_DIR", os.fspath(git.root / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", os.fspath(exported))
        assert chain(exported) == ROW
        assert chain(exported, at="main~1") == in_a_row("z m")
        assert chain(git.root) == ROW  # which is outside that work tree
        monkeypatch.delenv("GIT_WORK_TREE")
        monkeypatch.chdir(exported)
        assert chain(exported) == ROW  # the current directory is the work tree

    def test_bare_with_a_work_tree(self, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        bare = tmp_path / "bare.git"
        git("clone", "--quiet", "--bare", f"file://{git.root}", os.fspath(bare))
        exported = tmp_path / "exported"
        (exported / LOCATION).mkdir(parents=True)
        monkeypatch.setenv("GIT_DIR", os.fspath(bare))
        monkeypatch.setenv("GIT_WORK_TREE", os.fspath(exported))
        assert chain(exported, at="main") == ROW
        assert chain(exported, at="feature") == in_a_row("z b a")

    def test_a_hook_runs_where_it_does(self, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(git.root)
        monkeypatch.setenv("GIT_DIR", ".git")
        assert chain(git.root) == ROW
        monkeypatch.chdir(git.root / "migrations")
        monkeypatch.setenv("GIT_DIR", "../.git")
        assert chain(git.root) == ROW

    def test_of_a_submodule(self, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its git directory says where the work tree is."""
        outer = Git.init(tmp_path / "outer")
        outer("submodule", "--quiet", "add", f"file://{git.root}", "inner")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("GIT_DIR", os.fspath(outer.root / ".git/modules/inner"))
        found = find_git_directory(outer.root / "inner" / LOCATION)
        assert found is not None
        assert found.work_tree == outer.root / "inner"
        assert chain(outer.root / "inner") == ROW

    def test_git_dir_may_name_nothing(self, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_DIR", "/nowhere")
        with pytest.raises(BrokenInputError, match="GIT_DIR names /nowhere"):
            resolve_project(git.root)

    def test_work_tree_alone(self, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        exported = tmp_path / "exported"
        shutil.copytree(git.root / "migrations", exported / "migrations")
        monkeypatch.chdir(git.root)
        monkeypatch.setenv("GIT_WORK_TREE", os.fspath(exported))
        assert chain(exported) == ROW

    def test_ceiling_directories(self, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
        start = git.root / LOCATION
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", os.fspath(git.root.parent))
        assert find_git_directory(start) is not None
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", f"relative{os.pathsep}{git.root}")
        assert find_git_directory(start) is None
        assert find_git_directory(git.root) is not None  # where one stands is looked at in any case
