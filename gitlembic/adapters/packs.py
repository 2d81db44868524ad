"""Objects straight from a repository's packs, several times as fast as through dulwich's stores.

A walk through history reads two objects for each commit, and what takes the time is finding them.
Everything that is not simply there is `None`: loose and borrowed objects, packs of another format,
damage of any kind. Whoever asked then asks dulwich, which finds it, or says what is wrong.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import struct
import zlib
from typing import TYPE_CHECKING

from dulwich.errors import ApplyDeltaError

try:
    # The compiled half of `dulwich.pack`, all of which takes as long to import as reading a thousand commits.
    from dulwich._pack import apply_delta  # type: ignore[import-not-found]
except ImportError:
    from dulwich.pack import apply_delta

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OFFSET_DELTA, _NAME_DELTA = 6, 7
COMMIT, TAG = 1, 4
_WHOLE = frozenset({1, 2, 3, 4})
_INDEX = b"\xfftOc\x00\x00\x00\x02"
_FANOUT = struct.Struct(">256L")
_NUMBER, _LONG = struct.Struct(">L"), struct.Struct(">Q")
_IS_LONG = 1 << 31
_DEEPEST = 4095  # as git
_REMEMBERED = 1024
_MOST_REMEMBERED_BYTES = 1 << 16
"""Longer objects are not kept: of trees and commits hardly any is."""

_SLACK = 64
"""Bytes by which what does not get shorter may get longer when it is packed, beside a part in a thousand."""

_DAMAGE = (
    *(IndexError, KeyError, ValueError, TypeError, OverflowError, MemoryError, AssertionError),
    *(struct.error, zlib.error, ApplyDeltaError),
)
"""What is raised by what stands where it should not."""

_Object = tuple[int, bytes]


class Packs:
    """The packs of one directory; `id_length` is that of an object's id in bytes."""

    def __init__(self, directory: Path, id_length: int) -> None:
        self._packs = list(_open_all(directory, id_length))

    def find(self, name: bytes) -> _Object | None:
        """The kind and the contents of an object, `None` if it is not simply there."""
        try:
            for pack in self._packs:
                offset = pack.offset(name)
                if offset is not None:
                    if pack is not self._packs[0]:  # the next one is mostly in the same
                        self._packs.remove(pack)
                        self._packs.insert(0, pack)
                    return pack.read(offset)
        except _DAMAGE:  # `suppress` would take a tenth of the time
            pass
        return None

    def close(self) -> None:
        """Let go of the files."""
        for pack in self._packs:
            pack.close()
        self._packs = []


def _open_all(directory: Path, id_length: int) -> Iterator[_Pack]:
    for index in sorted(directory.glob("pack-*.idx")):
        with contextlib.suppress(OSError, ValueError, struct.error):  # empty, or gone meanwhile
            maps = [_mapped(index), _mapped(index.with_suffix(".pack"))]
            if maps[0][: len(_INDEX)] == _INDEX:
                yield _Pack(maps[0], maps[1], id_length, _FANOUT.unpack_from(maps[0], len(_INDEX)))


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class _Pack:
    """One pack, and its index of version 2."""

    def __init__(self, index: mmap.mmap, data: mmap.mmap, id_length: int, fanout: tuple[int, ...]) -> None:
        self._index = index
        self._data = data
        self._id_length = id_length
        self._fanout = (0, *fanout)
        self._names = len(_INDEX) + _FANOUT.size
        self._offsets = self._names + fanout[-1] * (id_length + 4)
        self._long_offsets = self._offsets + fanout[-1] * 4
        self._known: dict[int, _Object] = {}

    def close(self) -> None:
        self._index.close()
        self._data.close()

    def offset(self, name: bytes) -> int | None:
        """Where an object is in the pack."""
        number = self._number(name)
        if number is None:
            return None
        (offset,) = _NUMBER.unpack_from(self._index, self._offsets + number * 4)
        if offset & _IS_LONG:
            (offset,) = _LONG.unpack_from(self._index, self._long_offsets + (offset & ~_IS_LONG) * 8)
        return int(offset)

    def _number(self, name: bytes) -> int | None:
        """The place of an object among all: the names are sorted, and spread evenly, so that it is near a guess."""
        low, high = self._fanout[name[0]], self._fanout[name[0] + 1]
        index, names, length = self._index, self._names, self._id_length
        near = low + ((high - low) * int.from_bytes(name[1:4], "big") >> 24)
        width = 2 * math.isqrt(high - low) + 2
        first = max(low, near - width)
        found = index[names + first * length : names + min(high, near + width) * length].find(name)
        if found >= 0 and found % length == 0:
            return first + found // length
        while low < high:
            middle = (low + high) // 2
            start = names + middle * length
            here = index[start : start + length]
            if here == name:
                return middle
            if here < name:
                low = middle + 1
            else:
                high = middle
        return None

    def read(self, offset: int) -> _Object:
        """What is at an offset, put together if it is kept as differences; raises if that is damaged."""
        deltas: list[tuple[int, bytes]] = []
        while (whole := self._known.get(offset)) is None:
            kind, size, start = self._header(offset)
            if kind == COMMIT:  # which are hardly ever kept as differences
                whole = kind, self._inflate(start, size)
                break
            if kind in _WHOLE:
                whole = kind, self._inflate(start, size)
                self._remember(offset, whole)
                break
            base, start = self._base(kind, offset, start)
            deltas.append((offset, self._inflate(start, size)))
            if len(deltas) > _DEEPEST:
                raise ValueError(offset)
            offset = base
        if not deltas:
            return whole
        kind, data = whole
        for at, delta in reversed(deltas):
            data = b"".join(apply_delta(data, delta))
            self._remember(at, (kind, data))
        return kind, data

    def _header(self, offset: int) -> tuple[int, int, int]:
        """The kind of what is at an offset, its size, and where it begins."""
        data = self._data
        byte = data[offset]
        kind, size, shift = (byte >> 4) & 7, byte & 15, 4
        while byte & 128:
            offset += 1
            byte = data[offset]
            size |= (byte & 127) << shift
            shift += 7
        return kind, size, offset + 1

    def _base(self, kind: int, offset: int, start: int) -> tuple[int, int]:
        """Where the object is that a delta changes, and where the delta begins."""
        data = self._data
        if kind == _OFFSET_DELTA:
            byte = data[start]
            back = byte & 127
            while byte & 128:
                start += 1
                byte = data[start]
                back = ((back + 1) << 7) | (byte & 127)
            if not 0 < back <= offset:
                raise ValueError(back)
            return offset - back, start + 1
        if kind == _NAME_DELTA:
            end = start + self._id_length
            base = self.offset(data[start:end])
            if base is not None:
                return base, end
        raise ValueError(kind)

    def _inflate(self, start: int, size: int) -> bytes:
        packed = self._data[start : start + size + size // 1000 + _SLACK]
        stream = zlib.decompressobj()
        found = stream.decompress(packed, size + 1)
        if len(found) != size or not stream.eof:  # at its end is a checksum
            raise ValueError(start)
        return found

    def _remember(self, offset: int, found: _Object) -> None:
        if len(found[1]) <= _MOST_REMEMBERED_BYTES:
            if len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[offset] = found
