"""Which modules mean the same in a function: every exception by name, and what is none."""

from __future__ import annotations

import ast

import pytest

from gitlembic.squash.meaning import differs_in_function

HARMLESS = {
    "plain": "from alembic import op\nrevision = 'a'\ndef upgrade():\n    op.execute(revision)\n",
    "helpers": "def helper():\n    return 1\ndef upgrade():\n    helper()\n",
    "recursion": "def walk(n):\n    return n and walk(n - 1)\n",
    "class": "class Kind:\n    one = 1\n    two = one + 1\n",
    "class that reads the module": "size = 3\nclass Kind:\n    length = size * 2\n",
    "conditional import": "try:\n    import a\nexcept ImportError:\n    a = None\n",
    "future annotations of None": "from __future__ import annotations\ndef upgrade() -> None: ...\n",
    "annotated variables": "from __future__ import annotations\nrevision: Nowhere = 'a'\n",
    "comprehension": "names = [name for name in 'abc']\n",
    "nonlocal": "def upgrade():\n    n = 0\n    def more():\n        nonlocal n\n        n += 1\n",
    "del in a function": "def upgrade():\n    x = 1\n    del x\n",
    "lambda": "f = lambda id: id\n",
}
DIFFERENT = {
    "star import": "from sqlalchemy import *\n",
    "other future": "from __future__ import division\n",
    "relative import": "from . import helpers\n",
    "inspect": "import inspect\n",
    "from importlib": "from importlib import import_module\n",
    "global": "n = 0\ndef upgrade():\n    global n\n    n += 1\n",
    "globals": "def upgrade(name):\n    globals()['upgrade_' + name]()\n",
    "eval": "x = eval('1')\n",
    "file": "import os\nhere = os.path.dirname(__file__)\n",
    "name": "import logging\nlog = logging.getLogger(__name__)\n",
    "doc": "message = __doc__\n",
    "frame": "import sys\ndef upgrade():\n    sys._getframe()\n",
    "modules": "import sys\ndef upgrade():\n    sys.modules['x']\n",
    "type hints": "import typing\ndef make(x: 'Later'): ...\nclass Later: ...\nhints = typing.get_type_hints(make)\n",
    "type hints by name": "from typing import get_type_hints\ndef upgrade(x: 'X'):\n    get_type_hints(upgrade)\n",
    "builtin": "import sys\nif sys.version_info < (3,):\n    str = bytes\n",
    "builtin as an import": "from sqlalchemy import any_ as any\n",
    "builtin as a function": "def print(*a): ...\n",
    "builtin as a loop variable": "for id in (1, 2):\n    pass\n",
    "builtin caught": "try:\n    pass\nexcept ValueError as id:\n    pass\n",
    "deleted": "x = 1\ndel x\n",
    "deleted in a condition": "x = 1\nif x:\n    del x\n",
    "class with a name of the module": "x = 1\nclass A:\n    x = x\n",
    "postponed annotations of a class": "from __future__ import annotations\nclass A:\n    x: B\n",
    "annotation as text": "class A:\n    x: 'B'\n",
    "annotations that cannot be evaluated": "from __future__ import annotations\ndef upgrade(x: Nowhere): ...\n",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_stands_in_a_function(name: str) -> None:
    assert differs_in_function(ast.parse(HARMLESS[name])) == ""


@pytest.mark.parametrize("name", DIFFERENT)
def test_is_kept_as_text(name: str) -> None:
    assert differs_in_function(ast.parse(DIFFERENT[name])) != ""
