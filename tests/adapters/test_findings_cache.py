"""What doctor remembers changes only its speed: whatever has changed since, it says what it would say anew."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from dulwich.objects import ObjectID
from dulwich.refs import Ref

from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.mainline import read_mainline_refs
from gitlembic.adapters.settings_files import read_settings
from gitlembic.commands.doctor import examine
from gitlembic.commands.evidence import open_evidence
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.projects import CACHE, LOCATION, configuration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.migrations import Down
    from tests.support.repositories import RepositoryBuilder


def _file(revision: str, down: Down, body: str = "    pass") -> dict[str, str]:
    return {f"{LOCATION}/{revision}.py": migration_source(revision, down, body=body)}


@pytest.fixture
def repository(repository: RepositoryBuilder) -> RepositoryBuilder:
    """main with a1 and b2, topic with c3 in a place that main has gone past; b2 was edited on main."""
    repository.commit("base", [], {**configuration(), **_file("a1", None)})
    repository.commit("b", ["base"], _file("b2", DYNAMIC))
    repository.commit("edited", ["b"], _file("b2", DYNAMIC, "    op.drop_table('x')"))
    repository.commit("c", ["b"], _file("c3", "a1"))
    repository.branch("main", "edited")
    repository.checkout("c", "topic")
    return repository


def _found(root: Path) -> list[tuple[str, str]]:
    diagnosis = examine(["-c", os.fspath(root / "alembic.ini")], select=(), ignore=())
    return [(found.check.code, found.finding.message) for found in diagnosis.found]


def _anew(root: Path) -> list[tuple[str, str]]:
    shutil.rmtree(root / CACHE, ignore_errors=True)
    return _found(root)


def _edit(repository: RepositoryBuilder) -> None:
    (repository.root / LOCATION / "a1.py").write_text(_file("a1", None, "    op.drop_table('y')")[f"{LOCATION}/a1.py"])


def _delete(repository: RepositoryBuilder) -> None:
    (repository.root / LOCATION / "c3.py").unlink()


def _commit(repository: RepositoryBuilder) -> None:
    repository.commit("d", ["c"], _file("d4", "nobody"))
    repository.checkout("d", "topic")


def _move_main(repository: RepositoryBuilder) -> None:
    repository.branch("main", "b")


def _rename_main(repository: RepositoryBuilder) -> None:
    repository.branch("master", "b")
    del repository.repo.refs[Ref(b"refs/heads/main")]


def _lose_main(repository: RepositoryBuilder) -> None:
    del repository.repo.refs[Ref(b"refs/heads/main")]


def _fetch_main(repository: RepositoryBuilder) -> None:
    repository.repo.refs[Ref(b"refs/remotes/origin/main")] = ObjectID(repository.ids["b"].encode())


def _configure(repository: RepositoryBuilder) -> None:
    repository.branch("release", "base")
    with (repository.root / "alembic.ini").open("a") as file:
        file.write("[gitlembic]\nmainline = release\n")


def _merge(repository: RepositoryBuilder) -> None:
    (repository.root / ".git" / "MERGE_HEAD").write_text(f"{repository.ids['edited']}\n")


def _break(repository: RepositoryBuilder) -> None:
    (repository.root / LOCATION / "c3.py").write_text("<<<<<<<\n")


def _compile(repository: RepositoryBuilder) -> None:
    ini = repository.root / "alembic.ini"
    ini.write_text(ini.read_text().replace("[alembic]", "[alembic]\nsourceless = true"))
    (repository.root / LOCATION / "d4.pyc").write_bytes(b"")


def _link_out(repository: RepositoryBuilder) -> None:
    """The contents stay the same, and git does not know when they came."""
    file, outside = repository.root / LOCATION / "c3.py", repository.root.with_name("c3.py")
    file.rename(outside)
    file.symlink_to(outside)


@pytest.mark.parametrize(
    "change",
    [
        *(_edit, _delete, _commit, _move_main, _rename_main, _lose_main, _fetch_main, _configure, _merge, _break),
        *(_compile, _link_out),
    ],
)
def test_whatever_changes_is_seen(repository: RepositoryBuilder, change: Callable[[RepositoryBuilder], None]) -> None:
    before = _found(repository.root)
    assert [code for code, _ in before] == ["GL204", "GL101"]
    assert _found(repository.root) == before
    change(repository)
    after = _found(repository.root)
    assert after == _anew(repository.root)
    assert after != before


def test_grafts_change_nothing(repository: RepositoryBuilder) -> None:
    """They are one clone's own: with this one the topic would begin where main ends."""
    before = _found(repository.root)
    (repository.root / ".git/info").mkdir(exist_ok=True)
    (repository.root / ".git/info/grafts").write_text(f"{repository.ids['c']} {repository.ids['edited']}\n")
    assert _found(repository.root) == _anew(repository.root) == before


