"""Repositories that are not as git makes them by default: read exactly, or refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import zlib
from typing import TYPE_CHECKING

import pytest
from dulwich.objects import Commit, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.reftable import ReftableRefsContainer

from gitlembic.adapters import git_objects
from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.loose_objects import read_loose
from gitlembic.core.history import HistoryUnknownError
from gitlembic.errors import BrokenInputError, CannotTellError
from tests.git.questions import LOCATION, chain, chains, in_a_row, migration, renamed, write_files
from tests.support.projects import Project, link_worktree, make_shallow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.support.repositories import RepositoryBuilder

Z = migration("z", None)
D1 = migration("d1", create_date="2026-01-05")
S = migration("s", "z", create_date="2026-01-01")
D2 = migration("d2", create_date="2026-01-02")
EXPECTED = ["z", "d1 < z", "d2 < d1 *", "s < z (side head)"]


def _three(repository: RepositoryBuilder) -> None:
    """By their dates s would come before d1."""
    for number, files in enumerate((Z, D1, S, D2)):
        repository.commit(f"{number}", [f"{number - 1}"] if number else [], files)
    repository.checkout("3")


def _use_reftable(repository: RepositoryBuilder) -> None:
    git_dir = repository.root / ".git"
    head = repository.ids["3"]
    shutil.rmtree(git_dir / "refs" / "heads")
    (git_dir / "refs" / "heads").write_text("this repository uses the reftable format\n")
    (git_dir / "reftable").mkdir()
    refs = ReftableRefsContainer(os.fspath(git_dir))
    refs.set_if_equals(Ref(b"refs/heads/main"), None, ObjectID(head.encode()))
    refs.set_symbolic_ref(Ref(b"HEAD"), Ref(b"refs/heads/main"))
    (git_dir / "HEAD").write_text("ref: refs/heads/.invalid\n")
    config = (git_dir / "config").read_text().replace("repositoryformatversion = 0", "repositoryformatversion = 1")
    (git_dir / "config").write_text(f"{config}[extensions]\n\trefStorage = reftable\n")


class TestReftable:
    def test_is_read(self, repository: RepositoryBuilder) -> None:
        _three(repository)
        _use_reftable(repository)
        assert chain(repository.root) == EXPECTED

    def test_is_refused_in_a_linked_worktree(self, repository: RepositoryBuilder) -> None:
        _three(repository)
        linked = link_worktree(repository, "3", repository.root.parent / "linked")
        _use_reftable(repository)
        with pytest.raises(CannotTellError, match="is a linked worktree of a repository whose refs are reftables"):
            chain(linked.root)


def _extend(repository: RepositoryBuilder, extension: str) -> None:
    config = repository.root / ".git" / "config"
    version_1 = config.read_text().replace("repositoryformatversion = 0", "repositoryformatversion = 1")
    config.write_text(f"{version_1}[extensions]\n\t{extension} = origin\n")


@pytest.mark.parametrize("extension", ["noop", "noop-v1", "partialClone", "preciousObjects"])
def test_an_extension_that_changes_nothing_here(repository: RepositoryBuilder, extension: str) -> None:
    """Older versions of git wrote `partialClone` into every partial clone."""
    _three(repository)
    _extend(repository, extension)
    assert chain(repository.root) == EXPECTED
    assert chain(repository.root, at="HEAD~1") == ["z", "d1 < z *", "s < z (side head)"]


def test_an_extension_that_nobody_knows(repository: RepositoryBuilder) -> None:
    _three(repository)
    _extend(repository, "novelty")
    with pytest.raises(CannotTellError, match="it has the extension novelty, which nothing here can read"):
        chain(repository.root)


def test_head_may_be_a_symbolic_link(repository: RepositoryBuilder) -> None:
    _three(repository)
    (repository.root / ".git" / "HEAD").unlink()
    (repository.root / ".git" / "HEAD").symlink_to("refs/heads/main")
    assert chain(repository.root) == EXPECTED


def test_a_linked_worktree_of_a_shallow_clone_is_shallow(repository: RepositoryBuilder) -> None:
    _three(repository)
    linked = link_worktree(repository, "3", repository.root.parent / "linked")
    make_shallow(repository, "2")
    with pytest.raises(CannotTellError, match="a shallow clone ends") as caught:
        chain(linked.root)
    assert "git fetch --unshallow" in caught.value.hint


@pytest.mark.parametrize("name", ["@", "@~0", "HEAD^{}", "main^{commit}"])
def test_at_names_a_commit_as_git_does(repository: RepositoryBuilder, name: str) -> None:
    _three(repository)
    assert chain(repository.root, at=name) == EXPECTED
    assert chain(repository.root, at=repository.ids["3"].upper()) == EXPECTED


@pytest.mark.parametrize("ignored", ["directory", "config"])
def test_what_git_ignores_may_be_unreadable(repository: RepositoryBuilder, ignored: str) -> None:
    repository.commit("0", [], {"README": ""})
    repository.checkout("0")
    write_files(repository.root, {**Z, **D1})
    if ignored == "directory":
        (repository.root / ".gitignore").mkdir()
    else:
        with (repository.root / ".git" / "config").open("a") as file:
            file.write("[core]\n\tignorecase = maybe\n")
    with pytest.raises(BrokenInputError, match="cannot read what git ignores"):
        chain(repository.root)


class TestLinks:
    @pytest.mark.parametrize("kind", ["absolute", "through a linked directory", "to an ignored file"])
    def test_that_git_cannot_follow_are_refused_once_committed(self, repository: RepositoryBuilder, kind: str) -> None:
        ((name, text),) = D2.items()
        target = {
            "absolute": os.fspath(repository.root / "shared" / "add_d2.py"),
            "through a linked directory": "../../lnk/add_d2.py",
            "to an ignored file": "../../gen/add_d2.py",
        }[kind]
        repository.commit("0", [], {**Z, "shared/add_d2.py": text, ".gitignore": "/gen/\n"})
        repository.commit("1", ["0"], {name: target, "lnk": "shared"}, links={name, "lnk"})
        repository.commit("2", ["1"], D1)
        repository.checkout("2")
        write_files(repository.root, {"gen/add_d2.py": text})
        for at in (None, "HEAD"):
            with pytest.raises(CannotTellError, match=r"add_d2\.py is a link"):
                chain(repository.root, at=at)

    def test_keep_their_places_when_the_location_moves(self, repository: RepositoryBuilder) -> None:
        files = {
            "z": Z,
            "d1": migration("d1", create_date="2026-01-01"),
            "d2": migration("d2", create_date="2026-01-05"),
        }
        shared = {f"shared/add_{name}.py": text for name, file in files.items() for text in file.values()}
        links = {name: dict.fromkeys(file, f"../../shared/add_{name}.py") for name, file in files.items()}
        paths = {path for file in links.values() for path in file}
        repository.commit("0", [], {**shared, **links["z"]}, links=paths)
        repository.commit("1", ["0"], links["d2"])
        repository.commit("2", ["1"], links["d1"])
        everything = links["z"] | links["d1"] | links["d2"]
        moved = renamed(everything, "migrations/steps")
        repository.commit(
            "3", ["2"], moved, links=paths | {path.replace(LOCATION, "migrations/steps") for path in paths}
        )
        repository.checkout("3")
        assert chain(repository.root, "migrations/steps") == in_a_row("z d2 d1")


def test_a_dangling_link_is_no_migration(repository: RepositoryBuilder) -> None:
    write_files(repository.root, {**Z, **migration("s", "z")})
    (repository.root / LOCATION / "b.py").symlink_to("nowhere")
    assert chain(repository.root) == in_a_row("z s")


class TestSeveralRepositories:
    def test_a_ref_names_a_commit_of_the_configurations(self, repository: RepositoryBuilder) -> None:
        """A static location elsewhere is as it is today."""
        _three(repository)
        outside = repository.root.parent / "elsewhere"
        write_files(outside, migration("p1", None, location="versions"))
        assert chains(repository.root, LOCATION, "../elsewhere/versions", at="HEAD~1") == [
            ["z", "d1 < z *", "s < z (side head)"],
            ["p1 *"],
        ]

    def test_a_ref_does_not_place_dynamic_ones_elsewhere(self, repository: RepositoryBuilder) -> None:
        _three(repository)
        outside = repository.root.parent / "elsewhere"
        write_files(outside, {**migration("p1", None, location="versions"), **migration("p2", location="versions")})
        with pytest.raises(CannotTellError, match="names a commit of another repository"):
            chains(repository.root, LOCATION, "../elsewhere/versions", at="HEAD")


class TestUntracked:
    def test_a_copy_with_a_static_sibling_is_not_arranged(self, repository: RepositoryBuilder) -> None:
        repository.commit("0", [], {"README": ""})
        repository.checkout("0")
        write_files(repository.root, {**Z, **migration("d1", revises="z"), **S, **migration("d2", revises="d1")})
        with pytest.raises(CannotTellError, match="git tracks none of the migrations here"):
            chain(repository.root)

    @pytest.mark.parametrize("ignore", ["", "*.py\n"])
    def test_a_location_beside_a_tracked_one_is_not_arranged(self, repository: RepositoryBuilder, ignore: str) -> None:
        _three(repository)
        other = "vendor/plugin/versions"
        write_files(repository.root, {".gitignore": ignore, **migration("p1", None, location=other)})
        write_files(repository.root, migration("p2", revises="p1", location=other))
        write_files(repository.root, migration("p3", revises="p1", location=other))
        with pytest.raises(CannotTellError):
            chains(repository.root, LOCATION, other)
        write_files(repository.root, {"vendor/plugin/revision_chain.json": '{"p3": "p1", "p2": "p3"}'})
        assert chains(repository.root, LOCATION, other) == [EXPECTED, in_a_row("p1 p3 p2")]


class TestALocationThatWasEmptied:
    PLUGIN = "plugin/versions"

    def _commit(self, repository: RepositoryBuilder, *steps: Mapping[str, str | None]) -> None:
        for number, files in enumerate(steps):
            repository.commit(f"{number}", [f"{number - 1}"] if number else [], files)

    def test_keeps_the_chain_that_it_joined(self, repository: RepositoryBuilder) -> None:
        """Whoever deletes its last migration changes nobody's parent, cold or warm; nor does who uses it again."""
        b1, b2 = (migration(name, revises="z", location=self.PLUGIN) for name in ("b1", "b2"))
        self._commit(repository, Z, b1, S, D1, dict.fromkeys(b1), b2)
        expected = {
            "3": ["z", "b1 < z", "d1 < b1 *", "s < z (side head)"],
            "4": ["z", "d1 < z *", "s < z (side head)"],
            "5": ["z", "d1 < z", "b2 < d1 *", "s < z (side head)"],
        }
        for commit, drawn in expected.items():  # warm: each goes on from the one before
            repository.checkout(commit)
            assert chain(repository.root, LOCATION, self.PLUGIN) == drawn
        for commit, drawn in expected.items():
            repository.checkout(commit)
            shutil.rmtree(repository.root / ".git" / "gitlembic")
            assert chain(repository.root, LOCATION, self.PLUGIN) == drawn

    def test_does_not_join_another_chain_in_silence(self, repository: RepositoryBuilder) -> None:
        p1, d2 = migration("p1", None, location=self.PLUGIN), migration("d2", revises="d1", location=self.PLUGIN)
        self._commit(repository, Z, D1, p1, dict.fromkeys(p1), d2)
        repository.checkout("4")
        with pytest.raises(CannotTellError, match="which is in a chain of its own") as caught:
            chains(repository.root, LOCATION, self.PLUGIN)
        assert "write the down_revision of d2 as a literal" in caught.value.hint


