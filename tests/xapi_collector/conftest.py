"""A collector over each kind of store."""

import pytest

from tests.storage import stores
from tests.xapi_collector import lrs as builders


@pytest.fixture(params=stores.STORES)
def lrs(request, tmp_path):
    """A collector over a fresh store; the HTTP suite runs over every adapter."""
    made = builders.make(stores.url(request.param, tmp_path / "store"), tmp_path)
    yield made
    made.storage.close()


@pytest.fixture
def quick(tmp_path):
    """A collector over SQLite, for what does not depend on the store."""
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)
    yield made
    made.storage.close()
