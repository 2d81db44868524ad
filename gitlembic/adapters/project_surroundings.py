"""What stands around the migrations in a repository: how images are built, what CI fetches, what is installed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gitlembic.core.image_files import ImageBuild
from gitlembic.core.needs import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gitlembic.adapters.git_directory import GitDirectory

_DOCKERFILES = ("Dockerfile", "Containerfile", "Dockerfile.*", "*.Dockerfile")
_WORKFLOWS = (".github/workflows", ".gitea/workflows", ".forgejo/workflows")
_REQUIREMENTS = ("pyproject.toml", "requirements*.txt", "requirements*.in", "requirements/*.txt", "requirements/*.in")
_GITLAB = ".gitlab-ci.yml"


def read_surroundings(repository: GitDirectory, location: str) -> Surroundings:
    """What is to be found in a work tree, seen from a location in it; skips what cannot be read."""
    root = repository.work_tree
    workflows = {
        path.relative_to(root).as_posix(): text
        for directory in _WORKFLOWS
        for path in sorted((root / directory).glob("*.y*ml"))
        if (text := _read(path)) is not None
    }
    return Surroundings(
        location=location,
        builds=tuple(_builds(root, root / location)),
        workflows=workflows,
        gitlab=_read(root / _GITLAB),
        shallow=bool(repository.read_shallow()),
        requirements=dict(_requirements(root, root / location)),
    )


def _requirements(root: Path, location: Path) -> Iterator[tuple[str, str]]:
    for directory in _above(root, location):
        for path in sorted({path for name in _REQUIREMENTS for path in directory.glob(name)}):
            text = _read(path)
            if text is not None:
                yield _relative(path, root), text


def _above(root: Path, location: Path) -> list[Path]:
    return [directory for directory in location.parents if directory == root or root in directory.parents]


def _builds(root: Path, location: Path) -> Iterator[ImageBuild]:
    """The Dockerfiles above the location: each is taken to be built where it is, those in `docker/` above that."""
    for context in _above(root, location):
        for directory in (context, context / "docker"):
            for path in sorted({path for name in _DOCKERFILES for path in directory.glob(name)}):
                text = None if path.name.endswith("ignore") else _read(path)
                if text is not None:
                    yield _build(root, context, path, text)


def _build(root: Path, context: Path, path: Path, text: str) -> ImageBuild:
    candidates = [path.with_name(f"{path.name}.dockerignore"), context / ".dockerignore"]
    if path.name == "Containerfile":
        candidates.insert(0, context / ".containerignore")
    for candidate in candidates:
        ignore = _read(candidate)
        if ignore is not None:
            return ImageBuild(_relative(path, root), text, _relative(context, root), _relative(candidate, root), ignore)
    return ImageBuild(_relative(path, root), text, _relative(context, root))


def _relative(path: Path, root: Path) -> str:
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return "" if relative == "." else relative


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
