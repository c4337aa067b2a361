"""A store of each kind."""

import pytest

from tests.storage import stores


@pytest.fixture(params=stores.STORES)
def address(request, tmp_path):
    """The URL of a fresh store."""
    return stores.url(request.param, tmp_path / "store")


@pytest.fixture
def store(address):
    """A fresh open store with all collections of the tests."""
    opened = stores.open_store(address)
    yield opened
    opened.close()
