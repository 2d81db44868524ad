"""The HTML page: what is in it, and that a browser can search it and show details."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from gitlembic.graph.draw import View, draw
from gitlembic.graph.page import render_page
from tests.support.chains import link, resolution

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = resources.files("gitlembic").joinpath("templates", "graph.html").read_text(encoding="utf-8")
EVIL = "</script><!--<script>\x1b[2J\u202e&amp;"
VISIBLE = "</script><!--<script>\\x1b[2J\\u202e&amp;"
CHAIN = resolution(
    [link("a:", docstring="first"), link("*b: a", docstring=EVIL), link("c: b ?a", docstring="third")],
    births={"b": "1" * 40},
)
SOURCES = {"versions/c.py": f'"""third"""\n\tx = "{EVIL}"\n'}
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


def _page() -> str:
    return render_page(TEMPLATE, CHAIN, draw(CHAIN, View()), SOURCES)


def _data(page: str) -> Any:
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page)
    assert found is not None
    return json.loads(found[1])


def test_the_data_is_what_json_has_with_sources_and_nothing_hidden() -> None:
    data = _data(_page())
    assert [row["revision"] for row in data["rows"]] == ["c", "b", "a"]
    assert [each["message"] for each in data["chains"][0]["migrations"]] == [
        "first",
        VISIBLE,
        "third",
    ]
    assert data["sources"]["versions/c.py"].splitlines()[1] == f' x = "{VISIBLE}"'


def test_no_text_ends_the_script_or_loads_anything() -> None:
    page = _page()
    assert page.count("</script>") == TEMPLATE.count("</script>")
    assert page.count("<!--") == 0
    assert "default-src 'none'" in page
    assert re.findall(r"""(?:src|href)\s*=|@import|url\(""", page) == []


def test_who_was_dropped_can_be_looked_at() -> None:
    now = resolution([link("a:")])
    data = _data(render_page(TEMPLATE, now, draw(now, View(against=CHAIN)), {}))
    assert sorted(data["dropped"]) == ["b", "c"]
    assert data["dropped"]["c"]["down_revision"] == "b"


@pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")
def test_a_browser_finds_and_shows(tmp_path: Path) -> None:
    script = """
        <script>
        const said = [document.querySelectorAll(".row").length];
        search.value = "THIRD"; search.dispatchEvent(new Event("input")); said.push(count.textContent);
        search.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter"}));
        said.push(details.querySelector("h2").textContent, details.querySelector("pre").textContent.length);
        groups[1].querySelector("text").dispatchEvent(new MouseEvent("click", {bubbles: true}));
        said.push(details.querySelector("h2").textContent);
        document.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown"}));
        said.push(details.querySelector("h2").textContent);
        document.dispatchEvent(new KeyboardEvent("keydown", {key: "+"})); said.push(scale);
        document.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape"})); said.push(details.hidden);
        document.title = JSON.stringify(said);
        </script>
    """
    page = tmp_path / "page.html"
    page.write_text(_page() + script, encoding="utf-8")
    done = subprocess.run(
        [
            str(BROWSER),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}/profile",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    title = re.search("<title>(.*?)</title>", done.stdout)
    assert title is not None
    shown = json.loads(title[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    source = _data(_page())["sources"]["versions/c.py"]
    assert shown == [6, "1 found", "third", len(source), VISIBLE, "first", 1.25, True]
