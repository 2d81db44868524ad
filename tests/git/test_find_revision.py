"""Where a revision is, asked of real repositories: every kind of place, and every kind of repository."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from dulwich.objects import Commit, ObjectID, Tag
from dulwich.refs import Ref
from dulwich.repo import Repo

from gitlembic.adapters.alembic_project import load_project
from gitlembic.commands.find_revision import find_revision
from gitlembic.core.whereabouts_text import explain_whereabouts
from tests.support.projects import (
    ADA,
    BASE,
    GRACE,
    LOCATION,
    Project,
    configuration,
    link_worktree,
    make_shallow,
    table_migration,
    three_tables,
    two_branches,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gitlembic.core.explanation import Explanation
    from gitlembic.core.history import CommitId
    from tests.support.repositories import RepositoryBuilder

_STASHED = "57a500000001"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", os.fspath(tmp_path))


def _explain(project: Project, wanted: str, *, inside: bool = True) -> Explanation:
    if inside:
        os.chdir(project.root)
    found = find_revision(load_project(["-c", os.fspath(project.root / "alembic.ini")]), wanted)
    assert found is not None
    return explain_whereabouts(found)


def _ref(repository: RepositoryBuilder, ref: str, commit: str) -> None:
    repository.repo.refs[Ref(ref.encode())] = ObjectID(repository.ids[commit].encode())


@contextlib.contextmanager
def _lost(repository: RepositoryBuilder, *commits: str) -> Iterator[None]:
    """While this is open, the clone does not have some commits."""
    objects = repository.root / ".git" / "objects"
    paths = [objects / commit[:2] / commit[2:] for commit in (repository.ids[name] for name in commits)]
    kept = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    yield
    for path, content in zip(paths, kept, strict=True):
        path.write_bytes(content)


def _reflog(repository: RepositoryBuilder, ref: str, *commits: CommitId) -> None:
    """Oldest first, as git appends them."""
    path = repository.root / ".git" / "logs" / ref
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{'0' * 40} {commit} Ada <ada@example.org> 1 +0000\tsaid\n" for commit in commits))


def _older_checkout(repository: RepositoryBuilder) -> Project:
    """Main one commit back, on a branch of its own, with nothing else left that has Grace's migration."""
    project = two_branches(repository)
    repository.checkout("ada", "here")
    for branch in (b"main", b"grace"):
        del repository.repo.refs[Ref(b"refs/heads/" + branch)]
    return project


_ADDED = "added by Grace on 2023-11-14 in {}"


