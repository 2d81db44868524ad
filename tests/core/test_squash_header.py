"""What a squash says of what it replaced, and the chain in which that stands again."""

from __future__ import annotations

import pytest

from gitlembic.core.migration import RevisionId
from gitlembic.core.squash_header import read_squash_header, unfolded
from tests.support.chains import link, resolution


def test_the_replaced_in_their_order_and_the_commit() -> None:
    header = read_squash_header(b'replaces: tuple = (("b", "11"), ("a", "22"))\nreplaced_in = "cafe"\n')
    assert header is not None
    assert (header.replaces, header.replaced_in) == ((("b", "11"), ("a", "22")), "cafe")


def test_one_that_names_no_commit() -> None:
    for source in (b'replaces = (("a", "22"),)', b'replaces = (("a", "22"),)\nreplaced_in = None'):
        header = read_squash_header(source)
        assert header is not None
        assert header.replaced_in == ""


@pytest.mark.parametrize(
    "source",
    [
        b"revision = 'a'",
        b"'''it replaces nothing'''",
        b"replaces = make()",
        b"replaces = 1",
        b"replaces = (('a',),)",
        b"replaces = (\n<<<<<<<",
        b"def f():\n    replaces = (('a', 'b'),)",
    ],
)
def test_what_is_no_squash(source: bytes) -> None:
    assert read_squash_header(source) is None


def test_unfolded_the_originals_stand_in_its_place() -> None:
    folded = resolution([link("a:"), link("c: a"), link("d: c")], births={"d": "cafe"})
    originals = [link("b: a"), link("c: b")]
    (chain,) = unfolded(folded, {RevisionId("c"): originals}).chains
    assert [(one.revision, one.parents) for one in chain.links] == [
        ("a", ()),
        ("b", ("a",)),
        ("c", ("b",)),
        ("d", ("c",)),
    ]
    assert chain.heads == ("d",)
