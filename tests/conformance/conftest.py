"""The batteries run without coverage: it would double their time, and every line they reach has a test of its own."""

from collections.abc import Iterator

import coverage
import pytest


@pytest.fixture(autouse=True, scope="module")
def _uncovered() -> Iterator[None]:
    measured = coverage.Coverage.current()
    if measured is None:
        yield
        return
    measured.stop()
    yield
    measured.start()
