"""A Chromium for every module of walks that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.walks import campus


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with campus.chromium() as running:
        yield running
