"""A revision map that knows more names than its scripts: branches and tags, and what a squash has replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from alembic.script.revision import RevisionError

from gitlembic.adapters.lazy_scripts import LinearRevisionMap
from gitlembic.core.ref_target import split_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from alembic.script.revision import Revision

_ALEMBICS = frozenset({"", "head", "heads", "base", "current"})


class Names(NamedTuple):
    """`typed` are the names that the user may have given; the others come from a database or the migrations.

    `head_at` gives the revision that a branch or tag stands for, `None` if there is no such;
    `originals` the migrations that a squash has replaced, with the one that it has taken the id of,
    where one of them is called so, `None` if none is.
    """

    typed: frozenset[str]
    head_at: Callable[[str], str | None]
    originals: Callable[[str], Iterable[Revision] | None]


class NamingRevisionMap(LinearRevisionMap):
    """Asks for names that Alembic does not know; whatever it knows means what it means to Alembic.

    Originals take their squash's place, in all that is done from then on: so they are asked for
    before anything is looked up that stands on them.
    """

    def __init__(self, load: Callable[[], Iterable[Revision]], names: Names) -> None:
        super().__init__(self._load_all)
        self._load_present = load
        self._names = names
        self._originals: dict[str, Revision] = {}
        self._asked: set[str] = set()
        self._not_asked = names.typed
        self._exact: dict[str, str] = {}

    def _load_all(self) -> Iterator[Revision]:
        for revision in self._load_present():
            if revision.revision not in self._originals:
                yield revision
        yield from self._originals.values()

    def iterate_revisions(self, upper: Any, lower: Any, *args: Any, **kw: Any) -> Iterator[Any]:
        self._find_originals(upper, lower)
        return super().iterate_revisions(upper, lower, *args, **kw)

    def _resolve_revision_number(self, id_: Any) -> tuple[tuple[str, ...], str | None]:
        self._find_originals(id_)
        return super()._resolve_revision_number(self._named(id_))

    def _parse_upgrade_target(self, current_revisions: Any, target: Any, assert_relative_length: bool) -> Any:  # noqa: FBT001 -- as Alembic passes it
        return super()._parse_upgrade_target(current_revisions, self._named(target), assert_relative_length)

    def _parse_downgrade_target(self, current_revisions: Any, target: Any, assert_relative_length: bool) -> Any:  # noqa: FBT001 -- likewise
        return super()._parse_downgrade_target(current_revisions, self._named(target), assert_relative_length)

    def _find_originals(self, *positions: Any) -> None:
        """Those of what the user has typed at the first occasion: later something may stand on what they replace."""
        typed, self._not_asked = self._not_asked, frozenset()
        for position in (*map(self._named, typed), *positions):
            names = [position] if isinstance(position, str) else position or ()
            for name in names:
                if name in self._revision_map or name in self._asked or not isinstance(name, str):
                    continue
                self._asked.add(name)
                if name not in _ALEMBICS and (found := self._names.originals(name)) is not None:
                    self._add(found)

    def _add(self, originals: Iterable[Revision]) -> None:
        self._originals |= {revision.revision: revision for revision in originals}
        for name in ("_revision_map", "heads", "_real_heads", "bases", "_real_bases"):
            self.__dict__.pop(name, None)

    def _named(self, text: Any) -> Any:
        """`text`, or the revision that it stands for as a branch or tag, with so many steps from it."""
        if not isinstance(text, str) or text not in self._names.typed or self._is_alembics(text):
            return text
        if text not in self._exact:
            self._exact[text] = self._look_up(text)
        return self._exact[text]

    def _is_alembics(self, text: str) -> bool:
        split = split_steps(text)
        return "@" in text or self._knows(text) or (split is not None and self._knows(split[0])) or text[:1] in "+-"

    def _knows(self, text: str) -> bool:
        """Whether it is a revision, the beginning of one, a label, or a word of Alembic's."""
        return text in _ALEMBICS or any(name and name.startswith(text) for name in self._revision_map)

    def _look_up(self, text: str) -> str:
        head = self._names.head_at(text)
        split = split_steps(text)
        if head is not None or split is None:
            return text if head is None else head
        head = self._names.head_at(split[0])
        if head is None:
            return text
        found = self._walk(head, split[1])
        if found is None:
            raise RevisionError(f"Relative revision {split[1]:+} didn't produce {abs(split[1])} migrations")
        return "base" if isinstance(found, str) else found.revision
