"""What commits did to migrations is remembered, and whatever is remembered, it is what they did."""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest
from dulwich.objects import Blob

from gitlembic.commands.doctor import examine
from gitlembic.commands.past import read_past
from gitlembic.core.chain import Birth
from gitlembic.core.crossing import Mainline
from gitlembic.core.history import WORKING_TREE, CommitId, FileId
from gitlembic.core.presence import Presences
from gitlembic.core.sealed import seal, unseal
from gitlembic.doctor.event_rows import PlacedEvent, event_from_row, event_row
from tests.support.forging import tamper
from tests.support.memory_history import MemoryHistory, RandomHistory, hold, random_histories
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.projects import CACHE, LOCATION, configuration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gitlembic.adapters.past_cache import PastCache
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.adapters.versions_dir import WorkingTreeHistory
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.presence import Place
    from gitlembic.doctor.evidence import Event, Past
    from tests.support.repositories import RepositoryBuilder

COUNTS = pytest.mark.parametrize("examples", [100, pytest.param(2_000, marks=pytest.mark.full)])


@dataclass
class _Kept:
    """A cache of text."""

    text: str = "[]"

    def load(self) -> tuple[PlacedEvent, ...]:
        return tuple(map(event_from_row, json.loads(self.text)))

    def save(self, events: Sequence[PlacedEvent]) -> None:
        self.text = json.dumps([event_row(event) for event in events])


@dataclass
class _History(MemoryHistory):
    """One of which a commit is checked out, with nothing that is not committed."""

    head: CommitId | None = None


@dataclass
class _Repository:
    """Every version of a file does something else, and main was seen at every third commit."""

    story: RandomHistory
    directory: _Repository = field(init=False)

    def __post_init__(self) -> None:
        self.directory = self

    def read_reflog(self, _ref: str) -> list[CommitId]:
        return self.story.commits[::3]

    def subject(self, commit: CommitId) -> str:
        return f"what {commit} did"

    def birth(self, commit: CommitId) -> Birth:
        return Birth(commit, None, f"Ada of {commit} \udc80")

    def contents(self, file: FileId) -> bytes:
        return f"says = {file!r}\n".encode()


def _past(root: Path, story: RandomHistory, tip: CommitId, kept: _Kept) -> Past:
    """What became of the migrations until `tip`, which is the mainline, and checked out."""
    history = _History(dict(story.history.commits), dict(story.history.contents), head=tip)
    history.add(WORKING_TREE, [tip], story.history.tree(tip))
    place: Place = (story.locations[tip],)
    return read_past(
        root,
        place,
        cast("WorkingTreeHistory", history),
        cast("RememberedRepository", _Repository(story)),
        Mainline("main", tip, (tip,)),
        cast("PastCache", kept),
        lambda commit: _declared(story, commit),
    )


def _declared(story: RandomHistory, commit: CommitId) -> dict[RevisionId, tuple[RevisionId, ...]]:
    """Who follows whom at a commit, as far as both are there."""
    here = Presences(story.history).at(commit, (story.locations[commit],)).migrations
    return {
        revision: tuple(parent for parent in placed.migration.parents if parent in here)
        for revision, placed in here.items()
    }


def _telling(events: Sequence[Event]) -> list[Event]:
    """Without those that did nothing: a file that cannot be read makes all commits look anew."""
    return [event for event in events if event.newcomers or event.edits or event.removed]


def _first_parents(story: RandomHistory) -> list[CommitId]:
    line = [story.tip]
    while parents := story.history.parents(line[-1]):
        line.append(parents[0])
    return line[::-1]


@COUNTS
def test_any_commit_may_be_remembered(examples: int, tmp_path: Path) -> None:
    """An ancestor, which what came later is added to, or one on another line."""

    @hold(examples, random_histories())
    def check(story: RandomHistory) -> None:
        whole = _past(tmp_path, story, story.tip, _Kept())
        for commit in story.commits:
            kept = _Kept()
            _past(tmp_path, story, commit, kept)
            past = _past(tmp_path, story, story.tip, kept)
            assert _telling(past.events) == _telling(whole.events)
            assert (past.own, _telling(past.branch)) == (whole.own, _telling(whole.branch))


