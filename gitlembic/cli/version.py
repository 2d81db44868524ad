"""The versions that a bug report needs, printed at once: neither click nor Alembic is imported."""

from __future__ import annotations

import os
import sys

from gitlembic import __version__


def print_version() -> None:
    """One line on stdout."""
    print(f"gitlembic {__version__} (alembic {_version('alembic')}, dulwich {_version('dulwich')})")  # noqa: T201


def _version(package: str) -> str:
    """The version of an installed package, by the name of the directory that pip keeps about it.

    `importlib.metadata` reads the same and takes longer to import than everything else here; it
    is asked where the directory is called otherwise.
    """
    for directory in sys.path:
        try:
            names = os.listdir(directory or os.curdir)  # noqa: PTH208 -- pathlib takes 5 ms to import
        except OSError:
            continue
        for name in names:
            if name.startswith(f"{package}-") and name.endswith(".dist-info"):
                return name[len(package) + 1 : -len(".dist-info")]
    from importlib.metadata import version  # noqa: PLC0415

    return version(package)
