"""A history as it would be: with other declarations in the working tree, or without some migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.history import WORKING_TREE, FileId
from gitlembic.core.migration import Migration

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

    from gitlembic.core.history import CommitId, History, Location
    from gitlembic.core.migration import Parsed, RevisionId


class _SameHistory:
    """What a history says, for those that say something else of some files."""

    def __init__(self, history: History) -> None:
        self._history = history

    def parents(self, commit: CommitId) -> tuple[CommitId, ...]:
        return self._history.parents(commit)

    def skip_unchanged(
        self, commit: CommitId, place: Sequence[Location], is_wanted: Callable[[CommitId], bool]
    ) -> CommitId:
        return self._history.skip_unchanged(commit, place, is_wanted)

    def fingerprint(self, commit: CommitId, location: Location) -> Hashable:
        return self._history.fingerprint(commit, location)

    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        return self._history.files(commit, location)

    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        return self._history.python_files(commit)

    def parse(self, path: str, file: FileId) -> Parsed:
        return self._history.parse(path, file)


class EditedTree(_SameHistory):
    """The same history, save that some files of the working tree declare something else."""

    def __init__(self, history: History, edits: Mapping[str, Migration]) -> None:
        super().__init__(history)
        self._edits = edits

    def fingerprint(self, commit: CommitId, location: Location) -> Hashable:
        if commit != WORKING_TREE:
            return super().fingerprint(commit, location)
        return tuple(self.files(commit, location).items())

    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        files = super().files(commit, location)
        if commit != WORKING_TREE:
            return files
        return {path: FileId(f"edited {path}") if path in self._edits else file for path, file in files.items()}

    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        return () if commit == WORKING_TREE else super().python_files(commit)

    def parse(self, path: str, file: FileId) -> Parsed:
        return self._edits[path] if file == f"edited {path}" else super().parse(path, file)


class Without(_SameHistory):
    """The same history without some migrations."""

    def __init__(self, history: History, hidden: Collection[RevisionId]) -> None:
        super().__init__(history)
        self._hidden = hidden

    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        return {path: file for path, file in super().files(commit, location).items() if not self._hides(path, file)}

    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        return ((path, file) for path, file in super().python_files(commit) if not self._hides(path, file))

    def _hides(self, path: str, file: FileId) -> bool:
        parsed = self._history.parse(path, file)
        return isinstance(parsed, Migration) and parsed.revision in self._hidden
