"""gitlembic's own settings, from both files that Alembic reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.settings_files import read_settings
from gitlembic.errors import BrokenInputError
from gitlembic.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def _read(root: Path, ini: str = "", toml: str = "") -> Settings:
    (root / "alembic.ini").write_text(f"[alembic]\nscript_location = m\n{ini}")
    (root / "pyproject.toml").write_text(toml)
    return read_settings(["-c", str(root / "alembic.ini"), "-c", str(root / "pyproject.toml")])


@pytest.mark.parametrize(
    ("ini", "toml"),
    [
        ("[gitlembic]\ndoctor.ignore = GL203, side-head", ""),
        ("[gitlembic]\ndoctor.ignore =\n  GL203\n  side-head", ""),
        ("", '[tool.gitlembic]\ndoctor.ignore = ["GL203", "side-head"]'),
        ("", '[tool.gitlembic.doctor]\nignore = ["GL203", "side-head"]'),
        ("[gitlembic]\ndoctor.ignore = GL203 side-head", '[tool.gitlembic.doctor]\nignore = ["GL1"]'),
    ],
)
def test_lists_are_written_as_either_file_writes_them(tmp_path: Path, ini: str, toml: str) -> None:
    assert _read(tmp_path, ini, toml) == Settings(doctor_ignore=("GL203", "side-head"))


@pytest.mark.parametrize(
    ("ini", "toml"),
    [
        ("[gitlembic]\nlock = off\nlock_timeout = 2.5\njournal = Yes", ""),
        ("", "[tool.gitlembic]\nlock = false\nlock_timeout = 2.5\njournal = true"),
        ("[gitlembic]\nlock = no", "[tool.gitlembic]\nlock = true\nlock_timeout = 2.5\njournal = true"),
    ],
)
def test_switches_and_seconds_are_written_as_either_file_writes_them(tmp_path: Path, ini: str, toml: str) -> None:
    assert _read(tmp_path, ini, toml) == Settings(lock=False, lock_timeout=2.5, journal=True)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[tool.gitlembic]\ndoctor.ignore = 1", "has to be a list of codes"),
        ("[tool.gitlembic]\ndoctor.ignore = []", "has to be a list of codes"),
        ("[tool.gitlembic]\ndoctor.ignore = [1]", "has to be a list of codes"),
        ("[tool.gitlembic]\ndoctor.ignored = ['GL1']", "unknown key 'doctor.ignored'"),
        ("[tool.gitlembic]\nmainline = ['main']", "has to be a text"),
        ("[tool.gitlembic]\nmainline = ''", "has to be a text"),
        ("[tool.gitlembic]\nlock = 1", "has to be true or false"),
        ("[tool.gitlembic]\njournal = 'perhaps'", "has to be true or false"),
        ("[tool.gitlembic]\nlock_timeout = true", "has to be a number of seconds"),
        ("[tool.gitlembic]\nlock_timeout = -1", "has to be a number of seconds"),
        ("[tool.gitlembic]\nlock_timeout = nan", "has to be a number of seconds"),
        ("[tool.gitlembic]\nlock_timeout = inf", "has to be a number of seconds"),
        ("[tool.gitlembic]\nlock_timeout = 'a minute'", "has to be a number of seconds"),
    ],
)
def test_what_is_no_such_value_is_refused(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(BrokenInputError, match=message):
        _read(tmp_path, toml=toml)


@pytest.mark.parametrize(
    ("ini", "toml", "hint"),
    [
        ("[gitlembic]\nmainlin = main", "", "did you mean mainline? The known ones: mainline, "),
        ("", "[tool.gitlembic]\nlock-timeout = 3", "did you mean lock_timeout? The known ones: "),
        ("", "[tool.gitlembic]\nMainline = 'main'", "did you mean mainline? The known ones: "),
        ("", "[tool.gitlembic]\nxyzzy = 3", "The known ones: mainline, doctor.ignore, lock, lock_timeout, journal"),
        ("[gitlembic]\nmainline =", "", "for example `mainline = main`"),
        ("", "[tool.gitlembic]\nmainline = 3", 'for example `mainline = "main"`'),
        ("", "[tool.gitlembic]\ndoctor.ignore = [1]", 'for example `doctor.ignore = ["GL203"]`'),
        ("[tool.gitlembic]\nlock = off", "", "call it [gitlembic]"),
        ("", "[gitlembic]\nlock = false", "call it [tool.gitlembic]"),
    ],
)
def test_the_hint_is_what_to_write(tmp_path: Path, ini: str, toml: str, hint: str) -> None:
    with pytest.raises(BrokenInputError) as refused:
        _read(tmp_path, ini, toml)
    assert refused.value.hint.startswith(hint)
