"""The recorded histories and the repositories rebuilt from them, made once for all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.histories.rebuild import AS_DECLARED, Conversion, Rebuilt, rebuild
from tests.histories.recorded import RecordedHistory, read_history

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Build = Callable[[RecordedHistory, Conversion], Rebuilt]

NAMES = ("warehouse", "backend.ai", "neutron")


def neighbours(changes: Sequence[int], step: int) -> tuple[tuple[int, ...], ...]:
    """Every `step`-th change with the one before it: a slice for CI of what is said about each step."""
    return tuple(tuple(changes[place : place + 2]) for place in range(0, len(changes) - 1, step))


@pytest.fixture(scope="session")
def histories() -> dict[str, RecordedHistory]:
    return {name: read_history(name) for name in NAMES}


@pytest.fixture(scope="session")
def condensed_histories(histories: dict[str, RecordedHistory]) -> dict[str, RecordedHistory]:
    return {name: history.condensed() for name, history in histories.items()}


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    def build_new(history: RecordedHistory, conversion: Conversion = AS_DECLARED) -> Rebuilt:
        return rebuild(history, tmp_path_factory.mktemp(history.name) / "project", conversion)

    return build_new


@pytest.fixture(scope="session", params=NAMES)
def whole(request: pytest.FixtureRequest, histories: dict[str, RecordedHistory], build: Build) -> Rebuilt:
    """Every commit of one project, nothing dynamic."""
    return build(histories[request.param], AS_DECLARED)


@pytest.fixture(scope="session", params=NAMES)
def condensed(request: pytest.FixtureRequest, condensed_histories: dict[str, RecordedHistory], build: Build) -> Rebuilt:
    """The commits of one project that changed a migration, nothing dynamic."""
    return build(condensed_histories[request.param], AS_DECLARED)
