"""Documents that somebody has tampered with."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

_JUNK: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 1.5, 10**400, float("inf"), float("nan")),
    *("", "x", "00" * 20, "\ud800", "../../etc/passwd", "2026-01-01", "2026-01-01T00:00:00+00:00"),
    *([], [[]], [1, 2, 3], {}, {"a": 1}),
)


def tamper(document: Any, source: random.Random) -> Any:
    """The document with one to three of its values replaced by something else, doubled or gone."""
    top = [copy.deepcopy(document)]
    for _ in range(source.choice((1, 1, 1, 2, 3))):
        container, key = source.choice(list(_slots(top)))
        how = source.random()
        if how < 0.7 or container is top:
            container[key] = copy.deepcopy(source.choice((*_JUNK, *(owner[name] for owner, name in _slots(top)))))
        elif how < 0.85:
            del container[key]
        elif isinstance(container, list):
            container.insert(key, container[key])
    return top[0]


def forgeries(document: Any) -> Iterator[Any]:
    """The document with each of its values in turn replaced by something else, doubled or gone."""
    yield from copy.deepcopy(_JUNK)
    for key in _keys(document):
        without = copy.copy(document)
        del without[key]
        yield without
        if isinstance(document, list):
            yield [*document[:key], document[key], *document[key:]]
        for other in forgeries(document[key]):
            changed = copy.copy(document)
            changed[key] = other
            yield changed


def _keys(value: Any) -> Sequence[Any]:
    return list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()


def _slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document where a value stands: what holds it, and where there."""
    for key in _keys(value):
        yield value, key
        yield from _slots(value[key])
