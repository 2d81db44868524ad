"""Bytes like those that are read, changed at random: cut, repeated, spliced, flipped, with telling words put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

_LONGEST = 4096
_MOST_CHANGES = 6
_EVERYWHERE = (b"", b"\0", b"\n", b"\r\n", b"\xff", b"\xed\xa0\x80", b"\x1b[31m", b" ", b"..", b"/", b"-1", b"9" * 30)


def mutate(source: random.Random, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """One of the seeds, with a few changes."""
    data = source.choice(seeds)
    for _ in range(source.randint(1, _MOST_CHANGES)):
        data = _changed(source, data, seeds, words)
    return data[:_LONGEST]


def _changed(source: random.Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start, end = sorted((source.randint(0, len(data)), source.randint(0, len(data))))
    other, word = source.choice(seeds), source.choice((*words, *_EVERYWHERE))
    flipped = bytes([data[start] ^ (1 << source.randrange(8))]) if start < len(data) else b""
    changes = (
        data[:start] + data[end:],
        data[:end] + data[start:end] * source.choice((1, 1, 1, 40)) + data[end:],
        data[:start] + other[source.randint(0, len(other)) :],
        data[:start] + flipped + data[start + 1 :],
        data[:start] + source.randbytes(source.randint(1, 8)) + data[start:],
        data[:start] + word + data[start:],
        data[:start] + word + data[end:],
    )
    return source.choice(changes)
