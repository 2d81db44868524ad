"""Write everything that is generated, or show what is not fresh."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from generate.commands import check_table, command_table, own_commands_module
from generate.manual import manual_pages
from gitlembic.cli.main import cli
from gitlembic.cli.shells import completion_script
from gitlembic.doctor.registry import CHECKS

ROOT = Path(__file__).parent.parent.parent
_COMPLETIONS = {"bash": "gitlembic.bash", "zsh": "_gitlembic", "fish": "gitlembic.fish"}
_COMMANDS = "<!-- .ci/regenerate -->\n", "<!-- to here -->\n"
_CHECKS = "<!-- .ci/regenerate checks -->\n", "<!-- to here: checks -->\n"


def generated() -> dict[str, str]:
    """The text of every file that is generated, by its path from the root."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return {
        "README.md": _between(_between(readme, _COMMANDS, command_table(cli)), _CHECKS, check_table(CHECKS)),
        "gitlembic/cli/own_commands.py": own_commands_module(cli),
        **{f"completions/{name}": completion_script(shell) for shell, name in _COMPLETIONS.items()},
        **{f"man/{name}": page for name, page in manual_pages(cli, readme).items()},
    }


def _between(text: str, marks: tuple[str, str], table: str) -> str:
    """The text with another table between two marks."""
    start, end = marks
    before, _, rest = text.partition(start)
    return f"{before}{start}{table}{end}{rest.partition(end)[2]}"


def stale_files() -> dict[str, tuple[str, str]]:
    """What is in the repository and what should be, where they differ; empty for a file that is not there."""
    wanted = generated()
    present = [path.relative_to(ROOT).as_posix() for name in ("completions", "man") for path in (ROOT / name).glob("*")]
    texts = {path: (_read(ROOT / path), wanted.get(path, "")) for path in (*wanted, *present)}
    return {path: (is_now, should_be) for path, (is_now, should_be) in texts.items() if is_now != should_be}


def _read(path: Path) -> str:
    return path.read_bytes().decode() if path.exists() else ""


def main() -> int:
    """Write, or with `--check` show the differences and exit with 1 if there are any."""
    stale = stale_files()
    if sys.argv[1:] == ["--check"]:
        for path, (is_now, should_be) in stale.items():
            lines = difflib.unified_diff(is_now.splitlines(), should_be.splitlines(), path, "generated", lineterm="")
            print("\n".join(lines))  # noqa: T201
        return 1 if stale else 0
    for path, (_, should_be) in stale.items():
        (ROOT / path).parent.mkdir(exist_ok=True)
        if should_be:
            (ROOT / path).write_bytes(should_be.encode())
        else:
            (ROOT / path).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
