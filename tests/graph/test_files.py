"""Pictures for other programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gitlembic.core.resolution import Resolution
from gitlembic.graph.document import render_document
from gitlembic.graph.draw import View, draw
from gitlembic.graph.flowcharts import render_dot, render_mermaid
from gitlembic.graph.svg import render_svg
from tests.support.chains import link, resolution

CHAIN = resolution(
    [link('a: "first'), link('*b: a "one'), link('*c: b "second'), link('s: a ?b "<two> & "more"\\ \x1b[2J #1;')],
    end="c",
    births={"b": "1" * 40},
)
PICTURES = draw(CHAIN, View())
SHORT = draw(CHAIN, View(limit=2))
_SVG = "{http://www.w3.org/2000/svg}"


def _parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 -- our own


def test_json_has_the_chain_with_rows_and_edges() -> None:
    document = json.loads(render_document(CHAIN, SHORT))
    assert [link["revision"] for chain in document["chains"] for link in chain["migrations"]] == ["a", "b", "c", "s"]
    assert document["rows"] == [
        {"picture": 0, "column": 2, "revision": "s", "marks": ["head"], "elided": None},
        {"picture": 0, "column": 0, "revision": "c", "marks": ["head"], "elided": None},
        {"picture": 0, "column": 0, "revision": None, "marks": [], "elided": {"count": 2, "side": "older"}},
    ]
    edges = [(edge["from"], edge["to"], edge["kind"], edge["column"]) for edge in document["edges"]]
    assert sorted(edges) == [(0, 2, "depends_on", 1), (0, 2, "parent", 2), (1, 2, "parent", 0)]


def test_several_pictures_have_rows_of_their_own() -> None:
    both = Resolution((*resolution([link("a:"), link("b: a")]).chains, *resolution([link("c:"), link("d: c")]).chains))
    document = json.loads(render_document(both, draw(both, View())))
    assert [(row["picture"], row["revision"]) for row in document["rows"]] == [(0, "b"), (0, "a"), (1, "d"), (1, "c")]
    assert [(edge["from"], edge["to"]) for edge in document["edges"]] == [(0, 1), (2, 3)]
    assert render_dot(draw(both, View())).splitlines()[-3:] == ["    r1 -> r0;", "    r3 -> r2;", "}"]
    titles = [text for text in _parsed(render_svg(draw(both, View()))).iter(f"{_SVG}tspan") if text.text]
    assert sum(text.text == "Chain of versions" for text in titles) == 2


def test_mermaid() -> None:
    assert render_mermaid(PICTURES).splitlines() == [
        "flowchart BT",
        '    r0["s (head)<br/>#60;two#62; #38; #34;more#34;#92; #92;x1b#91;2J #35;1#59;<br/>written 2026-01-02"]',
        '    r1(["c (head)<br/>second<br/>written 2026-01-02"])',
        '    r2(["b<br/>one<br/>Ada, 2026-03-01, 111111111"])',
        '    r3["a (base)<br/>first<br/>written 2026-01-02"]',
        "    r3 --> r0",
        "    r2 -.-> r0",
        "    r2 --> r1",
        "    r3 --> r2",
    ]


@pytest.mark.parametrize(
    ("message", "label"),
    [
        ("fix: a-b of 2026-01-02", "fix: a-b of 2026-01-02"),
        ("- x", "#45; x"),
        ("a --> b", "a #45;#45;#62; b"),
        ("1. x", "1#46; x"),
        ("_x_", "#95;x#95;"),
        ("fa:fa-user http://x", "fa#58;fa-user http#58;#47;#47;x"),
    ],
)
def test_mermaid_escapes_what_it_or_markdown_would_read(message: str, label: str) -> None:
    chain = resolution([link(f'a: "{message}')])
    assert f"<br/>{label}<br/>" in render_mermaid(draw(chain, View()))


def test_dot() -> None:
    assert render_dot(PICTURES).splitlines()[3:] == [
        r'    r0 [label="s (head)\n<two> &amp; \"more\"\\ \\x1b[2J #1;\nwritten 2026-01-02"];',
        r'    r1 [label="c (head)\nsecond\nwritten 2026-01-02", style=rounded];',
        r'    r2 [label="b\none\nAda, 2026-03-01, 111111111", style=rounded];',
        r'    r3 [label="a (base)\nfirst\nwritten 2026-01-02"];',
        "    r3 -> r0;",
        "    r2 -> r0 [style=dotted];",
        "    r2 -> r1;",
        "    r3 -> r2;",
        "}",
    ]
    assert '[label="(2 older migrations)"];' in render_dot(SHORT)


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_accepts_it() -> None:
    done = subprocess.run(
        ["dot", "-Tplain"], input=render_dot(PICTURES), capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len([line for line in done.stdout.splitlines() if line.startswith("edge ")]) == 4


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_shows_entities_as_they_are_written() -> None:
    pictures = draw(resolution([link('a: "turn &lt; into <, and \\N')]), View())
    done = subprocess.run(
        ["dot", "-Tsvg"], input=render_dot(pictures), capture_output=True, check=True, text=True, encoding="utf-8"
    )
    assert "turn &lt; into <, and \\N" in {text.text for text in _parsed(done.stdout).iter(f"{_SVG}text")}


_PARSE = """
const modules = require("node:url").pathToFileURL(process.env.NODE_PATH);
const { window } = new (require("jsdom").JSDOM)("");
Object.assign(globalThis, { window, document: window.document });
import(`${modules}/mermaid/dist/mermaid.core.mjs`)
  .then(({ default: mermaid }) => mermaid.parse(require("node:fs").readFileSync(0, "utf8")))
  .then((found) => console.log(found.diagramType));
"""
_MODULES = Path(os.environ.get("NODE_PATH", ""))


@pytest.mark.skipif(
    not all((_MODULES / name).is_dir() for name in ("mermaid", "jsdom")), reason="NODE_PATH has no mermaid and jsdom"
)
def test_mermaid_accepts_it() -> None:
    done = subprocess.run(
        ["node", "-e", _PARSE], input=render_mermaid(PICTURES), capture_output=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stdout) == (0, "flowchart-v2\n"), done.stderr


def test_svg_has_every_row_and_edge_within_its_frame() -> None:
    drawing = _parsed(render_svg(PICTURES))
    rows = ["".join(text.itertext()) for text in drawing.iter(f"{_SVG}text")]
    assert rows == [
        's(head)<two> & "more"\\ \\x1b[2J #1;written 2026-01-02',
        "c(head)secondwritten 2026-01-02",
        "boneAda, 2026-03-01, 111111111",
        "a(base)firstwritten 2026-01-02",
    ]
    assert len(drawing.findall(f"{_SVG}path")) == 4
    assert [dot.get("cx") for dot in drawing.iter(f"{_SVG}circle")] == ["54", "18", "18", "18"]
    bottom = float(list(drawing.iter(f"{_SVG}circle"))[-1].get("cy", ""))
    assert bottom < float(drawing.get("height", ""))


def test_svg_of_nothing_says_so() -> None:
    drawing = _parsed(render_svg(draw(resolution([]), View())))
    assert "".join(drawing.findall(f"{_SVG}text")[0].itertext()) == "Chain of versions: no migrations"
