"""A project -> the evidence that `doctor` looks at: each part is gathered when the first check asks for it."""

from __future__ import annotations

import importlib.util
import os
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.adapters.alembic_project import TEMPLATE_NAME, load_script, project_of
from gitlembic.adapters.dockerignore_file import read_dockerignores
from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.adapters.template_file import read_template
from gitlembic.adapters.unloaded_files import read_unloaded_files
from gitlembic.adapters.versions_dir import WorkingTreeHistory, read_source
from gitlembic.commands.known_findings import is_lasting, open_known_findings
from gitlembic.commands.part import open_repository
from gitlembic.commands.recall import scan
from gitlembic.commands.resolve import resolve
from gitlembic.commands.witness import is_tracked
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.migration_code import assignment_lines
from gitlembic.core.presence import Presence, Presences
from gitlembic.core.squash_header import own_checksum, read_squash_header
from gitlembic.core.template_source import is_dynamic_template
from gitlembic.core.touched import read_touched
from gitlembic.doctor.evidence import (
    ChainFile,
    Database,
    Detour,
    Environment,
    Evidence,
    OpenBranches,
    Template,
)
from gitlembic.doctor.lazy import Lazy
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.findings_cache import Findings, FindingsCache
    from gitlembic.adapters.project_home import Home
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.commands.chain import ChainFileState
    from gitlembic.commands.history_evidence import HistoryGatherer
    from gitlembic.core.history import CommitId
    from gitlembic.core.image_files import ImageBuild
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.touched import Touched
    from gitlembic.doctor.evidence import UnloadedFile
    from gitlembic.settings import Settings


_ASYNC_ENGINES = (b"async_engine_from_config", b"create_async_engine", b"AsyncEngine(")


@dataclass(frozen=True)
class OpenProject:
    """The evidence about a project, the findings that are remembered of it, and where gitlembic remembers them."""

    evidence: Evidence
    known_findings: Callable[[], FindingsCache | None]
    keep_findings: Callable[[FindingsCache, Findings], None]
    caches: Callable[[], tuple[str, ...]]


@contextmanager
def open_evidence(
    options: Sequence[str], settings: Settings, against: Sequence[str], *, with_open: bool = False
) -> Iterator[OpenProject]:
    """The evidence about the project that Alembic's global options choose, while its repositories are open.

    Other branches are looked at `with_open` only.
    Raises only where there is no project to look at, or nothing that `against` names.
    """
    script, config = load_script(options)
    project = project_of(script, config)
    with ExitStack() as stack:
        gatherer = _Gatherer(options, project, Path(script.dir, TEMPLATE_NAME), settings, stack)
        named = tuple((ref, resolve(project, at=ref)) for ref in against)
        evidence = Evidence(
            present=Lazy(gatherer.present),
            unloaded=Lazy(gatherer.unloaded),
            resolution=Lazy(lambda: resolve(project)),
            uncommitted=Lazy(lambda: gatherer.history().uncommitted()),
            past=Lazy(lambda: gatherer.history().past()),
            against=Lazy(lambda: tuple(gatherer.history().against(ref, there) for ref, there in named)),
            coming=Lazy(lambda: tuple(gatherer.history().coming(against))),
            open=Lazy(lambda: gatherer.history().open_branches(against) if with_open else OpenBranches()),
            moves=Lazy(lambda: gatherer.history().moves()),
            unknown_mainline=Lazy(lambda: gatherer.history().unknown_mainline()),
            chain_files=Lazy(gatherer.chain_files),
            library=Lazy(lambda: gatherer.history().library()),
            template=Lazy(gatherer.template),
            environment=Lazy(gatherer.environment),
            shallow=Lazy(gatherer.shallow),
            homeless=Lazy(gatherer.homeless),
            detours=Lazy(gatherer.detours),
            databases=Lazy(gatherer.databases),
            checksums=Lazy(gatherer.checksums),
            squashed=Lazy(gatherer.squashed),
            whereabouts=lambda revision: gatherer.history().whereabouts(revision),
            position=lambda revision: gatherer.history().position(revision),
            line=gatherer.line,
            touched=gatherer.touched,
        )
        keep = partial(gatherer.keep_findings, evidence)
        yield OpenProject(evidence, gatherer.known_findings, keep, gatherer.caches)


