"""Reads and writes a project's `script.py.mako`."""

from __future__ import annotations

import shlex
from importlib import resources
from typing import TYPE_CHECKING

from gitlembic.adapters.atomic_file import write_atomically
from gitlembic.errors import BrokenInputError, GitlembicError

if TYPE_CHECKING:
    from pathlib import Path


def read_template(path: Path) -> str:
    """The text of a template, with the line endings and the byte order mark that it has."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise missing_template(path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenInputError(f"cannot read {path}: {error}", "`gitlembic adopt --print` shows a template") from error


def missing_template(path: Path) -> BrokenInputError:
    """There is none, and how to make one."""
    return BrokenInputError(
        f"{path} does not exist: new migrations are made from it",
        f"`gitlembic adopt --print > {shlex.quote(str(path))}`",
    )


def write_template(path: Path, text: str) -> None:
    """Write a template, whole or not at all, with the permissions it had."""
    try:
        write_atomically(path, text)
    except OSError as error:
        raise GitlembicError(f"cannot write {path}: {error.strerror}", "nothing was changed") from error


def reference_template() -> str:
    """The template that the wheel ships."""
    return resources.files("gitlembic").joinpath("templates", "script.py.mako").read_text(encoding="utf-8")
