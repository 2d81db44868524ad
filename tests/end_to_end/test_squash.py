"""`gitlembic squash` on real databases: everything that could make one migration other than many."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from tests.support.databases import stored_revisions, table_names
from tests.support.migrations import DYNAMIC, migration_source
from tests.support.projects import LOCATION, Project, configuration, succeed, table_migration

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.migrations import Down
    from tests.support.repositories import RepositoryBuilder

REVISIONS = ("a0", "b1", "c2", "d3", "e4")


def _migration(
    revision: str, down: Down, *lines: str, head: str = "", undo: str = "pass", revises: str = ""
) -> dict[str, str]:
    """A migration with these statements; `head` stands before its functions."""
    body = "\n".join(f"    {line}" for line in lines) or "    pass"
    source = migration_source(revision, down, body=body, revises=revises)
    source = source.replace("\n\ndef upgrade", f"\n{head}\n\ndef upgrade", 1)
    return {
        f"{LOCATION}/{revision}_it.py": source.replace("def downgrade():\n    pass", f"def downgrade():\n    {undo}")
    }


def _line(url: URL, *, dynamic_from: int = 2) -> dict[str, str]:
    """Five tables, the later ones dynamic."""
    files = configuration(url)
    parent = None
    for number, revision in enumerate(REVISIONS):
        down: Down = parent if number < dynamic_from else DYNAMIC
        files |= table_migration(revision, f"t{number}", down, revises=parent or "")
        parent = revision
    return files


def _commit(repository: RepositoryBuilder, files: dict[str, str]) -> Project:
    """One commit for each migration, so that git knows their order."""
    migrations = {path: source for path, source in files.items() if path.startswith(LOCATION)}
    others = {path: source for path, source in files.items() if path not in migrations}
    last = ""
    for number, (path, source) in enumerate(migrations.items()):
        name = f"c{number}"
        repository.commit(name, [last] if last else [], files={**others, path: source})
        last, others = name, {}
    repository.checkout(last)
    return Project(repository.root)


def _server(url: URL) -> list[str]:
    return [] if url.get_backend_name() == "sqlite" else ["--verify", url.render_as_string(hide_password=False)]


def _files(project: Project) -> list[str]:
    return sorted(path.name for path in (project.root / LOCATION).glob("*.py"))


def _execute(url: URL, script: str) -> None:
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        for statement in script.split(";"):
            lines = [line for line in statement.splitlines() if line.strip() and not line.startswith("--")]
            if lines and lines not in (["BEGIN"], ["COMMIT"]):
                connection.execute(text("\n".join(lines)))


def _everything(url: URL) -> dict[str, str]:
    """A history with all that could go wrong between two migrations, or in the body of one."""
    is_postgres = url.get_backend_name() == "postgresql"
    files = configuration(url)
    naming = 'MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s"})'
    files["models.py"] = f"from sqlalchemy import MetaData\ntarget_metadata = {naming}\n"
    if is_postgres:  # what an autocommit block needs
        files["migrations/env.py"] = files["migrations/env.py"].replace(
            "connection=connection,", "connection=connection, transaction_per_migration=True,"
        )
    table = "op.create_table('{}', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(40)))"
    steps: list[dict[str, str]] = [
        _migration("a0", None, table.format("users"), undo="op.drop_table('users')"),
        _migration(
            "b1",
            "a0",
            "op.bulk_insert(sa.table('users', sa.column('id'), sa.column('name')),",
            "               [{'id': 1, 'name': 'Ada'}, {'id': 2, 'name': TEXT}])",
            head='TEXT = """two\n  lines"""\n',
        ),
        _migration("c2", "b1", table.format("left"), undo="op.drop_table('left')"),
        _migration("d3", "b1", table.format("right"), undo="op.drop_table('right')"),
        _migration("e4", ("c2", "d3")),
        _migration("f5", DYNAMIC, "make()", head=_STAR, revises="e4", undo="op.drop_table('starred')"),
        _migration("g6", DYNAMIC, *_RANDOM, head="import uuid\n", revises="f5", undo="op.drop_table('seeds')"),
        _migration("h7", DYNAMIC, *_COUNTED, head="count = 0\n", revises="g6"),
        _migration("i8", DYNAMIC, "with op.batch_alter_table('users') as batch:", _UNIQUE, revises="h7"),
    ]
    if is_postgres:
        steps += [
            _migration("j9", DYNAMIC, _MOOD, undo="op.execute('DROP TYPE mood')", revises="i8"),
            _migration("k10", DYNAMIC, *_IN_AUTOCOMMIT, revises="j9"),
            _migration("l11", DYNAMIC, _COMMITS, "op.add_column('left', sa.Column('n', sa.Integer))"),
            _migration("m12", DYNAMIC),  # only the commit after this one keeps what follows that other commit
        ]
    for step in steps:
        files |= step
    return files


_STAR = """
from sqlalchemy import *

