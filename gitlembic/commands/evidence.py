"""A project -> the evidence that `doctor` looks at: each part is gathered when the first check asks for it."""

from __future__ import annotations

import importlib.util
import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import load_project, template_path
from gitlembic.adapters.dockerignore_file import read_dockerignore
from gitlembic.adapters.mainline import find_mainline
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.adapters.template_file import read_template
from gitlembic.adapters.unloaded_files import read_unloaded_files
from gitlembic.adapters.versions_dir import WorkingTreeHistory, read_source
from gitlembic.commands.chain import chain_file_states
from gitlembic.commands.checkouts import open_checkouts
from gitlembic.commands.find_revision import find_revision
from gitlembic.commands.library import compare_with_library
from gitlembic.commands.open_branches import read_open_branches
from gitlembic.commands.originals import explain_inside_squash, squashes_of
from gitlembic.commands.part import open_repository
from gitlembic.commands.past import read_past
from gitlembic.commands.rebase import cross, plan_rebase, same_text
from gitlembic.commands.resolve import resolve
from gitlembic.core.branches import split_branches
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.image_files import ImageBuild
from gitlembic.core.migration_code import assignment_lines, code_checksum
from gitlembic.core.presence import Presence, Presences
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.core.template_source import is_dynamic_template
from gitlembic.core.touched import read_touched
from gitlembic.core.whereabouts_text import explain_position, explain_whereabouts
from gitlembic.doctor.evidence import (
    Against,
    ChainFile,
    ComingSideHead,
    Database,
    Detour,
    Environment,
    Evidence,
    OpenBranches,
    Template,
    Uncommitted,
)
from gitlembic.doctor.lazy import Lazy
from gitlembic.doctor.uncommitted import compare_with_head
from gitlembic.errors import CannotTellError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.project_home import Home
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.commands.chain import ChainFileState
    from gitlembic.core.crossing import Mainline
    from gitlembic.core.explanation import Explanation
    from gitlembic.core.history import CommitId, FileId
    from gitlembic.core.library_order import Disagreement
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.rebase import Move
    from gitlembic.core.resolution import Resolution
    from gitlembic.core.touched import Touched
    from gitlembic.core.whereabouts import Whereabouts
    from gitlembic.doctor.evidence import Past, UnloadedFile
    from gitlembic.settings import Settings


_ASYNC_ENGINES = (b"async_engine_from_config", b"create_async_engine", b"AsyncEngine(")


@contextmanager
def open_evidence(
    options: Sequence[str], settings: Settings, against: Sequence[str], *, with_open: bool = False
) -> Iterator[Evidence]:
    """The evidence about the project that Alembic's global options choose, while its repositories are open.

    Other branches are looked at `with_open` only.
    Raises only where there is no project to look at, or nothing that `against` names.
    """
    project = load_project(options)
    with ExitStack() as stack:
        gatherer = _Gatherer(options, project, settings, stack)
        named = tuple((ref, resolve(project, at=ref)) for ref in against)
        yield Evidence(
            present=Lazy(gatherer.present),
            unloaded=Lazy(gatherer.unloaded),
            resolution=Lazy(lambda: resolve(project)),
            uncommitted=Lazy(gatherer.uncommitted),
            past=Lazy(gatherer.past),
            against=Lazy(lambda: tuple(gatherer.against(ref, there) for ref, there in named)),
            coming=Lazy(lambda: tuple(gatherer.coming(against))),
            open=Lazy(lambda: gatherer.open_branches(against) if with_open else OpenBranches()),
            moves=Lazy(gatherer.moves),
            unknown_mainline=Lazy(gatherer.unknown_mainline),
            chain_files=Lazy(gatherer.chain_files),
            library=Lazy(gatherer.library),
            template=Lazy(gatherer.template),
            environment=Lazy(gatherer.environment),
            shallow=Lazy(gatherer.shallow),
            homeless=Lazy(gatherer.homeless),
            detours=Lazy(gatherer.detours),
            databases=Lazy(gatherer.databases),
            checksums=Lazy(gatherer.checksums),
            squashed=Lazy(gatherer.squashed),
            whereabouts=gatherer.whereabouts,
            position=gatherer.position,
            line=gatherer.line,
            touched=gatherer.touched,
        )


