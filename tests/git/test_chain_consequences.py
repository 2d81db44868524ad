"""ORDER.md 4 by example: who joins the line, who stands beside it, and what is refused.

`z` is the oldest migration, `d1`, `d2`, ... are dynamic unless a test says otherwise, `s`, `t` static.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gitlembic.core.history import WORKING_TREE
from gitlembic.errors import BrokenInputError, CannotTellError
from tests.git.questions import (
    LOCATION,
    chain,
    chains,
    in_a_row,
    migration,
    remove,
    renamed,
    resolve_project,
    without,
    write_files,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.repositories import RepositoryBuilder

Z = migration("z", None)
D1, D2, D3, D4 = (migration(name) for name in ("d1", "d2", "d3", "d4"))


def _commit(repository: RepositoryBuilder, *steps: Mapping[str, str | None]) -> None:
    """One commit after the other, named 0, 1, ...; the last one is checked out."""
    for number, files in enumerate(steps, start=len(repository.ids)):
        repository.commit(f"{number}", [f"{number - 1}"] if number else [], files)
    repository.checkout(f"{len(repository.ids) - 1}")


def _refused(repository: RepositoryBuilder, *said: str, locations: tuple[str, ...] = (LOCATION,)) -> CannotTellError:
    """The state that is checked out is an error, with these words in its message, and a hint."""
    with pytest.raises(CannotTellError) as caught:
        chains(repository.root, *locations)
    assert [words for words in said if words not in caught.value.message] == [], caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 3
    return caught.value


class TestStart:
    def test_the_line_starts_as_declared(self, repository: RepositoryBuilder) -> None:
        _commit(repository, {**Z, **migration("s", "t"), **migration("t", "z")}, D1, D2)
        assert chain(repository.root) == in_a_row("z t s d1 d2")

    def test_what_is_older_than_one_declared_head_never_matters(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            {**Z, **migration("old"), **migration("older")},
            without("old", "older"),
            migration("t", "z"),
            migration("s", "z"),
            migration("s", "t"),
            D1,
        )
        assert chain(repository.root) == in_a_row("z t s d1")

    def test_a_declared_fork_that_is_merged_is_on_the_line(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, migration("s", "z"), migration("t", "z"), migration("joined", ("t", "s")), D1)
        found = chain(repository.root)
        assert sorted(found) == ["d1 < joined *", "joined < t s", "s < z", "t < z", "z"]
        assert (found[0], found[3:]) == ("z", ["joined < t s", "d1 < joined *"])

    def test_without_declared_start_the_first_dynamic_one_has_no_parent(self, repository: RepositoryBuilder) -> None:
        _commit(repository, D1, {**D3, **migration("d2", create_date="2024-01-01")}, D4)
        assert chain(repository.root) == in_a_row("d1 d2 d3 d4")

    def test_a_static_base_that_arrives_with_the_first_dynamic_one_comes_before_it(
        self, repository: RepositoryBuilder
    ) -> None:
        _commit(repository, {**Z, **migration("d1", revises="z")}, D2)
        assert chain(repository.root) == in_a_row("z d1 d2")

    def test_two_declared_heads_are_no_start(self, repository: RepositoryBuilder) -> None:
        """The one that came first is on the line, although the other comes first by name."""
        _commit(repository, Z, migration("t", "z"), migration("s", "z"), D1)
        assert chain(repository.root) == ["z", "t < z", "d1 < t *", "s < z (side head)"]

    def test_the_line_starts_before_whoever_is_dynamic_today(self, repository: RepositoryBuilder) -> None:
        """`s` was deployed before `t` came; made dynamic later, it must not get `t` in front of it."""
        _commit(
            repository,
            Z,
            migration("s", "z"),
            migration("t", "z"),
            migration("joined", ("s", "t")),
            migration("s"),
        )
        assert sorted(chain(repository.root)) == ["joined < s t *", "s < z", "t < z", "z"]


class TestStaticOnes:
    def test_that_declare_the_end_join_and_the_next_dynamic_one_follows(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "d1"), D2, migration("t", "d2"))
        assert chain(repository.root) == in_a_row("z d1 s d2 t")

    def test_that_declare_an_older_one_stand_beside_and_the_dynamic_line_goes_on(
        self, repository: RepositoryBuilder
    ) -> None:
        _commit(repository, Z, D1, migration("s", "z"), D2, migration("t", "s"), D3)
        resolution = resolve_project(repository.root)
        assert chain(repository.root) == ["z", "d1 < z", "d2 < d1", "d3 < d2 *", "s < z (side head)", "t < s"]
        assert [link.revision for link in resolution.chains[0].side_heads] == ["s"]
        assert resolution.chains[0].heads == ("d3", "t")

    def test_that_were_written_on_a_branch_are_beside_when_main_went_on(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], Z)
        repository.commit("d1", ["z"], D1)
        repository.commit("s", ["z"], migration("s", "z"))
        repository.commit("t", ["s"], migration("t", "s"))
        repository.commit("merge", ["d1", "t"], {**migration("s", "z"), **migration("t", "s")})
        repository.commit("d2", ["merge"], D2)
        repository.checkout("d2")
        assert chain(repository.root) == ["z", "d1 < z", "d2 < d1 *", "s < z (side head)", "t < s"]

    def test_come_first_on_their_branch_also_when_it_has_merged_main(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], Z)
        repository.commit("d1", ["z"], D1)
        repository.commit("s", ["z"], migration("s", "z"))
        repository.commit("update", ["s", "d1"], D1)
        repository.commit("merge", ["d1", "update"], migration("s", "z"))
        repository.checkout("update")
        assert chain(repository.root) == in_a_row("z s d1")
        repository.checkout("merge")
        assert chain(repository.root) == ["z", "d1 < z *", "s < z (side head)"]

    def test_beside_join_when_they_are_edited_to_declare_the_end(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z"), migration("t", "s"), D2)
        assert chain(repository.root) == ["z", "d1 < z", "d2 < d1 *", "s < z (side head)", "t < s"]
        _commit(repository, migration("s", "d2"), D3)
        assert chain(repository.root) == in_a_row("z d1 d2 s t d3")

    def test_beside_stay_there_when_they_are_edited_to_declare_another_older_one(
        self, repository: RepositoryBuilder
    ) -> None:
        _commit(repository, Z, D1, migration("s", "z"), D2, migration("s", "d1"), D3)
        assert chain(repository.root) == ["z", "d1 < z", "d2 < d1", "d3 < d2 *", "s < d1 (side head)"]

    def test_beside_join_where_the_edit_makes_them_dynamic(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z"), D2, migration("s"), D3)
        assert chain(repository.root) == in_a_row("z d1 d2 s d3")

    def test_beside_join_before_newcomers_of_the_same_commit(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z"), D2, {**migration("s"), **D3})
        assert chain(repository.root) == in_a_row("z d1 d2 s d3")

    def test_beside_join_right_after_the_newcomer_that_they_are_edited_to_declare(
        self, repository: RepositoryBuilder
    ) -> None:
        edited = {**migration("s", "d2"), **migration("d2", revises="d1"), **migration("d3", revises="d2")}
        _commit(repository, Z, D1, migration("s", "z"), edited)
        assert chain(repository.root) == in_a_row("z d1 d2 s d3")

    def test_beside_hang_on_whoever_is_made_dynamic(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z"), migration("t", "s"), migration("s"), D2)
        assert chain(repository.root) == in_a_row("z d1 s t d2")

    def test_that_merge_the_end_and_a_side_line_join_with_all_their_ancestors(
        self, repository: RepositoryBuilder
    ) -> None:
        _commit(
            repository,
            Z,
            D1,
            migration("s", "z"),
            migration("t", "s"),
            migration("joined", ("d1", "t")),
            D2,
        )
        assert chain(repository.root) == ["z", "d1 < z", "s < z", "t < s", "joined < d1 t", "d2 < joined *"]

    def test_that_merge_an_older_one_and_a_side_line_stand_beside(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z"), D2, migration("joined", ("d1", "s")), D3)
        assert chain(repository.root) == [
            "z",
            "d1 < z",
            "d2 < d1",
            "d3 < d2 *",
            "s < z (side head)",
            "joined < d1 s",
        ]

    def test_that_name_the_end_second_join(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z"), migration("joined", ("s", "d1")))
        assert chain(repository.root) == ["z", "d1 < z", "s < z", "joined < s d1 *"]

    def test_of_one_commit_that_fork_are_looked_at_in_birth_order(self, repository: RepositoryBuilder) -> None:
        late, early = migration("s", "d1", create_date="2024-02-01"), migration("t", "d1", create_date="2024-01-01")
        _commit(repository, Z, D1, {**late, **early}, D2)
        assert chain(repository.root) == ["z", "d1 < z", "t < d1", "d2 < t *", "s < d1 (side head)"]


class TestWhoIsOnTheLine:
    def test_a_follower_of_one_that_is_deleted_takes_the_previous_one(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, D2, D3, without("d2"))
        assert chain(repository.root) == in_a_row("z d1 d3")
        _commit(repository, D2)
        assert chain(repository.root) == in_a_row("z d1 d3 d2")

    def test_the_next_one_follows_the_previous_end_when_that_is_deleted(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, D2, without("d2"), D3)
        assert chain(repository.root) == in_a_row("z d1 d3")

    def test_a_dynamic_one_follows_past_a_static_one_that_is_deleted(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "d1"), D2, without("s"))
        assert chain(repository.root) == in_a_row("z d1 d2")

    def test_a_hand_edit_of_a_static_one_keeps_every_computed_parent(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "d1"), D2, migration("s", "z"), D3)
        assert chain(repository.root) == ["z", "d1 < z", "s < z", "d2 < s", "d3 < d2 *"]

    def test_a_static_one_that_becomes_dynamic_keeps_its_place(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "d1"), D2, migration("s"), D3)
        assert chain(repository.root) == in_a_row("z d1 s d2 d3")

    @pytest.mark.parametrize(("declared", "expected"), [("d1", "d2 < d1"), ("z", "d2 < z"), (None, "d2")])
    def test_a_dynamic_one_that_becomes_static_keeps_its_place(
        self, repository: RepositoryBuilder, declared: str | None, expected: str
    ) -> None:
        _commit(repository, {**Z, **migration("y", "z")}, D1, D2, D3, migration("d2", declared))
        if declared is None:
            _refused(repository, "d2 (")
        else:
            assert chain(repository.root) == ["z", "y < z", "d1 < y", expected, "d3 < d2 *"]

    def test_a_static_one_edited_onto_a_later_one_leaves_and_joins_again(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "d1"), D2, D3, migration("s", "d3"), D4)
        assert chain(repository.root) == in_a_row("z d1 d2 d3 s d4")

    def test_who_hangs_on_it_leaves_with_it(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "d1"), migration("t", "s"), D2, migration("s", "d2"), D3)
        assert chain(repository.root) == in_a_row("z d1 d2 s t d3")

    def test_it_stays_beside_when_the_later_one_is_not_the_end(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "d1"), D2, D3, migration("s", "d2"), D4)
        assert chain(repository.root) == ["z", "d1 < z", "d2 < d1", "d3 < d2", "d4 < d3 *", "s < d2 (side head)"]

    def test_a_circle_through_computed_parents_is_undone_by_leaving(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, migration("t", "z"), D1, migration("s", "d1"), migration("t", "s"), D2)
        assert chain(repository.root) == in_a_row("z d1 s t d2")

    def test_newcomers_of_the_same_commit_join_before_it_leaves(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "d1"), D2, {**migration("s", "d3"), **D3})
        assert chain(repository.root) == in_a_row("z d1 d2 d3 s")
        _commit(repository, {**migration("s", "d2"), **D4})
        assert chain(repository.root) == ["z", "d1 < z", "d2 < d1", "d3 < d2", "s < d2", "d4 < s *"]

    def test_rebased_on_an_updated_branch_it_has_the_order_that_main_will_have(
        self, repository: RepositoryBuilder
    ) -> None:
        repository.commit("z", [], Z)
        repository.commit("d1", ["z"], D1)
        repository.commit("s", ["z"], migration("s", "z"))
        repository.commit("update", ["s", "d1"], D1)
        repository.commit("rebased", ["update"], migration("s", "d1"))
        repository.commit("merge", ["d1", "rebased"], migration("s", "d1"))
        for name in ("rebased", "merge"):
            repository.checkout(name)
            assert chain(repository.root) == in_a_row("z d1 s"), name

    def test_what_merges_on_main_never_changes_computed_parents(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], Z)
        repository.commit("d2", ["z"], D2)
        repository.commit("d1", ["z"], D1)
        repository.commit("update", ["d1", "d2"], D2)
        repository.commit("merge", ["d2", "update"], D1)
        seen = []
        for name in ("d2", "update", "merge"):
            repository.checkout(name)
            seen.append(chain(repository.root))
        assert seen == [in_a_row("z d2"), in_a_row("z d1 d2"), in_a_row("z d2 d1")]


class TestWorkingTree:
    def test_joins_last(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z"), D2)
        write_files(repository.root, {**migration("s", "d2"), **D3})
        assert chain(repository.root) == in_a_row("z d1 d2 s d3")

    def test_that_deletes_one_in_the_middle(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, D2, D3)
        remove(repository.root, "d2")
        assert chain(repository.root) == in_a_row("z d1 d3")

    def test_says_where_each_was_born(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], Z)
        repository.commit("d2", ["z"], D2, author="Grace <grace@example.org>", date=1_600_000_000)
        repository.commit("d1", ["z"], D1)
        repository.commit("merge", ["d2", "d1"], D1)
        repository.checkout("merge")
        write_files(repository.root, D3)
        resolution = resolve_project(repository.root, all_births=True)
        assert {revision: link.born for revision, link in resolution.links.items()} == {
            "z": repository.ids["z"],
            "d2": repository.ids["d2"],
            "d1": repository.ids["merge"],
            "d3": WORKING_TREE,
        }
        birth = resolution.births[repository.ids["d2"]]
        assert (birth.author, birth.date and birth.date.timestamp()) == ("Grace", 1_600_000_000)


class TestSeveralLocations:
    A, B, C = "a/versions", "b/versions", "c/versions"

    def test_that_are_connected_by_the_oldest_share_a_chain(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            migration("z", None, location=self.A),
            migration("d2", location=self.A),
            migration("s", "d2", location=self.B),
            migration("d1", location=self.A),
            migration("d0", location=self.B),
        )
        assert chain(repository.root, self.A, self.B) == in_a_row("z d2 s d1 d0")
        (found,) = resolve_project(repository.root, self.B, self.A).chains
        assert [location.path for location in found.place] == [self.B, self.A]

    def test_that_were_written_against_the_other_share_a_chain(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            migration("z", None, location=self.A),
            migration("d2", location=self.A),
            migration("d1", revises="z", location=self.B),
            migration("d0", location=self.A),
        )
        assert chain(repository.root, self.A, self.B) == in_a_row("z d2 d1 d0")

    def test_that_are_connected_through_a_third_share_a_chain(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            migration("z", None, location=self.B),
            migration("s", "z", location=self.A),
            migration("d2", revises="z", location=self.C),
            migration("d1", location=self.A),
        )
        assert chain(repository.root, self.A, self.B, self.C) == in_a_row("z s d2 d1")

    def test_that_are_not_connected_have_a_chain_each(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            migration("y", None, location=self.A),
            migration("z", None, location=self.B),
            migration("d2", location=self.B),
            migration("d1", location=self.A),
            migration("d0", location=self.B),
        )
        assert chains(repository.root, self.A, self.B) == [in_a_row("y d1"), in_a_row("z d2 d0")]

    def test_stay_apart_when_they_are_connected_later(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            {**migration("y", None, location=self.A), **migration("z", None, location=self.B)},
            migration("d2", location=self.B),
            migration("s", "d2", location=self.A),
            migration("d1", location=self.A, revises="d2"),
            migration("d0", location=self.B),
        )
        assert chains(repository.root, self.A, self.B) == [
            ["y", "d1 < y *", "s < d2 (side head)"],
            in_a_row("z d2 d0"),
        ]

    def test_stay_apart_when_a_merge_connects_them_later(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            {**migration("y", None, location=self.A), **migration("z", None, location=self.B)},
            migration("d2", location=self.B),
            migration("joined", ("y", "d2"), location=self.A),
            migration("d1", location=self.A),
            migration("d0", location=self.B),
        )
        assert chains(repository.root, self.A, self.B) == [
            ["y", "joined < y d2", "d1 < joined *"],
            in_a_row("z d2 d0"),
        ]

    def test_stay_together_when_the_oldest_is_deleted(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            migration("z", None, location=self.A),
            migration("d5", location=self.A),
            migration("s", "d5", location=self.B),
            migration("d4", location=self.A),
            {**without("s", location=self.B), **migration("t", "d4", location=self.B)},
            migration("d3", location=self.A),
        )
        assert chains(repository.root, self.A, self.B) == [in_a_row("z d5 d4 t d3")]

    def test_were_one_before_they_were_split(self, repository: RepositoryBuilder) -> None:
        """The second was moved out of the first, so nobody in it is new."""
        _commit(
            repository,
            {**migration("z", None, location=self.A), **migration("y", "z", location=self.A)},
            migration("d2", location=self.A),
            migration("d1", location=self.A),
            {
                **without("d2", "d1", location=self.A),
                **migration("d2", location=self.B),
                **migration("d1", location=self.B),
            },
            migration("d0", location=self.A),
        )
        assert chains(repository.root, self.A, self.B) == [in_a_row("z y d2 d1 d0")]

    def test_that_share_an_id_are_refused(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            {**migration("y", None, location=self.A), **migration("z", None, location=self.B)},
            {**migration("d1", location=self.A), **migration("d1", location=self.B)},
        )
        _refused(repository, "d1", f"{self.A}/add_d1.py", f"{self.B}/add_d1.py", locations=(self.A, self.B))

    def test_a_branch_of_its_own_in_a_location_of_its_own(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            migration("z", None, location=self.A, labels=("core",)),
            migration("y", None, location=self.B, labels=("billing",)),
            migration("d2", location=self.A),
            migration("d1", location=self.B, depends_on=("core",)),
            migration("d0", location=self.A, depends_on=("d1",)),
        )
        assert chains(repository.root, self.A, self.B) == [in_a_row("z d2 d0"), in_a_row("y d1")]


class TestRefused:
    """What is wrong in the state that is asked for."""

    def test_several_roots(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("y", None))
        error = _refused(repository, f"z ({LOCATION}/add_z.py)", f"y ({LOCATION}/add_y.py)")
        assert "version_locations" in error.hint
        assert "literal" in error.hint

    def test_a_dynamic_one_before_a_static_base(self, repository: RepositoryBuilder) -> None:
        _commit(repository, D1, Z)
        _refused(repository, f"d1 ({LOCATION}/add_d1.py)", f"z ({LOCATION}/add_z.py)")

    def test_a_labelled_branch_beside_the_line(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z", labels=("billing",)), D2)
        error = _refused(repository, "s", f"{LOCATION}/add_s.py", "billing")
        assert "version_locations" in error.hint
        assert "literal" in error.hint

    def test_a_label_further_up_a_side_line(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z"), migration("t", "s", labels=("billing",)), D2)
        _refused(repository, "t", f"{LOCATION}/add_t.py", "billing")

    def test_labels_on_the_line_are_no_reason(self, repository: RepositoryBuilder) -> None:
        _commit(repository, migration("z", None, labels=("core",)), migration("d1", labels=("tagged",)), D2)
        assert chain(repository.root) == in_a_row("z d1 d2")
        links = resolve_project(repository.root).links
        labels = {name: link.placed.migration.branch_labels for name, link in links.items()}
        assert labels == {"z": ("core",), "d1": ("tagged",), "d2": ()}

    @pytest.mark.parametrize("needed", ["d2", "later"])
    def test_a_dependency_on_a_later_one(self, repository: RepositoryBuilder, needed: str) -> None:
        _commit(repository, Z, migration("d1", depends_on=(needed,)), migration("d2", labels=("later",)))
        _refused(repository, "d1", f"{LOCATION}/add_d1.py", needed, f"{LOCATION}/add_d2.py")

    def test_a_dependency_on_an_earlier_one_stays_as_declared(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("d2", depends_on=("z",)))
        assert chain(repository.root) == in_a_row("z d1 d2")
        assert resolve_project(repository.root).links["d2"].placed.migration.depends_on == ("z",)  # type: ignore[index]

    def test_a_dependency_on_an_earlier_one_beside_the_line_stays_as_well(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "z"), migration("d2", depends_on=("s",)))
        assert chain(repository.root) == ["z", "d1 < z", "d2 < d1 *", "s < z (side head)"]

    def test_a_dependency_on_nobody(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, migration("d1", depends_on=("ghost",)))
        _refused(repository, "d1", f"{LOCATION}/add_d1.py", "ghost")

    def test_an_id_used_twice(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("d1", name="copy"))
        _refused(repository, "d1", f"{LOCATION}/add_d1.py", f"{LOCATION}/copy.py")

    def test_a_circle(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, {**migration("s", "t"), **migration("t", "s")})
        _refused(repository, f"s ({LOCATION}/add_s.py:10)", f"t ({LOCATION}/add_t.py:10)", "cycle")

    def test_a_circle_in_a_static_project(self, repository: RepositoryBuilder) -> None:
        _commit(repository, {**Z, **migration("s", "t"), **migration("t", "s")})
        _refused(repository, f"s ({LOCATION}/add_s.py:10)", f"t ({LOCATION}/add_t.py:10)", "cycle")

    def test_one_that_is_its_own_parent(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "s"))
        _refused(repository, f"s ({LOCATION}/add_s.py:10), which follows s", "cycle")

    @pytest.mark.parametrize("down", ["ghost", ("z", "ghost")])
    def test_a_parent_that_is_missing(self, repository: RepositoryBuilder, down: str | tuple[str, ...]) -> None:
        _commit(repository, Z, D1, migration("s", down))
        error = _refused(repository, "s", f"{LOCATION}/add_s.py", "ghost")
        assert "ghost" in error.hint

    def test_a_parent_that_was_deleted(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, migration("s", "d1"), without("d1"))
        _refused(repository, "s", f"{LOCATION}/add_s.py", "d1")

    def test_none_of_it_in_older_states(self, repository: RepositoryBuilder) -> None:
        _commit(
            repository,
            Z,
            {**D1, **migration("d1", name="copy"), **migration("y", None), **migration("s", "ghost")},
            {**without("y", "s"), f"{LOCATION}/copy.py": None},
            {**migration("p", "q"), **migration("q", "p")},
            {**without("p", "q"), **migration("t", "z", labels=("billing",))},
            without("t"),
            D2,
        )
        assert chain(repository.root) == in_a_row("z d1 d2")
        for older in "1", "3", "4":
            with pytest.raises(CannotTellError):
                chains(repository.root, at=repository.ids[older])

    def test_in_older_states_the_first_path_counts(self, repository: RepositoryBuilder) -> None:
        """As a static one beside the line `s` waits until the copy that says so is deleted."""
        _commit(
            repository,
            Z,
            D1,
            {**migration("s", "z", name="first"), **migration("s", name="second")},
            D2,
            {f"{LOCATION}/first.py": None},
            D3,
        )
        assert chain(repository.root) == in_a_row("z d1 d2 s d3")

    def test_a_file_that_names_no_revision(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, D1, {f"{LOCATION}/helper.py": "REVISION = 'x'\n"})
        _refused(repository, f"{LOCATION}/helper.py")


class TestAt:
    @pytest.fixture
    def branches(self, repository: RepositoryBuilder) -> RepositoryBuilder:
        r"""Two branches from `z`; main is checked out, with changes.

        z --- d2 --- merge   main
         \          /
          s - d1 ---         feature
        """
        repository.commit("z", [], Z)
        repository.commit("d2", ["z"], D2)
        repository.commit("s", ["z"], migration("s", "z"))
        repository.commit("d1", ["s"], D1)
        repository.commit("merge", ["d2", "d1"], {**migration("s", "z"), **D1})
        repository.branch("feature", "d1")
        repository.checkout("merge")
        write_files(repository.root, D4)
        remove(repository.root, "d2")
        return repository

    @pytest.mark.parametrize(
        ("at", "commit", "expected"),
        [
            ("main", "merge", ["z", "d2 < z", "d1 < d2 *", "s < z (side head)"]),
            ("HEAD", "merge", ["z", "d2 < z", "d1 < d2 *", "s < z (side head)"]),
            ("feature", "d1", ["z", "s < z", "d1 < s *"]),
            ("feature~1", "s", ["z", "s < z *"]),
            ("main~1", "d2", ["z", "d2 < z *"]),
            ("refs/heads/main~2", "z", ["z *"]),
        ],
    )
    def test_any_commit(self, branches: RepositoryBuilder, at: str, commit: str, expected: list[str]) -> None:
        resolution = resolve_project(branches.root, at=at)
        assert (resolution.at, resolution.head) == (at, branches.ids[commit])
        assert chain(branches.root, at=at) == expected
        assert chain(branches.root, at=branches.ids[commit]) == expected
        assert chain(branches.root, at=branches.ids[commit][:10]) == expected

    def test_is_what_a_checkout_of_it_gives(self, branches: RepositoryBuilder) -> None:
        for name in list(branches.ids):
            before = chain(branches.root, at=branches.ids[name])
            branches.checkout(name)
            assert chain(branches.root) == before, name

    def test_where_the_location_had_another_name(self, repository: RepositoryBuilder) -> None:
        old, older = "db/versions", "alembic"
        files = migration("z", None, location=older)
        repository.commit("z", [], files)
        repository.commit("d2", ["z"], migration("d2", location=older))
        files |= migration("d2", location=older)
        repository.commit("moved", ["d2"], renamed(files, old, source_location=older))
        files = {**migration("z", None, location=old), **migration("d2", location=old)}
        repository.commit("d1", ["moved"], migration("d1", location=old))
        files |= migration("d1", location=old)
        repository.commit("moved again", ["d1"], renamed(files, LOCATION, source_location=old))
        repository.commit("d0", ["moved again"], migration("d0"))
        repository.checkout("d0")
        for name, expected, location in (
            ("d0", "z d2 d1 d0", LOCATION),
            ("moved again", "z d2 d1", LOCATION),
            ("d1", "z d2 d1", old),
            ("d2", "z d2", older),
        ):
            at = repository.ids[name]
            assert chain(repository.root, at=at) == in_a_row(expected), name
            (found,) = resolve_project(repository.root, at=at).chains
            assert [place.path for place in found.place] == [location]
            assert {link.placed.path.rpartition("/")[0] for link in found.links} == {location}

    def test_before_the_location_existed(self, repository: RepositoryBuilder) -> None:
        _commit(repository, {"README": "no migrations yet"}, Z, D1)
        assert chain(repository.root, at=repository.ids["0"]) == []

    def test_a_commit_where_it_was_wrong(self, repository: RepositoryBuilder) -> None:
        _commit(repository, Z, {**D1, **migration("d1", name="copy")}, {f"{LOCATION}/copy.py": None})
        assert chain(repository.root) == in_a_row("z d1")
        with pytest.raises(BrokenInputError, match=re.escape(f"{LOCATION}/copy.py")):
            chain(repository.root, at=repository.ids["1"])

    def test_a_name_that_is_none(self, branches: RepositoryBuilder) -> None:
        with pytest.raises(CannotTellError, match="'nothing' names no commit"):
            chain(branches.root, at="nothing")

    def test_what_git_was_at_before_and_fetched_last(self, branches: RepositoryBuilder) -> None:
        """As CI does that fetches one branch: `git fetch origin main`."""
        (branches.root / ".git" / "FETCH_HEAD").write_text(
            f"{branches.ids['d1']}\t\tbranch 'main' of https://example.org/shop\n"
        )
        assert chain(branches.root, at="FETCH_HEAD") == chain(branches.root, at=branches.ids["d1"])
        (branches.root / ".git" / "ORIG_HEAD").write_text(f"{branches.ids['d2']}\n")
        assert chain(branches.root, at="ORIG_HEAD") == chain(branches.root, at=branches.ids["d2"])
        (branches.root / ".git" / "MERGE_HEAD_HEAD").write_text("no commit\n")
        with pytest.raises(CannotTellError, match="names no commit"):
            chain(branches.root, at="MERGE_HEAD_HEAD")
        assert chain(branches.root, at="FETCH_HEAD~1") == chain(branches.root, at=f"{branches.ids['d1']}~1")
