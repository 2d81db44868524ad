"""What stands around the migrations -> what else a project needs, for their order to be known everywhere."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gitlembic.core.ci_files import gitlab_is_shallow, shallow_checkouts
from gitlembic.core.listing import first_of
from gitlembic.core.names import CHAIN_FILE_NAME
from gitlembic.core.requirement_files import alembic_without_gitlembic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gitlembic.core.image_files import ImageBuild

_GIT_FILES = (".git/HEAD", ".git/objects/pack", ".git/refs/heads")
_SHOWN = 3


@dataclass(frozen=True)
class Surroundings:
    """What a repository has beside the migrations in `location`; paths are relative to its root.

    `workflows` are the texts of GitHub's workflows by path, `gitlab` that of `.gitlab-ci.yml`, `None`
    if there is none; `shallow` says that this clone is. `requirements` are the texts of the files that name
    dependencies, by path.
    """

    location: str
    builds: tuple[ImageBuild, ...] = ()
    workflows: Mapping[str, str] = field(default_factory=dict)
    gitlab: str | None = None
    shallow: bool = False
    requirements: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Need:
    """Something to be done: what it is about, and the fact with what to type."""

    about: str
    text: str


def find_needs(around: Surroundings) -> tuple[Need, ...]:
    """What the project needs where git is not, or not whole; nothing that does not apply to it."""
    return (
        *_requirements(around.requirements),
        *_images(around),
        *_workflows(around.workflows),
        *_gitlab(around.gitlab),
        *_clone(shallow=around.shallow),
    )


def _requirements(requirements: Mapping[str, str]) -> Iterator[Need]:
    lacking = {path: name for path, text in requirements.items() if (name := alembic_without_gitlembic(text))}
    if lacking:
        verb = "names" if len(lacking) == 1 else "name"
        brought = " or ".join(dict.fromkeys(lacking.values()))
        yield Need(
            "Requirements",
            f"{', '.join(lacking)} {verb} {brought}, but not gitlembic. It has to be installed wherever migrations "
            "run, under plain `alembic` as well",
        )


def _images(around: Surroundings) -> Iterator[Need]:
    for build in around.builds:
        location = _below(around.location, build.context)
        if not build.brings(f"{location}/a.py"):
            continue
        if build.context:
            why = f"{build.path} gets no .git if it is built from {build.context}"
        elif any(map(build.ignores, _GIT_FILES)):
            why = f"{build.ignore_path} leaves .git out"
        elif not all(map(build.copies, _GIT_FILES)):
            why = f"{build.path} does not copy .git"
        else:
            continue
        chain_file = posixpath.join(posixpath.dirname(location), CHAIN_FILE_NAME)
        missing = ""
        if build.ignores(chain_file):
            missing = f", which needs a line !{chain_file} in {build.ignore_path}"
        elif not build.copies(chain_file):
            missing = f", which {build.path} has to copy as well"
        yield Need(
            "Docker",
            f"{why}. Once there are dynamic migrations, run this before the image is built: "
            "`gitlembic chain --write` puts the order into "
            f"{posixpath.join(build.context, chain_file)}{missing}. Keep that file out of git, by a line in .gitignore",
        )


def _below(path: str, directory: str) -> str:
    return posixpath.relpath(path, directory) if directory else path


def _workflows(workflows: Mapping[str, str]) -> Iterator[Need]:
    places = [f"{path}:{line}" for path, text in workflows.items() for line in shallow_checkouts(text)]
    if places:
        named = first_of(places, _SHOWN)
        verb = "checks" if len(places) == 1 else "check"
        yield Need("CI", f"{named} {verb} out one commit. Where migrations run, write `fetch-depth: 0` below `with:`")


def _gitlab(configuration: str | None) -> Iterator[Need]:
    if configuration is not None and gitlab_is_shallow(configuration):
        yield Need(
            "CI",
            ".gitlab-ci.yml fetches the newest commits only (GitLab's default is 20). "
            'Where migrations run, write `GIT_DEPTH: "0"` below `variables:`',
        )


def _clone(*, shallow: bool) -> Iterator[Need]:
    if shallow:
        yield Need("Clone", "this one is shallow. `git fetch --unshallow` brings the history")