@COUNTS
def test_what_is_remembered_grows(examples: int, tmp_path: Path) -> None:
    @hold(examples, random_histories())
    def check(story: RandomHistory) -> None:
        kept = _Kept()
        for commit in _first_parents(story):
            grown, anew = (_past(tmp_path, story, commit, cache) for cache in (kept, _Kept()))
            assert _telling(grown.events) == _telling(anew.events)


def _file(revision: str, body: str = "    pass") -> dict[str, str]:
    return {f"{LOCATION}/{revision}.py": migration_source(revision, None if revision == "a1" else DYNAMIC, body=body)}


def _found(root: Path) -> list[tuple[str, str]]:
    diagnosis = examine(["-c", os.fspath(root / "alembic.ini")], select=("GL2",), ignore=())
    assert diagnosis.skipped == ()
    return [(found.check.code, found.finding.message) for found in diagnosis.found]


@pytest.fixture
def edited(repository: RepositoryBuilder) -> RepositoryBuilder:
    """main, where b2 was edited, and then c3 came."""
    repository.commit("base", [], {**configuration(), **_file("a1")})
    repository.commit("b", ["base"], _file("b2"))
    repository.commit("edited", ["b"], _file("b2", "    op.drop_table('x')"))
    repository.commit("c", ["edited"], _file("c3"))
    repository.checkout("c")
    return repository


def _remove(repository: RepositoryBuilder, text: str) -> Path:
    blob = Blob.from_string(text.encode()).id.decode()
    path = repository.root / ".git" / "objects" / blob[:2] / blob[2:]
    return path.rename(repository.root.with_name(blob))


def test_after_a_new_commit_nothing_older_is_read_again(edited: RepositoryBuilder) -> None:
    """A version of a file is not even there any more."""
    (before,) = _found(edited.root)
    (old,) = _file("b2").values()
    _remove(edited, old)
    edited.commit("d", ["c"], _file("d4"))
    edited.checkout("d")
    assert _found(edited.root) == [before]
    edited.commit("again", ["d"], _file("c3", "    op.drop_table('y')"))
    edited.checkout("again")
    assert [message.split(" is ")[0] for _, message in _found(edited.root)] == ["the code of b2", "the code of c3"]


@pytest.mark.parametrize("text", ["", "{", "0\n[1]\n", seal([[], [[1]]])])
def test_a_damaged_cache_is_no_cache(edited: RepositoryBuilder, text: str) -> None:
    before = _found(edited.root)
    for cache in ("findings", "past"):
        (path,) = (edited.root / CACHE).glob(f"{cache}-*.json")
        path.write_text(text)
    assert _found(edited.root) == before


@pytest.mark.parametrize("tries", [40, pytest.param(2_000, marks=pytest.mark.full)])
def test_may_be_forged(edited: RepositoryBuilder, tries: int) -> None:
    """Whoever knows the checksum may change what is found, and makes no check stop."""
    source = random.Random(1)  # noqa: S311 -- guards no secret
    _found(edited.root)
    (path,) = (edited.root / CACHE).glob("past-*.json")
    state, rows = unseal(path.read_text(encoding="utf-8"))
    for _ in range(tries):
        path.write_text(seal([state, tamper(rows, source)]), encoding="utf-8")
        for findings in (edited.root / CACHE).glob("findings-*.json"):
            findings.unlink()
        diagnosis = examine(["-c", os.fspath(edited.root / "alembic.ini")], select=("GL1", "GL2"), ignore=())
        assert "GL300" not in {found.check.code for found in diagnosis.found}


def test_where_a_clone_ends_its_past_does(edited: RepositoryBuilder) -> None:
    """Another depth is another past, although more is remembered."""
    assert [code for code, _ in _found(edited.root)] == ["GL204"]
    (edited.root / ".git" / "shallow").write_text(f"{edited.ids['edited']}\n")
    options = ["-c", os.fspath(edited.root / "alembic.ini")]
    assert "GL204" in [skipped.check.code for skipped in examine(options, select=("GL2",), ignore=()).skipped]
