"""The objects of a repository by their ids: straight from its packs and files, else through dulwich.

Most repositories keep them in one of these ways, and dulwich takes longer to import than a commit to read.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
from typing import TYPE_CHECKING

from gitlembic.adapters.loose_objects import read_loose
from gitlembic.adapters.packs import Packs
from gitlembic.core.history import CommitId, HistoryUnknownError
from gitlembic.errors import BrokenInputError, CannotTellError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dulwich.config import ConfigFile
    from dulwich.repo import Repo

    from gitlembic.adapters.git_directory import GitDirectory

_SHA1_LENGTH = 20
_KINDS = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}
_SHA1 = re.compile(r"[0-9a-f]{40}")
_VERSION = re.compile(rb"^[ \t]*repositoryformatversion[ \t]*=[ \t]*[01][ \t]*\r?$", re.MULTILINE)
_EXTENSIONS = re.compile(
    rb"^[ \t]*\[extensions\][ \t]*\r?\n(?:[ \t]*worktreeconfig[ \t]*=[ \t]*(?:true|false)[ \t]*(?:\r?\n|\Z))*"
    rb"(?=[ \t]*\[|\Z)",
    re.MULTILINE,
)
"""The one extension that is common, of `git sparse-checkout`, which changes nothing of objects and refs."""
_HARMLESS = frozenset({b"noop", b"noop-v1", b"partialclone", b"preciousobjects"})
"""Extensions that dulwich refuses, and that change nothing of how git reads objects and refs."""


class GitObjects:
    """The objects of one repository. Close it."""

    def __init__(self, directory: GitDirectory) -> None:
        self._directory = directory
        self.id_length = _SHA1_LENGTH if _is_plain(directory) else self.repo.object_format.oid_length
        self._loose = os.fspath(directory.common_dir / "objects")
        self._packs = Packs(directory.common_dir / "objects" / "pack", self.id_length)

    @functools.cached_property
    def repo(self) -> Repo:
        """Dulwich's view of the repository."""
        return open_repository(self._directory)

    def close(self) -> None:
        """Let go of the files."""
        self._packs.close()
        if "repo" in vars(self):
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
            with refusing_damage(f"object {name.hex()} in {self._directory.git_dir}"):
                return self.find(name.hex())
        except KeyError as error:
            raise HistoryUnknownError(commit, f"object {name.hex()[:12]} is missing") from error

    def find(self, name: str) -> tuple[int, bytes]:
        """As git does for what it does not find: `git gc` may have packed it after the packs were looked through."""
        found = read_loose(self._loose, name)
        if found is not None:
            return found
        from dulwich.objects import ObjectID  # mostly it is found  # noqa: PLC0415

        try:
            kind, contents = self.repo.object_store.get_raw(ObjectID(name.encode()))
        except KeyError:
            kind, contents = self.repo.object_store.get_raw(ObjectID(name.encode()))
        # dulwich takes what is left of a file that was cut off for the whole.
        make = hashlib.sha1 if self.id_length == _SHA1_LENGTH else hashlib.sha256
        whole = b"%b %d\0%b" % (_KINDS[kind], len(contents), contents)
        if make(whole, usedforsecurity=False).hexdigest() != name:
            raise ValueError("its contents are not what it is named for")
        return kind, contents


@contextlib.contextmanager
def refusing_damage(what: str, others: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Refuse to read `what` where it is damaged, whatever that makes dulwich stumble over.

    A missing object stays a `KeyError`; `others` mean something to whoever asked.
    """
    try:
        yield
    except (KeyError, RecursionError, GitlembicError):  # of whoever walks down to this, or opens the repository
        raise
    except others:
        raise
    except Exception as error:
        import traceback  # nearly always nothing is damaged  # noqa: PLC0415

        traceback.clear_frames(error.__traceback__)  # which hold parts of a pack, so that it cannot be closed
        raise BrokenInputError(
            f"cannot read {what}: {str(error) or type(error).__name__}",
            "run `git fsck`, and clone again if it finds damage",
        ) from error


def _is_plain(directory: GitDirectory) -> bool:
    """Whether a repository surely has no extension, no grafts and no damaged boundary, of which dulwich is asked."""
    if os.path.lexists(directory.common_dir / "info" / "grafts") or not all(
        _SHA1.fullmatch(commit) for commit in directory.read_shallow()
    ):
        return False
    try:
        config = (directory.common_dir / "config").read_bytes().lower()
    except OSError:
        return False
    return (
        config.count(b"extensions") == len(_EXTENSIONS.findall(config))
        and config.count(b"repositoryformatversion") == len(_VERSION.findall(config)) > 0
    )


def open_repository(directory: GitDirectory) -> Repo:
    """The repository as dulwich sees it, to be closed; raises `CannotTellError` for one that it cannot read."""
    import logging  # as dulwich does  # noqa: PLC0415

    from dulwich.errors import FileFormatException, NotGitRepository  # see above  # noqa: PLC0415
    from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion  # noqa: PLC0415

    class Readable(Repo):
        """A repository whatever it has of the harmless extensions."""

        def get_config(self) -> ConfigFile:
            config = super().get_config()
            for name, _ in tuple(config.items((b"extensions",))):
                if name.lower() in _HARMLESS:
                    config.remove((b"extensions",), name)
            return config

    # Without any handler Python prints what dulwich warns of: a pattern that matches nothing, say, of which git says
    # nothing either, with a path that nobody has made visible.
    logging.getLogger("dulwich").addHandler(logging.NullHandler())
    directory.check_alternates()
    try:
        return Readable(
            controldir=directory.git_dir, commondir=directory.common_dir, worktree=os.fspath(directory.work_tree)
        )
    except UnsupportedExtension as error:
        raise CannotTellError(
            f"cannot open the git repository of {directory.work_tree}: it has the extension {error.extension}, which "
            "nothing here can read",
            "bring a chain file written by `gitlembic chain --write` in another clone",
        ) from error
    except (
        NotGitRepository,
        UnsupportedVersion,
        FileFormatException,
        ValueError,
        OSError,
    ) as error:
        raise CannotTellError(
            f"cannot open the git repository of {directory.work_tree}: {str(error) or type(error).__name__}",
            "check it with `git fsck`, or bring a chain file written by `gitlembic chain --write` elsewhere",
        ) from error
