"""What else a project needs, told from the texts of its Dockerfiles and CI."""

from __future__ import annotations

import pytest

from gitlembic.core.ci_files import gitlab_is_shallow, shallow_checkouts
from gitlembic.core.image_files import ImageBuild
from gitlembic.core.needs import Surroundings, find_needs

LOCATION = "migrations/versions"
ALL = "FROM python\nCOPY . .\n"


def _said(**around: object) -> str:
    needs = find_needs(Surroundings(LOCATION, **around))  # type: ignore[arg-type]
    return "\n".join(f"{need.about}: {need.text}" for need in needs)


_IGNORED = ". Keep that file out of git, by a line in .gitignore"


class TestImages:
    @pytest.mark.parametrize(
        "ignore",
        [".git", ".git/", "/.git", "**/.git", ".git*", ".*", "*\n!migrations", "!.git\n.git\n", "  .git  ", ".git/**"],
    )
    def test_an_ignore_file_that_leaves_git_out(self, ignore: str) -> None:
        said = _said(builds=(ImageBuild("Dockerfile", ALL, "", ".dockerignore", ignore),))
        assert said.startswith("Docker: .dockerignore leaves .git out. ")
        assert "Once there are dynamic migrations, run this" in said
        assert "`gitlembic chain --write` puts the order into migrations/revision_chain.json" in said
        assert said.endswith(_IGNORED)

    @pytest.mark.parametrize("ignore", ["", "# .git", ".git\n!.git", ".github", ".gitignore\n*.md", "**/.git/nosuch"])
    def test_one_that_keeps_it(self, ignore: str) -> None:
        assert _said(builds=(ImageBuild("Dockerfile", ALL, "", ".dockerignore", ignore),)) == ""

    @pytest.mark.parametrize(
        ("pattern", "names"),
        [
            ("[z-a]", False),
            ("[^]x", False),
            ("[[a]git", False),
            ("[[.]git", True),
            ("[&&.]git", True),
            ("[~~.||]git", True),
            ("[^a]git", True),
            ("[+--.]git", True),
        ],
    )
    def test_classes_of_characters(self, pattern: str, names: bool) -> None:  # noqa: FBT001 -- a table
        assert ImageBuild("Dockerfile", ALL, "", ".dockerignore", pattern).ignores(".git/HEAD") is names

    @pytest.mark.parametrize(
        "dockerfile",
        [
            "COPY migrations migrations",
            "copy --chown=app ./migrations/ /app/",
            'ADD ["migrations", "/app/migrations"]',
            "COPY pyproject.toml \\\n  migrations \\\n  /app/",
            "COPY mig* /app/",
        ],
    )
    def test_a_dockerfile_that_copies_only_the_migrations(self, dockerfile: str) -> None:
        said = _said(builds=(ImageBuild("Dockerfile", dockerfile),))
        assert said.startswith("Docker: Dockerfile does not copy .git. ")
        assert said.endswith(f"puts the order into migrations/revision_chain.json{_IGNORED}")

    @pytest.mark.parametrize(
        "dockerfile", ["FROM postgres\n", "COPY dist/*.whl .", "COPY --from=build / /", "COPY $SOURCES .", "COPY [. ."]
    )
    def test_one_that_brings_no_migrations_or_nobody_knows_what(self, dockerfile: str) -> None:
        assert _said(builds=(ImageBuild("Dockerfile", dockerfile),)) == ""

    def test_the_chain_file_has_to_get_there(self) -> None:
        ignored = _said(builds=(ImageBuild("Dockerfile", ALL, "", ".dockerignore", ".git\n**/*.json"),))
        assert ignored.endswith(
            f"revision_chain.json, which needs a line !migrations/revision_chain.json in .dockerignore{_IGNORED}"
        )
        left = _said(builds=(ImageBuild("Dockerfile", "COPY migrations/versions /app/"),))
        assert left.endswith(f"revision_chain.json, which Dockerfile has to copy as well{_IGNORED}")

    def test_a_context_below_the_root_has_no_git(self) -> None:
        around = Surroundings("api/db/versions", (ImageBuild("api/Dockerfile", ALL, "api"),))
        (need,) = find_needs(around)
        assert need.text.startswith("api/Dockerfile gets no .git if it is built from api. ")
        assert need.text.endswith(f"into api/db/revision_chain.json{_IGNORED}")


CHECKOUT = """\
jobs:
  test:
    steps:
      - uses: actions/checkout@v4
{more}      - run: alembic upgrade head
"""


