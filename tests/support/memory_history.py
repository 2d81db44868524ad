"""Histories that are dictionaries, and a strategy that makes random ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitlembic.core.history import CommitId, FileId, HistoryUnknownError, Location
from gitlembic.core.migration import Kind, Migration, NotAMigration, RevisionId, Unparsable
from gitlembic.core.names import is_migration_file
from tests.support.reference import Reference

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from gitlembic.core.migration import Parsed
    from tests.support.reference import State

T = TypeVar("T")
Tree = dict[str, "Parsed"]


@dataclass(frozen=True)
class MemoryCommit:
    """Its parents, and the versions of all files by path."""

    parents: tuple[CommitId, ...]
    files: Mapping[str, FileId]


@dataclass
class MemoryHistory:
    """A `History` of dictionaries. `held` are the commits of a shallow clone; `None` for all."""

    commits: dict[CommitId, MemoryCommit] = field(default_factory=dict)
    contents: dict[FileId, Parsed] = field(default_factory=dict)
    held: frozenset[CommitId] | None = None
    boundary: frozenset[CommitId] = frozenset()

    def add(self, commit: CommitId, parents: Iterable[CommitId], tree: Mapping[str, Parsed]) -> None:
        for parsed in tree.values():
            self.contents[FileId(repr(parsed))] = parsed
        files = {path: FileId(repr(parsed)) for path, parsed in tree.items()}
        self.commits[commit] = MemoryCommit(tuple(parents), files)

    def tree(self, commit: CommitId) -> Tree:
        return {path: self.contents[file] for path, file in self._commit(commit).files.items()}

    def _commit(self, commit: CommitId) -> MemoryCommit:
        if self.held is not None and commit not in self.held:
            raise HistoryUnknownError(commit, "not in this clone")
        return self.commits[commit]

    def parents(self, commit: CommitId) -> tuple[CommitId, ...]:
        found = self._commit(commit).parents
        if commit in self.boundary and found:
            raise HistoryUnknownError(commit, "shallow")
        return found

    def skip_unchanged(
        self,
        commit: CommitId,
        place: Sequence[Location],  # noqa: ARG002 -- the protocol's
        is_wanted: Callable[[CommitId], bool],  # noqa: ARG002
    ) -> CommitId:
        return commit

    def fingerprint(self, commit: CommitId, location: Location) -> Hashable:
        below = {
            (location.relative(path), file)
            for path, file in self._commit(commit).files.items()
            if not location.path or path.startswith(location.path + "/")
        }
        return frozenset(below) or None

    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        return {
            path: file
            for path, file in self.python_files(commit)
            if path.rpartition("/")[0] == location.path
            or (location.recursive and (not location.path or path.startswith(location.path + "/")))
        }

    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        return [
            (path, file)
            for path, file in self._commit(commit).files.items()
            if is_migration_file(path.rpartition("/")[2])
        ]

    def parse(self, path: str, file: FileId) -> Parsed:  # noqa: ARG002 -- the protocol's
        return self.contents[file]

    def ancestors(self, commit: CommitId) -> set[CommitId]:
        """With the commit itself; as far as they are known."""
        found: set[CommitId] = set()
        waiting = [commit]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += () if name in self.boundary else self.commits[name].parents
        return found

    def shallow(self, tip: CommitId, boundary: Iterable[CommitId]) -> MemoryHistory:
        """What a clone of `tip` holds whose `boundary` commits have lost their parents."""
        cut = replace(self, boundary=frozenset(boundary))
        return replace(cut, held=frozenset(cut.ancestors(tip)))

    def shuffled(self, source: random.Random) -> MemoryHistory:
        """The same history with every dictionary in another order."""

        def shuffle(items: Mapping[T, FileId]) -> dict[T, FileId]:
            return dict(source.sample(list(items.items()), len(items)))

        commits = {name: replace(commit, files=shuffle(commit.files)) for name, commit in self.commits.items()}
        return replace(self, commits=commits)


@dataclass(frozen=True)
class RandomHistory:
    """A history, its commits oldest first, and where the migrations are at each."""

    history: MemoryHistory
    locations: Mapping[CommitId, Location]

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 -- asked by hypothesis
        printer.text(str(self))

    def __str__(self) -> str:
        """A line for each commit and file, as a failing test shows them."""
        lines = ["a history of"]
        for commit, location in self.locations.items():
            parents = " ".join(self.history.commits[commit].parents)
            lines.append(f"  {commit} ({parents}) {location.path}{'/**' if location.recursive else ''}")
            lines += [f"    {path}: {_show(parsed)}" for path, parsed in sorted(self.history.tree(commit).items())]
        return "\n".join(lines)

    @property
    def commits(self) -> list[CommitId]:
        return list(self.locations)

    @property
    def tip(self) -> CommitId:
        return self.commits[-1]


def _show(parsed: Parsed) -> str:
    if not isinstance(parsed, Migration):
        return type(parsed).__name__
    date = f" on {parsed.create_date:%d}" if parsed.create_date else ""
    return f"{parsed.revision} {parsed.kind.value} <- {' '.join(parsed.named_parents)}{date}"


def hold(examples: int, *strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], None]:
    """Decorates a property: tries it at once with so many examples, and shows how to repeat a failure."""

    def run(check: Callable[..., None]) -> None:
        slow = (HealthCheck.too_slow, HealthCheck.data_too_large)
        count = settings(max_examples=examples, deadline=None, print_blob=True, suppress_health_check=slow)
        count(given(*strategies)(check))()

    return run


_EPOCH = datetime(2024, 1, 1, tzinfo=timezone.utc)
_DATES = (None, _EPOCH, _EPOCH + timedelta(days=1), _EPOCH + timedelta(days=2))
_DIRECTORIES = ("versions", "db/versions", "archive")
_BROKEN = Unparsable("conflict markers", 1)
_ADDING = ("dynamic", "static")
_ACTIONS = (
    *_ADDING * 9,
    *("delete", "add again", "edit", "edit", "freeze", "thaw", "break", "mend") * 2,
    *("rename", "duplicate", "redate", "not a migration", "move file", "move location"),
)


@st.composite
def random_histories(
    draw: st.DrawFn, *, only_adding: bool = False, most_commits: int = 14, beside: str | None = None
) -> RandomHistory:
    """Histories in which much happens; `only_adding`: nobody deletes, edits or names what is absent.

    A third of the migrations is written into the directory `beside` the location, if there is one.
    """
    author = _Author(draw, only_adding=only_adding, beside=beside)
    for number in range(draw(st.integers(2, most_commits))):
        author.commit(CommitId(f"c{number}"))
    return RandomHistory(author.history, author.locations)


class _Author:
    """Writes one history; `tree` and `location` are those of the commit in the making."""

    def __init__(self, draw: st.DrawFn, *, only_adding: bool, beside: str | None) -> None:
        self._draw = draw
        self._only_adding = only_adding
        self._beside = beside
        self.history = MemoryHistory()
        self.locations: dict[CommitId, Location] = {}
        self._reference = Reference(self.history)
        self._recursive = self._one_in(6)
        self._written: list[Migration] = []
        self._parents: tuple[CommitId, ...] = ()
        self._tree: Tree = {}
        self._directory = _DIRECTORIES[0]

    def _pick(self, options: Sequence[T]) -> T:
        return self._draw(st.sampled_from(options))

    def _one_in(self, count: int) -> bool:
        return self._draw(st.integers(1, count)) == count

    def commit(self, name: CommitId) -> None:
        self._parents = self._pick_parents()
        self._tree, self._directory = {}, _DIRECTORIES[0]
        if self._parents:
            self._tree = self.history.tree(self._parents[0])
            self._directory = self.locations[self._parents[0]].path
            for parent in self._parents[1:]:
                self._merge(parent)
        if len(self._parents) < 2 or self._one_in(4):  # else an evil merge
            for _ in range(self._draw(st.integers(0 if self._parents else 1, 4))):
                self._act(self._pick(_ADDING if self._only_adding else _ACTIONS))
        self.history.add(name, self._parents, self._tree)
        self.locations[name] = Location(self._directory, self._recursive)

    def _pick_parents(self) -> tuple[CommitId, ...]:
        recent = list(reversed(self.locations))[:6]
        if not recent or (len(recent) > 1 and self._one_in(20)):
            return ()
        count = min(self._pick((1, 1, 1, 1, 2, 2, 2, 3)), len(recent))
        return tuple(self._draw(st.lists(st.sampled_from(recent), min_size=count, max_size=count, unique=True)))

    def _merge(self, other: CommitId) -> None:
        """The union of both trees, ours first; mostly what only they changed since the base is theirs."""
        theirs = self._relocated(self.history.tree(other), self.locations[other].path)
        if not self._only_adding and not self._one_in(3):
            self._take_changes(theirs, other)
        held = {parsed.revision for parsed in self._tree.values() if isinstance(parsed, Migration)}
        for path, parsed in theirs.items():
            if not isinstance(parsed, Migration) or parsed.revision not in held or self._one_in(20):
                self._tree.setdefault(path, parsed)

    def _take_changes(self, theirs: Tree, other: CommitId) -> None:
        shared = self.history.ancestors(self._parents[0]) & self.history.ancestors(other)
        base = next((name for name in reversed(self.locations) if name in shared), None)
        old = self._relocated(self.history.tree(base), self.locations[base].path) if base else {}
        for path, parsed in old.items():
            if self._tree.get(path) == parsed and path not in theirs:
                del self._tree[path]
            elif self._tree.get(path) == parsed:
                self._tree[path] = theirs[path]
            elif path not in self._tree and theirs.get(path) == parsed:
                del theirs[path]

    def _relocated(self, tree: Tree, directory: str) -> Tree:
        return {
            self._directory + path[len(directory) :] if path.startswith(directory + "/") else path: parsed
            for path, parsed in tree.items()
        }

    def _here(self) -> dict[str, Migration]:
        """The migrations in the location and beside it, by path."""
        held = tuple(f"{directory}/" for directory in (self._directory, self._beside) if directory)
        return {
            path: parsed
            for path, parsed in sorted(self._tree.items())
            if isinstance(parsed, Migration) and path.startswith(held)
        }

    def _new_path(self) -> str:
        """Names say nothing about the order."""
        inner = "" if self._only_adding or not self._one_in(12) else "inner/"
        number = self._draw(st.integers(0, 99))
        directory = self._beside if self._beside and self._one_in(3) else f"{self._directory}/{inner}".rstrip("/")
        while (path := f"{directory}/m{number:02}.py") in self._tree:
            number += 1
        return path

    def _write(self, migration: Migration) -> None:
        self._written.append(migration)
        self._tree[self._new_path()] = migration

    def _new_id(self) -> RevisionId:
        return RevisionId(f"r{len({migration.revision for migration in self._written})}")

    def _pick_declared(self) -> tuple[RevisionId, ...]:
        """Mostly the end of the line, or who was added last; sometimes anybody or nobody."""
        present = [migration.revision for migration in self._here().values()]
        state = self._state()
        spine = [name for name in state.spine if name in present] if state else []
        line = state.line() if state else []
        beside = [name for name in present if name not in line]
        newest = [migration.revision for migration in self._written[-1:] if migration.revision in present]
        how = self._pick(("end", "end", "newest", "newest", "any", "beside", "join", "join", "pair", "none", "missing"))
        if how == "missing" and not self._only_adding:
            return (self._pick([RevisionId("ghost"), *sorted({migration.revision for migration in self._written})]),)
        if not present or how == "none":
            return ()
        if how in {"join", "pair"}:  # of the end with somebody beside the line, or of any two
            others = beside if how == "join" and beside else present
            names = (self._pick(spine[-1:] or present), self._pick(others))
            return tuple(dict.fromkeys(names if self._one_in(2) else reversed(names)))
        return (self._pick({"end": spine[-1:], "newest": newest, "beside": beside}.get(how) or present),)

    def _pick_edited(self, name: RevisionId) -> tuple[RevisionId, ...]:
        """As for a new one, or onto somebody who stands later on the line."""
        state = self._state()
        line = state.line() if state else []
        later = line[line.index(name) + 1 :] if name in line else []
        return (self._pick(later),) if later and self._one_in(2) else self._pick_declared()

    def _state(self) -> State | None:
        """The line that the commit in the making builds on."""
        if not self._parents:
            return None
        return self._reference.state(self._parents[0], self.locations[self._parents[0]])

    def _act(self, action: str) -> None:
        here = self._here()
        if action == "dynamic":
            revises = self._pick_declared() if here and self._one_in(2) else ()
            self._write(self._dated(Migration(self._new_id(), Kind.DYNAMIC, revises=revises)))
        elif action == "static":
            self._write(self._dated(Migration(self._new_id(), Kind.STATIC, self._pick_declared())))
        elif action == "add again":
            self._add_again(here)
        elif action == "mend":
            self._mend()
        elif action == "move location":
            self._move_location()
        elif here:
            path = self._pick(list(here))
            self._change(action, path, here[path])

    def _dated(self, migration: Migration) -> Migration:
        return migration._replace(create_date=self._pick(_DATES))

    def _add_again(self, here: Mapping[str, Migration]) -> None:
        """What was deleted, or stands on another branch."""
        held = {migration.revision for migration in here.values()}
        absent = [migration for migration in self._written if migration.revision not in held]
        if absent:
            self._tree[self._new_path()] = self._pick(absent)

    def _mend(self) -> None:
        broken = [path for path, parsed in sorted(self._tree.items()) if isinstance(parsed, Unparsable)]
        if broken and self._written:
            path = self._pick(broken)
            versions = [tree[path] for name in self.locations if path in (tree := self.history.tree(name))]
            older = [parsed for parsed in versions if isinstance(parsed, Migration)]
            self._tree[path] = self._pick(older or self._written)

    def _move_location(self) -> None:
        moved = self._pick([directory for directory in _DIRECTORIES if directory != self._directory])
        old, self._directory = self._directory, moved
        self._tree = self._relocated(self._tree, old)

    def _change(self, action: str, path: str, migration: Migration) -> None:
        if action in {"edit", "freeze", "thaw", "redate"}:
            self._tree[path] = self._edited(action, migration)
        elif action == "break":
            self._tree[path] = _BROKEN
        elif action == "not a migration":
            self._tree[path] = NotAMigration()
        elif action == "duplicate":
            self._tree[self._new_path()] = self._edited("edit", migration)
        else:
            del self._tree[path]
            if action == "rename":
                self._tree[self._new_path()] = migration
            elif action == "move file":
                self._tree[self._pick(("elsewhere", *_DIRECTORIES)) + "/" + path.rpartition("/")[2]] = migration

    def _edited(self, action: str, migration: Migration) -> Migration:
        if action == "redate":
            return self._dated(migration)
        if action == "thaw":
            return migration._replace(kind=Kind.DYNAMIC, parents=())
        parents = self._computed_parents if action == "freeze" else self._pick_edited
        return migration._replace(kind=Kind.STATIC, parents=parents(migration.revision))

    def _computed_parents(self, name: RevisionId) -> tuple[RevisionId, ...]:
        """What freezing writes into the file; sometimes the author's own idea."""
        state = self._state()
        if state is not None and name in state.migrations and not self._one_in(4):
            return state.parents(name)
        return self._pick_declared()
