import numpy as np
import pytest

from recommender import measures


def test_a_share_under_the_least_evidence_says_how_much_is_missing():
    found = measures.share("x", [True, True], [7, -1])

    assert (found.value, found.low, found.high, found.count, found.missing) == (None, None, None, 2, 1)
    assert not found.known
    assert found.seqs == (7,)


@pytest.mark.parametrize(("count", "missing"), [(0, 5), (4, 1), (9, 1)])
def test_what_is_missing_is_at_least_one(count, missing):
    assert measures.unknown("x", count, 5).missing == missing


def test_the_first_place_of_a_store_is_a_place():
    assert measures.stored([1, 0, -1, 1]) == (1, 0)


def test_a_share_carries_its_range_and_its_evidence():
    found = measures.share("x", [True, False, True, True], [3, 4, 3, 5])

    assert (found.method, found.value, found.count, found.missing, found.unit) == ("x", 0.75, 4, 0, "share")
    assert found.low < 0.75 < found.high
    assert found.known
    assert found.seqs == (3, 4, 5)


def test_the_range_of_a_mean_holds_it_in_eight_cases_of_ten():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(4000):
        found = measures.mean("x", rng.normal(2.0, 1.0, 3).tolist(), [], "days", least=-9.0)
        held += found.low <= 2.0 <= found.high

    assert held / 4000 == pytest.approx(0.8, abs=0.02)


def test_a_mean_does_not_range_below_the_least():
    assert measures.mean("x", [0.0, 0.0, 5.0], [], "days").low == 0.0


def test_a_mean_of_too_few_is_unknown():
    assert measures.mean("x", [1.0], [1], "days", needed=2).missing == 1


def test_a_normal_estimate_counts_its_evidence_or_what_it_is_told():
    found = measures.normal("x", 1.0, 0.5, [1, 2], "level")

    assert (found.count, measures.normal("x", 1.0, 0.5, [1, 2], "level", count=9).count) == (2, 9)
    assert found.high - found.value == pytest.approx(0.5 * 1.2816, abs=1e-4)
    assert found.value - found.low == pytest.approx(found.high - found.value)
