"""What follows from a journal: by values, and for any story of upgrades, downgrades, stamps and newcomers."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from gitlembic.core.journal import Action, Entry, applied, built_on, catch_up, changed_since, gaps, is_ahead

KNOWN = frozenset("abcd")


def _up_to(heads: frozenset[str]) -> frozenset[str]:
    """What has run in the chain a <- b <- c <- d."""
    return frozenset("abcd"[: "abcd".index(max(heads)) + 1]) if heads else frozenset()


def _entry(action: Action, revision: str | None, head: str = "", ran: str = "") -> Entry:
    return Entry(action, revision, frozenset(head), frozenset(ran))


UP, DOWN, STAMP = Action.UPGRADE, Action.DOWNGRADE, Action.STAMP
OUTSIDE, BASELINE = Action.OUTSIDE, Action.BASELINE


def test_what_counts_as_run() -> None:
    entries = [_entry(UP, "a", "a"), _entry(UP, "c", "c"), _entry(Action.OUT_OF_ORDER, "b", "c")]
    assert list(applied(entries)) == ["a", "c", "b"]
    entries += [_entry(DOWN, "c", "b"), _entry(Action.SKIP, "b", "a")]
    assert list(applied(entries)) == ["a", "b"]
    entries.append(_entry(STAMP, None, "d", "abcd"))
    assert applied(entries) == {"a": entries[0], "b": entries[2], "c": entries[-1], "d": entries[-1]}
    assert applied([*entries, _entry(STAMP, None)]) == {}


def test_where_the_journal_begins_all_before_the_position_is_taken_as_run() -> None:
    assert catch_up([], frozenset("b"), KNOWN, _up_to) == _entry(BASELINE, None, "b", "ab")
    assert catch_up([], frozenset(), KNOWN, _up_to) is None
    assert catch_up([], frozenset("x"), KNOWN, _up_to) is None


def test_what_was_missing_stays_missing_when_something_else_moves_the_database() -> None:
    entries = [_entry(UP, "a", "a"), _entry(UP, "c", "c")]
    assert catch_up(entries, frozenset("c"), KNOWN, _up_to) is None
    assert catch_up(entries, frozenset("d"), KNOWN, _up_to) == _entry(OUTSIDE, None, "d", "acd")
    assert catch_up(entries, frozenset("b"), KNOWN, _up_to) == _entry(OUTSIDE, None, "b", "a")
    assert catch_up(entries, frozenset(), KNOWN, _up_to) == _entry(OUTSIDE, None)
    assert catch_up([*entries, _entry(STAMP, None, "a", "acx")], frozenset("b"), KNOWN, _up_to) == _entry(
        OUTSIDE, None, "b", "abcx"
    )
    assert catch_up([_entry(UP, "x", "x")], frozenset("b"), KNOWN, _up_to) == _entry(OUTSIDE, None, "b", "ab")
    left = [*entries, _entry(UP, "x", "x")]
    assert catch_up(left, frozenset("c"), KNOWN, _up_to) == _entry(OUTSIDE, None, "c", "ac")
    assert catch_up(left, frozenset("d"), KNOWN, _up_to) == _entry(OUTSIDE, None, "d", "acd")


def test_what_was_built_on_what_something_else_has_undone_counts_as_run_no_more() -> None:
    """Else an upgrade would pass over what the database has not got any more."""
    entries = [_entry(UP, "a", "a"), _entry(UP, "x", "x"), _entry(STAMP, None, "a", "ax"), _entry(UP, "b", "b")]
    assert catch_up(entries, frozenset("a"), KNOWN, _up_to) == _entry(OUTSIDE, None, "a", "ax")
    assert catch_up(entries, frozenset(), KNOWN, _up_to) == _entry(OUTSIDE, None)
    entries = [_entry(UP, "a", "a"), _entry(UP, "b", "b"), _entry(UP, "x", "x"), _entry(STAMP, None, "b", "abx")]
    assert catch_up(entries, frozenset("a"), KNOWN, _up_to) == _entry(OUTSIDE, None, "a", "a")
    assert catch_up([*entries, _entry(UP, "c", "c")], frozenset("b"), KNOWN, _up_to) == _entry(
        OUTSIDE, None, "b", "abx"
    )
    unrelated = [_entry(UP, "x", "x"), _entry(UP, "a", "ax"), _entry(STAMP, None, "a", "ax")]
    assert catch_up(unrelated, frozenset(), KNOWN, _up_to) == _entry(OUTSIDE, None)


def test_what_stood_before_a_migration_when_it_ran() -> None:
    entries = [_entry(BASELINE, None, "b", "ab"), _entry(UP, "c", "c"), _entry(STAMP, None, "a", "abc")]
    entries += [_entry(UP, "d", "d"), _entry(Action.PASS, "c", "c"), _entry(UP, "e", "e"), _entry(DOWN, "e", "c")]
    entries.append(Entry(UP, "s", frozenset("s"), frozenset("qr")))
    built = {name: built_on(entries, {name}) for name in "abcdeqrs"}
    before = {one: "".join(name for name in built if one in built[name]) for one in applied(entries)}
    assert before == {"a": "b", "b": "a", "c": "b", "d": "a", "s": "bc", "q": "bc", "r": "bc"}
    assert built_on(entries, frozenset("ac")) == frozenset("bdqrs")


def test_the_code_of_a_squash_is_not_that_of_its_last_original() -> None:
    alone, squash = (Entry(UP, "c", frozenset("c"), frozenset(ran), checksum="1:x") for ran in ("", "ab"))
    assert changed_since({"c": alone}, {"c": "1:y"}) == ("c",)
    assert changed_since({"c": squash}, {"c": "1:y"}) == ()


def test_a_database_is_ahead_only_if_it_has_run_all_that_is_known() -> None:
    assert is_ahead(KNOWN, frozenset("x"), frozenset("abcdx"))
    assert not is_ahead(KNOWN, frozenset("x"), frozenset("abdx"))
    assert not is_ahead(KNOWN, frozenset("d"), KNOWN)
    assert not is_ahead(frozenset(), frozenset("x"), frozenset("x"))


@dataclass
class _Database:
    """A database with its journal, and what it really ran."""

    chain: list[str] = field(default_factory=lambda: ["r0"])
    position: int = 0
    journal: list[Entry] = field(default_factory=list)
    ran: set[str] = field(default_factory=set)
    times: int = 0

    @property
    def before(self) -> list[str]:
        return self.chain[: self.position]

    def note(self, action: Action, revision: str | None, ran: frozenset[str] = frozenset()) -> None:
        self.journal.append(Entry(action, revision, frozenset(self.before[-1:]), ran))

    def upgrade(self) -> None:
        for revision in gaps(self.before, applied(self.journal)):
            self.ran.add(revision)
            self.note(Action.OUT_OF_ORDER, revision)
        for revision in self.chain[self.position :]:
            self.position += 1
            if revision in applied(self.journal):
                self.note(Action.PASS, revision)
                continue
            assert revision not in self.ran, "nothing runs twice"
            self.ran.add(revision)
            self.note(Action.UPGRADE, revision)

    def downgrade(self, steps: int) -> None:
        for revision in self.chain[max(0, self.position - steps) : self.position][::-1]:
            self.position -= 1
            has_run = revision in applied(self.journal)
            assert has_run == (revision in self.ran)
            self.ran.discard(revision)
            self.note(Action.DOWNGRADE if has_run else Action.SKIP, revision)

    def keep(self, end: int) -> None:
        """A rescue that undoes nothing, after which the chain need not have all that ran."""
        self.chain = self.chain[: end % (len(self.chain) + 1)] or ["r0"]
        ran = applied(self.journal).keys()
        self.position = next((at for at, one in enumerate(self.chain) if one not in ran), len(self.chain))
        self.note(Action.STAMP, None, frozenset(ran))

    def bring_back(self) -> None:
        """What the chain lacks comes to its end, as when a branch is merged."""
        self.chain += sorted(self.ran - set(self.chain))

    def insert(self, place: int) -> None:
        """A migration comes into the chain, perhaps in front of the database's position."""
        self.times += 1
        place %= len(self.chain) + 1
        self.chain.insert(place, f"r{self.times}")
        self.position += place < self.position


_STORIES = st.lists(
    st.tuples(st.sampled_from(["upgrade", "downgrade", "insert", "keep", "merge"]), st.integers(0, 20)),
    min_size=1,
    max_size=30,
)


@given(_STORIES)
def test_gaps_are_what_never_ran_before_the_position(story: list[tuple[str, int]]) -> None:
    database = _Database()
    for action, number in story:
        if action == "upgrade":
            database.upgrade()
            assert database.ran >= set(database.chain)
        elif action == "downgrade":
            database.downgrade(number)
        elif action == "keep":
            database.keep(number)
        elif action == "merge":
            database.bring_back()
        else:
            database.insert(number)
        assert applied(database.journal).keys() == database.ran
        assert set(gaps(database.before, applied(database.journal))) == set(database.before) - database.ran
