"""Chains -> pictures."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.history import WORKING_TREE
from gitlembic.core.migration import Kind
from gitlembic.graph.chain_graph import connected, nodes_of_links, parents_as_they_are, parents_as_written
from gitlembic.graph.comparison import Comparison, compare
from gitlembic.graph.elision import elide
from gitlembic.graph.layout import lay_out
from gitlembic.graph.marks import Mark, Tone, chain_marks
from gitlembic.graph.nodes import newest_first
from gitlembic.graph.picture import Entry, Heading, Picture
from gitlembic.graph.positions import position_marks
from gitlembic.graph.short_revisions import unique_lengths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.history import CommitId
    from gitlembic.core.resolution import Resolution
    from gitlembic.graph.nodes import Node
    from gitlembic.graph.positions import Position


class Parenthood(enum.Enum):
    """From whom a dynamic migration is drawn."""

    COMPUTED = "computed"
    WRITTEN = "written"
    """From the one that it was written against: the forks that there would have been."""


@dataclass(frozen=True, slots=True)
class View:
    """How to look at the chains.

    `asked` are the revisions to show, `None` for all (in a comparison: for what differs); `limit`
    is how many of them, from the newest. `against` is the state to compare with. With `subjects`,
    the first lines of commit messages, migrations stand below the commits that brought them.
    `positions` are those of the databases that are to be shown.
    """

    asked: frozenset[str] | None = None
    limit: int | None = None
    parenthood: Parenthood = Parenthood.COMPUTED
    against: Resolution | None = None
    subjects: Mapping[CommitId, str] | None = None
    positions: tuple[Position, ...] = ()


def draw(resolution: Resolution, view: View) -> tuple[Picture, ...]:
    """One picture for all chains that are connected; none for those of which nothing is to be shown."""
    compared = Comparison(resolution.chains, {}) if view.against is None else compare(resolution, view.against)
    drawing = _Drawing(resolution, compared, view)
    pictures = map(drawing.picture, connected(compared.chains))
    everything = view.asked is None and view.against is None
    return tuple(picture for picture in pictures if picture.entries or everything)


class _Drawing:
    def __init__(self, resolution: Resolution, compared: Comparison, view: View) -> None:
        self._births = {**(view.against.births if view.against else {}), **resolution.births}
        self._compared = compared
        self._view = view
        links = {link.revision: link for chain in compared.chains for link in chain.links}
        labels = (label for link in links.values() for label in link.placed.migration.branch_labels)
        self._unique = unique_lengths([*links, *labels])
        self._marks = chain_marks(resolution.chains)
        self._positions = position_marks(view.positions)

    def picture(self, chains: Sequence[Chain]) -> Picture:
        links = [link for chain in chains for link in chain.links]
        as_written = self._view.parenthood is Parenthood.WRITTEN
        parents = (parents_as_written if as_written else parents_as_they_are)(links)
        nodes = newest_first(nodes_of_links(links, parents))
        wanted = self._wanted(nodes)
        names = [node.name for node in nodes if node.name in wanted]
        shown = elide(nodes, frozenset(names[: self._view.limit]))
        kept = {node.name for node in shown.nodes}
        entries: dict[str, Entry] = {}
        for link in links:
            if link.revision in kept:
                entries[link.revision] = self._entry(link, parents[link.revision])
        return Picture(
            title="Chain of " + ", ".join(location.path or "." for chain in chains for location in chain.place),
            layout=lay_out(shown.nodes, [chain.end for chain in chains if chain.end is not None]),
            entries=entries,
            elided=shown.elided,
            headings=dict(self._headings(shown.nodes, entries)),
        )

    def _wanted(self, nodes: Sequence[Node]) -> frozenset[str]:
        if self._view.asked is not None:
            return self._view.asked
        if self._view.against is None:
            return frozenset(node.name for node in nodes)
        differing = [node for node in nodes if node.name in self._compared.marks]
        followed = (edge.target for node in differing for edge in node.edges)
        return frozenset({*(node.name for node in differing), *followed})

    def _entry(self, link: Link, drawn_from: tuple[str, ...]) -> Entry:
        marks = (*self._positions.get(link.revision, ()), *self._marks.get(link.revision, ()))
        mark = self._compared.marks.get(link.revision)
        if mark is not None:
            marks = (mark, *marks)
        if link.kind is Kind.DYNAMIC and drawn_from != link.parents:
            marks = (*marks, Mark(f"follows {', '.join(link.parents) or 'nobody'}", Tone.MOVED))
        birth = self._births.get(link.born) if link.born else None
        return Entry(link, self._unique[link.revision], marks, birth, mark.tone if mark else None)

    def _headings(self, nodes: Sequence[Node], entries: Mapping[str, Entry]) -> Iterator[tuple[str, Heading]]:
        """One above each run of migrations that the same commit brought."""
        subjects = self._view.subjects
        if subjects is None:
            return
        before: tuple[CommitId | None, ...] = ()
        for node in nodes:
            entry = entries.get(node.name)
            if entry is not None and before != (entry.link.born,):
                yield node.name, Heading(entry.birth, _subject(entry, subjects))
            before = (entry.link.born,) if entry else ()


def _subject(entry: Entry, subjects: Mapping[CommitId, str]) -> str:
    if entry.birth is not None:
        return subjects.get(entry.birth.commit, "")
    return "not committed" if entry.link.born == WORKING_TREE else "in no commit that is known"
