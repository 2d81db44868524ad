"""The locations without Alembic are those that Alembic finds, or are left to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitlembic.adapters.alembic_project import load_project
from gitlembic.adapters.configured_locations import read_configured_locations

INI = "alembic.ini"
PLAIN = "[alembic]\nscript_location = migrations\n"
TOML = "pyproject.toml"

SETTLED: list[tuple[list[str], dict[str, str]]] = [
    ([], {INI: "[alembic]\nscript_location = %(here)s/migrations\n"}),
    ([], {INI: PLAIN}),
    ([], {INI: "[alembic]\nscript_location = %(base)s/migrations\nbase = %(here)s\n"}),
    ([], {INI: PLAIN + "recursive_version_locations = true\n"}),
    ([], {INI: PLAIN + "recursive_version_locations = True\n"}),
    ([], {INI: PLAIN + "version_locations = a b, c,d\n"}),
    ([], {INI: PLAIN + f"version_locations = a{os.pathsep}b c\npath_separator = os\n"}),
    ([], {INI: PLAIN + "version_locations = a;b\nversion_path_separator = ;\n"}),
    ([], {INI: PLAIN + "version_locations =\n  %(here)s/a\n  b\npath_separator = newline\n"}),
    ([], {INI: PLAIN + "version_locations =\n"}),
    ([], {TOML: '[tool.alembic]\nscript_location = "%(here)s/migrations"\n'}),
    ([], {TOML: '[tool.alembic]\nscript_location = "migrations"\nversion_locations = ["%(here)s/a", "b"]\n'}),
    ([], {TOML: '[tool.alembic]\nscript_location = "migrations"\nrecursive_version_locations = true\n'}),
    ([], {INI: "[alembic]\nsqlalchemy.url = x\n", TOML: '[tool.alembic]\nscript_location = "migrations"\n'}),
    ([], {INI: "[alembic]\nscript_location = other\n", TOML: '[tool.alembic]\nscript_location = "migrations"\n'}),
    (["-n", "b"], {INI: PLAIN + "[b]\nscript_location = other\n"}),
    (["-c", "conf/x.ini"], {"conf/x.ini": "[alembic]\nscript_location = %(here)s/../migrations\n"}),
    (
        ["-c", "conf/x.ini", "-c", f"toml/{TOML}"],
        {"conf/x.ini": "[alembic]\n", f"toml/{TOML}": '[tool.alembic]\nscript_location = "%(here)s/../migrations"\n'},
    ),
    ([], {INI: "[alembic]\nscript_location = pkg:migrations\nversion_locations = a\n", "pkg/__init__.py": ""}),
]  # fmt: skip

LEFT_TO_ALEMBIC = [
    {},
    {INI: "[alembic]\n"},
    {INI: "[alembic\n"},
    {INI: "[alembic]\nscript_location = %(nosuch)s\n"},
    {INI: "[alembic]\nscript_location = 50% off\n"},
    {INI: "[alembic]\nscript_location = pkg:migrations\n"},
    {INI: PLAIN + "version_locations = pkg:a\n"},
    {TOML: "[tool.alembic\n"},
    {TOML: "[tool.alembic]\nscript_location = 3\n"},
]


def _write(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # for configurations without a path_separator
@pytest.mark.parametrize(("options", "files"), SETTLED, ids=str)
def test_as_alembic_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], files: dict[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(os.fspath(tmp_path))
    _write(files)
    for name in ("migrations", "other", "pkg/migrations"):
        Path(name).mkdir(parents=True, exist_ok=True)
    section = options[1] if options[:1] == ["-n"] else "alembic"
    found = read_configured_locations([] if section != "alembic" else options[1::2], section)
    project = load_project(options)
    assert found is not None
    assert (found.directories, found.recursive) == (project.locations, project.recursive)


@pytest.mark.parametrize("files", LEFT_TO_ALEMBIC, ids=str)
def test_not_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> None:
    monkeypatch.chdir(tmp_path)
    _write(files)
    assert read_configured_locations([], "alembic") is None


@pytest.mark.parametrize("name", ["elsewhere.ini", f"elsewhere/{TOML}"])
def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALEMBIC_CONFIG", name)
    quote = '"' if name.endswith(TOML) else ""
    table = "tool.alembic" if name.endswith(TOML) else "alembic"
    _write({name: f"[{table}]\nscript_location = {quote}migrations{quote}\n", INI: "", "other.ini": "[alembic]\n"})
    Path("migrations").mkdir()
    found = read_configured_locations([], "alembic")
    assert found is not None
    assert found.directories == load_project([]).locations == (tmp_path / "migrations" / "versions",)
