"""One Chromium for all walks of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.walks import campus


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """The browser, and the loop of its driver."""
    with campus.chromium() as found:
        loop = asyncio.get_running_loop()
        yield found, loop
        asyncio._set_running_loop(loop)


@pytest.fixture(scope="module")
def browser(chromium: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """The browser, for one module: between two of them other tests of this process may run loops of their own."""
    found, loop = chromium
    asyncio._set_running_loop(loop)
    yield found
    for context in found.contexts:
        for page in context.pages[1:]:
            page.close()
    asyncio._set_running_loop(None)