class _Gatherer:
    def __init__(
        self, options: Sequence[str], project: Project, template: Path, settings: Settings, stack: ExitStack
    ) -> None:
        self._options = options
        self._project = project
        self._template = template
        self._settings = settings
        self._stack = stack
        self._homes = Lazy(lambda: find_homes(project))
        self._opened = Lazy(self._open)
        self.history = Lazy(self._open_history)
        self._trees: dict[Path, WorkingTreeHistory] = {}
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

    def _open_history(self) -> HistoryGatherer:
        from gitlembic.commands.history_evidence import HistoryGatherer  # says why  # noqa: PLC0415

        return HistoryGatherer(self._options, self._project, self._settings, self._opened)

    def _working_tree(self, home: Home) -> WorkingTreeHistory:
        if home.root not in self._trees:
            tree = WorkingTreeHistory(home.root, cache=ScanCache(home.repository, home.place))
            self._trees[home.root] = tree
        return self._trees[home.root]

    def known_findings(self) -> FindingsCache | None:
        """None of a project in several repositories, of which each would have to be as it was."""
        homes = self._homes()
        if len(homes) != 1:
            return None
        return open_known_findings(self._project, homes[0], self._working_tree(homes[0]), self._settings)

    def keep_findings(self, evidence: Evidence, cache: FindingsCache, findings: Findings) -> None:
        """For another time, unless they are of what changed meanwhile, or what git ignores has a say in them."""
        for home, history, _ in self._opened():
            presences = Presences(history)
            with suppress(GitlembicError, HistoryUnknownError):  # which is no state to remember
                if is_lasting(evidence) and all(is_tracked(presences, history.head, one) for one in home.place):
                    now = open_known_findings(self._project, home, scan(home), self._settings)
                    if now is not None and now.state == cache.state:
                        cache.save(findings)

    def caches(self) -> tuple[str, ...]:
        return tuple(os.fspath(home.repository.cache_dir) for home in self._homes() if home.repository)

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
        headers = ((revision, read_squash_header(source)) for revision, source in self._sources())
        return {
            revision: tuple(one for one, _ in found.replaces) for revision, found in headers if found and found.replaces
        }

    def checksums(self) -> dict[str, str]:
        """Of a squash it would be that of others: it stands for them, under the id of one."""
        checksums = ((revision, own_checksum(source)) for revision, source in self._sources())
        return {revision: checksum for revision, checksum in checksums if checksum is not None}

    def _sources(self) -> Iterator[tuple[RevisionId, bytes]]:
        for home in self._homes():
            present = Presences(self._working_tree(home)).at(WORKING_TREE, home.place)
            for revision, placed in present.migrations.items():
                yield revision, (home.root / placed.path).read_bytes()

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

    def chain_files(self) -> tuple[ChainFile, ...]:
        """None where they are the only witness, without a repository to hold them against; or where none is wanted."""
        images = [image for image in self._images() if image.ignores(".git")]
        has_one = any(home.has_chain_file(home.place) for home in self._homes())
        if not self._opened() or not (has_one or images):
            return ()
        from gitlembic.commands.chain import chain_file_states  # mostly there is none  # noqa: PLC0415

        return tuple(self._chain_file(state, images) for state in chain_file_states(self._options))

    def _images(self) -> Iterator[ImageBuild]:
        directory = Path(os.path.realpath(self._project.directory))
        repository = find_git_directory(directory)
        root = Path(os.path.realpath(repository.work_tree)) if repository else directory
        return read_dockerignores(directory, root if directory.is_relative_to(root) else directory)

    def _chain_file(self, state: ChainFileState, images: Sequence[ImageBuild]) -> ChainFile:
        path = self._shown(state.path)
        real = os.path.realpath(state.path)
        below = [(image, Path(os.path.relpath(real, image.context)).as_posix()) for image in images]
        left_out = next(((image.ignore_path, there) for image, there in below if image.ignores(there)), None)
        return ChainFile(
            path,
            state.fault,
            state.reason,
            tracked=any(
                history.head is not None and repository.holds(history.head, path)
                for _, history, repository in self._opened()
            ),
            wanted=left_out[0] if left_out else next((image.ignore_path for image in images), ""),
            left_out=left_out[1] if left_out else "",
        )

    def _shown(self, path: Path) -> str:
        """Relative to the root of the repository that it is in."""
        real = Path(os.path.realpath(path))
        roots = (Path(os.path.realpath(home.root)) for home in self._homes())
        root = next((root for root in roots if real.is_relative_to(root)), None)
        return os.fspath(path) if root is None else real.relative_to(root).as_posix()

    def template(self) -> Template:
        path = self._template
        text = read_template(path)
        lines = (number for number, line in enumerate(text.splitlines(), 1) if line.startswith("down_revision"))
        return Template(self._shown(path), is_dynamic_template(text), next(lines, None))

    def environment(self) -> Environment | None:
        path = self._template.with_name("env.py")
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

    def line(self, path: str, name: str) -> int | None:
        if path not in self._lines:
            file = next(filter(None, (self._on_disk(home, path) for home in self._homes())), None)
            self._lines[path] = assignment_lines(read_source(file)) if file is not None else {}
        return self._lines[path].get(name)

    @staticmethod
    def _on_disk(home: Home, path: str) -> Path | None:
        file = home.root / path
        return file if file.is_file() else None
