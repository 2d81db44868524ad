"""All that reads what others wrote, each as a function of bytes that may refuse them, and nothing else."""

from __future__ import annotations

import contextlib
import os
import sys
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from dulwich.object_format import SHA1
from dulwich.objects import Blob, ObjectID
from dulwich.pack import write_pack_index_v2, write_pack_objects

from gitlembic.adapters.birth_cache import BirthNotes, read_birth_notes, write_birth_notes
from gitlembic.adapters.chain_file import read_chain_file
from gitlembic.adapters.findings_cache import FindingsCache
from gitlembic.adapters.git_directory import GitDirectory, find_git_directory
from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.loose_objects import read_loose
from gitlembic.adapters.packs import Packs
from gitlembic.adapters.project import Project
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.remembered_project import _document, _read
from gitlembic.commands.recall import recall, scan
from gitlembic.commands.resolve import resolve
from gitlembic.core.chain import Birth
from gitlembic.core.chain_format import render_json
from gitlembic.core.create_date import parse_create_date
from gitlembic.core.history import CommitId, HistoryUnknownError, Location
from gitlembic.core.migration import Migration, RevisionId
from gitlembic.core.migration_code import assignment_lines, code_checksum, same_code
from gitlembic.core.migration_source import assignment_line, parse_migration
from gitlembic.core.rows import migration_row
from gitlembic.core.sealed import VERSION, _checksum, seal, unseal
from gitlembic.core.snapshot import parse_snapshot
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.doctor.finding import Finding, Fix, Severity
from gitlembic.errors import GitlembicError
from tests.support.migrations import migration_source
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_COMMIT = "5c9eb899ede0a1b2c3d4e5f60718293a4b5c6d7e"
_LOCATION = Location("migrations/versions")


@dataclass(frozen=True)
class Target:
    """What is fuzzed: `run` reads bytes and may refuse them with a `GitlembicError`; `seeds` it accepts."""

    name: str
    run: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()

    def __call__(self, data: bytes) -> None:
        """Raises what no input may make it raise."""
        with contextlib.suppress(GitlembicError, HistoryUnknownError), _nothing_is_executed():
            self.run(data)


@dataclass
class _Watch:
    is_on: bool = False
    is_installed: bool = False
    executed: list[str] = field(default_factory=list)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_on and event == "exec" and arguments[0].co_filename in {"<unknown>", "<string>"}:
            self.executed.append(arguments[0].co_filename)


_watch = _Watch()


@contextlib.contextmanager
def _nothing_is_executed() -> Iterator[None]:
    """Python tells of code that is run; what was only parsed comes from `<unknown>`."""
    if not _watch.is_installed:
        sys.addaudithook(_watch)
        _watch.is_installed = True
    _watch.is_on = True
    try:
        yield
    finally:
        _watch.is_on = False
        executed, _watch.executed = _watch.executed, []
    assert not executed, "what was to be read was run"


def all_targets(directory: Path) -> tuple[Target, ...]:
    """Everything that reads; what reads files finds them below `directory`."""
    return (
        _migrations(),
        _create_dates(),
        _chain_files(directory / "chain"),
        _snapshots(),
        _scans(directory / "scan"),
        *_notes(directory / "notes"),
        _projects(directory / "project"),
        *_git_files(directory / "git"),
        *_objects(directory / "objects"),
        *_packs(directory / "packs"),
        _loose(directory / "loose"),
    )


def _migrations() -> Target:
    sources = [
        migration_source("a1", create_date="2026-01-02 03:04:05"),
        migration_source("a1", ("b", "c"), labels=("x",), depends_on=("y",), revises="b, c"),
        'revision: str = "a" "b"\ndown_revision = None\nif True:\n    revision = f"{1}"\n',
        "<<<<<<< ours\nrevision = 'a'\n=======\nrevision = 'b'\n>>>>>>> theirs\n",
        "# coding: latin-1\nrevision = '\xe9'\nexec('raise SystemExit')\nraise SystemExit(revision)\n",
        "from gitlembic import get_down_revision as g\nrevision = 'a'\ndown_revision = g(revision)\nreplaces = []\n",
        "import gitlembic\nrevision, down_revision = 'a', gitlembic.get_down_revision('a')\n@property\ndef f(): pass\n",
    ]
    words = [
        b"revision = ",
        b"down_revision",
        b"(" * 200,
        b"[" * 1000,
        b"-" * 3000,
        b"# coding: utf-16\n",
        b"'''",
        b"\\",
    ]

    def run(data: bytes) -> None:
        for source in (data, b"revision = 'a'\n" + data):
            parsed = parse_migration(source)
            if isinstance(parsed, Migration):
                migration_row(parsed)
            assignment_line(source, "revision")
            assignment_lines(source)
            replaced_revisions(source)
            code_checksum(source)
            same_code(source, b"revision = 'b'")

    return Target("migration", run, tuple(text.encode("latin-1") for text in sources), tuple(words))


