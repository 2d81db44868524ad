"""The chain command: the table, the JSON that others read, the chain file, and where git cannot answer."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.databases import stored_revisions
from tests.support.projects import (
    ADA,
    BASE,
    CHAIN,
    CHAIN_FILE,
    GRACE,
    LOCATION,
    Project,
    configuration,
    make_shallow,
    parents,
    succeed,
    table_migration,
    two_branches,
    unchanged,
)
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from sqlalchemy import URL

    from tests.support.projects import Done

_COMMANDS = ("chain", "heads", "upgrade head")


def _refused(done: Done, *said: str) -> None:
    """Exit code 3, with these words on stderr and nothing on stdout."""
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert "gitlembic: " in done.stderr
    assert "Traceback" not in done.stderr
    assert [words for words in said if words not in done.stderr] == [], done.stderr


def _refused_everywhere(project: Project, *said: str) -> None:
    with unchanged(project):
        for done in project.play("gitlembic", *_COMMANDS):
            _refused(done, *said)


class TestTable:
    def test_shows_the_chain_oldest_first(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        lines = succeed(project.gitlembic("chain")).splitlines()
        assert lines[0] == f"Chain of {LOCATION}"
        rows = [re.split(r"\s{2,}", line.strip()) for line in lines[4:]]
        ada, merge = (repository.ids[name][:9] for name in ("ada", "merge"))
        assert rows == [
            [BASE, "<base>", "static", "create users"],
            [ADA, BASE, "dynamic", f"2023-11-14 {ada}", "Ada", "create orders"],
            [f"{GRACE} (head)", ADA, "dynamic", f"2023-11-14 {merge}", "Grace", "create prices"],
        ]

    def test_says_what_is_not_committed_and_what_stands_beside(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        project.write({**table_migration("new", "refunds"), **table_migration("51de", "taxes", BASE)})
        shown = project.gitlembic("chain")
        assert succeed(shown).count("uncommitted") == 2
        assert "51de (side head)" in shown.stdout
        advice = shown.stdout.partition("\n\n51de")[2]
        assert "stands beside the line" in advice
        assert f"{LOCATION}/51de_create_taxes.py" in advice
        assert "`gitlembic rebase`" in advice

    def test_has_no_escapes_of_others_in_it(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        evil = table_migration("e511", "evil")
        ((path, source),) = evil.items()
        name = path.replace("evil", "\x1b[31mevil")
        repository.commit(
            "evil",
            ["merge"],
            {name: source.replace("create evil\n", "create \x1b]0;evil\x07\u202e\n")},
            author="Mallory \x1b[2J <mallory@example.org>",
        )
        repository.checkout("evil")
        shown = succeed(project.gitlembic("chain"))
        assert "Mallory \\x1b[2J" in shown
        assert "create \\x1b]0;evil\\x07\\u202e" in shown
        assert not set(shown) & {"\x1b", "\x07", "\u202e"}
        printed = succeed(project.gitlembic("chain", "--format", "json"))
        assert "\x1b" not in printed
        assert json.loads(printed)["chains"][0]["migrations"][-1]["path"] == name

    def test_of_no_migrations_says_so(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        project.write(configuration())
        assert succeed(project.gitlembic("chain")) == "Chain of migrations/versions: no migrations\n"


class TestJson:
    def test_has_the_keys_that_are_promised(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        document = project.chain()
        assert list(document) == ["format", "source", "head", "at", "chains"]
        assert {name: document[name] for name in ("format", "source", "head", "at")} == {
            "format": 1,
            "source": "git",
            "head": repository.ids["merge"],
            "at": None,
        }
        (chain,) = document["chains"]
        assert list(chain) == ["locations", "end", "heads", "migrations"]
        assert (chain["locations"], chain["end"], chain["heads"]) == ([LOCATION], GRACE, [GRACE])
        assert chain["migrations"][1] == {
            "revision": ADA,
            "down_revision": BASE,
            "kind": "dynamic",
            "side_head": False,
            "path": f"{LOCATION}/{ADA}_create_orders.py",
            "born": {"commit": repository.ids["ada"], "date": "2023-11-14T22:13:21+00:00", "author": "Ada"},
            "branch_labels": [],
            "depends_on": [],
            "message": "create orders",
        }
        assert list(chain["migrations"][0]) == list(chain["migrations"][1])

    def test_says_how_parents_stand(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        project.write({**table_migration("51de", "taxes", BASE), **table_migration("301a", "joined", (GRACE, "51de"))})
        (chain,) = project.chain()["chains"]
        found = {link["revision"]: (link["down_revision"], link["side_head"]) for link in chain["migrations"]}
        assert found[BASE] == (None, False)
        assert found["51de"] == (BASE, False)
        assert found["301a"] == ([GRACE, "51de"], False)
        assert chain["end"] == "301a"

    def test_of_a_static_project_is_declared(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        project.write(
            {**configuration(), **table_migration(BASE, "users", None), **table_migration("aaa", "orders", BASE)}
        )
        document = project.chain()
        assert (document["source"], document["head"]) == ("declared", None)
        assert list(parents(document)) == [BASE, "aaa"]


class TestAt:
    @pytest.mark.parametrize(
        ("ref", "commit", "expected"),
        [
            ("grace", "grace", {BASE: None, GRACE: BASE}),
            ("v1", "ada", {BASE: None, ADA: BASE}),
            ("HEAD~1", "ada", {BASE: None, ADA: BASE}),
            ("main", "merge", {BASE: None, **CHAIN}),
        ],
    )
    def test_a_name(
        self, repository: RepositoryBuilder, ref: str, commit: str, expected: dict[str, str | None]
    ) -> None:
        project = two_branches(repository)
        (project.root / ".git" / "refs" / "tags" / "v1").write_text(f"{repository.ids['ada']}\n")
        project.write(table_migration("new", "refunds"))
        with unchanged(project):
            document = project.chain("--at", ref)
        assert (document["at"], document["head"]) == (ref, repository.ids[commit])
        assert parents(document) == expected

    def test_a_commit_in_full_or_abbreviated(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        for commit in (repository.ids["grace"], repository.ids["grace"][:9]):
            assert parents(project.chain("--at", commit)) == {BASE: None, GRACE: BASE}

    @pytest.mark.parametrize("ref", ["nosuch", "HEAD~9", "0" * 40, "", "\x1b[31m"])
    def test_no_commit(self, repository: RepositoryBuilder, ref: str) -> None:
        refused = two_branches(repository).gitlembic("chain", "--at", ref)
        _refused(refused, "names no commit", "git branch --all")
        assert "\x1b" not in refused.stderr

    @pytest.mark.parametrize("command", [("chain", "--at", "main"), ("doctor", "--against", "main")])
    def test_what_is_wrong_there_is_not_said_of_this_checkout(
        self, repository: RepositoryBuilder, command: tuple[str, ...]
    ) -> None:
        project = two_branches(repository, files={**configuration(), **table_migration("1057", "taxes", "60e")})
        project.write(table_migration("60e", "refunds", BASE))
        refused = project.gitlembic(*command)
        _refused(refused, "at main: 1057 in migrations/versions/1057_create_taxes.py", "mend it there, or name another")

    def test_before_locations_parted_and_their_migrations_were_replaced(self, repository: RepositoryBuilder) -> None:
        """Nothing of today was there; both locations are found under the one name that they had."""
        legacy, billing = "legacy/versions", "migrations/billing"

        def tables(users: str, orders: str, *, location: str, beside: str) -> dict[str, str]:
            return {
                **table_migration(users, "users", None, location=location),
                **table_migration(orders, "orders", users, location=beside),
            }

        old = tables("aaa", "bbb", location=legacy, beside=legacy)
        moved = tables("aaa", "bbb", location=LOCATION, beside=LOCATION)
        parted = tables("aaa", "bbb", location=LOCATION, beside=billing)
        today = tables("ccc", "ddd", location=LOCATION, beside=billing)
        options = f"version_locations = %(here)s/{LOCATION}{os.pathsep}%(here)s/{billing}"
        repository.commit("old", [], old)
        repository.commit("moved", ["old"], {**dict.fromkeys(old), **moved})
        repository.commit("parted", ["moved"], {**dict.fromkeys(moved), **parted})
        repository.commit("today", ["parted"], {**configuration(options=options), **dict.fromkeys(parted), **today})
        repository.checkout("today")
        document = Project(repository.root).chain("--at", repository.ids["old"])
        assert [chain["locations"] for chain in document["chains"]] == [[legacy]]
        assert parents(document) == {"aaa": None, "bbb": "aaa"}

    def test_without_a_repository(self, repository: RepositoryBuilder) -> None:
        deployed = two_branches(repository).copy_without_git("deployed")
        _refused(deployed.gitlembic("chain", "--at", "HEAD"), "no git repository")


class TestBirths:
    def test_go_back_to_the_beginning(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        births: list[Any] = []
        for arguments in ((), ("--births",)):
            (chain,) = project.chain(*arguments)["chains"]
            births.append([link["born"] and link["born"]["commit"] for link in chain["migrations"]])
        names = [repository.ids[name] for name in ("base", "ada", "merge")]
        assert births == [[None, *names[1:]], names]

    def test_of_a_static_project(self, repository: RepositoryBuilder) -> None:
        files = {**configuration(), **table_migration(BASE, "users", None)}
        repository.commit("base", [], files)
        repository.commit("next", ["base"], table_migration("aaa", "orders", BASE))
        repository.checkout("next")
        (chain,) = Project(repository.root).chain("--births")["chains"]
        assert [link["born"]["commit"] for link in chain["migrations"]] == [
            repository.ids["base"],
            repository.ids["next"],
        ]


class TestChainFile:
    def test_written_serves_a_copy_without_git(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite)
        done = project.gitlembic("chain", "--write")
        assert succeed(done) == f"wrote {project.root / CHAIN_FILE}\n"
        assert f"Hint: add a line /{CHAIN_FILE} to .gitignore" in done.stderr
        project.write({".gitignore": f"/{CHAIN_FILE}\n"})
        assert ".gitignore" not in project.gitlembic("chain", "--write").stderr
        text = (project.root / CHAIN_FILE).read_bytes()
        assert text == f'{{\n  "{ADA}": "{BASE}",\n  "{GRACE}": "{ADA}"\n}}\n'.encode()
        deployed = project.copy_without_git("deployed")
        succeed(deployed.alembic("upgrade", ADA))
        succeed(deployed.gitlembic("upgrade", "head"))
        assert stored_revisions(sqlite) == {GRACE}
        document = deployed.chain()
        assert (document["source"], document["head"]) == ("chain-file", None)
        assert parents(document) == {BASE: None, **CHAIN}
        succeed(deployed.alembic("downgrade", "base"))

    def test_check(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        with unchanged(project):
            missing = project.gitlembic("chain", "--check")
        assert (missing.returncode, missing.stdout) == (1, "")
        assert f"{CHAIN_FILE}: missing" in missing.stderr
        assert "gitlembic chain --write" in missing.stderr
        succeed(project.gitlembic("chain", "--write"))
        assert succeed(project.gitlembic("chain", "--check")) == ""
        project.write(table_migration("new", "refunds"))
        stale = project.gitlembic("chain", "--check")
        assert (stale.returncode, stale.stdout) == (1, "")
        assert "lacks new" in stale.stderr

    def test_that_contradicts_is_only_stale_for_check_and_can_be_written_again(
        self, repository: RepositoryBuilder
    ) -> None:
        project = two_branches(repository)
        project.write({CHAIN_FILE: json.dumps({GRACE: BASE, ADA: GRACE})})
        checked = project.gitlembic("chain", "--check")
        assert checked.returncode == 1
        assert "freeze that order: `gitlembic rebase --freeze --onto HEAD`" in checked.stderr
        assert "chain --write" not in checked.stderr  # it would destroy that order
        succeed(project.gitlembic("chain", "--write"))
        assert project.chain_file() == CHAIN

    def test_is_not_made_for_a_static_project(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        project.write({**configuration(), **table_migration(BASE, "users", None)})
        with unchanged(project):
            done = project.gitlembic("chain", "--write")
            assert succeed(done) == ""
            assert done.stderr == "no migration is dynamic, so no chain file is needed\n"
            assert succeed(project.gitlembic("chain", "--check")) == ""

    def test_is_never_made_from_itself(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        succeed(project.gitlembic("chain", "--write"))
        deployed = project.copy_without_git("deployed")
        with unchanged(deployed):
            _refused(deployed.gitlembic("chain", "--write"), "a chain file is made from git")

    def test_is_shared_by_siblings(self, repository: RepositoryBuilder) -> None:
        first, second = "migrations/one", "migrations/two"
        options = f"version_locations = %(here)s/{first}{os.pathsep}%(here)s/{second}"
        repository.commit(
            "base",
            [],
            {
                **configuration(options=options),
                **table_migration("a1", "a", None, location=first),
                **table_migration("b1", "b", None, location=second),
            },
        )
        repository.commit("a", ["base"], table_migration("a2", "aa", revises="a1", location=first))
        repository.commit("b", ["a"], table_migration("b2", "bb", revises="b1", location=second))
        repository.checkout("b")
        project = Project(repository.root)
        succeed(project.gitlembic("chain", "--write"))
        assert project.chain_file() == {"a2": "a1", "b2": "b1"}
        deployed = project.copy_without_git("deployed")
        assert parents(deployed.chain()) == parents(project.chain())

    def test_that_is_stale_is_refused(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        succeed(project.gitlembic("chain", "--write"))
        deployed = project.copy_without_git("deployed")
        deployed.write(table_migration("new", "refunds"))
        _refused_everywhere(deployed, "stale", f"new ({LOCATION}/new_create_refunds.py)", "gitlembic chain --write")
        alembic = deployed.alembic("heads")
        assert alembic.returncode == 255
        assert "stale, it lacks new" in alembic.stdout

    def test_that_contradicts_git_stops(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        project.write({CHAIN_FILE: json.dumps({GRACE: BASE, ADA: GRACE})})
        _refused_everywhere(
            project,
            CHAIN_FILE,
            f"chain file: {GRACE}, then {ADA}\n",
            f"git:        {ADA}, then {GRACE}\n",
            "gitlembic chain --write",
            "`gitlembic rebase --freeze --onto HEAD`",
        )

    def test_that_contradicts_git_can_be_frozen(self, repository: RepositoryBuilder) -> None:
        """As the error says, and also where dynamic migrations came after the ones in dispute."""
        two_branches(repository)
        repository.commit("later", ["merge"], table_migration("1a7e", "refunds"))
        repository.checkout("later")
        project = Project(repository.root)
        entries = {GRACE: BASE, ADA: GRACE, "1a7e": ADA}
        project.write({CHAIN_FILE: json.dumps(entries)})
        succeed(project.gitlembic("rebase", "--freeze", "--onto", "HEAD"))
        for revision, parent in entries.items():
            (path,) = (project.root / LOCATION).glob(f"{revision}*")
            path.write_text(re.sub("(?m)^down_revision = .*$", f"down_revision = {parent!r}", path.read_text()))
        assert parents(project.chain()) == {BASE: None, **entries}

    @pytest.mark.parametrize(
        "entries",
        [{}, {ADA: BASE}, {GRACE: BASE}, {**CHAIN, "90e": GRACE}, {ADA: BASE, "90e": ADA, GRACE: "90e"}],
        ids=["empty", "without-newest", "without-middle", "with-gone", "with-gone-between"],
    )
    def test_that_merely_lacks_or_has_others_is_ignored_where_git_answers(
        self, repository: RepositoryBuilder, entries: dict[str, str]
    ) -> None:
        project = two_branches(repository)
        project.write({CHAIN_FILE: json.dumps(entries)})
        document = project.chain()
        assert (document["source"], parents(document)) == ("git", {BASE: None, **CHAIN})

    def test_serves_where_git_ignores_the_location(
        self, repository: RepositoryBuilder, sqlite: URL, tmp_path: Path
    ) -> None:
        project = two_branches(repository, sqlite)
        succeed(project.gitlembic("chain", "--write"))
        with closing(RepositoryBuilder(tmp_path / "service")) as other:
            other.commit("service", [], {".gitignore": "env/\n", "service.py": ""})
            other.checkout("service")
        installed = tmp_path / "service" / "env" / "shop"
        shutil.copytree(project.root, installed, ignore=shutil.ignore_patterns(".git"))
        package = Project(installed)
        document = package.chain()
        assert (document["source"], parents(document)) == ("chain-file", {BASE: None, **CHAIN})
        succeed(package.gitlembic("upgrade", ADA))
        succeed(package.alembic("upgrade", "head"))
        assert stored_revisions(sqlite) == {GRACE}
        (installed / CHAIN_FILE).unlink()
        _refused(package.gitlembic("heads"), "git ignores", "gitlembic chain --write")

    def test_is_needed_without_a_repository(self, repository: RepositoryBuilder) -> None:
        deployed = two_branches(repository).copy_without_git("deployed")
        _refused_everywhere(deployed, "no git repository", "no chain file", CHAIN_FILE, "gitlembic chain --write")


class TestAlembicGitRevisions:
    @pytest.mark.needs_git
    def test_reads_our_file(self, repository: RepositoryBuilder) -> None:
        pytest.importorskip("alembic_git_revisions")  # which needs Python 3.11
        project = two_branches(repository, library="alembic_git_revisions")
        succeed(project.gitlembic("chain", "--write"))
        deployed = project.copy_without_git("deployed")
        script = (
            "import pathlib, json, alembic_git_revisions as library;"
            f"versions = pathlib.Path({LOCATION!r}).absolute();"
            f"print(json.dumps([library.build_chain(versions), library.get_down_revision({GRACE!r}, versions)]))"
        )
        assert json.loads(succeed(deployed.run("-c", script))) == [CHAIN, ADA]
        assert succeed(deployed.alembic("heads")) == f"{GRACE} (head)\n"

    @pytest.mark.needs_git
    def test_writes_a_file_that_we_read(self, repository: RepositoryBuilder) -> None:
        pytest.importorskip("alembic_git_revisions")  # as above
        project = two_branches(repository, library="alembic_git_revisions")
        script = f"import pathlib, alembic_git_revisions as a; a.generate_chain_file(pathlib.Path({LOCATION!r}))"
        succeed(project.run("-c", script))
        assert succeed(project.gitlembic("chain", "--check")) == ""
        deployed = project.copy_without_git("deployed")
        document = deployed.chain()
        assert (document["source"], parents(document)) == ("chain-file", {BASE: None, **CHAIN})
        assert succeed(deployed.gitlembic("heads")) == f"{GRACE} (head)\n"


class TestShallowClone:
    def test_refuses_what_it_cannot_tell(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        make_shallow(repository, "merge")
        _refused_everywhere(
            project,
            f"{ADA} ({LOCATION}/{ADA}_create_orders.py)",
            f"{GRACE} ({LOCATION}/{GRACE}_create_prices.py)",
            "shallow",
            "git fetch --unshallow",
        )

    def test_answers_with_a_chain_file(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite)
        succeed(project.gitlembic("chain", "--write"))
        make_shallow(repository, "merge")
        document = project.chain()
        assert (document["source"], parents(document)) == ("git+chain-file", {BASE: None, **CHAIN})
        project.write(table_migration("new", "refunds"))
        assert parents(project.chain())["new"] == GRACE
        succeed(project.gitlembic("upgrade", "head"))
        assert stored_revisions(sqlite) == {"new"}

    def test_answers_where_only_one_order_is_possible(self, repository: RepositoryBuilder) -> None:
        start = {**configuration(), **table_migration(BASE, "users", None)}
        repository.commit("old", [], start)
        repository.commit("cut", ["old"], {"README": "the clone ends here"})
        repository.commit("ada", ["cut"], table_migration(ADA, "orders"))
        repository.checkout("ada")
        make_shallow(repository, "cut")
        document = Project(repository.root).chain()
        assert (document["source"], parents(document)) == ("git", {BASE: None, ADA: BASE})

    def test_refuses_a_chain_file_that_lacks_one(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        make_shallow(repository, "merge")
        project.write({CHAIN_FILE: json.dumps({ADA: BASE})})
        _refused(project.gitlembic("heads"), GRACE, "git fetch --unshallow")

    def test_leaves_the_database_alone(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = two_branches(repository, sqlite)
        make_shallow(repository, "merge")
        _refused(project.gitlembic("upgrade", "head"), "git fetch --unshallow")
        assert sqlite.database is not None
        assert not Path(sqlite.database).exists()

    @pytest.mark.needs_git
    def test_made_by_git(self, repository: RepositoryBuilder, tmp_path: Path) -> None:
        project = two_branches(repository)
        clone = Project(tmp_path / "clone")
        url = project.root.as_uri()
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", url, clone.root], check=True, capture_output=True)
        _refused(clone.gitlembic("upgrade", "head"), ADA, GRACE, "git fetch --unshallow")
        subprocess.run(["git", "fetch", "--quiet", "--unshallow"], cwd=clone.root, check=True, capture_output=True)
        assert parents(clone.chain()) == {BASE: None, **CHAIN}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nosuch"],
        ["--format", "yaml"],
        ["--write", "--check"],
        ["--write", "--at", "HEAD"],
        ["--check", "--births"],
        ["--at"],
        ["surplus"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_exits_with_2(tmp_path: Path, arguments: list[str]) -> None:
    done = Project(tmp_path).gitlembic("chain", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: " in done.stderr


def test_a_global_option_that_is_wrong_exits_with_2(tmp_path: Path) -> None:
    done = Project(tmp_path).gitlembic("--nosuch", "chain")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_the_demo_runs(tmp_path: Path) -> None:
    shown = succeed(Project(tmp_path).gitlembic("demo"))
    assert "FAILED: Multiple head revisions" in shown
    assert shown.count("Running upgrade") == 3
    assert list(tmp_path.iterdir()) == []


def test_works_with_another_directory_as_the_current_one(repository: RepositoryBuilder, tmp_path: Path) -> None:
    two_branches(repository)
    configured = Project(tmp_path).gitlembic("-c", "project/alembic.ini", "chain", "--format", "json")
    assert parents(json.loads(succeed(configured))) == {BASE: None, **CHAIN}


class TestWhatItSays:
    def test_commands_in_hints_choose_the_same_project(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        (project.root / "alembic.ini").rename(project.root / "other.ini")
        done = project.gitlembic("-q", "-c", "other.ini", "chain", "--check")
        assert done.returncode == 1
        assert "`gitlembic -c other.ini chain --write` writes it" in done.stderr
        succeed(project.gitlembic("-c", "other.ini", "chain", "--write"))
        project.write({CHAIN_FILE: "{"})
        done = project.gitlembic("-c", "other.ini", "heads")
        assert "`gitlembic -c other.ini chain --write`" in done.stderr

    def test_a_configuration_that_is_not_there_is_named(self, repository: RepositoryBuilder) -> None:
        project = two_branches(repository)
        done = project.gitlembic("-c", "nosuch.ini", "chain")
        assert done.returncode == 3
        assert "nosuch.ini does not exist" in done.stderr

    def test_a_section_that_is_not_there_is_named(self, repository: RepositoryBuilder) -> None:
        done = two_branches(repository).gitlembic("-n", "other", "chain")
        assert done.returncode == 3
        assert "alembic.ini has no section [other]" in done.stderr