class TestCI:
    @pytest.mark.parametrize(
        "more",
        [
            "",
            "        with:\n          ref: main\n",
            "        with:\n          # fetch-depth: 0\n          fetch-depth: 2\n",
        ],
    )
    def test_a_checkout_without_the_history(self, more: str) -> None:
        assert shallow_checkouts(CHECKOUT.format(more=more)) == (4,)

    @pytest.mark.parametrize(
        "more",
        [
            "        with:\n          fetch-depth: 0\n",
            "        with:\n\n          fetch-depth: '0'  # all\n",
            "        with: {fetch-depth: 0}\n",
            "        with:\n          fetch-depth: ${{ inputs.depth }}\n",
        ],
    )
    def test_a_checkout_with_it(self, more: str) -> None:
        assert shallow_checkouts(CHECKOUT.format(more=more)) == ()

    def test_steps_are_told_apart(self) -> None:
        text = """\
steps:
- name: one
  uses: "actions/checkout@v4"
  with:
    fetch-depth: 0
- name: two
  with:
    fetch-depth: 0
  uses: actions/checkout@v4
- {uses: actions/checkout@v4, with: {fetch-depth: 0}}
- uses: actions/checkout@v4
- uses: other/action
  with:
    fetch-depth: 0
- name: three
  uses: actions/checkout@v4
#- uses: actions/checkout@v4
"""
        assert shallow_checkouts(text) == (11, 16)

    def test_a_dash_may_stand_far_from_its_key(self) -> None:
        text = """\
steps:
-   name: one
    with:
      fetch-depth: 0
-   name: two
    uses: actions/checkout@v4
-   name: three
    env:
      WHAT:
        - all
    uses: actions/checkout@v4
  # of the same step
    with:
      fetch-depth: 0
-
  uses: actions/checkout@v4
"""
        assert shallow_checkouts(text) == (6, 16)

    def test_a_comment_sets_nothing(self) -> None:
        assert shallow_checkouts("- uses: actions/checkout@v4 # fetch-depth: 0 needed\n") == (1,)

    def test_all_places_on_one_line(self) -> None:
        said = _said(workflows={"a.yml": CHECKOUT.format(more=""), "b.yml": "- uses: actions/checkout@v4\n" * 4})
        assert said.startswith("CI: a.yml:4, b.yml:1, b.yml:2 and 2 more check out one commit. ")
        assert "`fetch-depth: 0`" in said
        assert said.count("\n") == 0

    @pytest.mark.parametrize(
        ("configuration", "shallow"),
        [
            ("test:\n  script: make\n", True),
            ('variables:\n  GIT_DEPTH: "50"\n', True),
            ('variables:\n  GIT_DEPTH: "0"\n', False),
            ("variables: {GIT_DEPTH: 0}\n", False),
            ("variables:\n  GIT_DEPTH:\n    value: '0'\n", False),
            ("# GIT_DEPTH: 0\n", True),
            ("a:\n  variables:\n    GIT_DEPTH: 0\nb:\n  variables:\n    GIT_DEPTH: 1\n", False),
        ],
    )
    def test_gitlab(self, configuration: str, shallow: bool) -> None:  # noqa: FBT001 -- a table
        assert gitlab_is_shallow(configuration) is shallow
        assert ('`GIT_DEPTH: "0"`' in _said(gitlab=configuration)) is shallow

    def test_no_ci(self) -> None:
        assert _said() == ""

    def test_a_shallow_clone(self) -> None:
        assert "`git fetch --unshallow`" in _said(shallow=True)


class TestRequirements:
    @pytest.mark.parametrize(
        "text",
        [
            "alembic\n",
            "flask\nAlembic>=1.16 ; python_version > '3'\r\n",
            "alembic==1.16.5  # not gitlembic\n# gitlembic\n",
            '[project]\ndependencies = ["flask", "alembic"]\n[tool.gitlembic]\nmainline = "main"\n',
            '[tool.poetry.dependencies]\nalembic = "^1.16"\n',
            "alembic[tz]",
        ],
    )
    def test_without_gitlembic(self, text: str) -> None:
        said = _said(requirements={"a.txt": text})
        assert said.startswith("Requirements: a.txt names alembic, but not gitlembic. It has to be installed wherever")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "alembic-git-revisions\nflask-alembic\n# alembic\n",
            "alembic\ngitlembic\n",
            "alembic\ngitlembic @ git+https://example.org/gitlembic\n",
            "alembic\n-e ./gitlembic\n",
            '[project]\ndependencies = [\n  "alembic",\n  "gitlembic",\n]\n',
            '[project.scripts]\nmigrate = "alembic upgrade head"\n',
        ],
    )
    def test_with_it_or_without_alembic(self, text: str) -> None:
        assert _said(requirements={"a.txt": text}) == ""

    @pytest.mark.parametrize(
        "text", ["flask\nFlask-Migrate==4.1\n", '[project]\ndependencies = ["Flask-Migrate>=4"]\n']
    )
    def test_flask_migrate_brings_alembic(self, text: str) -> None:
        assert "a.txt names flask-migrate, but not gitlembic." in _said(requirements={"a.txt": text})
        assert _said(requirements={"a.txt": text + "gitlembic\n"}) == ""

    def test_several(self) -> None:
        assert "a.txt, b.txt name alembic" in _said(requirements={"a.txt": "alembic", "b.txt": "alembic"})
