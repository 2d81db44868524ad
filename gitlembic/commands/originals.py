"""The migrations that a squash has replaced, taken from git by the ids of their contents."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.stored_scripts import StoredFile, read_stored_scripts
from gitlembic.commands.resolve import resolve
from gitlembic.commands.stored_files import read_stored_files
from gitlembic.core.chain import Link
from gitlembic.core.explanation import Explanation
from gitlembic.core.history import SHORT_COMMIT, HistoryUnknownError, Location
from gitlembic.core.migration import Migration, PlacedMigration
from gitlembic.core.migration_source import parse_migration
from gitlembic.core.squash_header import SquashHeader, read_squash_header, unfolded
from gitlembic.errors import CannotTellError, GitlembicError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from alembic.script import Script

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution


@dataclass(frozen=True)
class Squash:
    """A squash of a resolution, and what it says."""

    link: Link
    header: SquashHeader

    @property
    def named(self) -> str:
        return f"{self.link.revision} ({self.link.placed.path})"

    @property
    def replaced(self) -> frozenset[RevisionId]:
        return frozenset(self.replaced_in_order)

    @property
    def replaced_in_order(self) -> tuple[RevisionId, ...]:
        return tuple(revision for revision, _ in self.header.replaces)


@dataclass(frozen=True)
class Originals:
    """The migrations in place of a squash, its own id's the last, and their files."""

    links: tuple[Link, ...]
    files: Mapping[RevisionId, StoredFile]


def find_squashes(resolution: Resolution, files: Mapping[RevisionId, StoredFile]) -> Iterator[Squash]:
    """The squashes among the migrations of a resolution, whose `files` these are."""
    for revision, link in resolution.links.items():
        header = read_squash_header(files[revision].source) if revision in files else None
        if header is not None and header.replaces:
            yield Squash(link, header)


def squashes_of(project: Project, resolution: Resolution) -> tuple[Squash, ...]:
    """The same, with their files read: only a source says for certain whether there is one."""
    return tuple(find_squashes(resolution, read_stored_files(project, resolution)))


def unfold(project: Project, resolution: Resolution, files: dict[RevisionId, StoredFile]) -> Resolution:
    """The resolution with all squashes taken apart; their originals' files are added to `files`.

    Raises `CannotTellError` where git has not all of them.
    """
    found = {squash.link.revision: read_originals(project, squash) for squash in find_squashes(resolution, files)}
    for originals in found.values():
        files.update(originals.files)
    return unfolded(resolution, {revision: one.links for revision, one in found.items()}) if found else resolution


def read_originals(project: Project, squash: Squash) -> Originals:
    """The originals of one squash.

    Their parents are those that they had at the commit that still held all of them; where this clone
    lacks it, the declared ones, and of a dynamic one whoever came before it. Raises `CannotTellError`,
    with the commit to check out, where git has not the contents of all.
    """
    then = _at_replaced_in(project, squash)
    sources = _read_sources(project, squash, then)
    members = frozenset(sources)
    links: list[Link] = []
    for revision, source in sources.items():
        if then is not None:
            links.append(then.links[revision])
            continue
        parsed = parse_migration(source)
        if not isinstance(parsed, Migration):
            raise _missing(squash)
        before = (links[-1].revision,) if links else squash.link.parents
        placed = PlacedMigration(f"{squash.link.placed.path.rpartition('/')[0]}/{revision}.py", parsed)
        links.append(Link(placed, before if parsed.is_dynamic else parsed.parents))
    if not {one for link in links for one in link.parents} <= members.union(squash.link.parents):
        raise _missing(squash)
    shown = {revision: f"{blob[:SHORT_COMMIT]} ({revision})" for revision, blob in squash.header.replaces}
    own = f"the original of {squash.link.revision}"
    files = {
        link.revision: StoredFile(
            sources[link.revision], _absolute(project, link), f"git:{shown.get(link.revision, own)}"
        )
        for link in links
    }
    return Originals(tuple(links), files)