def test_a_chain_file_that_leaves_the_end_open_settles_no_shallow_clone(repository: RepositoryBuilder) -> None:
    first, second = migration("s1", "d1", create_date="2026-01-02"), migration("s2", "d1", create_date="2026-01-01")
    for number, files in enumerate((Z, D1, first, second, migration("d3"))):
        repository.commit(f"{number}", [f"{number - 1}"] if number else [], files)
    repository.checkout("4")
    assert "d3 < s1 *" in chain(repository.root)
    write_files(repository.root, {"migrations/revision_chain.json": '{"d1": "z", "d3": "s1"}'})
    assert "d3 < s1 *" in chain(repository.root)
    make_shallow(repository, "3")
    with pytest.raises(CannotTellError, match="older than what this clone holds"):
        chain(repository.root)


@pytest.mark.needs_git
def test_links_as_git_commits_them(repository: RepositoryBuilder) -> None:
    """The modes and contents that the builder writes are git's own."""
    ((name, text),) = D1.items()
    repository.commit("0", [], {**Z, "shared/add_d1.py": text})
    repository.commit("1", ["0"], {name: "../../shared/add_d1.py"}, links={name})
    repository.checkout("1")
    listed = subprocess.run(
        ["git", "ls-tree", "HEAD", name], cwd=Project(repository.root).root, capture_output=True, text=True, check=True
    )
    assert listed.stdout.startswith("120000 blob")


