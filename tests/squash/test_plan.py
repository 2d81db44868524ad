"""Which ranges stand by themselves, and what is said of the others."""

from __future__ import annotations

from gitlembic.core.chain import Chain, Link
from gitlembic.core.history import Location
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId
from gitlembic.squash.plan import find_range, find_refusals, nearest_closed


def _chain(*links: str) -> Chain:
    """Of texts such as `c <- a b` (c follows both), `d <- c needs a` and `e <- d labelled x`."""
    made = []
    for text in links:
        name, _, rest = text.partition(" <-")
        rest, _, label = rest.partition("labelled ")
        followed, _, needed = rest.partition("needs ")
        migration = Migration(
            RevisionId(name), Kind.STATIC, branch_labels=tuple(label.split()), depends_on=tuple(needed.split())
        )
        made.append(Link(PlacedMigration(f"v/{name}.py", migration), tuple(map(RevisionId, followed.split()))))
    return Chain((Location("v", recursive=False),), tuple(made), None)


def _reasons(chain: Chain, upto: str, after: str | None = None) -> list[str]:
    wanted = find_range(chain, RevisionId(upto), RevisionId(after) if after else None)
    return [refusal.reason for refusal in find_refusals(chain, (), wanted)]


def test_a_line_can_be_cut_anywhere() -> None:
    chain = _chain("a <-", "b <- a", "c <- b", "d <- c")
    assert _reasons(chain, "d") == _reasons(chain, "c") == _reasons(chain, "d", "a") == []
    assert find_range(chain, RevisionId("d"), RevisionId("a")).inside == {"b", "c", "d"}


def test_merges_inside_are_no_reason() -> None:
    chain = _chain("a <-", "b <- a", "c <- a", "m <- b c", "n <- m")
    assert _reasons(chain, "m") == _reasons(chain, "n", "a") == []
    assert _reasons(chain, "b") == ["c (v/c.py) follows a, inside the range"]


def test_who_follows_from_outside_is_named() -> None:
    chain = _chain("a <-", "b <- a", "c <- b", "d <- a", "m <- c d")
    assert _reasons(chain, "c") == ["d (v/d.py) follows a, inside the range"]
    wanted = find_range(chain, RevisionId("c"), None)
    assert nearest_closed(chain, (), wanted) is None
    assert _reasons(chain, "m", "b") == ["d (v/d.py) follows a, outside the range"]


def test_dependencies_across_the_ends_are_named() -> None:
    chain = _chain("a <-", "b <- a", "c <- b", "d <- c needs a", "e <- d")
    assert _reasons(chain, "c") == ["d (v/d.py) depends on a, inside the range"]
    assert _reasons(chain, "e", "b") == ["d (v/d.py) depends on a, outside the range"]
    assert _reasons(chain, "d") == []


def test_the_way_out_names_a_range_that_can_be_taken() -> None:
    chain = _chain("a <-", "b <- a", "c <- b", "d <- c", "x <- c", "m <- d x")
    wanted = find_range(chain, RevisionId("d"), None)
    (refusal,) = find_refusals(chain, (), wanted)
    assert refusal.reason == "x (v/x.py) follows c, inside the range"
    assert refusal.way_out == "`gitlembic squash c` takes a range that stands by itself"


def test_a_label_names_the_migration_that_has_it() -> None:
    chain = _chain("a <-", "b <- a", "c <- b labelled shop", "d <- c needs shop", "e <- d")
    reason = "c has a branch label, which what follows inherits"
    assert _reasons(chain, "e") == [reason]
    assert _reasons(chain, "e", "c") == ["d (v/d.py) depends on shop, outside the range"]


def test_no_range_with_a_label_is_a_way_out() -> None:
    chain = _chain("a <-", "b <- a labelled shop", "c <- b", "d <- c", "x <- c", "m <- d x")
    assert nearest_closed(chain, (), find_range(chain, RevisionId("d"), None)) is None


def test_what_else_forbids_it() -> None:
    assert _reasons(_chain("a <-", "b <- a", "c <- b", "d <- b"), "b") == ["the chain has several heads: c, d"]
    assert _reasons(_chain("a <-", "b <- a"), "a", "b") == ["b does not stand before a"]
    assert _reasons(_chain("a <-", "b <- a"), "b", "a") == ["there is only one migration in that range"]
    assert _reasons(_chain("a <- labelled x", "b <- a"), "b") == ["a has a branch label, which what follows inherits"]
    chain = _chain("a <-", "x <-", "b <- a x", "c <- b")
    assert "x (v/x.py) begins a chain of its own inside the range" in _reasons(chain, "c", "a")