class _Gatherer:
    def __init__(self, options: Sequence[str], project: Project, settings: Settings, stack: ExitStack) -> None:
        self._options = options
        self._project = project
        self._settings = settings
        self._stack = stack
        self._homes = Lazy(lambda: find_homes(project))
        self._opened = Lazy(self._open)
        self._lines: dict[str, dict[str, int]] = {}
        self._touched: dict[str, Touched] = {}

    def _open(self) -> tuple[tuple[Home, WorkingTreeHistory, RememberedRepository], ...]:
        """The working trees that are in a repository, on top of their history."""
        opened = []
        for home in self._homes():
            repository = open_repository(home, self._stack)
            if repository is not None:
                opened.append((home, self._working_tree(home).on_top_of(repository), repository))
        return tuple(opened)

    @staticmethod
    def _working_tree(home: Home) -> WorkingTreeHistory:
        return WorkingTreeHistory(home.root, cache=ScanCache(home.repository, home.place))

    def present(self) -> Presence:
        migrations: dict[RevisionId, PlacedMigration] = {}
        duplicates: list[PlacedMigration] = []
        parts = [Presences(self._working_tree(home)).at(WORKING_TREE, home.place) for home in self._homes()]
        for part in parts:
            for revision, placed in part.migrations.items():
                if migrations.setdefault(revision, placed) is not placed:
                    duplicates.append(placed)
            duplicates += part.duplicates
        return Presence(
            migrations,
            tuple(duplicates),
            {path: unparsable for part in parts for path, unparsable in part.unparsable.items()},
            tuple(path for part in parts for path in part.nameless),
        )

    def databases(self) -> tuple[Database, ...]:
        from gitlembic.adapters.database_position import read_databases  # only --db needs it  # noqa: PLC0415

        return tuple(Database(one.url, one.heads, one.journal) for one in read_databases(self._options))

    def squashed(self) -> dict[RevisionId, tuple[RevisionId, ...]]:
        squashes = squashes_of(self._project, resolve(self._project))
        return {squash.link.revision: squash.replaced_in_order for squash in squashes}

    def checksums(self) -> dict[str, str]:
        """Of a squash it would be that of others: it stands for them, under the id of one."""
        found: dict[str, str] = {}
        for home in self._homes():
            present = Presences(self._working_tree(home)).at(WORKING_TREE, home.place)
            for revision, placed in present.migrations.items():
                source = (home.root / placed.path).read_bytes()
                checksum = None if replaced_revisions(source) else code_checksum(source)
                if checksum is not None:
                    found[revision] = checksum
        return found

    def touched(self, path: str) -> Touched:
        if path not in self._touched:
            sources = ((home.root / path) for home in self._homes())
            source = next((one.read_bytes() for one in sources if one.is_file()), b"")
            self._touched[path] = read_touched(source)
        return self._touched[path]

    def unloaded(self) -> tuple[UnloadedFile, ...]:
        return tuple(
            file
            for home in self._homes()
            for location in home.place
            for file in read_unloaded_files(home.root, home.root / location.path, recursive=location.recursive)
        )

    def uncommitted(self) -> tuple[tuple[PlacedMigration, Uncommitted], ...]:
        return tuple(
            difference
            for home, history, repository in self._opened()
            for difference in compare_with_head(Presences(history), home.place, _same_text(home.root, repository))
        )

    def past(self) -> tuple[Past, ...]:
        return tuple(
            read_past(home.root, home.place, history, repository, self._mainline(history, repository))
            for home, history, repository in self._opened()
        )

    def _mainline(self, history: WorkingTreeHistory, repository: RememberedRepository) -> Mainline | None:
        try:
            return find_mainline(repository, history, self._settings.mainline, None)
        except GitlembicError:  # a check of its own says so
            return None

    def unknown_mainline(self) -> GitlembicError | None:
        try:
            for _, history, repository in self._opened():
                find_mainline(repository, history, self._settings.mainline, None)
        except GitlembicError as error:
            return error
        return None

    def against(self, ref: str, there: Resolution) -> Against:
        """With the migrations that stood where this branch and that of `ref` parted."""
        shared: set[RevisionId] = set()
        for home, history, repository in self._opened():
            presences = Presences(history)
            for base in repository.merge_bases(repository.resolve(ref), history.parents(WORKING_TREE)):
                there_then = presences.place_at_parent(base, WORKING_TREE, home.place)
                shared |= presences.at(base, there_then).migrations.keys()
        return Against(ref, there, frozenset(shared))

    def coming(self, against: Sequence[str]) -> Iterator[ComingSideHead]:
        """Of the mainline, and of every branch in `against` that goes on beside this checkout."""
        with open_checkouts(self._project) as checkouts:
            for checkout, onto in ((checkout, onto) for checkout in checkouts for onto in (None, *against)):
                mainline = find_mainline(checkout.repository, checkout.history, self._settings.mainline, onto)
                if onto is None or mainline.tip not in mainline.bases:
                    for crossing in cross(checkout, mainline):
                        for branch in split_branches(crossing):
                            for link in branch.coming_side_heads():
                                yield ComingSideHead(mainline.name, link, branch.end)

    def open_branches(self, against: Sequence[str]) -> OpenBranches:
        found = []
        for home, history, repository in self._opened():
            mainline = self._mainline(history, repository)
            known = (*((mainline.tip,) if mainline else ()), *map(repository.resolve, against))
            found.append(read_open_branches(home, history, repository, known))
        return OpenBranches(
            tuple(branch for one in found for branch in one.branches),
            sum(one.stale for one in found),
            tuple(name for one in found for name in one.unread),
        )

    def chain_files(self) -> tuple[ChainFile, ...]:
        """None where there is no repository to hold them against: there they are the only witness."""
        return tuple(self._chain_file(state) for state in (chain_file_states(self._options) if self._opened() else ()))

    def _chain_file(self, state: ChainFileState) -> ChainFile:
        path = self._shown(state.path)
        image = ImageBuild("", "", ignore=read_dockerignore(self._project.directory))
        below = Path(os.path.relpath(state.path, self._project.directory)).as_posix()
        return ChainFile(
            path,
            state.fault,
            state.reason,
            tracked=any(
                history.head is not None and repository.holds(history.head, path)
                for _, history, repository in self._opened()
            ),
            wanted=image.ignores(".git"),
            left_out=image.ignores(below),
        )

    def _shown(self, path: Path) -> str:
        """Relative to the root of the repository that it is in."""
        real = Path(os.path.realpath(path))
        roots = (Path(os.path.realpath(home.root)) for home in self._homes())
        root = next((root for root in roots if real.is_relative_to(root)), None)
        return os.fspath(path) if root is None else real.relative_to(root).as_posix()

    def whereabouts(self, revision: str) -> Explanation | None:
        """Which squash stands for a revision, or where git knows it; nothing where it cannot be asked."""
        return self._explain(revision, explain_whereabouts)

    def position(self, revision: str) -> Explanation | None:
        """The same for the position of a database, which nothing that is brought here cures."""
        return self._explain(revision, explain_position)

    def _explain(self, revision: str, explain: Callable[[Whereabouts], Explanation]) -> Explanation | None:
        try:
            inside = explain_inside_squash(self._project, resolve(self._project), revision)
            if inside is not None:
                return inside
            found = find_revision(self._project, revision)
        except (CannotTellError, HistoryUnknownError):
            return None
        return explain(found) if found is not None else None

    def library(self) -> tuple[Disagreement, ...]:
        order = compare_with_library(self._project)
        if order is not None and order.unknown:
            raise CannotTellError(order.unknown)
        return order.disagreements if order is not None else ()

    def template(self) -> Template:
        path = template_path(self._options)
        text = read_template(path)
        lines = (number for number, line in enumerate(text.splitlines(), 1) if line.startswith("down_revision"))
        return Template(self._shown(path), is_dynamic_template(text), next(lines, None))

    def environment(self) -> Environment | None:
        path = template_path(self._options).with_name("env.py")
        if not path.is_file():
            return None
        is_async = any(name in read_source(path) for name in _ASYNC_ENGINES)
        return Environment(self._shown(path), is_async, importlib.util.find_spec("greenlet") is not None)

    def shallow(self) -> tuple[CommitId, ...]:
        return tuple(commit for _, _, repository in self._opened() for commit in repository.directory.read_shallow())

    def homeless(self) -> tuple[str, ...]:
        return tuple(os.fspath(home.root) for home in self._homes() if home.directory is None)

    def detours(self) -> tuple[Detour, ...]:
        """None where there is no git to have another path."""
        homes = (home for home in self._homes() if home.repository is not None)
        return tuple(Detour(os.fspath(typed), location.path) for home in homes for typed, location in home.detours())

    def moves(self) -> tuple[Move, ...]:
        return tuple(rewrite.move for rewrite in plan_rebase(self._options).rewrites)

    def line(self, path: str, name: str) -> int | None:
        if path not in self._lines:
            file = next(filter(None, (self._on_disk(home, path) for home in self._homes())), None)
            self._lines[path] = assignment_lines(read_source(file)) if file is not None else {}
        return self._lines[path].get(name)

    @staticmethod
    def _on_disk(home: Home, path: str) -> Path | None:
        file = home.root / path
        return file if file.is_file() else None


def _same_text(root: Path, repository: RememberedRepository) -> Callable[[FileId, str], bool]:
    return lambda file, path: same_text(repository.contents(file), read_source(root / path))
