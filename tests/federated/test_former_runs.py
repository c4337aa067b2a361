import pytest

from federated import budget, coordinator, errors, evidence
from federated.coordinator import Plan
from tests.federated import builders
from tests.federated.hall import Hall, channel

NAMES = ("east", "north")


class Killed(Exception):
    pass


@pytest.fixture
def begin(tmp_path, apart, space):
    """Begin a run, and break it off after its first step; return where it stood."""
    noisy = {"policy": "source-noise", "epsilon": 4.0, "delta": 1e-5, "cohort": 20, "runs": 3}
    builders.consortium(tmp_path / "consortium", apart, **noisy)

    def break_off(run):
        kept = []

        def keep(one):
            kept.append(one)
            raise Killed

        there = channel(tmp_path / "consortium", space, Hall(apart), run)
        with pytest.raises(Killed):
            coordinator.lead(there, Plan(), NAMES, lambda _one: None, keep=keep)
        return there, kept[-1]

    return break_off


def test_a_run_that_begins_ends_those_before_it(begin, apart):
    """A run that was broken off is published by nobody; its answers must not lie there for ever."""
    begin("1")
    first, stood = begin("1")  # the same run once more is no new one
    begin("2")

    north = first.exchange.members["north"]
    book = evidence.book(north)
    assert [charge.question.run for charge in budget.read(book)] == ["1", "2"]
    assert len(list(book.path.with_suffix(".answers").iterdir())) == 1
    with pytest.raises(errors.RoundError, match="budget"):
        coordinator.lead(first, Plan(), NAMES, lambda _one: None, since=stood)
