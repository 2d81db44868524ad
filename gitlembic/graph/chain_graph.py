"""Chains -> nodes: who leads to whom, as it is or as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.line import on_or_after_cycles
from gitlembic.graph.nodes import Edge, EdgeKind, Node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitlembic.core.chain import Chain, Link

Parents = dict[str, tuple[str, ...]]


def nodes_of_links(links: Sequence[Link], parents: Mapping[str, tuple[str, ...]]) -> tuple[Node, ...]:
    """A node for each link, in their order, which comes oldest first.

    Of several parents the one that has been there longest goes first: on a line, that was its end.
    `depends_on` may name a branch label; what nobody here is called has no edge.
    """
    place: dict[str, int] = {link.revision: number for number, link in enumerate(links)}
    labels: dict[str, str] = {label: link.revision for link in links for label in link.placed.migration.branch_labels}
    nodes = []
    for link in links:
        above = sorted((name for name in parents[link.revision] if name in place), key=place.__getitem__)
        needed = (labels.get(name, name) for name in link.placed.migration.depends_on)
        edges = [Edge(name) for name in above]
        edges += [Edge(name, EdgeKind.DEPENDENCY) for name in needed if name in place and name not in above]
        nodes.append(Node(link.revision, tuple(edges)))
    return tuple(nodes)


def parents_as_they_are(links: Sequence[Link]) -> Parents:
    """The parents that Alembic goes by."""
    return {link.revision: tuple(link.parents) for link in links}


def parents_as_written(links: Sequence[Link]) -> Parents:
    """The same, but a dynamic migration has the parents that its `Revises:` line names, as far as they are here.

    Where such lines lead in a circle, which edits by hand can do, those on it keep what they have.
    """
    now = parents_as_they_are(links)
    written: Parents = {link.revision: _written(link, now) for link in links}
    circular = on_or_after_cycles(written)
    return {name: now[name] if name in circular else parents for name, parents in written.items()}


def _written(link: Link, now: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    named = tuple(link.placed.migration.revises) if link.placed.migration.is_dynamic else ()
    return named if named and all(name in now for name in named) else now[link.revision]


def connected(chains: Sequence[Chain]) -> tuple[tuple[Chain, ...], ...]:
    """The chains in groups that no edge leaves, each in their order: one picture a group."""
    if len(chains) == 1:
        return (tuple(chains),)
    owner: dict[str, int] = {link.revision: number for number, chain in enumerate(chains) for link in chain.links}
    group = list(range(len(chains)))
    for node in nodes_of_links(links := [link for chain in chains for link in chain.links], parents_as_they_are(links)):
        for edge in node.edges:
            one, other = group[owner[node.name]], group[owner[edge.target]]
            group = [min(one, other) if each in {one, other} else each for each in group]
    return tuple(
        tuple(chain for number, chain in enumerate(chains) if group[number] == first) for first in dict.fromkeys(group)
    )
