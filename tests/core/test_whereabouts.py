"""Where a revision is that a checkout does not have: who is meant, who is nearest, and what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from gitlembic.core.chain import Birth
from gitlembic.core.history import WORKING_TREE, CommitId, Location
from gitlembic.core.migration import Kind, Migration, NotAMigration, PlacedMigration, RevisionId
from gitlembic.core.presence import Presences
from gitlembic.core.whereabouts import (
    Commit,
    Deletion,
    Sighting,
    Tip,
    TipKind,
    Whereabouts,
    matching,
    ranked,
    search_past,
    search_tips,
)
from gitlembic.core.whereabouts_text import explain_position, explain_whereabouts
from tests.support.memory_history import MemoryHistory

if TYPE_CHECKING:
    from gitlembic.core.whereabouts import Answer

_PLACE = (Location("versions"),)
_BY_ADA = Commit(Birth(CommitId("a" * 40), datetime(2026, 1, 2, tzinfo=timezone.utc), "Ada"), "Add it")


def _placed(revision: str, *labels: str, location: str = "versions") -> PlacedMigration:
    return PlacedMigration(
        f"{location}/{revision}.py", Migration(RevisionId(revision), Kind.STATIC, branch_labels=labels)
    )


def _tip(kind: TipKind, name: str = "x", commit: str = "c" * 40, **more: str) -> Tip:
    return Tip(kind, name, CommitId(commit), **more)


class TestWhoIsMeant:
    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ("abcd", ["abcd"]),
            ("abc", ["abcd", "abce"]),
            ("abce", ["abce"]),
            ("left", ["abce"]),
            ("ab", ["abcd", "abce"]),
            ("x", []),
            ("xyz", ["xyz"]),
            ("nothing", []),
        ],
    )
    def test_as_alembic_takes_it(self, wanted: str, found: list[str]) -> None:
        everybody = [_placed("abcd"), _placed("abce", "left"), _placed("xyz")]
        assert [placed.migration.revision for placed in matching(wanted, everybody)] == found


class TestWhoIsNearest:
    def test_by_kind_then_the_mainline_then_by_name(self) -> None:
        placed = _placed("abcd")
        sightings = [
            Sighting(tip, placed)
            for tip in (
                _tip(TipKind.UPSTREAM, "origin/mine"),
                _tip(TipKind.BRANCH, "main"),
                _tip(TipKind.BRANCH, "a"),
                _tip(TipKind.BRANCH, "b"),
                _tip(TipKind.WORKTREE, "/elsewhere"),
                _tip(TipKind.REMOTE_BRANCH, "origin/main"),
                _tip(TipKind.REMOTE_BRANCH, "origin/a"),
                _tip(TipKind.TAG, "v1"),
                _tip(TipKind.STASH, "stash@{2}"),
                _tip(TipKind.STASH, "stash@{10}"),
                _tip(TipKind.REFLOG, "HEAD@{1}"),
            )
        ]
        order: list[Answer] = [Deletion(placed, _BY_ADA), *sightings]
        assert list(ranked(reversed(order), "abcd", "main")) == order

    def test_who_is_called_exactly_so_comes_first(self) -> None:
        longer = Sighting(_tip(TipKind.BRANCH), _placed("abcde"))
        exact = Sighting(_tip(TipKind.REFLOG), _placed("abcd"))
        assert ranked([longer, exact], "abcd", None) == (exact, longer)


def _history() -> MemoryHistory:
    """`old` has a1 and b1; b1 is deleted by the next; the directory is then renamed; `other` still has the old name."""
    history = MemoryHistory()
    a1, b1, c1 = (_placed(name).migration for name in ("aaa1", "bbb1", "ccc1"))
    history.add(CommitId("old"), [], {"old/a.py": a1, "old/b.py": b1, "setup.py": NotAMigration()})
    history.add(CommitId("without"), [CommitId("old")], {"old/a.py": a1})
    history.add(CommitId("renamed"), [CommitId("without")], {"versions/a.py": a1})
    history.add(CommitId("other"), [CommitId("without")], {"old/a.py": a1, "old/c.py": c1})
    history.add(CommitId("moved"), [CommitId("renamed")], {"db/a.py": a1, "db/c.py": c1, "setup.py": NotAMigration()})
    history.add(WORKING_TREE, [CommitId("renamed")], {"versions/a.py": a1})
    return history


class TestSearching:
    def test_the_commit_that_deleted_it_through_a_rename_of_the_location(self) -> None:
        past = search_past(Presences(_history()), _PLACE, "bbb1")
        assert past.deleted is not None
        step, placed = past.deleted
        assert (step.commit, placed.path) == ("without", "old/b.py")
        assert past.locations == (Location("versions"), Location("old"))
        assert not past.ended

    def test_nobody_deleted_what_was_never_there_or_only_moved(self) -> None:
        presences = Presences(_history())
        assert [search_past(presences, _PLACE, name).deleted for name in ("ccc1", "aaa1")] == [None, None]

    def test_those_before_it_that_are_gone_as_well(self) -> None:
        history = MemoryHistory()
        a1, b1, c1, d1 = (
            _placed(name).migration._replace(parents=tuple(map(RevisionId, parents)))
            for name, parents in {"a1": "", "b1": ["a1"], "c1": ["b1"], "d1": ["c1"]}.items()
        )
        history.add(CommitId("all"), [], {f"versions/{one.revision}.py": one for one in (a1, b1, c1, d1)})
        history.add(CommitId("d"), [CommitId("all")], {f"versions/{one.revision}.py": one for one in (a1, b1, c1)})
        history.add(WORKING_TREE, [CommitId("d")], {"versions/a1.py": a1})
        past = search_past(Presences(history), _PLACE, "d1")
        assert [placed.path for placed in past.older] == ["versions/c1.py", "versions/b1.py"]
        assert past.deleted is not None
        assert past.deleted[0].commit == "d"

    def test_a_file_that_has_another_id_since(self) -> None:
        history = _history()
        history.add(CommitId("edited"), [CommitId("old")], {"old/a.py": _placed("aaa2").migration})
        history.add(WORKING_TREE, [CommitId("edited")], {"old/a.py": _placed("aaa2").migration})
        presences = Presences(history)
        assert [search_past(presences, (Location("old"),), name).became for name in ("aaa1", "bbb1")] == ["aaa2", ""]

    def test_a_shallow_clone_says_where_it_ends(self) -> None:
        history = _history().shallow(WORKING_TREE, [CommitId("without")])
        past = search_past(Presences(history), _PLACE, "bbb1")
        assert (past.deleted, past.ended) == (None, True)

    def test_tips_under_older_names_newer_names_and_without_their_objects(self) -> None:
        tips = [_tip(TipKind.BRANCH, name, name) for name in ("other", "moved", "renamed", "lost")]
        history = _history()
        held = frozenset({*history.commits} - {CommitId("lost")})
        found = search_tips(replace(history, held=held), tips, (*_PLACE, Location("old")), "ccc1")
        paths = {tip.name: placed if placed is None else [one.path for one in placed] for tip, placed in found}
        assert paths == {"other": ["old/c.py"], "moved": ["db/c.py"], "renamed": [], "lost": None}


def _said(*answers: Answer, wanted: str = "abcd", **more: Any) -> tuple[tuple[str, ...], str]:
    whereabouts = Whereabouts(wanted=wanted, answers=answers, place=_PLACE)
    explanation = explain_whereabouts(replace(whereabouts, **more))
    return explanation.facts, explanation.hint


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        ("tip", "where", "hint"),
        [
            (
                _tip(TipKind.UPSTREAM, "origin/x"),
                "on the remote branch origin/x",
                "`git merge origin/x` brings it here",
            ),
            (
                _tip(TipKind.BRANCH),
                "on the branch x",
                "`git switch x` goes there, or `git merge x` brings it here",
            ),
            (
                _tip(TipKind.BRANCH, checked_out="/w"),
                "on the branch x (checked out in /w)",
                "go on in /w, or `git merge x` brings it here",
            ),
            (
                _tip(TipKind.BRANCH, "a;$(x)"),
                "on the branch a;$(x)",
                "`git switch 'a;$(x)'` goes there, or `git merge 'a;$(x)'` brings it here",
            ),
            (
                _tip(TipKind.REMOTE_BRANCH, "origin/x", remote="origin"),
                "on the remote branch origin/x",
                "`git switch --track origin/x` goes there, or `git merge origin/x` brings it here",
            ),
            (
                _tip(TipKind.REMOTE_BRANCH, "git-svn"),
                "on the remote branch git-svn",
                "`git switch --detach git-svn` goes there, or `git merge git-svn` brings it here",
            ),
            (
                _tip(TipKind.REMOTE_BRANCH, "origin/x", local="x"),
                "on the remote branch origin/x",
                "`git switch --detach origin/x` goes there, or `git merge origin/x` brings it here",
            ),
            (
                _tip(TipKind.TAG),
                "in the tag x",
                "`git switch --detach x` goes there, or `git checkout x -- versions/abcd.py` brings it here",
            ),
            (_tip(TipKind.STASH, "stash@{1}"), "in stash@{1}", "`git stash apply stash@{1}` brings it here"),
            (
                _tip(TipKind.WORKTREE, "/w"),
                "in the worktree /w",
                "go on in /w, or `git checkout ccccccccc -- versions/abcd.py` brings it here",
            ),
            (
                _tip(TipKind.WORKTREE, "/w", WORKING_TREE),
                "in the worktree /w, not committed,",
                "go on in /w, or commit it there first",
            ),
            (
                _tip(TipKind.REFLOG, "HEAD@{2}"),
                "in what was checked out here before (HEAD@{2})",
                "`git checkout ccccccccc -- versions/abcd.py` brings it here",
            ),
        ],
    )
    def test_of_a_tip(self, tip: Tip, where: str, hint: str) -> None:
        facts, said = _said(Sighting(tip, _placed("abcd")))
        assert (facts, said) == ((f"It is {where} as versions/abcd.py.",), hint)

    def test_who_added_it_and_who_else_has_it(self) -> None:
        others = [Sighting(_tip(TipKind.BRANCH, f"b{number}"), _placed("abcd")) for number in range(5)]
        facts, _ = _said(Sighting(_tip(TipKind.BRANCH), _placed("abcd"), _BY_ADA), *others)
        assert facts == (
            "It is on the branch x as versions/abcd.py, added by Ada on 2026-01-02 in aaaaaaaaa (Add it).",
            "Others that have it: b0, b1, b2 and 2 more.",
        )

    def test_of_a_deletion(self) -> None:
        facts, hint = _said(Deletion(_placed("abcd"), _BY_ADA))
        assert facts == ("It was versions/abcd.py until it was deleted by Ada on 2026-01-02 in aaaaaaaaa (Add it).",)
        assert hint == (
            "`git show aaaaaaaaa` says why, and `git checkout aaaaaaaaa~1 -- versions/abcd.py` brings it here "
            "(abcd declares its old parent, nobody, still: if another follows that by now, "
            "`gitlembic merge heads -m MESSAGE` joins both, whichever a database ran; "
            "where one ran both, write its old parent into that other instead)"
        )

    def test_of_a_deletion_with_others_that_it_followed(self) -> None:
        dynamic = PlacedMigration("versions/b2.py", _placed("b2").migration._replace(kind=Kind.DYNAMIC))
        taken = frozenset({"versions/c3.py"})
        _, hint = _said(Deletion(_placed("abcd"), _BY_ADA, older=(dynamic, _placed("c3"))), taken=taken)
        assert hint == (
            "`git show aaaaaaaaa` says why, and with b2, c3, which it follows, "
            "`git checkout aaaaaaaaa~1 -- versions/abcd.py versions/b2.py` brings it here and "
            "`git show aaaaaaaaa~1:versions/c3.py` prints it, for a file of another name "
            "(then write the parents that `gitlembic chain --at aaaaaaaaa~1` shows for b2 into the files as literals, "
            "else they stand at the end; where another follows the same parent by now, "
            "`gitlembic merge heads -m MESSAGE` joins both, whichever a database ran; "
            "where one ran both, write its old parent into that other instead)"
        )

    def test_of_a_deletion_that_is_not_committed_nothing_else_need_be_done(self) -> None:
        facts, hint = _said(Deletion(_placed("abcd"), None), Sighting(_tip(TipKind.BRANCH), _placed("abcd")))
        assert facts[0] == "It is in the last commit as versions/abcd.py, and deleted here."
        assert hint == "`git checkout HEAD -- versions/abcd.py` brings it here"

    def test_of_a_deletion_that_a_merge_would_keep(self) -> None:
        answers: list[Answer] = [
            Deletion(_placed("abcd"), _BY_ADA),
            Sighting(_tip(TipKind.BRANCH, "main"), _placed("abcd")),
        ]
        facts, hint = _said(*answers)
        assert facts[1] == "It is on the branch main as versions/abcd.py."
        assert "`git checkout aaaaaaaaa~1 -- versions/abcd.py` brings it here" in hint
        assert "git merge" not in hint

    def test_of_an_id_that_was_changed_in_its_file(self) -> None:
        taken = frozenset({"versions/abcd.py"})
        facts, hint = _said(Deletion(_placed("abcd"), _BY_ADA, "beef"), taken=taken)
        assert facts[0].startswith("It was versions/abcd.py until its id was changed to beef by Ada on ")
        assert "`git show aaaaaaaaa~1:versions/abcd.py` prints it, for a file of another name (" in hint
        facts, hint = _said(Deletion(_placed("abcd"), None, "beef"), taken=taken)
        assert facts == ("It is in the last commit as versions/abcd.py, and its id is beef here.",)
        assert hint == "`git show HEAD:versions/abcd.py` prints it, for a file of another name"

    def test_of_a_branch_that_is_merged_already(self) -> None:
        _, hint = _said(Sighting(_tip(TipKind.BRANCH, "a b"), _placed("abcd"), merged=True))
        assert hint == "`git switch 'a b'` goes there, or `git checkout 'a b' -- versions/abcd.py` brings it here"

    @pytest.mark.parametrize(
        ("tip", "there"),
        [
            (_tip(TipKind.UPSTREAM, "origin/x"), "`git switch --detach origin/x` goes there"),
            (_tip(TipKind.BRANCH, "m;a$(id)"), "`git switch 'm;a$(id)'` goes there"),
            (_tip(TipKind.BRANCH, checked_out="/w"), "go on in /w"),
            (_tip(TipKind.REMOTE_BRANCH, "origin/x", remote="origin"), "`git switch --track origin/x` goes there"),
            (_tip(TipKind.STASH, "stash@{1}"), "`git stash branch NAME 'stash@{1}'` goes there"),
            (_tip(TipKind.REFLOG, "HEAD@{2}"), "`git switch --detach ccccccccc` goes there"),
            (_tip(TipKind.TAG, full="tags/x"), "`git switch --detach tags/x` goes there"),
        ],
    )
    def test_of_a_database_that_stands_there(self, tip: Tip, there: str) -> None:
        whereabouts = Whereabouts(wanted="abcd", answers=(Sighting(tip, _placed("abcd")),), place=_PLACE)
        assert explain_position(whereabouts).hint == (
            f"{there}, or `gitlembic rescue` undoes what this checkout lacks, with the files from git"
        )

    def test_of_a_database_whose_migration_is_committed_nowhere(self) -> None:
        tip = Tip(TipKind.WORKTREE, "/w", WORKING_TREE)
        whereabouts = Whereabouts(wanted="abcd", answers=(Sighting(tip, _placed("abcd")),), place=_PLACE)
        assert explain_position(whereabouts).hint.startswith(
            "go on in /w; once it is committed there, `gitlembic rescue`"
        )

    def test_of_a_database_whose_migration_is_nowhere(self) -> None:
        """Who types a revision that is nowhere needs no other position."""
        lost = "; if its file is gone for good, undo by hand what it did to the database; then `gitlembic stamp --purge"
        whereabouts = Whereabouts(wanted="abcd", answers=(), place=_PLACE)
        assert lost in explain_position(whereabouts).hint
        assert lost not in explain_whereabouts(whereabouts).hint

    def test_of_a_database_whose_migration_was_deleted(self) -> None:
        whereabouts = Whereabouts(wanted="abcd", answers=(Deletion(_placed("abcd"), _BY_ADA),), place=_PLACE)
        hint = explain_position(whereabouts).hint
        assert hint.startswith("`git show aaaaaaaaa` says why, and ")
        assert hint.endswith("), or `gitlembic rescue` undoes what this checkout lacks, with the files from git")

    def test_of_a_file_that_would_not_be_loaded_where_it_was(self) -> None:
        _, hint = _said(Deletion(_placed("abcd", location="old"), _BY_ADA), git="git -C ..")
        assert "`git -C .. show aaaaaaaaa~1:old/abcd.py` prints it, for a file in versions" in hint

    def test_of_a_beginning_that_many_have(self) -> None:
        facts, hint = _said(
            *(Sighting(_tip(TipKind.BRANCH, name), _placed(f"abc{name}")) for name in "12345"), wanted="abc"
        )
        assert [fact.split()[0] for fact in facts] == ["abc1", "abc2", "abc3", "It"]
        assert facts[-1] == "It may also mean abc4, abc5."
        assert hint == "`git switch 1` goes there, or `git merge 1` brings it here"

    @pytest.mark.parametrize(
        ("clone", "fact", "hint"),
        [
            ({}, "", "there is no remote to fetch from, so ask"),
            ({"has_remotes": True}, "", "`git fetch --all --tags` brings"),
            ({"has_remotes": True, "is_shallow": True, "ended": True}, "the beginning of HEAD's line", "--unshallow`"),
            (
                {"unread": (_tip(TipKind.TAG, "v1"),)},
                "This clone lacks objects of v1",
                "`git fetch --refetch --no-filter`",
            ),
        ],
        ids=["alone", "remote", "shallow", "partial"],
    )
    def test_of_what_is_nowhere(self, clone: dict[str, Any], fact: str, hint: str) -> None:
        facts, said = _said(**clone)
        assert facts[0].startswith("No branch, tag, stash or worktree that this clone knows has it")
        assert fact in " ".join(facts[1:])
        assert hint in said
        assert "ask whoever made it" in said
