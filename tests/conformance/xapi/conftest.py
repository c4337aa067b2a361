"""The collector under test, over HTTP alone."""

import pytest

from tests.xapi_collector import lrs as builders


@pytest.fixture
def lrs(tmp_path):
    """A collector over a fresh store."""
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)
    yield made
    made.storage.close()
