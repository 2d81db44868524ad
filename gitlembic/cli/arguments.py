"""Where the command is in argv, and whose it is, without importing click or Alembic.

Alembic's global options come before the command, and argparse accepts abbreviations of the long
ones and clusters of the short ones (`-qcFILE`); a command can only be found by reading them so.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing it takes longer than the rest of `--version`
if TYPE_CHECKING:
    from collections.abc import Iterator

OWN_COMMANDS = frozenset(
    {"adopt", "chain", "completion", "demo", "doctor", "graph", "journal", "rebase", "rescue", "squash"}
)

_LONG = {"--config": True, "--name": True, "--raiseerr": False, "--quiet": False, "--version": False, "--help": False}
_SHORT = {"c": True, "n": True, "x": True, "q": False, "h": False}


class CommandLineParts:
    """argv, taken apart: global options, the command (`None` if there is none), and its arguments.

    No dataclass: importing that module takes longer than `--version` may.
    """

    __slots__ = ("arguments", "command", "options")

    def __init__(self, options: tuple[str, ...], command: str | None, arguments: tuple[str, ...]) -> None:
        self.options = options
        self.command = command
        self.arguments = arguments

    @property
    def is_own(self) -> bool:
        """Whether gitlembic answers this itself; everything else is Alembic's."""
        return self.command in OWN_COMMANDS or self.is_first_page or self.has("--version")

    @property
    def is_first_page(self) -> bool:
        """Whether this asks for the help that lists the commands; what follows does not matter then."""
        return self.has("--help") or self.has("-h") or (self.command is None and not self.options)

    @property
    def raise_errors(self) -> bool:
        return self.has("--raiseerr")

    @property
    def is_quiet(self) -> bool:
        return self.has("-q") or self.has("--quiet")

    @property
    def project_options(self) -> tuple[str, ...]:
        """The global options as far as they choose a project: what the next command needs as well."""
        return tuple(token for token in self.options if token not in {"-q", "--quiet", "--raiseerr", "--"})

    @property
    def unknown(self) -> tuple[str, ...]:
        """The global options that Alembic does not have."""
        known = {*_LONG, *(f"-{letter}" for letter in _SHORT), "--"}
        return tuple(name for name in self._names() if name not in known)

    def has(self, option: str) -> bool:
        """Whether a flag was given, in any spelling that argparse takes for it."""
        return option in self._names()

    def _names(self) -> Iterator[str]:
        position = 0
        while position < len(self.options):
            names, takes_next = _read(self.options[position])
            yield from names
            position += 2 if takes_next else 1


def split_command(argv: list[str]) -> CommandLineParts:
    """Find the command in argv as argparse would."""
    position = 0
    while position < len(argv):
        token = argv[position]
        if token == "--":
            position += 1
            break
        if not token.startswith("-") or token == "-":
            break
        position += 2 if _read(token)[1] else 1
    options, rest = tuple(argv[:position]), argv[position:]
    return CommandLineParts(options, rest[0] if rest else None, tuple(rest[1:]))


def _read(token: str) -> tuple[tuple[str, ...], bool]:
    """The options that a token gives, and whether the value of the last is the next token."""
    if token.startswith("--"):
        name, has_value, _ = token.partition("=")
        matches = [name] if name in _LONG else [long for long in _LONG if long.startswith(name)]
        if len(matches) != 1:
            return (name,), False
        return (matches[0],), _LONG[matches[0]] and not has_value
    names = []
    for number, letter in enumerate(token[1:], start=2):
        names.append(f"-{letter}")
        if _SHORT.get(letter, False):
            return tuple(names), number == len(token)
    return tuple(names), False