class TestTips:
    @pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
    def test_a_branch(self, repository: RepositoryBuilder, *, packed: bool) -> None:
        project = _older_checkout(repository)
        _ref(repository, "refs/heads/topic/prices", "grace")
        if packed:
            repository.repo.refs.pack_refs(all=True)
        said = _explain(project, GRACE)
        added = _ADDED.format(repository.ids["grace"][:9])
        path = f"{LOCATION}/{GRACE}_create_prices.py"
        assert said.facts == (f"It is on the branch topic/prices as {path}, {added} (grace).",)
        assert said.hint == "`git switch topic/prices` goes there, or `git merge topic/prices` brings it here"

    def test_the_remote_branch_of_the_one_that_is_checked_out_comes_first(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        repository.checkout("ada", "here")
        _ref(repository, "refs/remotes/origin/here", "merge")
        said = _explain(project, GRACE[:6])
        assert said.facts[0].startswith(f"{GRACE} is on the remote branch origin/here as ")
        assert said.facts[1] == "Others that have it: main, grace."
        assert said.hint == "`git merge origin/here` brings it here"

    def test_a_remote_whose_name_has_a_slash(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        with (repository.root / ".git" / "config").open("a") as file:
            file.write('[remote "team"]\n\turl = /nowhere\n[remote "team/grace"]\n\turl = /nowhere\n')
        repository.checkout("ada", "here")
        _ref(repository, "refs/remotes/team/grace/here", "merge")
        said = _explain(project, GRACE[:6])
        assert said.facts[0].startswith(f"{GRACE} is on the remote branch team/grace/here as ")
        assert said.hint == "`git merge team/grace/here` brings it here"

    def test_an_annotated_tag_and_one_of_something_else(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        tag = Tag()
        tag.name, tag.message, tag.tagger = b"v1", b"said", b"Ada <ada@example.org>"
        tag.tag_time, tag.tag_timezone = 1, 0
        tag.object = (Commit, ObjectID(repository.ids["grace"].encode()))
        repository.repo.object_store.add_object(tag)
        repository.repo.refs[Ref(b"refs/tags/v1")] = tag.id
        tree = repository.repo[ObjectID(repository.ids["grace"].encode())]
        assert isinstance(tree, Commit)
        repository.repo.refs[Ref(b"refs/tags/a-tree")] = tree.tree
        said = _explain(project, GRACE)
        assert said.facts[0].startswith("It is in the tag v1 as ")
        assert said.hint.startswith("`git switch --detach v1` goes there")

    def test_a_branch_and_a_tag_of_one_name(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        _ref(repository, "refs/heads/v1", "grace")
        _ref(repository, "refs/tags/v1", "grace")
        assert _explain(project, GRACE).hint == "`git switch v1` goes there, or `git merge heads/v1` brings it here"
        del repository.repo.refs[Ref(b"refs/heads/v1")]
        _ref(repository, "refs/remotes/v1", "base")
        assert _explain(project, GRACE).hint.startswith("`git switch --detach tags/v1` goes there, ")

    def test_a_remote_branch_whose_own_is_checked_out_elsewhere(
        self, repository: RepositoryBuilder, tmp_path: Path
    ) -> None:
        project = _older_checkout(repository)
        _ref(repository, "refs/heads/topic", "base")
        linked = link_worktree(repository, "base", tmp_path / "linked")
        (repository.root / ".git" / "worktrees" / "linked" / "HEAD").write_text("ref: refs/heads/topic\n")
        _ref(repository, "refs/remotes/origin/topic", "grace")
        assert linked.root.exists()
        assert _explain(project, GRACE).hint.startswith("`git switch --detach origin/topic` goes there, ")

    def test_a_stash_and_what_was_not_tracked_in_it(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        repository.commit("index", ["ada"])
        tracked = repository.commit("tracked", ["ada", "index"], three_tables())
        repository.commit("untracked", [], table_migration(_STASHED, "refunds"))
        stash = repository.commit("stash", ["ada", "index", "untracked"])
        _ref(repository, "refs/stash", "stash")
        _reflog(repository, "refs/stash", tracked, stash)
        assert _explain(project, _STASHED).hint == "`git stash apply stash@{0}` brings it here"
        said = _explain(project, GRACE)
        assert said.facts[0].startswith("It is in stash@{1} as ")
        assert said.hint == "`git stash apply stash@{1}` brings it here"

    def test_a_stash_without_a_log(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        repository.commit("stash", ["ada"], three_tables())
        _ref(repository, "refs/stash", "stash")
        assert _explain(project, GRACE).hint == "`git stash apply stash@{0}` brings it here"

    def test_another_worktree_with_a_commit_or_with_a_file_only(
        self, repository: RepositoryBuilder, tmp_path: Path
    ) -> None:
        two_branches(repository)
        linked = link_worktree(repository, "grace", tmp_path / "linked")
        project = _older_checkout(repository)
        said = _explain(project, GRACE)
        assert said.facts[0].startswith(f"It is in the worktree {linked.root} as ")
        linked.write(table_migration(_STASHED, "refunds"))
        assert _explain(project, _STASHED).hint == f"go on in {linked.root}, or commit it there first"
        assert _explain(linked, ADA).hint == (f"go on in {project.root}, or `git merge here` brings it here")

    def test_what_was_checked_out_before(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        _reflog(repository, "HEAD", *(repository.ids[name] for name in ("base", "grace", "ada")))
        said = _explain(project, GRACE)
        assert said.facts[0].startswith("It is in what was checked out here before (HEAD@{1}) as ")
        assert f"`git checkout {repository.ids['grace'][:9]} -- {LOCATION}/" in said.hint

    def test_a_branch_label(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        path, source = next(iter(table_migration("1abe1", "refunds", BASE).items()))
        repository.commit("label", ["ada"], {path: source.replace("branch_labels = None", "branch_labels = 'side'")})
        _ref(repository, "refs/heads/labelled", "label")
        assert _explain(project, "side").facts[0].startswith("1abe1 is on the branch labelled ")


class TestDeletions:
    def test_by_a_commit(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        path = f"{LOCATION}/{GRACE}_create_prices.py"
        commit = repository.commit("drop prices", ["merge"], {path: None}, author="Eve <eve@example.org>")
        repository.checkout("drop prices", "here")
        said = _explain(project, GRACE)
        by = f"by Eve on 2023-11-14 in {commit[:9]} (drop prices)"
        assert said.facts == (f"It was {path} until it was deleted {by}.",)
        assert f"`git checkout {commit[:9]}~1 -- {path}` brings it here" in said.hint

    def test_on_a_branch_by_who_did_it_and_who_merged_it(self, repository: RepositoryBuilder) -> None:
        """On a branch of a branch that was brought up to date in between, too."""
        project = _older_checkout(repository)
        gone = {f"{LOCATION}/{GRACE}_create_prices.py": None}
        repository.commit("work", ["merge"])
        did = repository.commit("drop prices", ["work"], gone, author="Eve <eve@example.org>")
        repository.commit("other work", ["merge"])
        repository.commit("inner", ["other work", "drop prices"], gone, author="Ivy <ivy@example.org>")
        repository.commit("main", ["merge"])
        repository.commit("update", ["inner", "main"], author="Ivy <ivy@example.org>")
        merge = repository.commit("pull 7", ["main", "update"], gone, author="Max <max@example.org>")
        repository.checkout("pull 7", "here")
        said = _explain(project, GRACE)
        (fact,) = said.facts
        assert fact.endswith(
            f" until it was deleted by Eve on 2023-11-14 in {did[:9]} (drop prices), "
            f"merged by Max on 2023-11-14 in {merge[:9]} (pull 7)."
        )
        assert said.hint.startswith(f"`git show {did[:9]}` says why, and `git checkout {merge[:9]}~1 -- ")

    def test_by_a_merge_of_who_never_had_it(self, repository: RepositoryBuilder) -> None:
        """What ada's side never had it cannot have deleted, even if it did long ago."""
        project = _older_checkout(repository)
        gone = {f"{LOCATION}/{GRACE}_create_prices.py": None}
        repository.commit("dropped before", ["merge"], gone)
        repository.commit("side", ["dropped before"])
        repository.commit("back", ["dropped before"], table_migration(GRACE, "prices", BASE))
        repository.commit("evil", ["back", "side"], gone, author="Max <max@example.org>")
        repository.checkout("evil", "here")
        assert " deleted by Max on 2023-11-14 in " in _explain(project, GRACE).facts[0]

    def test_by_a_merge_that_says_not_who_did_it(self, repository: RepositoryBuilder) -> None:
        """The side took it from main, in a merge that left it out: the older deletion there was another one."""
        project = _older_checkout(repository)
        gone = {f"{LOCATION}/{GRACE}_create_prices.py": None}
        repository.commit("dropped before", ["merge"], gone)
        repository.commit("side", ["dropped before"])
        repository.commit("back", ["dropped before"], table_migration(GRACE, "prices", BASE))
        repository.commit("update", ["side", "back"])
        merge = repository.commit("pull 7", ["back", "update"], gone, author="Max <max@example.org>")
        repository.checkout("pull 7", "here")
        (fact,) = _explain(project, GRACE).facts
        assert fact.endswith(f" until it was deleted, merged by Max on 2023-11-14 in {merge[:9]} (pull 7).")

    def test_on_a_branch_that_the_clone_lacks(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        gone = {f"{LOCATION}/{GRACE}_create_prices.py": None}
        repository.commit("main", ["merge"])
        repository.commit("drop prices", ["merge"], gone, author="Eve <eve@example.org>")
        repository.commit("pull 7", ["main", "drop prices"], gone, author="Max <max@example.org>")
        repository.checkout("pull 7", "here")
        with _lost(repository, "drop prices"):
            (fact,) = _explain(project, GRACE).facts
        assert " until it was deleted, merged by Max on " in fact

    def test_without_a_commit(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        (project.root / LOCATION / f"{GRACE}_create_prices.py").unlink()
        assert _explain(project, GRACE).hint == (
            f"`git checkout HEAD -- {LOCATION}/{GRACE}_create_prices.py` brings it here"
        )


class TestRepositories:
    def test_a_project_below_the_root_whose_location_was_moved(self, repository: RepositoryBuilder) -> None:
        files = {f"backend/{path}": text for path, text in (configuration() | three_tables()).items()}
        old = f"backend/{LOCATION}"
        repository.commit("first", [], files)
        lost = f"{old}/{GRACE}_create_prices.py"
        repository.commit("second", ["first"], {lost: None})
        kept = {path: text for path, text in files.items() if path != lost}
        moved: dict[str, str | None] = {path: None for path in kept if path.startswith(old)}
        moved |= {path.replace(old, "backend/migrations/new"): text for path, text in kept.items()}
        ini = files["backend/alembic.ini"]
        moved["backend/alembic.ini"] = f"{ini}\n".replace(
            "[alembic]\n", "[alembic]\nversion_locations = %(here)s/migrations/new\n", 1
        )
        repository.commit("third", ["second"], moved)
        repository.checkout("third")
        project = Project(repository.root / "backend")
        deleted = repository.ids["second"][:9]
        assert f"`git -C .. show {deleted}~1:{lost}` prints it, for a file in" in _explain(project, GRACE).hint
        _ref(repository, "refs/heads/old", "first")
        assert _explain(project, GRACE).facts[1].startswith(f"It is on the branch old as {lost}, ")

    def test_one_that_is_asked_from_outside(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        repository.checkout("ada", "here")
        said = _explain(project, GRACE, inside=False)
        assert said.hint.startswith(f"`git -C {project.root} switch main` goes there")

    def test_a_shallow_clone(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        make_shallow(repository, "ada")
        with _lost(repository, "grace", "merge"):
            said = _explain(project, GRACE)
        assert said.facts[-1] == "It also lacks the beginning of HEAD's line, where it may have been deleted."
        assert said.hint.startswith("`git fetch --unshallow` brings")
        _ref(repository, "refs/heads/other", "merge")
        make_shallow(repository, "ada", "merge")
        assert _explain(project, GRACE).facts == (f"It is on the branch other as {LOCATION}/{GRACE}_create_prices.py.",)

    def test_a_clone_that_lacks_objects_says_so(self, repository: RepositoryBuilder) -> None:
        project = _older_checkout(repository)
        _ref(repository, "refs/heads/lost", "grace")
        _ref(repository, "refs/tags/lost-as-well", "grace")
        with _lost(repository, "grace", "merge"):
            said = _explain(project, GRACE)
        assert "This clone lacks objects of lost, lost-as-well: there nothing was looked for." in said.facts
        assert said.hint.startswith("`git fetch --refetch --no-filter` brings")

    def test_one_with_damage_in_a_branch_and_a_ref(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        repository.checkout("ada", "here")
        _ref(repository, "refs/heads/a", "grace")
        (repository.root / ".git" / "refs" / "heads" / "odd").write_text("nonsense\n")
        blob = repository.repo[ObjectID(repository.ids["grace"].encode())]
        assert isinstance(blob, Commit)
        path = repository.root / ".git" / "objects" / blob.tree[:2].decode() / blob.tree[2:].decode()
        path.chmod(0o644)
        path.write_bytes(b"nonsense")
        assert _explain(project, GRACE).facts[0].startswith("It is on the branch main as ")

    def test_one_where_nobody_has_it_and_there_is_a_remote(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        with (repository.root / ".git" / "config").open("a") as file:
            file.write('[remote "origin"]\n\turl = /nowhere\n')
        assert _explain(project, "5ade").hint.startswith("`git fetch --all --tags` brings")

    def test_one_before_its_first_commit(self, tmp_path: Path) -> None:
        project = Project(tmp_path / "fresh")
        project.write({**configuration(), **table_migration(BASE, "users", None)})
        Repo.init(os.fspath(project.root)).close()
        assert _explain(project, GRACE).hint.startswith("there is no remote")

    def test_none(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        shutil.rmtree(project.root / ".git")
        assert find_revision(load_project(["-c", os.fspath(project.root / "alembic.ini")]), GRACE) is None

    def test_two_answers_of_which_one_is_deleted(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        repository.commit("drop", ["merge"], {f"{LOCATION}/{GRACE}_create_prices.py": None})
        repository.checkout("drop")
        said = _explain(project, GRACE)
        assert [fact.split(" ")[1] for fact in said.facts] == ["was", "is"]
        assert said.hint.startswith("`git show ")
        assert "git merge" not in said.hint

    def test_another_migration_stands_where_it_was(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        path = f"{LOCATION}/{GRACE}_create_prices.py"
        source = (project.root / path).read_text(encoding="utf-8")
        project.write({path: source.replace(GRACE, _STASHED)})
        said = _explain(project, GRACE)
        assert said.facts[0] == f"It is in the last commit as {path}, and its id is {_STASHED} here."
        assert said.hint == f"`git show HEAD:{path}` prints it, for a file of another name"
        repository.commit("edited", ["merge"], {path: source.replace(GRACE, _STASHED)})
        repository.checkout("edited")
        said = _explain(project, GRACE)
        assert f"until its id was changed to {_STASHED} by " in said.facts[0]
        assert f"~1:{path}` prints it, for a file of another name (" in said.hint

    def test_a_branch_that_is_an_ancestor_has_nothing_to_merge(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        repository.commit("without", ["ada", "merge"])
        repository.checkout("without", "here")
        said = _explain(project, GRACE)
        assert said.hint.startswith("`git switch main` goes there, or `git checkout main -- ")


def test_a_commit_that_nothing_leads_to_any_more(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    lost = repository.commit("lost", ["base"], table_migration(_STASHED, "lost"))
    said = _explain(project, _STASHED)
    path = f"{LOCATION}/{_STASHED}_create_lost.py"
    assert said.facts[0].startswith(
        f"It is in the commit {lost[:9]}, which may be on no branch any more, as {path}, added"
    )
    assert said.hint == f"`git checkout {lost[:9]} -- {path}` brings it here"
