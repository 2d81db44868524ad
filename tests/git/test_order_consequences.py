"""Every consequence that ORDER.md 1 to 3 and 6 name, on a repository.

Names run against the order that is right, so that neither file names nor ids explain it: the
first migration is `z`, main's are `m`, `n`, the branches' come before them in the alphabet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.errors import BrokenInputError
from tests.git.questions import LOCATION, chain, in_a_row, migration, order, remove, renamed, without, write_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.repositories import RepositoryBuilder

_CONFLICT = "<<<<<<< HEAD\nrevision = 'one'\n=======\nrevision = 'other'\n>>>>>>> feature\n"


def _assert_order(repository: RepositoryBuilder, name: str, expected: str, location: str = LOCATION) -> None:
    """The order at a commit, and the same from its checkout, and the chain that follows from it."""
    assert order(repository.root, repository.ids[name], location) == expected
    repository.checkout(name)
    assert order(repository.root, location=location) == expected
    assert chain(repository.root, location) == in_a_row(expected)


def _update_branch(repository: RepositoryBuilder) -> None:
    r"""The button "Update branch", and a merge commit afterwards.

    z --- m -------- merge   main
     \      \       /
      b - a - update         feature
    """
    repository.commit("z", [], migration("z"))
    repository.commit("m", ["z"], migration("m"))
    repository.commit("b", ["z"], migration("b"))
    repository.commit("a", ["b"], migration("a"))
    repository.commit("update", ["a", "m"], migration("m"))
    repository.commit("merge", ["m", "update"], {**migration("a"), **migration("b")})


class TestMerges:
    def test_main_comes_first_when_it_was_merged_into_the_branch_before(self, repository: RepositoryBuilder) -> None:
        _update_branch(repository)
        _assert_order(repository, "update", "z b a m")
        _assert_order(repository, "merge", "z m b a")

    def test_the_branch_keeps_its_own_order_through_merges_of_main(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("n", ["z"], migration("n"))
        repository.commit("b", ["z"], migration("b"))
        repository.commit("update", ["b", "n"], migration("n"))
        repository.commit("a", ["update"], migration("a"))
        repository.commit("m", ["n"], migration("m"))
        repository.commit("update again", ["a", "m"], migration("m"))
        repository.commit("c", ["update again"], migration("c"))
        repository.commit("merge", ["m", "c"], {**migration("b"), **migration("a"), **migration("c")})
        _assert_order(repository, "c", "z b n a m c")
        _assert_order(repository, "merge", "z n m b a c")

    def test_a_branch_that_was_merged_twice_arrives_in_two_parts(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("b", ["z"], migration("b"))
        repository.commit("first merge", ["z", "b"], migration("b"))
        repository.commit("m", ["first merge"], migration("m"))
        repository.commit("a", ["b"], migration("a"))
        repository.commit("second merge", ["m", "a"], migration("a"))
        _assert_order(repository, "second merge", "z b m a")

    def test_a_branch_of_a_branch_stands_where_that_branch_merged_it(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("c", ["z"], migration("c"))
        repository.commit("inner", ["z"], migration("y"))
        repository.commit("x", ["inner"], migration("x"))
        repository.commit("b", ["c"], migration("b"))
        repository.commit("nested", ["b", "x"], {**migration("y"), **migration("x")})
        repository.commit("a", ["nested"], migration("a"))
        repository.commit("m", ["z"], migration("m"))
        newcomers = {path: text for name in "cbyxa" for path, text in migration(name).items()}
        repository.commit("merge", ["m", "a"], newcomers)
        _assert_order(repository, "merge", "z m c b y x a")

    def test_an_octopus_brings_its_branches_in_the_order_of_its_parents(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        newcomers: dict[str, str] = {}
        for first, second in ("fe", "ba", "dc"):
            repository.commit(first, ["z"], migration(first))
            repository.commit(second, [first], migration(second))
            newcomers |= migration(first) | migration(second)
        repository.commit("octopus", ["m", "e", "a", "c"], newcomers)
        _assert_order(repository, "octopus", "z m f e b a d c")

    def test_what_two_branches_of_an_octopus_have_stands_with_the_first(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("c", ["z"], migration("c"))
        repository.commit("b", ["c"], migration("b"))
        repository.commit("a", ["c"], migration("a"))
        repository.commit("octopus", ["z", "b", "a"], {**migration("c"), **migration("b"), **migration("a")})
        _assert_order(repository, "octopus", "z c b a")

    def test_what_an_evil_merge_adds_comes_after_what_it_merges(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("f", ["z"], migration("f"))
        evil = {
            **migration("f"),
            **migration("b", create_date="2001-01-01 00:00:00"),
            **migration("a", create_date="2001-01-02 00:00:00"),
        }
        repository.commit("merge", ["m", "f"], evil)
        _assert_order(repository, "merge", "z m f b a")

    def test_what_an_evil_merge_drops_is_gone(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("b", ["z"], migration("b"))
        repository.commit("a", ["b"], migration("a"))
        repository.commit("merge", ["m", "a"], {**without("m"), **migration("a")})
        _assert_order(repository, "merge", "z a")

    def test_a_squash_merge_comes_after_main(self, repository: RepositoryBuilder) -> None:
        _update_branch(repository)
        repository.commit("squash", ["m"], {**migration("a", revises="b"), **migration("b", revises="z")})
        _assert_order(repository, "squash", "z m b a")

    def test_a_rebase_merge_keeps_the_order_of_its_commits(self, repository: RepositoryBuilder) -> None:
        _update_branch(repository)
        repository.commit("b again", ["m"], migration("b"))
        repository.commit("a again", ["b again"], migration("a"))
        _assert_order(repository, "a again", "z m b a")

    def test_a_cherry_pick_has_its_place_where_it_was_picked_to(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("n", ["z"], migration("n"))
        repository.commit("m", ["n"], migration("m"))
        repository.commit("release", ["z"], migration("m"))
        _assert_order(repository, "m", "z n m")
        _assert_order(repository, "release", "z m")

    def test_a_cherry_pick_that_is_merged_again_keeps_its_place(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("b", ["z"], migration("b"))
        repository.commit("a", ["b"], migration("a"))
        repository.commit("picked", ["z"], migration("a"))
        repository.commit("m", ["picked"], migration("m"))
        repository.commit("merge", ["m", "a"], migration("b"))
        _assert_order(repository, "merge", "z a m b")

    def test_a_release_branch_that_merges_main_has_its_own_first(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("release", ["z"], migration("y"))
        repository.commit("n", ["z"], migration("n"))
        repository.commit("m", ["n"], migration("m"))
        repository.commit("catch up", ["release", "m"], {**migration("n"), **migration("m")})
        repository.commit("back", ["m", "catch up"], migration("y"))
        _assert_order(repository, "catch up", "z y n m")
        _assert_order(repository, "back", "z n m y")

    def test_a_foxtrot_turns_the_order_round_as_no_rule_can_prevent(self, repository: RepositoryBuilder) -> None:
        """ORDER.md 6: main is fast-forwarded to a branch that had merged main, which swaps its first parent."""
        _update_branch(repository)
        _assert_order(repository, "m", "z m")
        repository.commit("after", ["update"], migration("n"))
        _assert_order(repository, "after", "z b a m n")


class TestAppendOnly:
    def test_a_renamed_file_keeps_its_place(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("a", ["m"], migration("a"))
        repository.commit("rename", ["a"], {**without("m"), **migration("m", name="zz_last")})
        _assert_order(repository, "rename", "z m a")

    def test_a_renamed_and_edited_file_keeps_its_place(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("a", ["m"], migration("a"))
        edited = migration("m", name="zz_last", message="another\n\nmessage", create_date="2031-01-01", revises="a")
        repository.commit("rename", ["a"], {**without("m"), **edited})
        _assert_order(repository, "rename", "z m a")

    def test_two_files_that_swap_their_names_keep_their_places(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("a", ["m"], migration("a"))
        swapped = {**migration("m", name="add_a"), **migration("a", name="add_m")}
        repository.commit("swap", ["a"], swapped)
        _assert_order(repository, "swap", "z m a")

    def test_an_id_edited_in_place_is_a_new_migration(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("n", ["m"], migration("n"))
        repository.commit("edit", ["n"], migration("a", name="add_m"))
        _assert_order(repository, "edit", "z n a")

    def test_what_is_removed_leaves_the_others_in_their_places(self, repository: RepositoryBuilder) -> None:
        for before, name in zip(("", *"zmn"), "zmna", strict=False):
            repository.commit(name, [before] if before else [], migration(name))
        repository.commit("remove", ["a"], without("m"))
        _assert_order(repository, "remove", "z n a")

    def test_what_is_reverted_and_landed_again_takes_the_later_place(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("a", ["z"], migration("a"))
        repository.commit("revert", ["a"], without("a"))
        repository.commit("m", ["revert"], migration("m"))
        repository.commit("again", ["m"], migration("a"))
        _assert_order(repository, "revert", "z")
        _assert_order(repository, "again", "z m a")

    def test_a_branch_that_was_reverted_on_main_and_merged_again_takes_the_later_place(
        self, repository: RepositoryBuilder
    ) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("a", ["z"], migration("a"))
        repository.commit("merge", ["z", "a"], migration("a"))
        repository.commit("revert", ["merge"], without("a"))
        repository.commit("m", ["revert"], migration("m"))
        repository.commit("b", ["a"], migration("b"))
        repository.commit("again", ["m", "b"], {**migration("a"), **migration("b")})
        _assert_order(repository, "again", "z m a b")

    def test_committed_conflict_markers_keep_the_id_of_the_path(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("a", ["m"], migration("a"))
        repository.commit("broken", ["a"], {f"{LOCATION}/add_m.py": _CONFLICT})
        repository.commit("still broken", ["broken"], {"README": "while it was broken"})
        repository.commit("n", ["still broken"], migration("n"))
        repository.commit("repaired", ["n"], migration("m", message="mended"))
        assert order(repository.root, repository.ids["n"]) == "z m a n"
        _assert_order(repository, "repaired", "z m a n")

    def test_conflict_markers_committed_by_a_merge_keep_the_id_that_either_side_had(
        self, repository: RepositoryBuilder
    ) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("b", ["z"], migration("b"))
        repository.commit("a", ["b"], migration("a"))
        broken = {**migration("a"), f"{LOCATION}/add_b.py": _CONFLICT}
        repository.commit("merge", ["m", "a"], broken)
        repository.commit("n", ["merge"], migration("n"))
        repository.commit("repaired", ["n"], migration("b"))
        assert order(repository.root, repository.ids["merge"]) == "z m b a"
        _assert_order(repository, "repaired", "z m b a n")

    def test_a_file_born_broken_arrives_when_it_is_mended(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("broken", ["z"], {f"{LOCATION}/add_a.py": _CONFLICT})
        repository.commit("m", ["broken"], migration("m"))
        repository.commit("repaired", ["m"], migration("a"))
        _assert_order(repository, "repaired", "z m a")

    def test_a_broken_file_is_an_error_in_the_state_asked_for(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("broken", ["z"], {f"{LOCATION}/add_z.py": _CONFLICT})
        repository.commit("repaired", ["broken"], migration("z"))
        repository.checkout("repaired")
        with pytest.raises(BrokenInputError, match=rf"{LOCATION}/add_z\.py:1\b"):
            chain(repository.root, at=repository.ids["broken"])
        repository.checkout("broken")
        with pytest.raises(BrokenInputError, match=rf"{LOCATION}/add_z\.py:1\b"):
            chain(repository.root)

    @pytest.mark.parametrize(
        "clock",
        [
            lambda number: (1_700_000_000 + number, 1_700_000_000 - number),
            lambda number: (1_700_000_000 - number, 1_700_000_000 + number),
            lambda _: (1_700_000_000, 1_700_000_000),
            lambda number: (number * 7919 % 11, number * 104_729 % 13),
        ],
        ids=["forwards", "backwards", "stopped", "wild"],
    )
    def test_dates_of_commits_and_authors_never_matter(
        self, repository: RepositoryBuilder, clock: Callable[[int], tuple[int, int]]
    ) -> None:
        def commit(name: str, parents: list[str], files: dict[str, str]) -> None:
            committed, authored = clock(len(repository.ids))
            repository.commit(name, parents, files, date=committed, author_date=authored)

        commit("z", [], migration("z"))
        commit("b", ["z"], migration("b"))
        commit("n", ["z"], migration("n"))
        commit("a", ["b"], migration("a"))
        commit("m", ["n"], migration("m"))
        commit("update", ["a", "m"], {**migration("n"), **migration("m")})
        commit("c", ["update"], migration("c"))
        commit("merge", ["m", "c"], {**migration("a"), **migration("b"), **migration("c")})
        _assert_order(repository, "c", "z b a n m c")
        _assert_order(repository, "merge", "z n m b a c")


class TestMoves:
    def test_a_location_that_moved_twice_keeps_its_order(self, repository: RepositoryBuilder) -> None:
        first, second, third = "alembic/versions", "src/app/migrations", LOCATION
        files: dict[str, str] = {}
        for before, name in zip(("", *"zm"), "zma", strict=False):
            added = migration(name, location=first)
            files |= added
            repository.commit(name, [before] if before else [], added)
        repository.commit("moved", ["a"], renamed(files, second, source_location=first))
        there = {second + path[len(first) :]: text for path, text in files.items()}
        repository.commit("between", ["moved"], migration("b", location=second))
        there |= migration("b", location=second)
        repository.commit("moved again", ["between"], renamed(there, third, source_location=second))
        repository.commit("n", ["moved again"], migration("n"))
        assert order(repository.root, repository.ids["a"], first) == "z m a"
        assert order(repository.root, repository.ids["between"], second) == "z m a b"
        _assert_order(repository, "n", "z m a b n")

    def test_a_location_that_moved_on_a_branch_finds_what_main_added(self, repository: RepositoryBuilder) -> None:
        old = "db/versions"
        files = {**migration("z", location=old), **migration("m", location=old, revises="z")}
        repository.commit("start", [], files)
        repository.commit("moved", ["start"], renamed(files, LOCATION, source_location=old))
        repository.commit("a", ["moved"], migration("a"))
        repository.commit("n", ["start"], migration("n", location=old))
        repository.commit("k", ["n"], migration("k", location=old))
        everything = {**files, **migration("n", location=old), **migration("k", location=old)}
        repository.commit("merge", ["k", "a"], {**renamed(everything, LOCATION, source_location=old), **migration("a")})
        repository.commit("other way", ["a", "k"], {**migration("n"), **migration("k")})
        _assert_order(repository, "merge", "z m n k a")
        _assert_order(repository, "other way", "z m a n k")

    def test_a_location_moved_from_the_root_of_the_repository(self, repository: RepositoryBuilder) -> None:
        files = {**migration("z", location=""), **migration("m", location="", revises="z")}
        repository.commit("start", [], files)
        repository.commit("a", ["start"], migration("a", location=""))
        gone = dict.fromkeys([*files, "add_a.py"])
        repository.commit("moved", ["a"], {**gone, **migration("z"), **migration("m"), **migration("a")})
        assert order(repository.root, repository.ids["a"], "") == "z m a"
        _assert_order(repository, "moved", "z m a")

    def test_files_renamed_as_they_are_moved_are_found_by_their_directory(self, repository: RepositoryBuilder) -> None:
        old = "db/versions"
        repository.commit("z", [], migration("z", location=old))
        repository.commit("m", ["z"], migration("m", location=old))
        repository.commit("a", ["m"], migration("a", location=old))
        renamed_files = {path: text for name in "zma" for path, text in migration(name, name=f"{name}_new").items()}
        repository.commit("moved", ["a"], {**without(*"zma", location=old), **renamed_files})
        _assert_order(repository, "moved", "z m a")

    def test_the_directory_that_holds_most_is_the_one_that_moved(self, repository: RepositoryBuilder) -> None:
        old, attic = "zz/versions", "attic"
        repository.commit("z", [], {**migration("a", location=attic), **migration("z", location=old)})
        repository.commit("m", ["z"], {**migration("m", location=old), **migration("z", location=attic)})
        repository.commit("a", ["m"], migration("a", location=old))
        files = {path: text for name in "zma" for path, text in migration(name, location=old).items()}
        repository.commit("moved", ["a"], renamed(files, LOCATION, source_location=old))
        _assert_order(repository, "moved", "z m a")

    def test_of_directories_that_hold_as_many_the_first_by_name_is_the_one_that_moved(
        self, repository: RepositoryBuilder
    ) -> None:
        one, two = "one", "two"
        repository.commit("first", [], {**migration("a", location=two), **migration("z", location=one)})
        repository.commit("second", ["first"], {**migration("z", location=two), **migration("a", location=one)})
        moved = {**without(*"za", location=one), **without(*"za", location=two), **migration("a"), **migration("z")}
        repository.commit("moved", ["second"], moved)
        _assert_order(repository, "moved", "z a")

    def test_a_file_from_elsewhere_is_new_in_a_location_that_lives(self, repository: RepositoryBuilder) -> None:
        repository.commit("a", [], migration("a", location="drafts"))
        repository.commit("z", ["a"], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("arrives", ["m"], {**without("a", location="drafts"), **migration("a")})
        _assert_order(repository, "arrives", "z m a")

    def test_a_subtree_merge_brings_the_order_of_the_other_history(self, repository: RepositoryBuilder) -> None:
        repository.commit("root of main", [], {"README": "nothing to migrate yet"})
        for before, name in zip(("", *"zm"), "zma", strict=False):
            repository.commit(name, [before] if before else [], migration(name, location="versions"))
        there = {path: text for name in "zma" for path, text in migration(name).items()}
        repository.commit("subtree", ["root of main", "a"], there)
        repository.commit("k", ["subtree"], migration("k"))
        _assert_order(repository, "k", "z m a k")

    def test_a_subtree_merge_into_a_location_that_lives_comes_after_it(self, repository: RepositoryBuilder) -> None:
        repository.commit("q", [], migration("q"))
        for before, name in zip(("", *"zm"), "zma", strict=False):
            repository.commit(name, [before] if before else [], migration(name, location=""))
        there = {path: text for name in "zma" for path, text in migration(name).items()}
        repository.commit("subtree", ["q", "a"], there)
        _assert_order(repository, "subtree", "q z m a")

    def test_nested_directories_are_one_location(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z", location=f"{LOCATION}/2025"))
        repository.commit("m", ["z"], migration("m", location=f"{LOCATION}/2024"))
        repository.commit("a", ["m"], migration("a"))
        into = {**without("z", location=f"{LOCATION}/2025"), **migration("z", location=f"{LOCATION}/deep/er")}
        repository.commit("sorted away", ["a"], into)
        repository.commit("b", ["sorted away"], migration("b", location=f"{LOCATION}/2023"))
        repository.checkout("b")
        assert order(repository.root, repository.ids["b"], recursive=True) == "z m a b"
        assert chain(repository.root, recursive=True) == in_a_row("z m a b")
        assert order(repository.root, repository.ids["b"]) == "a"
        assert chain(repository.root) == ["a *"]

    def test_a_nested_location_that_moved_keeps_its_order(self, repository: RepositoryBuilder) -> None:
        old = "old/place"
        files = {**migration("z", location=f"{old}/2024"), **migration("q", location=f"{old}/2025", revises="z")}
        repository.commit("start", [], files)
        added = migration("m", location=f"{old}/2025")
        repository.commit("m", ["start"], added)
        repository.commit("a", ["m"], migration("a", location=f"{old}/2024"))
        files |= added | migration("a", location=f"{old}/2024")
        repository.commit("moved", ["a"], renamed(files, LOCATION, source_location=old))
        repository.checkout("moved")
        assert order(repository.root, repository.ids["moved"], recursive=True) == "z q m a"
        assert chain(repository.root, recursive=True) == in_a_row("z q m a")


class TestBirthsInOneCommit:
    """ORDER.md 2. The files are made in one commit, and once more only in the working tree."""

    @pytest.mark.parametrize(
        ("newcomers", "expected"),
        [
            ([migration("a", revises="b"), migration("b", revises="c"), migration("c", revises="z")], "z c b a"),
            ([migration("a", revises="c"), migration("b"), migration("c")], "z b c a"),
            (
                [migration("a", revises="b", create_date="2024-01-01"), migration("b", create_date="2024-01-02")],
                "z b a",
            ),
            ([migration("a", create_date="2024-01-02"), migration("b", create_date="2024-01-01")], "z b a"),
            (
                [
                    migration("a", create_date="2024-03-01 12:00:00"),
                    migration("b", create_date="2024-03-01 13:30:00+02:00"),
                    migration("c", create_date="2024-03-01 11:45:00Z"),
                    migration("d", create_date="2024-03-01 06:00:00.5-05:00"),
                ],
                "z d b c a",
            ),
            ([migration("a"), migration("b", create_date="2999-12-31 23:59:59")], "z b a"),
            ([migration("a", create_date="yesterday"), migration("b", create_date="2999-12-31")], "z b a"),
            ([migration("a", name="3"), migration("b", name="2"), migration("c", name="1")], "z c b a"),
            (
                [
                    migration("a", name="3", create_date="2024-01-01T00:00:00+00:00"),
                    migration("b", name="2", create_date="2024-01-01 02:00:00+02:00"),
                    migration("c", name="1", create_date="2024-01-01"),
                ],
                "z c b a",
            ),
            ([migration("a", revises="b"), migration("b", revises="a"), migration("c", revises="z")], "z c a b"),
            (
                [
                    migration("a", revises="b", create_date="2024-01-02"),
                    migration("b", revises="a", create_date="2024-01-01"),
                ],
                "z b a",
            ),
            (
                [
                    migration("a", revises="b", create_date="2024-01-03"),
                    migration("b", revises="a", create_date="2024-01-02"),
                    migration("c", revises="a", create_date="2024-01-01"),
                ],
                "z c b a",
            ),
            ([migration("b", revises="c, a"), migration("c"), migration("a", revises="elsewhere")], "z a c b"),
        ],
        ids=[
            "revises",
            "revises-before-path",
            "revises-before-date",
            "date",
            "dates-in-zones",
            "no-date-last",
            "unreadable-date-last",
            "path",
            "path-at-the-same-moment",
            "cycle-after-the-others",
            "cycle-by-date",
            "behind-a-cycle",
            "merge",
        ],
    )
    def test_are_arranged(self, repository: RepositoryBuilder, newcomers: list[dict[str, str]], expected: str) -> None:
        files = {path: text for file in newcomers for path, text in file.items()}
        repository.commit("z", [], migration("z"))
        repository.commit("squash", ["z"], files)
        _assert_order(repository, "squash", expected)
        repository.checkout("z")
        write_files(repository.root, files)
        assert order(repository.root) == expected
        assert chain(repository.root) == in_a_row(expected)

    def test_literal_parents_count_as_revises_does(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        repository.commit("squash", ["z"], {**migration("a", "b"), **migration("b", "c"), **migration("c", "z")})
        repository.commit("d", ["squash"], migration("d"))
        _assert_order(repository, "d", "z c b a d")

    def test_the_literal_parent_of_a_static_one_counts_and_not_its_docstring(
        self, repository: RepositoryBuilder
    ) -> None:
        repository.commit("z", [], migration("z"))
        files = {**migration("a", "b", revises="z"), **migration("b", "z", revises="a"), **migration("c", revises="a")}
        repository.commit("squash", ["z"], files)
        _assert_order(repository, "squash", "z b a c")

    def test_are_arranged_in_the_first_commit_of_all(self, repository: RepositoryBuilder) -> None:
        files = {**migration("a", revises="b"), **migration("b", revises="z"), **migration("z")}
        repository.commit("root", [], files)
        _assert_order(repository, "root", "z b a")


class TestWorkingTree:
    @pytest.fixture
    def checked_out(self, repository: RepositoryBuilder) -> RepositoryBuilder:
        """The order z m a, checked out."""
        repository.commit("z", [], migration("z"))
        repository.commit("m", ["z"], migration("m"))
        repository.commit("a", ["m"], migration("a"))
        repository.checkout("a")
        return repository

    def _expect(self, repository: RepositoryBuilder, expected: str, location: str = LOCATION) -> None:
        assert order(repository.root, location=location) == expected
        assert chain(repository.root, location) == in_a_row(expected)

    def test_what_is_not_committed_comes_last(self, checked_out: RepositoryBuilder) -> None:
        files = {**migration("c", create_date="2001-01-01"), **migration("b", create_date="2001-01-02", revises="z")}
        write_files(checked_out.root, files)
        self._expect(checked_out, "z m a c b")

    def test_what_is_deleted_is_gone(self, checked_out: RepositoryBuilder) -> None:
        remove(checked_out.root, "m")
        self._expect(checked_out, "z a")

    def test_what_is_renamed_keeps_its_place(self, checked_out: RepositoryBuilder) -> None:
        remove(checked_out.root, "m")
        write_files(checked_out.root, migration("m", name="zz_last", message="edited as well"))
        self._expect(checked_out, "z m a")

    def test_an_id_edited_in_place_is_new(self, checked_out: RepositoryBuilder) -> None:
        write_files(checked_out.root, migration("b", name="add_m"))
        self._expect(checked_out, "z a b")

    def test_a_location_that_is_moved_keeps_its_order(self, checked_out: RepositoryBuilder) -> None:
        moved = "elsewhere/versions"
        (checked_out.root / "elsewhere").mkdir()
        (checked_out.root / LOCATION).rename(checked_out.root / moved)
        write_files(checked_out.root, migration("b", location=moved))
        self._expect(checked_out, "z m a b", moved)

    def test_what_git_ignores_exists_all_the_same(self, checked_out: RepositoryBuilder) -> None:
        write_files(checked_out.root, {".gitignore": f"{LOCATION}/add_b.py\n", **migration("b")})
        self._expect(checked_out, "z m a b")

    def test_a_broken_file_keeps_the_id_of_the_path_and_is_an_error(self, checked_out: RepositoryBuilder) -> None:
        write_files(checked_out.root, {f"{LOCATION}/add_m.py": f"# first line\n{_CONFLICT}", **migration("b")})
        assert order(checked_out.root) == "z m a b"
        with pytest.raises(BrokenInputError, match=rf"{LOCATION}/add_m\.py:2\b"):
            chain(checked_out.root)

    def test_a_detached_head_is_where_it_is(self, checked_out: RepositoryBuilder) -> None:
        checked_out.checkout("m", branch=None)
        self._expect(checked_out, "z m")
        write_files(checked_out.root, migration("b"))
        self._expect(checked_out, "z m b")

    def test_an_unborn_branch_has_only_what_is_on_disk(self, repository: RepositoryBuilder) -> None:
        files = {**migration("a", revises="m"), **migration("m", revises="z"), **migration("z")}
        write_files(repository.root, files)
        self._expect(repository, "z m a")

    def test_an_unborn_branch_beside_others_starts_afresh(self, checked_out: RepositoryBuilder) -> None:
        (checked_out.root / ".git" / "HEAD").write_text("ref: refs/heads/orphan\n")
        self._expect(checked_out, "a m z")

    def test_a_merge_in_progress_counts_as_the_merge(self, repository: RepositoryBuilder) -> None:
        _update_branch(repository)
        repository.checkout("m")
        write_files(repository.root, {**migration("a"), **migration("b"), **migration("0")})
        self._expect(repository, "z m 0 a b")
        (repository.root / ".git" / "MERGE_HEAD").write_text(f"{repository.ids['update']}\n")
        self._expect(repository, "z m b a 0")

    def test_an_octopus_in_progress_counts_as_the_octopus(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], migration("z"))
        newcomers: dict[str, str] = {}
        for first, second in ("dc", "ba"):
            repository.commit(first, ["z"], migration(first))
            repository.commit(second, [first], migration(second))
            newcomers |= migration(first) | migration(second)
        repository.checkout("z")
        write_files(repository.root, newcomers)
        heads = f"{repository.ids['c']}\n{repository.ids['a']}\n"
        (repository.root / ".git" / "MERGE_HEAD").write_text(heads)
        self._expect(repository, "z d c b a")
