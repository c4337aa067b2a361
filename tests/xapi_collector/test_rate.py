"""How fast one credential may send while others send as well."""

import pytest

from xapi_collector.door import rate

SECOND = 1_000_000


@pytest.fixture
def limiter():
    return rate.Limiter(10)


def passed(limiter, key, times):
    """How many of the requests at these times pass."""
    return sum(limiter.wait(key, time) == 0 for time in times)


def test_a_credential_that_is_alone_is_never_held_back(limiter):
    assert passed(limiter, "one", range(0, SECOND, 1000)) == 1000


def test_beside_others_a_credential_has_its_burst_and_then_its_rate(limiter):
    limiter.wait("other", 0)

    assert passed(limiter, "one", [0] * 100) == 20
    assert passed(limiter, "one", range(0, 5 * SECOND, 10_000)) == 49


def test_one_that_was_fast_while_alone_has_only_its_rate_once_another_comes(limiter):
    passed(limiter, "one", range(0, SECOND, 1000))
    limiter.wait("other", SECOND)

    assert passed(limiter, "one", range(SECOND, 3 * SECOND, 1000)) in (20, 21)


def test_the_others_are_not_held_back(limiter):
    limiter.wait("other", 0)
    passed(limiter, "one", [0] * 1000)

    assert passed(limiter, "other", range(0, 2 * SECOND, SECOND // 10)) == 20


def test_after_a_while_alone_again_it_is_free_again(limiter):
    limiter.wait("other", 0)
    passed(limiter, "one", [0] * 100)
    later = rate.SHARED + SECOND

    assert passed(limiter, "one", range(later, later + SECOND, 1000)) == 1000


def test_it_says_after_how_many_seconds_it_is_worth_trying_again():
    slow = rate.Limiter(0.25)
    slow.wait("other", 0)
    slow.wait("one", 0)
    seconds = slow.wait("one", 0)

    assert seconds == 4
    assert slow.wait("one", seconds * SECOND) == 0


def test_no_rate_is_no_limit():
    free = rate.Limiter(0)
    free.wait("other", 0)

    assert passed(free, "one", [0] * 10_000) == 10_000


def test_a_clock_that_was_set_back_holds_nobody_back(limiter):
    limiter.wait("other", 3600 * SECOND)
    passed(limiter, "one", [3600 * SECOND] * 100)

    assert limiter.wait("one", SECOND) == 0


def test_it_remembers_a_bounded_number_of_credentials(limiter):
    for number in range(rate.MOST + 100):
        limiter.wait(str(number), number * SECOND)

    assert len(limiter._full) <= rate.MOST
