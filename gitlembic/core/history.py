"""Commits and what they bring, as look-ups: all that the order needs to know of git.

An adapter answers them from a repository; the tests from dictionaries. Nothing here knows how
commits are stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NewType, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from gitlembic.core.migration import Parsed

CommitId = NewType("CommitId", str)
"""The hexadecimal object id of a commit, or `WORKING_TREE`."""

SHORT_COMMIT = 9
"""The digits of a commit's id that people are shown."""

IN_CI = "(in CI: fetch-depth 0; GitLab: GIT_DEPTH 0)"
"""What says that a clone in CI is not to be shallow."""

FileId = NewType("FileId", str)
"""Names one version of a file: the same id means the same contents."""

WORKING_TREE = CommitId("working tree")
"""What Alembic will load, seen as the commit that would come next: its first parent is HEAD,
and while a merge is in progress the others are `MERGE_HEAD`."""


class Location(NamedTuple):
    """A directory of migrations.

    `path` is relative to the repository's root, with `/`, empty for the root itself;
    `recursive` is Alembic's `recursive_version_locations`.
    """

    path: str
    recursive: bool = False

    def relative(self, path: str) -> str:
        """`path`, which lies in this location, as seen from it."""
        return path[len(self.path) + 1 :] if self.path else path

    def holds(self, path: str) -> bool:
        """Whether a file of that path is one of this location's."""
        directory = path.rpartition("/")[0]
        return directory == self.path or (
            self.recursive and f"{directory}/".startswith(f"{self.path}/" if self.path else "")
        )


class HistoryUnknownError(Exception):
    """A commit, or what stands in it, is beyond what this clone holds (shallow or partial)."""

    def __init__(self, commit: CommitId, reason: str) -> None:
        super().__init__(f"{commit}: {reason}")
        self.commit = commit
        self.reason = reason


class History(Protocol):
    """What git knows. Every look-up may raise `HistoryUnknownError`."""

    def parents(self, commit: CommitId) -> tuple[CommitId, ...]:
        """The parents of a commit, first parent first; none for a root."""
        ...

    def fingerprint(self, commit: CommitId, location: Location) -> Hashable:
        """Equal for two commits only if the location holds the same files; `None` if it is absent."""
        ...

    def skip_unchanged(
        self, commit: CommitId, place: Sequence[Location], is_wanted: Callable[[CommitId], bool]
    ) -> CommitId:
        """The oldest commit to which `commit` can be followed along first parents, with nothing changed in `place`.

        No further than to a commit whose first parent `is_wanted`; `commit` itself where this is not
        quick to tell.
        """
        ...

    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        """The files in a location that are named as migrations are, by path from the root."""
        ...

    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        """Every file of the whole tree that is named as a migration could be, with its path."""
        ...

    def parse(self, path: str, file: FileId) -> Parsed:
        """What one version of a file declares."""
        ...
