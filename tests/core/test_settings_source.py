"""`journal = true` in the text of a configuration file: set once, and nothing else touched."""

from __future__ import annotations

import configparser
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitlembic.core.settings_source import INI_TABLE, TOML_TABLE, with_journal

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[gitlembic]\njournal = true\n"),
        ("[alembic]\nx = 1\n", "[alembic]\nx = 1\n\n[gitlembic]\njournal = true\n"),
        ("[alembic]\nx = 1", "[alembic]\nx = 1\n\n[gitlembic]\njournal = true\n"),
        ("[gitlembic]\nlock = no\n\n[a]\n", "[gitlembic]\njournal = true\nlock = no\n\n[a]\n"),
        ("[gitlembic]", "[gitlembic]\njournal = true\n"),
        ("[gitlembic]\r\nlock=no\r\n", "[gitlembic]\r\njournal = true\r\nlock=no\r\n"),
        ("[gitlembic]\njournal = off\nlock = no\n", "[gitlembic]\njournal = true\nlock = no\n"),
        ("[a]\njournal = 1\n[gitlembic]\n[b]\n", "[a]\njournal = 1\n[gitlembic]\njournal = true\n[b]\n"),
    ],
)
def test_the_key_is_set_in_its_table(before: str, after: str) -> None:
    assert with_journal(before, INI_TABLE) == after
    assert with_journal(after, INI_TABLE) == after


_NAMES = st.sampled_from(["lock", "lock_timeout", "mainline", "other"])
_TABLES = st.sampled_from(["gitlembic", "tool.gitlembic", "alembic", "tool.black"])
_DOCUMENTS = st.dictionaries(_TABLES, st.dictionaries(_NAMES, st.integers(0, 9).map(str)))


@given(_DOCUMENTS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "# [gitlembic]\n", "\n\n"]))
def test_everything_else_stays(document: dict[str, dict[str, str]], newline: str, first: str) -> None:
    text = first + "".join(
        f"[{table}]\n" + "".join(f"{name} = {value}\n" for name, value in keys.items())
        for table, keys in document.items()
    )
    text = text.replace("\n", newline)
    for table in (INI_TABLE, TOML_TABLE):
        after = with_journal(text, table)
        assert after.replace(f"journal = true{newline}", "", 1).startswith(text.rstrip())
        assert _ini(after) == {**document, table: {**document.get(table, {}), "journal": "true"}}
    parsed = tomllib.loads(with_journal(text, TOML_TABLE))
    assert parsed["tool"]["gitlembic"]["journal"] is True


def _ini(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(default_section="")
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}