def make():
    op.create_table("starred", Column("id", Integer, primary_key=True), Column("name", String(9), index=True))
"""
_RANDOM = (
    "op.create_table('seeds', sa.Column('key', sa.String(36)), sa.Column('word', sa.String(9)))",
    "op.bulk_insert(sa.table('seeds', sa.column('key'), sa.column('word')),",
    "               [{'key': str(uuid.uuid4()), 'word': word} for word in ('one', 'two')])",
)
_COUNTED = ("global count", "count += 1", "op.execute(f\"UPDATE users SET name = 'counted {count}' WHERE id = 1\")")
_COMMITS = "getattr(op.get_bind(), 'commit', op.get_bind().connection.commit)()"  # SQLAlchemy 1.4 has none
_UNIQUE = "    batch.create_unique_constraint(batch.f('uq_users_name'), ['name'])"
_MOOD = "op.execute(\"CREATE TYPE mood AS ENUM ('sad')\")"
_IN_AUTOCOMMIT = ("with op.get_context().autocommit_block():", "    op.execute(\"ALTER TYPE mood ADD VALUE 'happy'\")")


def test_a_history_with_everything_in_it(repository: RepositoryBuilder, any_database: URL) -> None:
    project = _commit(repository, _everything(any_database))
    succeed(project.gitlembic("upgrade", "head"))
    last = stored_revisions(any_database)
    done = project.gitlembic("squash", "head", *_server(any_database))
    assert "left out, for it differs whenever the originals run: " in succeed(done)
    assert ".key" in done.stdout
    assert "is kept as text: it imports everything from sqlalchemy" in done.stdout
    assert len(_files(project)) == 1
    assert succeed(project.gitlembic("upgrade", "head")) == ""  # the database is where it was
    assert stored_revisions(any_database) == last
    succeed(project.alembic("history"))
    for revision in ("base", "head"):  # plain Alembic, too
        succeed(project.alembic("downgrade" if revision == "base" else "upgrade", revision))
    assert stored_revisions(any_database) == last


class TestRanges:
    @pytest.fixture
    def project(self, repository: RepositoryBuilder, sqlite: URL) -> Project:
        return _commit(repository, _line(sqlite))

    def test_the_beginning_and_who_follows(self, project: Project, sqlite: URL) -> None:
        before = project.chain()["chains"][0]["migrations"]
        succeed(project.gitlembic("squash", "base..c2"))
        after = project.chain()["chains"][0]["migrations"]
        assert _files(project) == ["c2_create_t2.py", "d3_create_t3.py", "e4_create_t4.py"]
        assert [(one["revision"], one["down_revision"]) for one in after] == [("c2", None), ("d3", "c2"), ("e4", "d3")]
        assert after[1:] == before[3:]
        succeed(project.gitlembic("upgrade", "head"))
        assert table_names(sqlite) == {f"t{number}" for number in range(5)}

    def test_the_middle(self, project: Project, sqlite: URL) -> None:
        succeed(project.gitlembic("upgrade", "a0"))
        succeed(project.gitlembic("squash", "a0..d3", "-m", "The middle"))
        assert _files(project) == ["a0_create_t0.py", "d3_create_t3.py", "e4_create_t4.py"]
        assert "a0 -> d3, The middle" in succeed(project.gitlembic("history"))
        succeed(project.gitlembic("upgrade", "head"))
        assert table_names(sqlite) == {f"t{number}" for number in range(5)}
        succeed(project.gitlembic("downgrade", "a0"))
        assert table_names(sqlite) == {"t0"}
        assert stored_revisions(sqlite) == {"a0"}

    def test_a_dry_run_changes_nothing(self, project: Project) -> None:
        before = project.files()
        assert "5 migrations, up to e4" in succeed(project.gitlembic("squash", "head", "--dry-run"))
        after = {path: data for path, data in project.files().items() if not path.startswith(".git/gitlembic/")}
        assert after == {path: data for path, data in before.items() if not path.startswith(".git/gitlembic/")}

    def test_pruned(self, project: Project, sqlite: URL) -> None:
        assert "not verified" in succeed(project.gitlembic("squash", "head", "--prune"))
        succeed(project.gitlembic("upgrade", "head"))
        assert table_names(sqlite) == set()
        assert stored_revisions(sqlite) == {"e4"}

    def test_a_relative_downgrade_is_refused(self, project: Project, sqlite: URL) -> None:
        succeed(project.gitlembic("squash", "head"))
        succeed(project.gitlembic("upgrade", "head"))
        for program in (project.gitlembic, project.alembic):
            done = program("downgrade", "-1")
            assert done.returncode == 255
            assert "'-1' would undo all of them" in done.stdout + done.stderr
        assert stored_revisions(sqlite) == {"e4"}
        succeed(project.gitlembic("downgrade", "base"))
        assert table_names(sqlite) == set()

    def test_a_relative_downgrade_is_refused_before_anything_is_undone(self, project: Project, sqlite: URL) -> None:
        succeed(project.gitlembic("squash", "a0..c2"))
        (squash,) = (path for path in (project.root / LOCATION).iterdir() if "\nreplaces" in path.read_text())
        # A squash is one by what it replaces: docstrings are edited by hand, and `python -OO` drops them.
        squash.write_text(squash.read_text().replace("Squash of ", "Instead of "))
        succeed(project.gitlembic("upgrade", "head"))
        done = project.gitlembic("downgrade", "-3")
        assert done.returncode == 255
        assert "c2 stands for 2 migrations, and '-3' would undo all of them: nothing was done" in done.stderr
        assert "Hint: name what to downgrade to: a0\n" in done.stderr
        assert stored_revisions(sqlite) == {"e4"}
        succeed(project.gitlembic("downgrade", "-2"))
        assert stored_revisions(sqlite) == {"c2"}

    def test_again_over_an_older_one(self, repository: RepositoryBuilder, project: Project, sqlite: URL) -> None:
        succeed(project.gitlembic("squash", "c2"))
        kept = {
            path.relative_to(project.root).as_posix(): path.read_text() for path in (project.root / LOCATION).iterdir()
        }
        gone = {f"{LOCATION}/{name}": None for name in ("a0_create_t0.py", "b1_create_t1.py")}
        repository.commit("squashed", ["c4"], files={**kept, **gone})
        repository.checkout("squashed")
        succeed(project.gitlembic("squash", "head"))
        (source,) = ((project.root / LOCATION / name).read_text() for name in _files(project))
        assert [line.split()[1] for line in source.splitlines() if line.startswith("# migrations/")] == [
            f"{LOCATION}/{revision}_create_t{number}.py" for number, revision in enumerate(REVISIONS)
        ]
        assert source.count("_STEPS = (") == 1
        succeed(project.gitlembic("upgrade", "head"))
        assert table_names(sqlite) == {f"t{number}" for number in range(5)}

    def test_originals_of_several_directories_find_what_lies_beside_them(
        self, repository: RepositoryBuilder, sqlite: URL
    ) -> None:
        head = "from pathlib import Path\nSQL = Path(__file__).with_name('it.sql').read_text()\n"
        files = configuration(sqlite, options="recursive_version_locations = true")
        parent = None
        for revision in REVISIONS[:2]:
            directory = f"{LOCATION}/{revision}"
            files |= {f"{directory}/it.sql": f"CREATE TABLE {revision} (id INTEGER)"}
            ((path, source),) = _migration(revision, parent, "op.execute(SQL)", head=head).items()
            files |= {path.replace(LOCATION, directory): source}
            parent = revision
        project = _commit(repository, files)
        succeed(project.gitlembic("squash", "head"))
        succeed(project.gitlembic("upgrade", "head"))
        assert table_names(sqlite) == {"a0", "b1"}

    def test_what_comes_after_it_depends_on_a_label(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        files = _line(sqlite, dynamic_from=9)
        files |= {f"{LOCATION}/f5.py": migration_source("f5", "e4", labels=("shop",))}
        files |= {f"{LOCATION}/g6.py": migration_source("g6", "f5", depends_on=("shop",))}
        project = _commit(repository, files)
        assert "equal" in succeed(project.gitlembic("squash", "e4"))


class TestAnOriginalThatIsStillThere:
    """As after a merge of somebody's edit of it, or where the process was killed while files were removed."""

    @pytest.mark.parametrize("dynamic_from", [2, 9])
    @pytest.mark.parametrize("command", ["upgrade head", "rebase"])
    @pytest.mark.parametrize("wanted", ["d3", "a0..d3"])
    def test_is_to_be_deleted(
        self, repository: RepositoryBuilder, sqlite: URL, command: str, wanted: str, dynamic_from: int
    ) -> None:
        """After the squash it would run once more, so nobody says to give it a place there."""
        files = _line(sqlite, dynamic_from=dynamic_from)
        project = _commit(repository, files)
        succeed(project.gitlembic("squash", wanted))
        path = f"{LOCATION}/c2_create_t2.py"
        project.write({path: files[path]})
        done = project.gitlembic(*command.split())
        assert done.returncode != 0
        doctor = project.gitlembic("doctor", "--format", "json")
        assert doctor.returncode == 1
        assert f"delete {path}" in doctor.stdout or "delete the files of those" in doctor.stdout
        assert f"delete {path}" in done.stderr or "delete the files of those that the squash d3" in done.stderr

    def test_is_not_run_even_where_all_heads_are_meant(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        files = _line(sqlite)
        project = _commit(repository, files)
        succeed(project.gitlembic("squash", "a0..d3"))
        path = f"{LOCATION}/b1_create_t1.py"
        project.write({path: files[path]})
        done = project.gitlembic("upgrade", "heads")
        assert done.returncode == 3
        assert f"b1 ({path}) is here beside the squash d3 ({LOCATION}/d3_create_t3.py), which stands" in done.stderr
        assert f"Hint: delete {path}: after the squash it would run once more" in done.stderr
        assert table_names(sqlite) == set()
        (project.root / path).unlink()
        succeed(project.gitlembic("upgrade", "heads"))

    def test_two_squashes_that_stand_for_some_of_the_same(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        files = _line(sqlite)
        project = _commit(repository, files)
        succeed(project.gitlembic("squash", "a0..c2"))
        path = f"{LOCATION}/c2_create_t2.py"
        first = (project.root / path).read_text()
        project.write(files)
        succeed(project.gitlembic("squash", "b1..d3"))
        project.write({path: first})
        (project.root / LOCATION / "b1_create_t1.py").unlink()
        second = (project.root / LOCATION / "d3_create_t3.py").read_text()
        project.write({f"{LOCATION}/d3_create_t3.py": second.replace('down_revision = "b1"', 'down_revision = "c2"')})
        assert "Hint: keep one of these two squashes" in project.gitlembic("upgrade", "heads").stderr


class TestRefusals:
    @pytest.fixture
    def project(self, repository: RepositoryBuilder, sqlite: URL) -> Project:
        return _commit(repository, _line(sqlite))

    def _refused(self, project: Project, *arguments: str) -> str:
        before = _files(project)
        done = project.gitlembic("squash", *arguments)
        assert done.returncode == 1
        assert _files(project) == before
        return done.stderr

    def test_what_is_not_committed(self, project: Project) -> None:
        path = project.root / LOCATION / "b1_create_t1.py"
        path.write_text(path.read_text() + "# changed\n")
        assert f"not committed: {LOCATION}/b1_create_t1.py" in self._refused(project, "head")

    def test_a_shallow_clone_whose_order_is_known(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        project = _commit(repository, _line(sqlite, dynamic_from=9))
        project.write({".git/shallow": f"{project.chain()['head']}\n"})
        assert "this is a shallow clone, which may lack the originals' history" in self._refused(project, "c2")

    def test_one_that_imports_another(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        files = _line(sqlite, dynamic_from=9)
        path = f"{LOCATION}/d3_create_t3.py"
        files[path] = files[path].replace(
            "import sqlalchemy", "from migrations.versions import a0_create_t0\nimport sqlalchemy"
        )
        project = _commit(repository, files)
        assert f"{path} imports {LOCATION}/a0_create_t0.py, whose file will be gone" in self._refused(project, "c2")

    def test_originals_that_do_not_run(self, repository: RepositoryBuilder, sqlite: URL) -> None:
        files = {**_line(sqlite), **_migration("f5", "e4", "raise LookupError('no such thing')")}
        project = _commit(repository, files)
        said = self._refused(project, "head")
        assert f"do not run on an empty database: they stopped at {LOCATION}/f5_it.py:" in said
        assert "LookupError: no such thing" in said
        assert "--prune" in said

    @pytest.mark.parametrize("wanted", ["", "..c2", "a0..", ".."])
    def test_half_a_range(self, project: Project, wanted: str) -> None:
        done = project.gitlembic("squash", wanted)
        assert done.returncode == 2
        assert "RANGE is REV, or A..REV" in done.stderr

    @pytest.mark.parametrize(
        ("message", "shown"), [("a\x1b[31m", "a\\x1b[31m"), ("a\udcff", "a\\udcff"), ("a\nb", "a b")]
    )
    def test_a_message_that_no_docstring_holds(self, project: Project, message: str, shown: str) -> None:
        done = project.gitlembic("squash", "head", "-m", message)
        assert done.returncode == 2
        assert f"it is not one line of text: {shown}\n" in done.stderr

    @pytest.mark.parametrize("style", [("--prune",), ("--as", "sql")])
    def test_over_a_squash_without_its_originals(
        self, repository: RepositoryBuilder, project: Project, style: tuple[str, ...]
    ) -> None:
        succeed(project.gitlembic("squash", "c2", *style))
        kept = {f"{LOCATION}/{path.name}": path.read_text() for path in (project.root / LOCATION).iterdir()}
        gone = {f"{LOCATION}/{name}": None for name in ("a0_create_t0.py", "b1_create_t1.py")}
        repository.commit("squashed", ["c4"], files={**kept, **gone})
        repository.checkout("squashed")
        said = self._refused(project, "head")
        assert "c2_create_t2.py is a squash without its originals" in said
        assert "`gitlembic squash c2..REV`" in said

    def test_a_range_with_nothing_in_it(self, project: Project) -> None:
        assert "only one migration" in self._refused(project, "a0")
        assert "b1 does not stand before a0" in self._refused(project, "b1..a0")
        assert "'nope' names no migration" in self._refused(project, "nope")


@pytest.mark.parametrize("program", ["alembic", "gitlembic"])
@pytest.mark.parametrize("by_script", [False, True])
def test_another_branch_has_taken_the_row_of_whom_it_follows(
    repository: RepositoryBuilder, any_database: URL, program: str, *, by_script: bool
) -> None:
    """A database that has run another branch does not stand at what both branches follow any more."""
    files = _line(any_database, dynamic_from=9)
    project = _commit(repository, files)
    succeed(project.gitlembic("squash", "a0..e4", *_server(any_database)))
    run = project.alembic if program == "alembic" else project.gitlembic
    project.write(table_migration("x1", "other", "a0") | table_migration("y2", "both", ("e4", "x1")))
    succeed(run("upgrade", "x1"))
    if by_script:
        _execute(any_database, succeed(run("upgrade", "x1:y2", "--sql")))
    else:
        succeed(run("upgrade", "y2"))
    assert stored_revisions(any_database) == {"y2"}


def test_a_crash_in_the_middle_leaves_the_database_at_the_last_original(
    repository: RepositoryBuilder, any_database: URL
) -> None:
    """Where Alembic commits after each migration, so does the squash, and says how far it is."""
    files = _line(any_database, dynamic_from=9)
    files["migrations/env.py"] = files["migrations/env.py"].replace(
        "connection=connection,", "connection=connection, transaction_per_migration=True,"
    )
    crash = (
        "op.execute('CREATE TABLE half (id INTEGER)')",
        "if os.environ.get('CRASH'):",
        "    raise OSError('crashed')",
    )
    files |= _migration("f5", "e4", *crash, head="import os\n")
    project = _commit(repository, files)
    succeed(project.gitlembic("squash", "head", *_server(any_database)))
    done = project.gitlembic("upgrade", "head", CRASH="1")
    assert done.returncode == 1
    assert "crashed" in done.stderr
    said = done.stderr.partition("The database stands at e4.\n")[2]
    assert said.startswith("f5 is a squash, of which that is a part: up to there all is recorded.\n")
    assert "TABLE t" not in said
    assert "alembic_version" not in said
    assert stored_revisions(any_database) == {"e4"}
    left = {"half"} & table_names(any_database)  # where the server takes nothing back
    assert ("    CREATE TABLE half (id INTEGER)" in said) == bool(left)
    assert table_names(any_database) == {f"t{number}" for number in range(5)} | left


@pytest.mark.parametrize("program", ["alembic", "gitlembic"])
def test_a_script_of_it_makes_the_same(repository: RepositoryBuilder, database: URL, program: str) -> None:
    project = _commit(repository, _line(database, dynamic_from=9))
    succeed(project.gitlembic("squash", "head", *_server(database)))
    script = succeed((project.alembic if program == "alembic" else project.gitlembic)("upgrade", "head", "--sql"))
    _execute(database, script)
    assert stored_revisions(database) == {"e4"}
    assert table_names(database) == {f"t{number}" for number in range(5)}


def test_as_a_dump(repository: RepositoryBuilder, database: URL) -> None:
    project = _commit(repository, _everything(database))
    done = project.gitlembic("squash", "f5", "--as", "sql", *_server(database))
    assert "equal" in succeed(done)
    succeed(project.gitlembic("upgrade", "head"))
    assert {"users", "left", "right", "starred"} <= table_names(database)
    done = project.gitlembic("downgrade", "base")
    assert done.returncode == 255
    assert "f5 is a dump, which has no way back" in done.stdout + done.stderr


def test_a_dump_leaves_out_the_table_of_versions_by_whatever_name(repository: RepositoryBuilder, database: URL) -> None:
    files = _line(database, dynamic_from=9)
    files["migrations/env.py"] = files["migrations/env.py"].replace(
        "connection=connection,", "connection=connection, version_table='Our_Versions',"
    )
    project = _commit(repository, files)
    succeed(project.gitlembic("squash", "head", "--as", "sql", *_server(database)))
    succeed(project.gitlembic("upgrade", "head"))
    assert table_names(database) == {"Our_Versions", *(f"t{number}" for number in range(5))}


def test_the_projects_formatter_lays_it_out(repository: RepositoryBuilder, sqlite: URL, tmp_path: Path) -> None:
    hook = tmp_path / "hook.py"
    hook.write_text(
        "import ast, pathlib, sys\npath = pathlib.Path(sys.argv[1])\n"
        "path.write_text('# laid out\\n' + ast.unparse(ast.parse(path.read_text())) + '\\n')\n"
    )
    files = _line(sqlite)
    run = f"it.executable = {sys.executable}\nit.options = {hook} REVISION_SCRIPT_FILENAME\n"
    options = f"[post_write_hooks]\nhooks = it\nit.type = exec\n{run}"
    files |= configuration(sqlite, options=options)
    project = _commit(repository, files)
    succeed(project.gitlembic("squash", "head"))
    (source,) = ((project.root / LOCATION / name).read_text() for name in _files(project))
    assert source.startswith("# laid out\n")
    hook.write_text(hook.read_text().replace("ast.unparse", "ast.unparse(ast.parse('x = 1')) + ast.unparse"))
    succeed(project.gitlembic("upgrade", "head"))
    assert table_names(sqlite) == {f"t{number}" for number in range(5)}


_FOR_TWO = """
def upgrade(engine_name):
    globals()[f"upgrade_{engine_name}"]()


def downgrade(engine_name):
    globals()[f"downgrade_{engine_name}"]()


def upgrade_engine1():
    op.create_table("one_TABLE", sa.Column("id", sa.Integer))


def downgrade_engine1():
    op.drop_table("one_TABLE")


def upgrade_engine2():
    op.create_table("two_TABLE", sa.Column("id", sa.Integer))


def downgrade_engine2():
    op.drop_table("two_TABLE")
"""


def test_several_databases(repository: RepositoryBuilder, tmp_path: Path) -> None:
    """Alembic's template for them, whose functions are looked up by name."""
    urls = [URL.create("sqlite", database=str(tmp_path / f"{name}.sqlite")) for name in ("one", "two")]
    started = Project(tmp_path / "started")
    started.root.mkdir()
    succeed(started.alembic("init", "-t", "multidb", "migrations"))
    ini = (started.root / "alembic.ini").read_text()
    for name, url in zip(("dbname2", "dbname"), reversed(urls), strict=True):
        ini = ini.replace(f"driver://user:pass@localhost/{name}", str(url))
    files = {"alembic.ini": ini}
    for name in ("env.py", "script.py.mako"):
        files[f"migrations/{name}"] = (started.root / "migrations" / name).read_text()
    parent = None
    for revision in ("a0", "b1", "c2"):
        source = migration_source(revision, parent).partition("\n\ndef upgrade")[0]
        files[f"{LOCATION}/{revision}_it.py"] = source + _FOR_TWO.replace("TABLE", revision)
        parent = revision
    project = _commit(repository, files)
    assert "it uses globals" in succeed(project.gitlembic("squash", "head"))
    for program in (project.alembic, project.gitlembic):
        succeed(program("upgrade", "head"))
        assert [table_names(url) for url in urls] == [
            {f"{number}_{revision}" for revision in ("a0", "b1", "c2")} for number in ("one", "two")
        ]
        assert [stored_revisions(url) for url in urls] == [{"c2"}, {"c2"}]
        succeed(program("downgrade", "base"))
        assert [table_names(url) for url in urls] == [set(), set()]


def test_what_never_ran_inside_a_squash_is_not_forgotten(repository: RepositoryBuilder, sqlite: URL) -> None:
    """The database ran the feature first; main's migration came in front of it, and a squash took both."""
    files = configuration(sqlite, options="[gitlembic]\njournal = true\n")
    files |= table_migration("a0", "first", None, revises="")
    repository.commit("base", files=files)
    repository.commit("main", ["base"], files=table_migration("m1", "main", revises="a0"))
    repository.commit("feature", ["base"], files=table_migration("f2", "feature", revises="a0"))
    project = Project(repository.root)
    repository.checkout("feature", "feature")
    succeed(project.gitlembic("upgrade", "head"))
    repository.commit("merge", ["main", "feature"], files=table_migration("f2", "feature", revises="a0"))
    repository.checkout("merge")
    succeed(project.gitlembic("squash", "head"))
    project.write(table_migration("z3", "later", "f2"))
    for options in ((), ("--out-of-order",)):
        done = project.gitlembic("upgrade", *options, "head")
        assert done.returncode == 255
        assert "  m1, inside the squash f2 (f2_create_feature.py)" in done.stderr
        assert "which still holds them" in done.stderr
    assert "later" not in table_names(sqlite)
    repository.checkout("merge")
    succeed(project.gitlembic("upgrade", "--out-of-order", "head"))
    succeed(project.gitlembic("squash", "head"))
    project.write(table_migration("z3", "later", "f2"))
    succeed(project.gitlembic("upgrade", "head"))
    assert {"first", "main", "feature", "later"} <= table_names(sqlite)
