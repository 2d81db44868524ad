"""Several heads: how each came, which are branches of their own, and what makes one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from gitlembic.core.arrival import Arrival, find_arrival
from gitlembic.core.chain import Birth, Chain, Link
from gitlembic.core.heads import Coming, Head, Offer, branch_labels, cured, explain_heads, has_forked, last_common
from gitlembic.core.history import WORKING_TREE, CommitId, HistoryUnknownError, Location
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId
from gitlembic.core.presence import Presences
from gitlembic.core.rebase import Move
from gitlembic.core.whereabouts import Commit
from gitlembic.errors import GitlembicError
from tests.support.memory_history import MemoryHistory

_PLACE = (Location("versions"),)
A, B, C, D, E = map(RevisionId, "abcde")


def _migration(revision: RevisionId, *labels: str) -> Migration:
    return Migration(revision, Kind.STATIC, branch_labels=labels)


def _link(revision: RevisionId, *parents: RevisionId, labels: tuple[str, ...] = ()) -> Link:
    return Link(PlacedMigration(f"{revision}.py", _migration(revision, *labels)), parents)


def _links(*links: Link) -> dict[RevisionId, Link]:
    return {link.revision: link for link in links}


def _commit(author: str, letter: str) -> Commit:
    return Commit(Birth(CommitId(letter * 40), datetime(2026, 1, 2, tzinfo=timezone.utc), author), f"by {author}")


class TestHowItCame:
    def _history(self) -> MemoryHistory:
        r"""The branch of a branch:  base --- main --- merge2
        \                 /
         one --- two --- merge1
              \  two  /
        """
        history = MemoryHistory()
        trees = {"base": "a", "main": "ab", "one": "ac", "two": "acd", "merge1": "acd", "merge2": "abcd"}
        parents = {"main": ["base"], "one": ["base"], "two": ["one"], "merge1": ["one", "two"]}
        parents["merge2"] = ["main", "merge1"]
        for name, letters in trees.items():
            tree = {f"versions/{letter}.py": _migration(RevisionId(letter)) for letter in letters}
            history.add(CommitId(name), map(CommitId, parents.get(name, ())), tree)
        return history

    @pytest.mark.parametrize(
        ("revision", "arrival"),
        [
            (A, Arrival(CommitId("base"))),
            (B, Arrival(CommitId("main"))),
            (C, Arrival(CommitId("one"), CommitId("merge2"))),
            (D, Arrival(CommitId("two"), CommitId("merge2"))),
            (RevisionId("x"), None),
        ],
    )
    def test_the_commit_that_added_it_and_the_merge_to_the_first_parent_line(
        self, revision: RevisionId, arrival: Arrival | None
    ) -> None:
        assert find_arrival(Presences(self._history()), CommitId("merge2"), _PLACE, revision) == arrival

    def test_is_not_guessed_in_a_shallow_clone(self) -> None:
        history = self._history().shallow(CommitId("merge2"), [CommitId("merge2")])
        with pytest.raises(HistoryUnknownError):
            find_arrival(Presences(history), CommitId("merge2"), _PLACE, B)

    def test_what_is_not_committed_came_with_the_working_tree(self) -> None:
        history = self._history()
        tree = {f"versions/{letter}.py": _migration(RevisionId(letter)) for letter in "abcdx"}
        history.add(WORKING_TREE, [CommitId("merge2")], tree)
        found = find_arrival(Presences(history), WORKING_TREE, _PLACE, RevisionId("x"))
        assert found == Arrival(WORKING_TREE)


class TestLabels:
    def test_are_those_that_a_head_is_alone_under(self) -> None:
        links = _links(
            _link(A, labels=("shared",)), _link(B, A, labels=("left",)), _link(C, B), _link(D, A, labels=("right",))
        )
        assert branch_labels(links, [C, D]) == {C: "left", D: "right"}
        assert branch_labels(links, [C]) == {C: "left"}

    def test_none_without(self) -> None:
        assert branch_labels(_links(_link(A, labels=("all",)), _link(B, A), _link(C, A)), [B, C]) == {}


@pytest.mark.parametrize(
    ("labelled", "heads", "forked"),
    [
        ("", "b", False),
        ("", "bc", True),
        ("a", "bc", True),
        ("b", "bc", False),
        ("b", "bcd", True),
        ("bc", "bcd", False),
    ],
)
def test_heads_have_forked_where_no_label_tells_them_apart(labelled: str, heads: str, forked: bool) -> None:  # noqa: FBT001 -- of the table
    links = [
        _link(RevisionId(name), *(() if name == "a" else (A,)), labels=(f"the {name}",) if name in labelled else ())
        for name in f"a{heads}"
    ]
    assert has_forked(Chain(_PLACE, tuple(links), None)) == forked


class TestInCommon:
    def test_is_the_last_before_all_of_them(self) -> None:
        links = _links(_link(A), _link(B, A), _link(C, B), _link(D, B), _link(E, A))
        assert last_common(links, [C, D]) == (B,)
        assert last_common(links, [C, D, E]) == (A,)

    def test_may_be_several_or_none(self) -> None:
        crossed = _links(_link(A), _link(B), _link(C, A, B), _link(D, A, B))
        assert last_common(crossed, [C, D]) == (A, B)
        assert last_common(_links(_link(A), _link(B)), [A, B]) == ()

    def test_is_told(self) -> None:
        links = (_link(A), _link(B, A), _link(C, A))
        heads = [Head(link, Chain(_PLACE, links, None), Coming.UNKNOWN) for link in links[1:]]
        said = explain_heads(heads, {}, Offer(), [links[0].placed])
        assert said.facts[-1] == "The last that they have in common: a (a.py)."


class TestTheCure:
    def test_is_a_rebase_only_if_one_head_is_left(self) -> None:
        links = _links(_link(A), _link(B, A), _link(C, A))
        onto_b = Move(links[C].placed, Kind.STATIC, (B,))
        assert cured(links, [B, C], (), [onto_b])
        assert not cured(links, [B, C], (), [])
        assert not cured(links, [B, C], (), [replace(onto_b, parents=(A,))])

    def test_is_a_rebase_if_what_is_left_beside_has_a_label(self) -> None:
        links = _links(_link(A), _link(B, A), _link(C, A), _link(D, A, labels=("apart",)))
        onto_b = [Move(links[C].placed, Kind.STATIC, (B,))]
        assert cured(links, [B, C, D], {D}, onto_b)
        assert not cured(links, [B, C, D], (), onto_b)
        assert not cured(links, [C, D], {D}, [])

    def _move(self, head: Head) -> Move:
        static = head.link.placed.migration._replace(parents=head.link.parents)
        return Move(head.link.placed._replace(migration=static), Kind.STATIC, (B,))

    def _heads(self) -> list[Head]:
        end, side = _link(B, A), _link(C, A)
        dynamic = Link(PlacedMigration("b.py", Migration(B, Kind.DYNAMIC)), (A,))
        chain = Chain(_PLACE, (_link(A), dynamic, side), B)
        return [
            Head(end, chain, Coming.COMMITTED, _commit("Ada", "1"), _commit("Eve", "2")),
            Head(side, chain, Coming.UNCOMMITTED),
        ]

    def test_rebase_names_what_it_moves(self) -> None:
        heads = self._heads()
        said = explain_heads(heads, {}, Offer((self._move(heads[1]),)))
        assert said.facts == (
            (
                "b (b.py) was added by Ada on 2026-01-02 in 111111111 (by Ada), "
                "merged by Eve on 2026-01-02 in 222222222 (by Eve), and is the end of the line."
            ),
            "c (c.py) is not committed yet, and stands beside the line, following a.",
        )
        assert said.hint == (
            "`gitlembic rebase` moves c onto b (--dry-run shows how); "
            "a database that ran c: `gitlembic downgrade a` first. "
            "If both were deployed already, join them instead: `gitlembic merge b c -m MESSAGE`"
        )

    def test_what_is_not_committed_is_committed_first(self) -> None:
        heads = self._heads()
        said = explain_heads(heads, {}, Offer((self._move(heads[1]),), ("c.py",)))
        assert said.hint.startswith("commit c.py, then `gitlembic rebase` moves c onto b ")

    def test_a_refusal_is_told_with_its_own_hint(self) -> None:
        refusal = GitlembicError("no mainline", "name one: `gitlembic rebase --onto REF`")
        said = explain_heads(self._heads(), {}, Offer(refusal=refusal))
        assert said.facts[-1] == "`gitlembic rebase` says: no mainline"
        assert said.hint == ("name one: `gitlembic rebase --onto REF`; or `gitlembic merge b c -m MESSAGE` joins them")

    def test_a_refusal_that_names_a_merge_is_not_followed_by_another(self) -> None:
        refusal = GitlembicError("they may be meant to stay apart", "join them with `gitlembic merge heads`")
        said = explain_heads(self._heads(), {}, Offer(refusal=refusal))
        assert said.hint == "`gitlembic merge b c -m MESSAGE` joins them"

    def test_merge_where_rebase_does_not_help(self) -> None:
        assert explain_heads(self._heads(), {}, Offer()).hint == "`gitlembic merge b c -m MESSAGE` joins them"

    def test_a_branch_with_a_label_stays_out_of_the_merge(self) -> None:
        heads = self._heads()
        apart = Head(_link(D, A, labels=("apart",)), heads[0].chain, Coming.UNKNOWN)
        for offer in (Offer(), Offer((self._move(heads[1]),))):
            assert "`gitlembic merge b c -m MESSAGE`" in explain_heads([*heads, apart], {D: "apart"}, offer).hint

    def test_branches_with_labels_are_meant_to_be_several(self) -> None:
        said = explain_heads(self._heads(), {B: "left", C: "right"}, Offer())
        assert said.hint == "these are branches with labels: name one (left@head, right@head), or all of them: `heads`"
        said = explain_heads(self._heads(), {C: "right"}, Offer())
        assert said.hint == "these are branches with labels: name one (b, right@head), or all of them: `heads`"

    def test_a_head_without_a_label_is_moved_if_that_helps(self) -> None:
        heads = self._heads()
        hint = explain_heads(heads, {B: "left"}, Offer((self._move(heads[1]),))).hint
        assert "`gitlembic rebase`" in hint
        assert "`gitlembic merge b c -m MESSAGE`" in hint
        assert explain_heads(heads, {B: "left"}, Offer()).hint.startswith("these are branches with labels")

    def test_a_static_chain_has_no_line(self) -> None:
        links = (_link(A), _link(B, A), _link(C))
        chain = Chain(_PLACE, links, None)
        heads = [Head(links[1], chain, Coming.UNKNOWN), Head(links[2], chain, Coming.NOT_IN_GIT)]
        assert explain_heads(heads, {}, Offer()).facts == (
            "b (b.py) is older than this clone holds, and follows a.",
            "c (c.py) follows nobody.",
        )
