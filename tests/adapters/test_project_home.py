"""How a location is called in git's trees, whatever somebody typed."""

from __future__ import annotations

import pytest

from gitlembic.adapters.project_home import as_spelled

_DISK = {
    "": ["migrations", "App", "re\u0301sume\u0301"],
    "App": ["db", "DB2"],
    "App/db": ["Versions"],
    "migrations": ["versions"],
}


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("migrations/versions", "migrations/versions"),
        ("Migrations/VERSIONS", "migrations/versions"),
        ("app/DB/versions", "App/db/Versions"),
        ("app/nothing/Versions", "App/nothing/Versions"),
        ("r\u00e9sum\u00e9", "re\u0301sume\u0301"),
        ("../App", "../App"),
    ],
)
def test_is_what_is_on_a_disk_that_ignores_case(typed: str, spelled: str) -> None:
    assert as_spelled(typed, lambda directory: _DISK.get(directory, [])) == spelled


def test_of_several_spellings_the_typed_one_counts() -> None:
    assert as_spelled("App", lambda _: ["app", "App"]) == "App"
