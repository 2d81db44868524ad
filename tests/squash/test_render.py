"""A squash holds every original as it was, and does what they do."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitlembic.core.migration import RevisionId
from gitlembic.squash.earlier import read_squash
from gitlembic.squash.original import Original
from gitlembic.squash.proof import find_differences
from gitlembic.squash.render import Heading, read_bodies, render

_HEADING = Heading("Squash", RevisionId("r9"), None, "", "c0ffee", (("r0", "b0"),))

_PARTS = {
    "docstring": '"""A message\n\n  with lines,\nRevision ID: x\n"""\n',
    "imports": "from alembic import op\nimport sqlalchemy as sa\nfrom typing import Sequence, Union\n",
    "other import": "import json as sa\n",
    "import and more": "import json; TEXT = json.dumps(1)\n",
    "own import": "from mylib.types import Thing as op\n",
    "text": 'SQL = """\n  SELECT 1\nFROM t\n"""\n',
    "bytes": "DATA = b'''\n  x\n'''\n",
    "f-string": 'n = 1\nF = f"""\n  {n}\n {n + 1:>{n}}\n"""\n',
    "continued": "TOTAL = 1 + \\\n  2\nLONG = 'a\\\n  b'\n",
    "comment": "# at the margin\nif True:\n\t# with a tab\n\tx = 1\n",
    "form feed": "y = 1\n\f\nz = 2\n",
    "function": "def helper(a, *, b=None):\n    '''Doc\n\n    string.'''\n    return [a, b]\n",
    "class": "class Kind:\n    '''A kind.\n'''\n    one = 'x'\n",
    "nested": "def outer():\n    def inner():\n        return '''\nx'''\n    return inner()\n",
    "dedent": "T = (\n'a'\n'b'\n)\n",
    "star": "from math import *\n",
    "file": "HERE = __file__\n",
    "quotes": "Q = '''\"\"\"'''\n",
    "future": "from __future__ import annotations\n",
    "global": "count = 0\ndef more():\n    global count\n    count += 1\n",
}
_ORDERED = ["docstring", "future", *(name for name in _PARTS if name not in {"docstring", "future"})]


def _original(number: int, names: set[str]) -> Original:
    source = "".join(_PARTS[name] for name in _ORDERED if name in names)
    source += f"revision = 'r{number}'\n\n\ndef upgrade():\n    LOG.append(('up', revision))\n"
    source += "\n\ndef downgrade():\n    LOG.append(('down', revision))\n"
    return Original(RevisionId(f"r{number}"), f"versions/r{number}_it.py", (), source, f"b{number}", "")


@given(st.lists(st.sets(st.sampled_from([*_PARTS])), min_size=1, max_size=5))
def test_every_original_stands_as_it_was(parts: list[set[str]]) -> None:
    originals = [_original(number, names) for number, names in enumerate(parts)]
    bodies = read_bodies(originals)
    text = render(_HEADING, bodies)
    assert find_differences(text, bodies) == []
    compile(text, "squash.py", "exec")
    squash = read_squash(text)
    assert squash is not None
    assert [(step.revision, step.path) for step in squash.steps] == [(one.revision, one.path) for one in originals]


@pytest.mark.parametrize("name", [*_PARTS])
def test_what_is_bound_is_what_the_module_binds(name: str) -> None:
    """Runs each as a module and as it stands in the squash, and compares what there is to see."""
    if name == "own import":
        pytest.skip("there is no such module")
    original = _original(0, {name})
    module: dict[str, Any] = {"LOG": [], "__file__": "versions/r0_it.py"}
    exec(compile(original.source, "r0_it.py", "exec"), module)  # noqa: S102 -- our own text
    shown: list[str] = [
        one for one in ("SQL", "DATA", "F", "TOTAL", "LONG", "x", "z", "T", "Q", "TEXT") if one in module
    ]
    function = _run_body(original, shown)
    assert function == {one: module[one] for one in shown}


def _run_body(original: Original, shown: list[str]) -> dict[str, Any]:
    """The values that the names have at the end of the body."""
    text = render(_HEADING, read_bodies([original]))
    tree = ast.parse(text)
    name = "_0001_r0"
    if "return _run_as_module" in text:
        return {one: getattr(_module_of(text), one) for one in shown}
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    function.body[-1] = ast.parse("def f():\n    return locals()").body[0].body[0]  # type: ignore[attr-defined]
    namespace: dict[str, Any] = {"__file__": "versions/r9.py", "LOG": []}
    exec(compile(ast.fix_missing_locations(tree), "squash.py", "exec"), namespace)  # noqa: S102
    values = namespace[name]()
    return {one: values[one] for one in shown}


def _module_of(text: str) -> Any:
    namespace: dict[str, Any] = {"__file__": "versions/r9.py"}
    exec(compile(text, "squash.py", "exec"), namespace)  # noqa: S102
    namespace["_run_as_module"].__globals__["types"] = _Types(namespace["types"])
    namespace["_0001_r0"]()
    return _Types.made


class _Types:
    """Keeps the module that is made."""

    made: Any = None

    def __init__(self, types: Any) -> None:
        self._types = types

    def ModuleType(self, name: str) -> Any:
        _Types.made = self._types.ModuleType(name)
        return _Types.made


def test_a_changed_body_is_noticed() -> None:
    bodies = read_bodies([_original(0, {"text", "function"}), _original(1, {"star"})])
    text = render(_HEADING, bodies)
    assert find_differences(text.replace("  SELECT 1", " SELECT 1"), bodies) == ["r0"]
    assert find_differences(text.replace("b=None", "b=1"), bodies) == ["r0"]
    assert find_differences(text.replace("import *", "import  *"), bodies) == ["r1"]
    assert find_differences(text.replace("def _0002", "def _0003"), bodies) == ["r1"]
    assert find_differences("x = (", bodies) == ["line 1: '(' was never closed"]


def test_formatters_may_lay_it_out_anew() -> None:
    bodies = read_bodies([_original(0, {"docstring", "function", "dedent"})])
    text = render(_HEADING, bodies)
    laid_out = ast.unparse(ast.parse(text))
    assert laid_out != text
    assert find_differences(laid_out, bodies) == []


def test_imports_are_made_once_where_all_mean_the_same() -> None:
    text = render(_HEADING, read_bodies([_original(0, {"imports"}), _original(1, {"imports"})]))
    assert text.count("import sqlalchemy as sa") == 1
    assert text.count("from typing import Sequence, Union") == 1
    text = render(_HEADING, read_bodies([_original(0, {"imports"}), _original(1, {"other import"})]))
    assert text.count("    import sqlalchemy as sa") == text.count("    import json as sa") == 1
    text = render(_HEADING, read_bodies([_original(0, {"imports"}), _original(1, {"own import"})]))
    assert "\nfrom alembic import op\n" in text  # the file's own
    assert text.count("    from alembic import op") == text.count("    from mylib.types import Thing as op") == 1