def test_an_object_that_is_packed_while_it_is_looked_for(
    repository: RepositoryBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packs do not have it yet; when the loose objects are looked through, they have it no more."""
    _three(repository)
    looked_for: list[str] = []

    def look_too_late(objects: str, name: str) -> tuple[int, bytes] | None:
        looked_for.append(name)
        monkeypatch.undo()
        repository.repo.object_store.pack_loose_objects()
        return read_loose(objects, name)

    monkeypatch.setattr(git_objects, "read_loose", look_too_late)
    assert chain(repository.root) == EXPECTED
    assert len(looked_for) == 1


@pytest.mark.parametrize(
    "text", ["zz refs/heads/main\n", " refs/heads/main\n", "0 refs/heads/main\n", f"{'a' * 40} refs/heads/ma"]
)
def test_packed_refs_that_are_damaged_are_no_unborn_branch(repository: RepositoryBuilder, text: str) -> None:
    _three(repository)
    (repository.root / ".git" / "refs" / "heads" / "main").unlink()
    (repository.root / ".git" / "packed-refs").write_text(text)
    with pytest.raises(BrokenInputError, match=r"packed-refs is damaged: it names no commit for refs/heads/main"):
        chain(repository.root)


@pytest.mark.parametrize("name", ["shallow", "info/grafts"])
def test_boundaries_that_are_damaged_are_refused(repository: RepositoryBuilder, name: str) -> None:
    _three(repository)
    (repository.root / ".git" / "info").mkdir(exist_ok=True)
    (repository.root / ".git" / name).write_text("zz\n")
    with pytest.raises(CannotTellError, match="cannot open the git repository"):
        chain(repository.root)


@pytest.mark.parametrize(
    "target", ["../../secret", "/dev/zero", "refs/../../secret", "refs/heads/.x", "HEAD", "refs/a b"]
)
def test_a_head_that_leads_out_of_the_refs_is_refused(repository: RepositoryBuilder, target: str) -> None:
    """Reading what it names might never end."""
    _three(repository)
    (repository.root / "secret").write_text("0" * 40)
    (repository.root / ".git" / "HEAD").write_text(f"ref: {target}\n")
    with pytest.raises(BrokenInputError, match=r"HEAD is damaged: it names no ref"):
        chain(repository.root)


@pytest.mark.parametrize("lines", ["\n", ".\n", "../objects\n", "../../other\n" * 100])
def test_borrowed_objects_that_lead_in_a_circle_are_refused(repository: RepositoryBuilder, lines: str) -> None:
    _three(repository)
    objects = repository.root / ".git" / "objects"
    (objects / "info" / "alternates").write_text(lines)
    tip = repository.ids["3"]
    (objects / tip[:2] / tip[2:]).unlink()  # so that it is looked for elsewhere
    with pytest.raises(BrokenInputError, match="leads in a circle, or to too many stores of objects"):
        chain(repository.root)


@pytest.mark.parametrize("name", ["commondir", ".git"])
def test_paths_that_cannot_be_are_refused(repository: RepositoryBuilder, name: str) -> None:
    _three(repository)
    if name == ".git":
        (repository.root / ".git").rename(repository.root / "elsewhere")
        (repository.root / ".git").write_bytes(b"gitdir: \0\n")
    else:
        (repository.root / ".git" / "commondir").write_bytes(b"\0\n")
    with pytest.raises((BrokenInputError, CannotTellError)):
        chain(repository.root)


def test_a_head_that_is_no_commit_is_refused(repository: RepositoryBuilder) -> None:
    _three(repository)
    tree = repository.repo[ObjectID(repository.ids["3"].encode())].tree  # type: ignore[attr-defined]
    (repository.root / ".git" / "HEAD").write_bytes(tree + b"\n")
    with pytest.raises(BrokenInputError, match="is no commit"):
        chain(repository.root)


def _opened(root: Path) -> GitRepository:
    directory = find_git_directory(root)
    assert directory is not None
    return GitRepository(directory)


def _cut(data: bytes) -> bytes:
    """The same contents, save for the last of them."""
    return zlib.compress(zlib.decompress(data)[:-1])


@pytest.mark.parametrize("data", [b"", b"junk", _cut, zlib.compress(b"blob 1\0x"), None])
def test_commits_that_are_damaged_are_refused_wherever_they_are_named(
    repository: RepositoryBuilder, data: bytes | Callable[[bytes], bytes] | None
) -> None:
    _three(repository)
    repository.branch("other", "2")
    one, other = repository.ids["3"], repository.ids["2"]
    path = repository.root / ".git" / "objects" / other[:2] / other[2:]
    whole = path.read_bytes()
    path.unlink()
    if data is None:
        path.mkdir()
    else:
        path.write_bytes(data(whole) if callable(data) else data)
    for name in ("other", "other~1", other, other[:12]):
        with _opened(repository.root) as opened, pytest.raises(CannotTellError, match=r"cannot read |names no commit"):
            opened.resolve(name)
    with _opened(repository.root) as opened, pytest.raises(BrokenInputError, match=r"cannot read |is no commit"):
        opened.merge_bases(repository.ids["1"], [one])


def _parted(repository: RepositoryBuilder) -> None:
    """The longer way leads to the newer commit, where the two parted.

    ::

        0 -- 1 ------- 3 (main)
         \\   \\
          \\   4 -- 5
           \\        \\
            2 ------- 6 (other)
    """
    for name, parents in {"0": "", "1": "0", "2": "0", "3": "1", "4": "1", "5": "4", "6": "25"}.items():
        repository.commit(name, [*parents], {**Z} if name == "0" else {f"{name}.txt": name})
    repository.checkout("6")


def test_where_branches_parted_is_not_guessed_in_a_shallow_clone(repository: RepositoryBuilder) -> None:
    _parted(repository)
    one = repository.ids
    with _opened(repository.root) as opened:
        assert opened.merge_bases(one["3"], [one["6"]]) == (one["1"],)
    for end in ("4", "5"):
        make_shallow(repository, end)
        with _opened(repository.root) as opened:
            for commit, other in (("3", "6"), ("6", "3")):
                with pytest.raises(HistoryUnknownError) as unknown:
                    opened.merge_bases(one[commit], [one[other]])
                assert unknown.value.commit == one[end]
            assert opened.merge_bases(one["2"], [one["6"]]) == (one["2"],)
            assert opened.merge_bases(one["6"], [one["2"]]) == (one["2"],)
            assert opened.merge_bases(one["3"], [one["2"]]) == (one["0"],)
    make_shallow(repository, "0")
    with _opened(repository.root) as opened:
        assert opened.merge_bases(one["3"], [one["6"]]) == (one["1"],)


@pytest.mark.parametrize(
    ("name", "text"), [("objects/info/commit-graph", ""), ("objects/info/commit-graph", "junk"), ("info/grafts", None)]
)
def test_where_branches_parted_is_what_the_commits_say(
    repository: RepositoryBuilder, name: str, text: str | None
) -> None:
    """As it is in every other clone."""
    _parted(repository)
    one = repository.ids
    path = repository.root / ".git" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{one['6']} {one['2']}\n" if text is None else text)
    with _opened(repository.root) as opened:
        assert opened.merge_bases(one["3"], [one["6"]]) == (one["1"],)


def test_refs_that_lead_in_a_circle_name_nothing(repository: RepositoryBuilder) -> None:
    _three(repository)
    refs = repository.root / ".git" / "refs" / "remotes" / "origin"
    refs.mkdir(parents=True)
    (refs / "HEAD").write_text("ref: refs/remotes/origin/HEAD\n")
    (refs / "loop").symlink_to("loop")
    with _opened(repository.root) as opened:
        assert opened.follow("refs/remotes/origin/HEAD") is None
        assert opened.refs().keys() == {"HEAD", "refs/heads/main"}
        with pytest.raises(CannotTellError, match="'origin/HEAD' names no commit"):
            opened.resolve("origin/HEAD")


def test_directories_that_nest_deeper_than_can_be_walked_are_refused(repository: RepositoryBuilder) -> None:
    store = repository.repo.object_store
    below = Tree()
    for _ in range(3_000):
        store.add_object(below)
        above = Tree()
        above.add(b"a", 0o40000, below.id)
        below = above
    repository.commit("0", [], Z)
    _three(repository)
    commit = repository.repo[ObjectID(repository.ids["3"].encode())]
    assert isinstance(commit, Commit)
    tree = repository.repo[commit.tree]
    assert isinstance(tree, Tree)
    tree.add(b"deep", 0o40000, below.id)
    commit.tree = tree.id
    for item in (below, tree, commit):
        store.add_object(item)
    (repository.root / ".git" / "refs" / "heads" / "main").write_bytes(commit.id + b"\n")
    assert chain(repository.root) == EXPECTED
    with pytest.raises(BrokenInputError, match="nest too deep"):
        chain(repository.root, "", recursive=True)
