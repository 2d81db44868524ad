"""The commits that are in files of their own in a git directory: made here not long ago, on a branch or on none.

git packs what has been there for a while; what no ref leads to stays loose until it is pruned.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.core.history import CommitId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitlembic.adapters.git_directory import GitDirectory

_SECONDS = 1.0
"""How long is looked: ten thousand objects and more."""

_NAME = re.compile(r"[0-9a-f]{38}|[0-9a-f]{62}")
_COMMIT = b"commit "


def read_loose_commits(directory: GitDirectory, seconds: float = _SECONDS) -> Iterator[CommitId]:
    """The newest first, for as long as `seconds` last; what cannot be read is passed over."""
    end = time.monotonic() + seconds
    for _, path in sorted(_objects(directory.common_dir / "objects"), reverse=True):
        if time.monotonic() > end:
            return
        try:
            with open(path, "rb") as file:  # noqa: PTH123 -- a text: there are thousands
                is_commit = zlib.decompressobj().decompress(file.read(64), len(_COMMIT)) == _COMMIT
        except (OSError, zlib.error):
            continue
        if is_commit:
            yield CommitId("".join(Path(path).parts[-2:]))


def _objects(top: Path) -> Iterator[tuple[int, str]]:
    for number in range(256):
        with contextlib.suppress(OSError), os.scandir(top / f"{number:02x}") as entries:
            yield from ((one.stat().st_mtime_ns, one.path) for one in entries if _NAME.fullmatch(one.name))
