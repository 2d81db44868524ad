"""The objects of a repository by their ids: straight from its packs, else through dulwich."""

from __future__ import annotations

import logging
import os
import traceback
from typing import TYPE_CHECKING

from dulwich.errors import FileFormatException, NotGitRepository
from dulwich.objects import ObjectID
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

from gitlembic.adapters.packs import Packs
from gitlembic.core.history import CommitId, HistoryUnknownError
from gitlembic.errors import BrokenInputError, CannotTellError

if TYPE_CHECKING:
    from gitlembic.adapters.git_directory import GitDirectory

# Without any handler Python prints what dulwich warns of: a pattern that matches nothing, say, of which git says
# nothing either, with a path that nobody has made visible.
logging.getLogger("dulwich").addHandler(logging.NullHandler())


class GitObjects:
    """The objects of one repository; `repo` is dulwich's view of it. Close it."""

    def __init__(self, directory: GitDirectory) -> None:
        self._directory = directory
        self.repo = open_repository(directory)
        self.id_length = self.repo.object_format.oid_length
        self._packs = Packs(directory.common_dir / "objects" / "pack", self.id_length)

    def close(self) -> None:
        """Let go of the files."""
        self._packs.close()
        self.repo.close()

    def contents(self, commit: CommitId, name: bytes) -> bytes:
        """The contents of an object that is reached from `commit`."""
        return self.read(commit, name)[1]

    def read(self, commit: CommitId, name: bytes) -> tuple[int, bytes]:
        """The kind and the contents of an object that is reached from `commit`."""
        found = self._packs.find(name)
        if found is not None:
            return found
        try:
            return self.find(_hex(name))
        except KeyError as error:
            raise HistoryUnknownError(commit, f"object {name.hex()[:12]} is missing") from error
        except RecursionError:  # of whoever walks down to this
            raise
        except Exception as error:  # dulwich raises whatever the damaged file makes it stumble over
            traceback.clear_frames(error.__traceback__)  # which hold parts of a pack, so that it cannot be closed
            raise BrokenInputError(
                f"cannot read object {name.hex()} in {self._directory.git_dir}: {str(error) or type(error).__name__}",
                "run `git fsck`, and clone again if it finds damage",
            ) from error

    def find(self, name: ObjectID) -> tuple[int, bytes]:
        """As git does for what it does not find: `git gc` may have packed it after the packs were looked through."""
        try:
            return self.repo.object_store.get_raw(name)
        except KeyError:
            return self.repo.object_store.get_raw(name)


def open_repository(directory: GitDirectory) -> Repo:
    """The repository as dulwich sees it, to be closed; raises `CannotTellError` for one that it cannot read."""
    directory.check_alternates()
    try:
        return Repo(
            controldir=directory.git_dir, commondir=directory.common_dir, worktree=os.fspath(directory.work_tree)
        )
    except (
        NotGitRepository,
        UnsupportedVersion,
        UnsupportedExtension,
        FileFormatException,
        ValueError,
        OSError,
    ) as error:
        raise CannotTellError(
            f"cannot open the git repository of {directory.work_tree}: {str(error) or type(error).__name__}",
            "check it with `git fsck`, or bring a chain file written by `gitlembic chain --write` elsewhere",
        ) from error


def _hex(name: bytes) -> ObjectID:
    return ObjectID(name.hex().encode())