def _at_replaced_in(project: Project, squash: Squash) -> Resolution | None:
    """The chain at the commit that the squash names; `None` where this clone cannot tell it."""
    if not squash.header.replaced_in:
        return None
    try:
        then = resolve(project, at=squash.header.replaced_in)
    except GitlembicError:
        return None
    wanted = {squash.link.revision, *(revision for revision, _ in squash.header.replaces)}
    return then if wanted <= then.links.keys() else None


def _read_sources(project: Project, squash: Squash, then: Resolution | None) -> dict[RevisionId, bytes]:
    """The contents of the originals, in the order of the squash, and last those of its own id."""
    for home in find_homes(project):
        if home.repository is None:
            continue
        with GitRepository(home.repository) as repository, contextlib.suppress(HistoryUnknownError):
            found = {revision: repository.contents(blob) for revision, blob in squash.header.replaces}
            path = squash.link.placed.path if then is None else then.links[squash.link.revision].placed.path
            start = home.repository.read_head() if then is None else then.head
            own = None if start is None else _own_original(repository, start, path, squash.link.revision)
            if own is not None:
                return {**found, squash.link.revision: own}
    raise _missing(squash)


def _own_original(repository: GitRepository, start: CommitId, path: str, revision: RevisionId) -> bytes | None:
    """What stood at the path of the squash before it, on the first-parent line from a commit."""
    location = Location(path.rpartition("/")[0])
    commit: CommitId | None = start
    seen = set()
    while commit is not None:
        file = repository.files(commit, location).get(path)
        if file is not None and file not in seen:
            seen.add(file)
            source = repository.contents(file)
            parsed = parse_migration(source)
            if isinstance(parsed, Migration) and parsed.revision == revision and read_squash_header(source) is None:
                return source
        commit = next(iter(repository.parents(commit)), None)
    return None


def _absolute(project: Project, link: Link) -> str:
    return os.path.join(find_homes(project)[0].root, *link.placed.path.split("/"))  # noqa: PTH118 -- a text, as Alembic keeps it


def _missing(squash: Squash) -> CannotTellError:
    commit = squash.header.replaced_in
    there = (
        f"check out {commit}, which still holds them, and `gitlembic upgrade {squash.link.revision}` there"
        if commit
        else "bring a clone that has them"
    )
    return CannotTellError(
        f"git here has not all migrations that {squash.link.revision} ({squash.link.placed.shown}) has replaced",
        f"{there}; in a shallow clone `git fetch --unshallow` brings them",
    )


def explain_inside_squash(project: Project, here: Resolution, name: str) -> Explanation | None:
    """Which squash stands for a revision, and where its originals are; `None` if none does."""
    for squash in find_squashes(here, read_stored_files(project, here)):
        if name in squash.replaced:
            commit = squash.header.replaced_in[:SHORT_COMMIT] or "no commit that it names"
            return Explanation(
                (f"It is inside the squash {squash.named}, whose originals are in {commit}.",),
                "`gitlembic upgrade head` brings it through with the originals from git",
            )
    return None


def explain_name_inside_squash(project: Project, here: Resolution, name: str) -> Explanation | None:
    """The same of what somebody has typed, which may be the beginning of a revision."""
    for squash in find_squashes(here, read_stored_files(project, here)):
        found = sorted(one for one in squash.replaced if one.startswith(name))
        if found:
            fact = (
                f"The squash {squash.named} stands for {', '.join(found)}, which is not to be brought back beside it."
            )
            return Explanation(
                (fact,), f"by its whole id, {found[0]}, `gitlembic` knows it, with the originals from git"
            )
    return None


def originals_of(
    project: Project,
    here: Resolution,
    name: str,
    before_import: Callable[[], None],
    say: Callable[[str], None],
) -> Iterable[Script] | None:
    """The scripts of the migrations that a squash has replaced, if one of them is called so.

    Raises `RefusedError` where git has not all of them.
    """
    for squash in find_squashes(here, read_stored_files(project, here)):
        if name in squash.replaced:
            inside = f"{name} is inside the squash {squash.named}"
            try:
                originals = read_originals(project, squash)
            except CannotTellError as error:
                raise RefusedError(f"{inside}: {error.message}", error.hint) from error
            number = len(originals.links)
            say(f"{inside}, whose {number} originals are taken from git")
            return read_stored_scripts(originals.links, originals.files, before_import)
    return None