def _create_dates() -> Target:
    seeds = (b"2026-01-02 03:04:05.678901+02:00", b"2026-W01-1T03", b"20260102T030405Z", b"2026W017")
    return Target("create date", lambda data: parse_create_date(data.decode("utf-8", "surrogateescape")), seeds)


def _chain_files(directory: Path) -> Target:
    directory.mkdir(parents=True)
    path = directory / "revision_chain.json"
    seeds = (b'{"a": "b", "c": "a"}\n', b'{\n  "a": null\n}\n', b"{}", b'\xef\xbb\xbf{"a": ["b", "c"]}')
    words = (b'"', b"{", b"[" * 2000, b"\\ud800", b"null", b"1e999", b"NaN", b'"a"', b": ", b'"../../x"')

    def run(data: bytes) -> None:
        path.write_bytes(data)
        read_chain_file(path)

    return Target("chain file", run, seeds, words)


def _sealed(data: bytes) -> str:
    """The bytes with the right checksum: whoever is hostile can make it as well."""
    body = data.decode("utf-8", "surrogateescape")
    return f"{_checksum(body)}\n{body}\n"


def _snapshots() -> Target:
    row = ["a", "dynamic", [], [], [], "add a", "2026-01-02T03:04:05+00:00", ["b"], []]
    document = {
        "commit": _COMMIT,
        "place": [["versions", False]],
        "trees": [_COMMIT],
        "files": {"versions/a.py": _COMMIT},
        "connections": [],
        "founded": [0],
        "lines": [[[0], [[[value] for value in ("versions/a.py", *row)], [0], [[0, _COMMIT]]]]],
        "births": [[_COMMIT], ["2026-01-02T03:04:05+00:00"], ["Ada"]],
    }
    seed = seal(document).splitlines()[1].encode()
    words = (b"null", b"[" * 2000, b"-1", b"1e400", b"{}", b"[]", b'""', VERSION.encode(), b"99999999999999999999")

    def run(data: bytes) -> None:
        parse_snapshot(_sealed(data))
        parse_snapshot(data.decode("utf-8", "replace"))

    return Target("snapshot", run, (seed,), words)


_CACHED = (b"null", b"[]", b"{}", b'""', b"0", b"false", b"-1", b"1e400", b"NaN", b'"a.py"', b"[" * 2000)
_LATER = 4 * 10**18
"""Nanoseconds: so late that all files were left alone for long."""


def _scans(directory: Path) -> Target:
    """What the files declared and came to the last time, to whoever asks for the answer again."""
    with contextlib.closing(RepositoryBuilder(directory)) as builder:
        builder.commit("1", [], {f"{_LOCATION.path}/a.py": migration_source("a", None)})
        builder.commit("2", ["1"], {f"{_LOCATION.path}/b.py": migration_source("b")})
        builder.checkout("2")
    project = Project(directory, (directory / _LOCATION.path,), recursive=False)
    resolve(project)
    (home,) = find_homes(project)
    (kept,) = (directory / ".git/gitlembic").glob("files-*")

    def run(data: bytes) -> None:
        kept.write_bytes(_sealed(data).encode("utf-8", "surrogatepass"))
        os.utime(kept, ns=(_LATER, _LATER))
        found = recall(home, scan(home))
        if found is not None:
            render_json(found)

    _, rows, conclusion = unseal(kept.read_text())
    seed = seal([_LATER, rows, conclusion]).splitlines()[1].encode()
    run(seed)
    assert recall(home, scan(home)) is not None
    return Target("scan", run, (seed,), _CACHED)


def _notes(directory: Path) -> Iterator[Target]:
    """What was found, and when migrations came, by files of the cache that say nothing else."""
    (directory / ".git").mkdir(parents=True)
    git = GitDirectory(directory, directory / ".git", directory / ".git")
    commit = CommitId(_COMMIT)
    births = {RevisionId("a"): Birth(commit, datetime(2026, 1, 2, tzinfo=timezone.utc), "Ada")}
    write_birth_notes(git, (_LOCATION,), BirthNotes(commit, frozenset({"a.py"}), births))
    cache = FindingsCache(git, (_LOCATION,), [_COMMIT])
    cache.save({"GL101": (Finding(Severity.ERROR, "bad", "mend it", "a.py", 1, RevisionId("a"), commit, Fix.REBASE),)})

    def read_births() -> None:
        notes = read_birth_notes(git, (_LOCATION,))
        if notes is not None:
            write_birth_notes(git, (_LOCATION,), notes)

    def read_findings() -> None:
        cache.save(cache.load())

    for kind, read in (("births", read_births), ("findings", read_findings)):
        (kept,) = git.cache_dir.glob(f"{kind}-*")
        seed = kept.read_text().splitlines()[1].encode()
        yield Target(kind, _reading_sealed(kept, read), (seed,), _CACHED)


