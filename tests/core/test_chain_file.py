"""The chain file: its text, the line it records, and when it contradicts git."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gitlembic.core.chain import Chain, chain_from_line
from gitlembic.core.chain_file import (
    Contradiction,
    Entries,
    find_contradiction,
    line_from_entries,
    missing_entries,
    parse_chain_file,
    render_chain_file,
)
from gitlembic.core.fold import FoldedLine
from gitlembic.core.history import Location
from gitlembic.core.line import Line, advance
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PLACE = (Location("versions"),)


def _migrations(text: str) -> dict[RevisionId, PlacedMigration]:
    """`z= d s=z m=d,s`: a static one declares what follows its sign of equality, the others are dynamic."""
    found = {}
    for word in text.split():
        name, declared, parents = word.partition("=")
        revision = RevisionId(name)
        migration = Migration(
            revision,
            Kind.STATIC if declared else Kind.DYNAMIC,
            tuple(RevisionId(parent) for parent in parents.split(",") if parent),
        )
        found[revision] = PlacedMigration(f"versions/{name}.py", migration)
    return found


def _grow(line: Line, migrations: Mapping[RevisionId, PlacedMigration]) -> Line:
    """The line when these arrive, one commit each."""
    for revision, placed in migrations.items():
        line = advance(line, {**line.migrations, revision: placed}, [revision])
    return line


def _chain(text: str) -> Chain:
    """The chain of migrations that arrived in this order."""
    return _of_line(_grow(Line({}), _migrations(text)))


def _of_line(line: Line) -> Chain:
    return chain_from_line(PLACE, FoldedLine(line, {}))


def _entries(text: str) -> Entries:
    """`d<z e<d`: what a file records."""
    pairs = (word.partition("<") for word in text.split())
    return {RevisionId(name): RevisionId(parent) if parent else None for name, _, parent in pairs}


def _parents(links: Chain | Line) -> dict[RevisionId, tuple[RevisionId, ...]]:
    return links.parents() if isinstance(links, Line) else {link.revision: link.parents for link in links.links}


class TestText:
    def test_has_every_dynamic_migration_on_a_line_in_chain_order(self) -> None:
        assert render_chain_file([_chain("z= d2 s=d2 d1 t=z d3")]) == (
            '{\n  "d2": "z",\n  "d1": "s",\n  "d3": "d1"\n}\n'
        )

    def test_of_one_without_parent_says_null(self) -> None:
        assert render_chain_file([_chain("b a")]) == '{\n  "b": null,\n  "a": "b"\n}\n'

    def test_has_one_chain_after_the_other(self) -> None:
        assert list(json.loads(render_chain_file([_chain("z= d"), _chain("y= c")]))) == ["d", "c"]

    def test_without_dynamic_migrations_is_empty(self) -> None:
        assert render_chain_file([_chain("z= s=z")]) == render_chain_file([]) == "{}\n"

    def test_is_read_in_its_order(self) -> None:
        entries = parse_chain_file('{"b": null, "a": "b", "\\u00fc": "a"}', "chain.json")
        assert list(entries.items()) == [("b", None), ("a", "b"), ("ü", "a")]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "not JSON"),
            ('{"a": null', "not JSON"),
            ("<<<<<<< HEAD\n{}", "not JSON"),
            ("[" * 100_000, "not JSON"),
            ("[]", "not a mapping"),
            ("null", "not a mapping"),
            ('"a"', "not a mapping"),
            ('{"a": 1}', "the down_revision of 'a'"),
            ('{"a": ["b", "c"]}', "the down_revision of 'a'"),
            ('{"a": false}', "the down_revision of 'a'"),
        ],
        ids=lambda value: value[:20],
    )
    def test_that_is_none_is_refused_by_name(self, text: str, said: str) -> None:
        with pytest.raises(BrokenInputError) as caught:
            parse_chain_file(text, "migrations/revision_chain.json")
        assert "migrations/revision_chain.json" in caught.value.message
        assert said in caught.value.message
        assert "gitlembic chain --write" in caught.value.hint


class TestLine:
    @pytest.mark.parametrize(
        ("entries", "migrations", "members", "end"),
        [
            ("a<z b<a", "b a z=", "z a b", "b"),
            ("a< b<a", "a b", "a b", "b"),
            ("a<z b<s", "z= b s=a a", "z a s b", "b"),
            ("a<z b<a", "z= a b s=b t=s", "z a b s t", "t"),
            ("a<z b<a", "z= a b s=a", "z a b", "b"),
            ("a<z b<m", "z= a s=z m=a,s b", "z a s m b", "b"),
            ("a<z gone<a lost<gone b<lost", "z= a b", "z a b", "b"),
            ("a<gone gone<", "a", "a", "a"),
            ("b<z a<b", "z= a b", "z b a", "a"),
            ("", "", "", None),
        ],
        ids=[
            "dynamic",
            "without-base",
            "static-between",
            "static-at-the-end",
            "side-head",
            "merge",
            "gone-between",
            "gone-at-the-beginning",
            "against-the-names",
            "nothing",
        ],
    )
    def test_is_what_the_file_records(self, entries: str, migrations: str, members: str, end: str | None) -> None:
        line = line_from_entries(_entries(entries), _migrations(migrations))
        assert line is not None
        assert (" ".join(line.members()), line.end) == (members, end)

    @pytest.mark.parametrize(
        ("entries", "migrations"),
        [
            ("a<z b<z", "z= a b"),
            ("a<b b<a", "z= a b"),
            ("a<a", "z= a"),
            ("a<ghost", "z= a"),
            ("a<gone gone<lost lost<gone", "z= a"),
            ("a<s", "z= a s=a"),
            ("a< b<", "a b"),
        ],
        ids=[
            "fork",
            "circle",
            "its-own-parent",
            "unknown",
            "circle-of-gone-ones",
            "circle-through-static",
            "two-bases",
        ],
    )
    def test_is_none_where_the_file_records_no_line(self, entries: str, migrations: str) -> None:
        assert line_from_entries(_entries(entries), _migrations(migrations)) is None

    def test_entries_are_missing_for_dynamic_migrations_only(self) -> None:
        missing = missing_entries(_entries("a<z gone<a"), _migrations("z= a c s=a b"))
        assert [placed.path for placed in missing] == ["versions/c.py", "versions/b.py"]


class TestContradiction:
    @pytest.mark.parametrize(
        ("entries", "chain", "in_file", "in_git"),
        [
            ("b<z a<b", "z= a b", "b a", "a b"),
            ("a<z c<a b<c d<b", "z= a b c d", "c b", "b c"),
            ("c<z a<c b<a", "z= a b c", "c a b", "a b c"),
            ("d<z c<d b<c a<b", "z= a b c d", "d c b a", "a b c d"),
            ("c<z a<c", "z= a b c", "c a", "a c"),
            ("b<z gone<b a<gone", "z= a b", "b a", "a b"),
            ("b<z s<b a<s", "z= a s=a b", "b a", "a b"),
            ("b< a<b", "a b", "b a", "a b"),
        ],
        ids=["two", "in-the-middle", "last-first", "reversed", "lacks", "gone-between", "static-between", "no-base"],
    )
    def test_is_the_stretch_in_which_the_orders_differ(
        self, entries: str, chain: str, in_file: str, in_git: str
    ) -> None:
        found = find_contradiction(_entries(entries), _chain(chain))
        assert found == Contradiction(
            tuple(RevisionId(name) for name in in_file.split()), tuple(RevisionId(name) for name in in_git.split())
        )

    @pytest.mark.parametrize(
        ("entries", "chain"),
        [("a<s", "z= a s=a"), ("a<b", "z= a b"), ("b<c", "z= a b s=b c"), ("b<s", "z= a b s=b c")],
        ids=["static", "lacks-the-parent", "lacks-others", "static-and-others"],
    )
    def test_with_one_that_has_no_entry_shows_it(self, entries: str, chain: str) -> None:
        """The file says that one came after another, which in git came after it."""
        ((revision, parent),) = _entries(entries).items()
        assert parent is not None
        found = find_contradiction(_entries(entries), _chain(chain))
        assert found is not None
        assert found.in_file.index(parent) < found.in_file.index(revision)
        assert found.in_git.index(revision) < found.in_git.index(parent)

    @pytest.mark.parametrize(
        ("entries", "chain"),
        [
            ("", "z= a b"),
            ("a<z", "z= a b"),
            ("b<a", "z= a b"),
            ("a<z b<a c<b", "z= a b"),
            ("a<z gone<a b<gone", "z= a b"),
            ("a<z b<z", "z= a b"),
            ("a<ghost b<a", "z= a b"),
            ("a<gone gone<lost lost<gone", "z= a b"),
            ("a<z b<s", "z= a b s=a"),
            ("a< b<a", "z= a b"),
            ("b<a", "z= a s=a b"),
        ],
        ids=[
            "empty",
            "lacks-the-newest",
            "lacks-the-oldest",
            "newer",
            "gone-between",
            "fork",
            "unknown-parent",
            "circle-of-gone-ones",
            "after-a-side-head",
            "without-the-base",
            "without-a-static-one",
        ],
    )
    def test_is_none_where_the_file_merely_lacks_or_has_others(self, entries: str, chain: str) -> None:
        assert find_contradiction(_entries(entries), _chain(chain)) is None


@st.composite
def lines(draw: st.DrawFn, prefix: str = "r", before: Line | None = None) -> Line:
    """A line that has grown commit by commit; static migrations declare the end, or anybody."""
    line = before or _grow(Line({}), _migrations("z="))
    for number in range(draw(st.integers(0, 6))):
        name = f"{draw(st.sampled_from('bay'))}{prefix}{number}"
        known = list(line.migrations)
        parents = draw(
            st.none() | st.just([line.end]) | st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True)
        )
        word = name if parents is None else f"{name}={','.join(str(parent) for parent in parents)}"
        line = _grow(line, _migrations(word))
    return line


def _dynamic(links: Iterable[RevisionId], line: Line) -> list[RevisionId]:
    return [revision for revision in links if line.migrations[revision].migration.is_dynamic]


@given(lines())
def test_a_file_gives_the_chain_that_it_was_written_from(line: Line) -> None:
    entries = parse_chain_file(render_chain_file([_of_line(line)]), "chain.json")
    assert list(entries) == _dynamic(line.members(), line)
    assert missing_entries(entries, line.migrations) == ()
    assume(entries)
    found = line_from_entries(entries, line.migrations)
    assert found is not None
    assert _parents(found) == _parents(line)


@given(lines(), st.data())
def test_a_file_never_contradicts_the_chain_that_it_was_written_from(line: Line, data: st.DataObject) -> None:
    entries = parse_chain_file(render_chain_file([_of_line(line)]), "chain.json")
    for lost in data.draw(st.sets(st.sampled_from(list(entries))) if entries else st.just(set())):
        del entries[lost]
    assert find_contradiction(entries, _of_line(line)) is None


@given(lines(), st.data())
def test_an_older_file_never_contradicts_a_chain_that_has_grown_or_lost_migrations(
    line: Line, data: st.DataObject
) -> None:
    entries = parse_chain_file(render_chain_file([_of_line(line)]), "chain.json")
    line = data.draw(lines("s", line))
    declared = {parent for placed in line.migrations.values() for parent in placed.migration.parents}
    free = [revision for revision in line.migrations if revision not in declared]
    gone = data.draw(st.sets(st.sampled_from(free)) if free else st.just(set()))
    left = {revision: placed for revision, placed in line.migrations.items() if revision not in gone}
    assert find_contradiction(entries, _of_line(advance(line, left, []))) is None


@given(st.integers(2, 8), st.data())
def test_a_file_with_two_migrations_exchanged_contradicts(count: int, data: st.DataObject) -> None:
    names = [f"d{number}" for number in range(count)]
    first, second = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=2, max_size=2)))
    exchanged = list(names)
    exchanged[first], exchanged[second] = names[second], names[first]
    entries = _entries(" ".join(f"{name}<{parent}" for parent, name in itertools.pairwise(["z", *exchanged])))
    found = find_contradiction(entries, _chain(f"z= {' '.join(names)}"))
    stretch = slice(first, second + 1)
    assert found == Contradiction(
        tuple(RevisionId(name) for name in exchanged[stretch]), tuple(RevisionId(name) for name in names[stretch])
    )


@given(lines(), st.data())
def test_any_entries_give_an_answer(line: Line, data: st.DataObject) -> None:
    """Also entries that make no sense; a line that is found has the recorded parents."""
    names = st.sampled_from([*line.migrations, RevisionId("gone"), RevisionId("lost")])
    entries = data.draw(st.dictionaries(names, st.none() | names))
    find_contradiction(entries, _of_line(line))
    if missing_entries(entries, line.migrations):
        return
    found = line_from_entries(entries, line.migrations)
    if found is not None:
        computed = _parents(found)
        for revision in _dynamic(line.migrations, line):
            recorded = entries[revision]
            if recorded is None or recorded in line.migrations:
                assert computed[revision] == (() if recorded is None else (recorded,))
