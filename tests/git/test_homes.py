"""Locations that git answers for, that it does not, and that belong to different repositories."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from gitlembic.core.chain import Source
from gitlembic.errors import CannotTellError
from tests.git.questions import LOCATION, chain, chains, in_a_row, migration, resolve_project, write_files
from tests.support.projects import make_shallow
from tests.support.repositories import RepositoryBuilder

VENDORED = "vendor/plugin/versions"
Z = migration("z", None)
D1, D2 = (migration(name, revises="z") for name in ("d1", "d2"))


def _add_plugin(repository: RepositoryBuilder, *migrations: dict[str, str]) -> None:
    """A repository inside the work tree of the other, with a commit for each of these."""
    with closing(RepositoryBuilder(repository.root / "vendor" / "plugin")) as plugin:
        for number, files in enumerate(migrations):
            plugin.commit(f"{number}", [f"{number - 1}"] if number else [], files)
        plugin.checkout(f"{len(migrations) - 1}")


def _refused(repository: RepositoryBuilder, *said: str) -> None:
    with pytest.raises(CannotTellError) as caught:
        chains(repository.root, LOCATION, VENDORED)
    assert [words for words in said if words not in caught.value.message] == [], caught.value.message
    assert caught.value.hint


class TestAnIgnoredLocationBesideATrackedOne:
    @pytest.fixture(autouse=True)
    def _tracked(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], {".gitignore": "/vendor/\n", **Z})
        repository.commit("d2", ["z"], D2)
        repository.commit("d1", ["d2"], D1)
        repository.checkout("d1")

    def test_is_as_declared_if_it_is_static(self, repository: RepositoryBuilder) -> None:
        write_files(repository.root, migration("p1", None, location=VENDORED))
        assert chains(repository.root, LOCATION, VENDORED) == [in_a_row("z d2 d1"), ["p1 *"]]

    def test_is_not_arranged_by_dates(self, repository: RepositoryBuilder) -> None:
        write_files(repository.root, migration("p1", None, location=VENDORED))
        write_files(repository.root, migration("p2", revises="p1", location=VENDORED))
        _refused(repository, "git ignores the migrations here", VENDORED.replace("versions", "revision_chain.json"))

    def test_has_its_order_from_its_chain_file(self, repository: RepositoryBuilder) -> None:
        write_files(repository.root, migration("p1", None, location=VENDORED))
        for name in ("p2", "p3"):
            write_files(repository.root, migration(name, revises="p1", location=VENDORED))
        recorded = json.dumps({"p3": "p1", "p2": "p3"})
        write_files(repository.root, {"vendor/plugin/revision_chain.json": recorded})
        found = resolve_project(repository.root, LOCATION, VENDORED)
        assert [one.source for one in found.chains] == [Source.GIT, Source.CHAIN_FILE]
        assert chains(repository.root, LOCATION, VENDORED) == [in_a_row("z d2 d1"), in_a_row("p1 p3 p2")]

    def test_may_be_what_the_tracked_one_declares(self, repository: RepositoryBuilder) -> None:
        write_files(repository.root, migration("p1", None, location=VENDORED))
        repository.commit("based", ["d1"], migration("z", "p1"))
        repository.checkout("based")
        write_files(repository.root, migration("p1", None, location=VENDORED))
        ours, theirs = chains(repository.root, LOCATION, VENDORED)
        assert (ours, theirs) == (["z < p1", "d2 < z", "d1 < d2 *"], ["p1 *"])
        assert [one.heads for one in resolve_project(repository.root, LOCATION, VENDORED).chains] == [("d1",), ()]

    def test_is_refused_where_a_static_one_builds_on_a_dynamic_one(self, repository: RepositoryBuilder) -> None:
        write_files(repository.root, migration("p1", "d1", location=VENDORED))
        _refused(repository, "p1", "d1", "in another repository")


class TestTwoRepositories:
    @pytest.fixture(autouse=True)
    def _ours(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], {**Z, **D2})
        repository.commit("d1", ["z"], D1)
        repository.checkout("d1")

    def test_have_a_chain_each(self, repository: RepositoryBuilder) -> None:
        _add_plugin(repository, migration("p1", None, location="versions"), migration("p2", location="versions"))
        assert chains(repository.root, LOCATION, VENDORED) == [in_a_row("z d2 d1"), in_a_row("p1 p2")]

    def test_are_refused_where_a_dynamic_one_was_written_against_the_other(self, repository: RepositoryBuilder) -> None:
        _add_plugin(repository, migration("p1", revises="d2", location="versions"))
        _refused(repository, "p1", f"{LOCATION}/add_d2.py", "in another repository")


class TestLinks:
    def test_lead_to_a_migration_that_was_born_there(self, repository: RepositoryBuilder) -> None:
        """The link came with d1, before d0: as a file, not when its target was last touched."""
        shared = "shared/add_d1.py"
        ((name, text),) = migration("d1").items()
        repository.commit("z", [], {**Z, shared: text})
        repository.commit("d1", ["z"], {name: f"../../{shared}"}, links={name})
        repository.commit("d0", ["d1"], migration("d0"))
        repository.commit("touched", ["d0"], {shared: text + "# touched\n"})
        repository.checkout("touched")
        assert chain(repository.root) == in_a_row("z d1 d0")
        assert chain(repository.root, at="HEAD") == in_a_row("z d1 d0")
        found = resolve_project(repository.root)
        assert [link.born for link in found.chains[0].links] == [None, repository.ids["d1"], repository.ids["d0"]]

    @pytest.mark.parametrize("target", ["../../shared", "/etc/README", "nowhere"])
    def test_that_lead_to_no_migration_are_nothing_to_alembic(self, repository: RepositoryBuilder, target: str) -> None:
        link = f"{LOCATION}/link"
        repository.commit("z", [], {**Z, **D2, "shared/add_d1.py": "no migration of ours", link: target}, links={link})
        repository.checkout("z")
        assert chain(repository.root) == in_a_row("z d2")

    def test_that_leave_the_repository_are_refused(self, repository: RepositoryBuilder) -> None:
        repository.commit("z", [], {**Z, **D2})
        repository.checkout("z")
        ((name, text),) = migration("d1").items()
        outside = repository.root.parent / "outside.py"
        outside.write_text(text)
        (repository.root / name).symlink_to(outside)
        with pytest.raises(CannotTellError, match=r"add_d1\.py is a link that leads out of the repository"):
            chain(repository.root)


class TestShallowWithSeveralLocations:
    def test_is_answered_where_every_grouping_gives_the_same(self, repository: RepositoryBuilder) -> None:
        """The boundary holds one dynamic migration; the other location has nothing dynamic at all."""
        other = "other/versions"
        repository.commit("0", [], {**Z, **migration("y", None, location=other)})
        repository.commit("1", ["0"], D2)
        repository.commit("2", ["1"], D1)
        repository.checkout("2")
        whole = chains(repository.root, LOCATION, other)
        make_shallow(repository, "0")
        assert chains(repository.root, LOCATION, other) == whole

    def test_is_refused_where_it_matters(self, repository: RepositoryBuilder) -> None:
        """Whether s was the first of its location, or came after one that was deleted, is beyond the boundary."""
        other = "other/versions"
        repository.commit("0", [], migration("d4"))
        repository.commit("1", ["0"], migration("s", "d4", location=other))
        repository.commit("2", ["1"], migration("d3", location=other))
        repository.commit("3", ["2"], migration("d2"))
        repository.checkout("3")
        assert chains(repository.root, LOCATION, other) == [in_a_row("d4 s d3 d2")]
        make_shallow(repository, "1")
        with pytest.raises(CannotTellError, match=r"whether .* share a chain is older") as caught:
            chains(repository.root, LOCATION, other)
        assert "git fetch --unshallow" in caught.value.hint
