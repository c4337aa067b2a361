"""A signing platform for all tests of the room, a tool for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.sandbox import tokens
from lti_tool import keys
from tests.lti_tool import builders


@pytest.fixture(scope="session")
def issuer() -> Iterator[builders.Issuer]:
    with builders.platform(tokens.new_signer()) as running:
        yield running


@pytest.fixture(scope="session")
def tool_key(tmp_path_factory: pytest.TempPathFactory) -> keys.ToolKey:
    return keys.create(tmp_path_factory.mktemp("key") / "tool.pem")


@pytest.fixture
def bench(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[builders.Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as running:
        yield running
