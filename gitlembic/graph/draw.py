"""Chains -> pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.graph.chain_graph import connected, nodes_of_links, parents_as_they_are
from gitlembic.graph.elision import elide
from gitlembic.graph.layout import lay_out
from gitlembic.graph.marks import chain_marks
from gitlembic.graph.nodes import newest_first
from gitlembic.graph.picture import Entry, Picture
from gitlembic.graph.short_revisions import unique_lengths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.resolution import Resolution


@dataclass(frozen=True, slots=True)
class View:
    """How to look at the chains.

    `asked` are the revisions to show, `None` for all; `limit` is how many of them, from the newest.
    """

    asked: frozenset[str] | None = None
    limit: int | None = None


def draw(resolution: Resolution, view: View) -> tuple[Picture, ...]:
    """One picture for all chains that are connected; none for those of which nothing is asked."""
    entries = _entries(resolution)
    pictures = (_picture(chains, entries, view) for chains in connected(resolution.chains))
    return tuple(picture for picture in pictures if picture.entries or view.asked is None)


def _entries(resolution: Resolution) -> dict[str, Entry]:
    marks = chain_marks(resolution.chains)
    links = resolution.links
    labels = (label for link in links.values() for label in link.placed.migration.branch_labels)
    unique = unique_lengths([*links, *labels])
    born = {revision: resolution.births.get(link.born) if link.born else None for revision, link in links.items()}
    return {
        revision: Entry(link, unique[revision], marks[revision], born[revision]) for revision, link in links.items()
    }


def _picture(chains: Sequence[Chain], entries: Mapping[str, Entry], view: View) -> Picture:
    links: list[Link] = [link for chain in chains for link in chain.links]
    nodes = newest_first(nodes_of_links(links, parents_as_they_are(links)))
    names = [node.name for node in nodes if view.asked is None or node.name in view.asked]
    shown = elide(nodes, frozenset(names[: view.limit]))
    return Picture(
        title="Chain of " + ", ".join(location.path or "." for chain in chains for location in chain.place),
        layout=lay_out(shown.nodes, [chain.end for chain in chains if chain.end is not None]),
        entries={node.name: entries[node.name] for node in shown.nodes if node.name in entries},
        elided=shown.elided,
    )
