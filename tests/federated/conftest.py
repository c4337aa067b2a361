"""Fixtures of real parts: institutions with stores, a task's identity, a grid inside this process."""

import warnings

import pytest

with warnings.catch_warnings():
    # typer, which Flower imports, uses names that click is about to drop; nothing of ours.
    warnings.simplefilter("ignore", DeprecationWarning)
    import flwr.cli.build  # noqa: F401 - the import is the point

from curriculum import catalog as catalogs
from federated import localgrid
from federated.policy import Policy
from recommender.space import Space
from tests.federated import builders


@pytest.fixture(scope="session")
def space():
    return Space(catalogs.load("oulad"))


@pytest.fixture
def policy():
    return Policy("exact", builders.ENTITY, builders.PLACE)


@pytest.fixture(scope="session")
def four(tmp_path_factory):
    """Four institutions with stores, for reading only: name -> member.toml."""
    root = tmp_path_factory.mktemp("four")
    names = ("east", "north", "south", "west")
    return {
        name: builders.institution(root / name, name, builders.answers(40, seed, prefix=name))
        for seed, name in enumerate(names, start=1)
    }


@pytest.fixture
def apart(tmp_path, four):
    """The four with models, keys and charters of their own for each test: name -> member.toml."""
    return builders.apart(tmp_path, four)


@pytest.fixture
def identity():
    """Flower builds a Message only inside a task; say that this process is one."""
    with localgrid.identity(run=2):
        yield