def _projects(directory: Path) -> Target:
    """Where the migrations were the last time."""
    directory.mkdir()
    project = Project(directory, (directory / _LOCATION.path,), recursive=True)
    kept = directory / "project.json"
    kept.write_text(seal(_document(project, [[os.fspath(directory / "alembic.ini"), None]], os.fspath(directory))))
    assert _read(kept) == project
    seed = kept.read_text().splitlines()[1].encode()
    return Target("project", _reading_sealed(kept, lambda: _read(kept)), (seed,), _CACHED)


def _reading_sealed(kept: Path, read: Callable[[], object]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        kept.write_bytes(_sealed(data).encode("utf-8", "surrogatepass"))
        read()

    return run


def _git_files(directory: Path) -> Iterator[Target]:
    """What is read of a git directory by hand, and what dulwich reads when it opens one."""
    lines = ("# pack-refs with: peeled fully-peeled sorted ", f"{_COMMIT} refs/heads/main", f"^{_COMMIT}", "")
    packed = "\n".join(lines)
    head = "ref: refs/heads/main\n"
    files = {
        "HEAD": (head, f"{_COMMIT}\n", "ref: ../../HEAD\n"),
        "packed-refs": (packed,),
        "refs/heads/main": (f"{_COMMIT}\n", "ref: refs/heads/main\n"),
        "commondir": ("..\n", "../..\n"),
        "shallow": (f"{_COMMIT}\n",),
        "MERGE_HEAD": (f"{_COMMIT}\n{_COMMIT}\n",),
        "logs/HEAD": (f"{'0' * 40} {_COMMIT} Ada <a@b> 1700000000 +0000\tcommit: x\n",),
        "rebase-merge/onto": (f"{_COMMIT}\n",),
        "config": ("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n",),
        "objects/info/alternates": ("../other\n", "/nowhere\n#comment\n"),
        "info/exclude": ("*.pyc\n!x\n[a-\n",),
    }
    for name, seeds in files.items():
        root = directory / name.replace("/", "_")
        git_dir = root / ".git"
        for below in ("refs/heads", "objects/info", "objects/pack", "logs", "rebase-merge", "info"):
            (git_dir / below).mkdir(parents=True)
        (git_dir / "HEAD").write_text(head)
        if name not in {"packed-refs", "refs/heads/main"}:
            (git_dir / "packed-refs").write_text(packed)
        (git_dir / "rebase-merge/head-name").write_text("refs/heads/main\n")
        words = tuple(text.encode() for text in ("ref: ", _COMMIT, _COMMIT[:39], "refs/", "0" * 64, "^", "[core]", "#"))
        run = _opening(root, git_dir / name) if name in _READ_BY_DULWICH else _reading(root, git_dir / name)
        yield Target(name, run, tuple(seed.encode() for seed in seeds), words)
    root = directory / "linked"
    root.mkdir()
    seed = f"gitdir: {directory / 'HEAD' / '.git'}\n".encode()
    yield Target(".git", _reading(root, root / ".git"), (seed, b"gitdir: ../HEAD/.git"), (b"gitdir: ", b"/"))


_READ_BY_DULWICH = frozenset({"config", "objects/info/alternates", "info/exclude"})


def _reading(root: Path, path: Path) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        path.write_bytes(data)
        found = find_git_directory(root)
        if found is not None and found.work_tree == root:
            for read in (
                found.read_head,
                found.read_branch,
                found.read_shallow,
                found.read_merge_heads,
                found.read_rebase,
                found.read_replayed,
                found.read_reverted,
                found.other_worktrees,
                lambda: found.read_reflog("HEAD"),
            ):
                with contextlib.suppress(GitlembicError):
                    read()

    return run


def _opening(root: Path, path: Path) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        path.write_bytes(data)
        found = find_git_directory(root)
        if found is not None and found.work_tree == root:
            with GitRepository(found) as repository:
                with contextlib.suppress(GitlembicError, HistoryUnknownError):
                    repository.parents(CommitId(_COMMIT))
                repository.ignores(_LOCATION, ["migrations/versions/a.py"])

    return run


class _Odd:
    """Objects of a repository that are whatever is put in place of one of them."""

    def __init__(self, root: Path) -> None:
        source = {"migrations/versions/a.py": migration_source("a", None), "x/y/z/b.py": "", "link.py": "x/y/z/b.py"}
        with contextlib.closing(RepositoryBuilder(root)) as builder:
            builder.commit("1", [], source, links={"link.py"})
            builder.commit("2", ["1"], {"migrations/versions/b.py": migration_source("b")})
            builder.checkout("2")
            self.head = builder.ids["2"]
            store = builder.repo.object_store
            commit = store.get_raw(ObjectID(self.head.encode()))[1]
            self.tree = commit[5:45].decode()
            self.seeds = {
                "commit": (commit,),
                "tree": tuple(store.get_raw(name)[1] for name in store if store.get_raw(name)[0] == 2),
            }
        found = find_git_directory(root)
        assert found is not None
        self.directory = found

    def target(self, name: str, kind: int, replaced: str) -> Target:
        def run(data: bytes) -> None:
            with GitRepository(self.directory) as repository:
                find = repository.objects.find
                repository.objects.find = lambda name: (kind, data) if name == replaced else find(name)  # type: ignore[method-assign]
                for location in (_LOCATION, Location("", recursive=True)):
                    for ask in (repository.fingerprint, repository.files, repository.dead_links):
                        with contextlib.suppress(GitlembicError, HistoryUnknownError):
                            ask(self.head, location)
                for asked in (repository.parents, repository.birth, repository.subject, repository.commit_of):
                    with contextlib.suppress(GitlembicError, HistoryUnknownError):
                        asked(self.head)
                with contextlib.suppress(GitlembicError, HistoryUnknownError):
                    repository.added_files(self.head)
                with contextlib.suppress(GitlembicError, HistoryUnknownError):
                    repository.holds(self.head, "migrations/versions/a.py")

        words = (
            b"tree ",
            b"parent ",
            b"\n\n",
            b"40000 ",
            b"120000 ",
            b"100644 a.py\0",
            b"x" * 20,
            b"author ",
            b"> 1 +0000\n",
        )
        return Target(name, run, self.seeds[name.partition(" ")[0]], words)  # no tree can hold itself


def _objects(directory: Path) -> Iterator[Target]:
    odd = _Odd(directory)
    yield odd.target("commit", 1, odd.head)
    yield odd.target("tree", 2, odd.tree)
    yield odd.target("tree as a tag", 4, odd.head)


def _packs(directory: Path) -> Iterator[Target]:
    """A pack, and its index, of objects that are kept as differences in both ways."""
    directory.mkdir(parents=True)
    blobs = [Blob.from_string(b"".join(b"line %d\n" % (line * (line != n)) for line in range(40))) for n in range(6)]
    names = [bytes.fromhex(blob.id.decode()) for blob in blobs]
    pack = directory / "pack-fuzzed.pack"
    with pack.open("wb") as file:
        entries, checksum = write_pack_objects(file, blobs, object_format=SHA1, deltify=True)
    with pack.with_suffix(".idx").open("wb") as file:
        write_pack_index_v2(file, sorted((name, *entry) for name, entry in entries.items()), checksum)
    for path in (pack, pack.with_suffix(".idx")):
        other = pack if path != pack else pack.with_suffix(".idx")
        yield Target(path.suffix, _finding(path, other, names), (path.read_bytes(),), (b"\x78\x9c", b"\x95", b"\x7e"))


def _loose(directory: Path) -> Target:
    """An object in a file of its own."""
    path = directory / _COMMIT[:2] / _COMMIT[2:]
    path.parent.mkdir(parents=True)

    def run(data: bytes) -> None:
        for contents in (data, zlib.compress(data)):
            path.write_bytes(contents)
            read_loose(os.fspath(directory), _COMMIT)

    seeds = (b"blob 6\0x = 1\n", zlib.compress(b"blob 100\0" + b"a" * 100), b"tree 0\0")
    return Target("loose", run, seeds, (b"blob ", b"-1", b"99999999999999999999", b"\0", b"\x78\x9c"))


def _finding(path: Path, other: Path, names: Sequence[bytes]) -> Callable[[bytes], None]:
    directory = path.with_suffix(path.suffix + "s")
    directory.mkdir()
    (directory / other.name).write_bytes(other.read_bytes())

    def run(data: bytes) -> None:
        (directory / path.name).write_bytes(data)
        with contextlib.closing(Packs(directory, 20)) as packs:
            for name in names:
                packs.find(name)

    return run
