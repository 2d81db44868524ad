"""Objects that are files of their own, as a commit of today is, without dulwich, which takes long to import.

Everything that is not simply there is `None`, as it is for packs.
"""

from __future__ import annotations

import zlib

from gitlembic.adapters.packs import COMMIT, TAG

_KINDS = {b"commit": COMMIT, b"tree": 2, b"blob": 3, b"tag": TAG}
_LONGEST_HEADER = 64


def read_loose(objects: str, name: str) -> tuple[int, bytes] | None:
    """The kind and the contents of an object by its hexadecimal id, in a directory of objects."""
    try:
        with open(f"{objects}/{name[:2]}/{name[2:]}", "rb") as file:  # noqa: PTH123 -- one for each object
            packed = file.read()
        stream = zlib.decompressobj()
        header, zero, contents = stream.decompress(packed, _LONGEST_HEADER).partition(b"\0")
        kind, length = header.split(b" ")
        missing = int(length) - len(contents)
        if missing >= 0:  # one byte more would show that it is longer than it says
            contents += stream.decompress(stream.unconsumed_tail, missing + 1)
        is_whole = zero and len(contents) == int(length) and stream.eof and not stream.unused_data
        return (_KINDS[kind], contents) if is_whole else None
    except (
        OSError,
        KeyError,
        ValueError,
        OverflowError,
        MemoryError,
        zlib.error,
    ):  # not what git writes
        return None
