"""Collectors under test, over HTTP alone: one a module, since every test uses names of its own."""

import pytest

from tests.conformance.xapi.client import V1, V2, Client
from tests.storage import stores
from tests.xapi_collector import lrs as builders

EVERYWHERE = [("sqlite", V1), ("sqlite", V2), *((server, V2) for server in stores.STORES if server != "sqlite")]


@pytest.fixture(scope="module")
def collectors(tmp_path_factory):
    """A collector of each kind of store, made when it is first asked for."""
    made = {}

    def collector(kind):
        if kind not in made:
            directory = tmp_path_factory.mktemp(kind)
            made[kind] = builders.make(stores.url(kind, directory / "store"), directory)
        return made[kind]

    yield collector
    for each in made.values():
        each.storage.close()


@pytest.fixture(params=[V1, V2])
def client(request, collectors):
    """A client of each version over SQLite, for what does not depend on the store."""
    return Client(collectors("sqlite"), request.param)


@pytest.fixture(params=EVERYWHERE, ids="-".join)
def anywhere(request, collectors):
    """A client over every kind of store."""
    kind, version = request.param
    return Client(collectors(kind), version)


@pytest.fixture
def v1(collectors):
    """A client of 1.0.3."""
    return Client(collectors("sqlite"), V1)


@pytest.fixture(params=[kind for kind, version in EVERYWHERE if version == V2])
def v2(request, collectors):
    """A client of 2.0.0 over every kind of store."""
    return Client(collectors(request.param), V2)
