"""Alembic's command line as its sources have it, held against the parser that Alembic makes of them."""

from __future__ import annotations

import argparse

from alembic.config import CommandLine

from gitlembic.adapters.alembic_source import alembic_usages
from gitlembic.cli.program import PROGRAM
from gitlembic.core.added_options import ADDED_OPTIONS
from gitlembic.core.usage import Takes

_PARSER = CommandLine(prog="gitlembic").parser


def _flat(text: str) -> str:
    return " ".join(text.split())


def _subparsers() -> dict[str, argparse.ArgumentParser]:
    (action,) = (action for action in _PARSER._actions if isinstance(action, argparse._SubParsersAction))
    return dict(action.choices)


def test_commands_options_and_arguments_are_alembics() -> None:
    usages = {usage.name: usage for usage in alembic_usages()}
    assert list(usages) == sorted(_subparsers())
    for name, parser in _subparsers().items():
        usage = usages[name]
        options = {tuple(action.option_strings): action for action in parser._actions if action.option_strings}
        added = ADDED_OPTIONS.get(name, ())
        assert {option.names for option in usage.options if option not in added} == set(options)
        assert set(added) <= set(usage.options)
        for option in (one for one in usage.options if one not in added):
            action = options[option.names]
            assert (option.value is None) == (action.nargs == 0)
            assert _flat(option.help) == _flat(action.help or "")
        arguments = [action for action in parser._actions if not action.option_strings]
        assert [value.metavar.lower() for value in usage.arguments] == [action.dest for action in arguments]
        assert usage.repeats == any(action.nargs == "+" for action in arguments)


def test_summaries_are_alembics() -> None:
    (action,) = (action for action in _PARSER._actions if isinstance(action, argparse._SubParsersAction))
    summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
    plain = {name: " ".join(text.replace("``", "").split()).rstrip(".") for name, text in summaries.items()}
    assert {usage.name: usage.help for usage in alembic_usages()} == plain


def test_what_values_mean() -> None:
    usages = {usage.name: usage for usage in alembic_usages()}
    arguments = {(name, value.metavar): value.takes for name, usage in usages.items() for value in usage.arguments}
    assert arguments == {
        ("downgrade", "REVISION"): Takes.RANGE,
        ("edit", "REV"): Takes.REVISION,
        ("init", "DIRECTORY"): Takes.DIRECTORY,
        ("merge", "REVISIONS"): Takes.REVISION,
        ("show", "REV"): Takes.REVISION,
        ("stamp", "REVISIONS"): Takes.REVISION,
        ("upgrade", "REVISION"): Takes.RANGE,
    }
    taken = {option.names[-1]: option.value for usage in usages.values() for option in usage.options if option.value}
    assert {name: value.takes for name, value in taken.items() if value.takes is not Takes.TEXT} == {
        "--depends-on": Takes.REVISION,
        "--head": Takes.REVISION,
        "--rev-range": Takes.RANGE,
        "--template": Takes.CHOICE,
        "--version-path": Takes.DIRECTORY,
    }
    assert {"generic", "async", "multidb", "pyproject", "pyproject_async"} <= set(taken["--template"].choices)


def test_global_options_are_alembics() -> None:
    """Ours are explained in other words."""
    theirs = {tuple(sorted(action.option_strings)): action.nargs == 0 for action in _PARSER._actions[:-1]}
    ours = {tuple(sorted(option.names)): option.value is None for option in PROGRAM.options}
    assert ours == {names: is_flag for names, is_flag in theirs.items() if names}