def test_of_what_is_not_tracked_git_ignores_some(repository: RepositoryBuilder) -> None:
    root = repository.root
    repository.commit("bare", [], configuration(script="old"))
    repository.checkout("bare")
    (root / "new/versions").mkdir(parents=True)
    (root / "new/versions/a1.py").write_text(migration_source("a1", DYNAMIC))
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/new\n")
    before = _found(root)
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/exclude").write_text("new/\n")
    after = _found(root)
    assert after == _anew(root)
    assert after != before


def test_the_other_library_has_chain_files_of_its_own(repository: RepositoryBuilder) -> None:
    below = f"{LOCATION}/below"
    theirs = {name: migration_source(name, DYNAMIC, library="alembic_git_revisions") for name in ("b2", "c3")}
    start = configuration(options="recursive_version_locations = true")
    repository.commit("start", [], {**start, f"{below}/a1.py": migration_source("a1", None)})
    repository.commit("theirs", ["start"], {f"{below}/b2.py": theirs["b2"]})
    repository.commit("newer", ["theirs"], {f"{below}/c3.py": theirs["c3"]})
    repository.checkout("newer")
    before = _found(repository.root)
    (repository.root / LOCATION / "revision_chain.json").write_text('{"a1": null, "c3": "a1", "b2": "c3"}')
    after = _found(repository.root)
    assert after == _anew(repository.root)
    assert {code for code, _ in after} - {code for code, _ in before} == {"GL311"}


def test_a_repository_may_be_mended(repository: RepositoryBuilder) -> None:
    tip = repository.ids["edited"]
    file = repository.root / ".git/objects" / tip[:2] / tip[2:]
    contents = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(b"damaged")
    assert "GL309" in [code for code, _ in _found(repository.root)]
    file.write_bytes(contents)
    assert _found(repository.root) == _anew(repository.root)


def test_what_was_found_of_something_else_is_not_kept(repository: RepositoryBuilder) -> None:
    """Somebody wrote, or committed, while it was looked for."""
    options = ["-c", os.fspath(repository.root / "alembic.ini")]
    for change in (_edit, _commit):
        with open_evidence(options, read_settings(options), ()) as project:
            cache = project.known_findings()
            assert cache is not None
            change(repository)
            project.keep_findings(cache, {"GL204": ()})
            assert not [*(repository.root / CACHE).glob("findings-*.json")]


def test_whether_the_mainline_was_fast_forwarded_is_in_the_reflog_of_the_branch(repository: RepositoryBuilder) -> None:
    refs = repository.repo.refs
    refs[Ref(b"refs/remotes/origin/develop")] = ObjectID(repository.ids["edited"].encode())
    refs.set_symbolic_ref(Ref(b"refs/remotes/origin/HEAD"), Ref(b"refs/remotes/origin/develop"))
    directory = find_git_directory(repository.root)
    assert directory is not None
    before = read_mainline_refs(directory, None)
    log = repository.root / ".git/logs/refs/remotes/origin/develop"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        file.write(f"{repository.ids['b']} {repository.ids['edited']} a <b> 0 +0000\tfetch\n")
    assert read_mainline_refs(directory, None) != before


def test_what_is_remembered_is_not_looked_for_again(repository: RepositoryBuilder) -> None:
    """The history is not even there any more."""
    before = _found(repository.root)
    shutil.move(repository.root / ".git" / "objects", repository.root / "away")
    (repository.root / ".git" / "objects").mkdir()
    assert _found(repository.root) == before


def test_a_selection_remembers_what_it_looked_for(repository: RepositoryBuilder) -> None:
    options = ["-c", os.fspath(repository.root / "alembic.ini")]
    assert [found.check.code for found in examine(options, select=("GL2",), ignore=()).found] == ["GL204"]
    assert [code for code, _ in _found(repository.root)] == ["GL204", "GL101"]
    assert examine(options, select=("GL2",), ignore=("GL204",)).found == ()


@pytest.mark.parametrize("text", ["", "{", "0\n[1]\n"])
def test_a_damaged_cache_is_no_cache(repository: RepositoryBuilder, text: str) -> None:
    before = _found(repository.root)
    (cache,) = (repository.root / CACHE).glob("findings-*.json")
    cache.write_text(text)
    assert _found(repository.root) == before
