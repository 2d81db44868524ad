"""What CI reads: annotations and SARIF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError

from gitlembic.doctor.annotations import render_annotations
from gitlembic.doctor.diagnosis import Diagnosis, Found
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.doctor.registry import CHECKS
from gitlembic.doctor.sarif import render_sarif

SIDE_HEAD, MISSING = CHECKS[:2]
DIAGNOSIS = Diagnosis(
    (SIDE_HEAD,),
    (
        Found(MISSING, Finding(Severity.INFO, "100% wrong\x1b[31m", "wait")),
        Found(SIDE_HEAD, Finding(Severity.ERROR, "beside\nthe line", "`x`", "versions/a b,c:d.py", 7)),
        Found(SIDE_HEAD, Finding(Severity.WARNING, "beside", "`x`", "versions/ä.py")),
    ),
    (),
)


@pytest.fixture(scope="module")
def schema() -> Draft4Validator:
    """The standard's own."""
    text = (Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
    return Draft4Validator(json.loads(text), format_checker=Draft4Validator.FORMAT_CHECKER)


@pytest.mark.parametrize(
    "diagnosis",
    [
        DIAGNOSIS,
        Diagnosis((), (), ()),
        Diagnosis(CHECKS, tuple(Found(check, Finding(Severity.ERROR, "x", "y", "a.py", 1)) for check in CHECKS), ()),
    ],
    ids=["places", "nothing", "all checks"],
)
def test_sarif_is_valid_by_the_schema_of_the_standard(schema: Draft4Validator, diagnosis: Diagnosis) -> None:
    schema.validate(json.loads(render_sarif(diagnosis, "1.2.3")))


def test_the_schema_finds_what_is_wrong(schema: Draft4Validator) -> None:
    """Such as a line before the first, or one that is no number."""
    for broken in (
        Diagnosis((), (Found(SIDE_HEAD, Finding(Severity.ERROR, "x", "y", "a.py", -1)),), ()),
        Diagnosis((), (Found(SIDE_HEAD, Finding(Severity.ERROR, "x", "y", "a.py", "7")),), ()),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValidationError):
            schema.validate(json.loads(render_sarif(broken, "1.2.3")))


def test_annotations_name_the_file_and_the_line() -> None:
    """What would end a value is escaped, and so is what a terminal would obey."""
    assert render_annotations(DIAGNOSIS).splitlines() == [
        "::notice title=GL102 missing-revision::100%25 wrong\\x1b[31m. Cure: wait",
        "::error file=versions/a b%2Cc%3Ad.py,line=7,title=GL101 side-head::beside the line. Cure: `x`",
        "::warning file=versions/ä.py,title=GL101 side-head::beside. Cure: `x`",
    ]
    assert render_annotations(Diagnosis((), (), ())) == ""


def test_sarif_names_a_file_whose_name_is_no_utf_8() -> None:
    """As git may have one, and Python reads it."""
    found = Found(SIDE_HEAD, Finding(Severity.ERROR, "x", "y", b"a\xfe.py".decode("utf-8", "surrogateescape")))
    (result,) = json.loads(render_sarif(Diagnosis((), (found,), ()), "1"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%FE.py"


def test_sarif_has_what_the_standard_requires() -> None:
    document = json.loads(render_sarif(DIAGNOSIS, "1.2.3"))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("gitlembic", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["GL101", "GL102"]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["name"].isalnum()
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
    assert [result["level"] for result in run["results"]] == ["note", "error", "warning"]
    places = [result.get("locations", [None])[0] for result in run["results"]]
    assert places == [
        None,
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "versions/a%20b%2Cc%3Ad.py", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 7},
            }
        },
        {"physicalLocation": {"artifactLocation": {"uri": "versions/%C3%A4.py", "uriBaseId": "%SRCROOT%"}}},
    ]
