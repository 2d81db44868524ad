"""Chains as nodes: as they are, and as they were written."""

from __future__ import annotations

from gitlembic.core.history import Location
from gitlembic.core.migration import RevisionId
from gitlembic.graph.chain_graph import connected, nodes_of_links, parents_as_they_are, parents_as_written
from tests.support.chains import link, resolution
from tests.support.drawings import nodes_of


def test_edges_are_parents_then_dependencies_also_by_label() -> None:
    links = [link("a:"), link("x:", branch_labels=("side",)), link("b: a"), link("c: b a ?side ?a ?gone")]
    assert nodes_of_links(links, parents_as_they_are(links)) == tuple(nodes_of("a\nx\nb: a\nc: a b ?x"))


def test_written_parents_are_those_of_the_revises_line() -> None:
    links = [
        link("a:"),
        link("*b: a", revises=(RevisionId("a"),)),
        link("*c: b", revises=(RevisionId("a"),)),
        link("*d: c", revises=()),
        link("*e: d", revises=(RevisionId("gone"),)),
        link("f: e", revises=(RevisionId("a"),)),
    ]
    assert parents_as_written(links) == {
        "a": (),
        "b": ("a",),
        "c": ("a",),
        "d": ("c",),
        "e": ("d",),
        "f": ("e",),
    }


def test_written_parents_never_lead_in_a_circle() -> None:
    links = [link("*a:", revises=(RevisionId("c"),)), link("b: a"), link("*c: b", revises=(RevisionId("b"),))]
    assert parents_as_written(links) == {"a": (), "b": ("a",), "c": ("b",)}


def test_chains_that_lead_to_one_another_share_a_picture() -> None:
    chains = [
        chain
        for name, line in (("one", "a:"), ("two", "b:"), ("three", "c: ?a"))
        for chain in resolution([link(line)], location=Location(name)).chains
    ]
    assert connected(chains) == ((chains[0], chains[2]), (chains[1],))
