"""A store that is away is waited for once, and then not again for a while."""

import contextlib

from storage import errors
from tests.storage.stores import Clock
from xapi_collector.patience import IN_VAIN, PAUSE, Patience


def _ask(patience, clock, takes):
    """Ask a store that fails after so many microseconds; answer how long that took."""
    began = clock.now
    with contextlib.suppress(errors.UnavailableError), patience.wait():
        clock.now += takes
        raise errors.UnavailableError("away")
    return clock.now - began


def test_who_comes_after_one_that_waited_in_vain_does_not_wait():
    clock = Clock()
    patience = Patience(clock)

    assert _ask(patience, clock, IN_VAIN) == IN_VAIN
    assert _ask(patience, clock, IN_VAIN) == 0


def test_after_the_pause_the_store_is_asked_again():
    clock = Clock()
    patience = Patience(clock)
    _ask(patience, clock, IN_VAIN)
    clock.now += PAUSE
    with patience.wait():
        answered = True

    assert answered


def test_a_failure_that_cost_no_time_brings_no_pause():
    clock = Clock()
    patience = Patience(clock)
    _ask(patience, clock, IN_VAIN - 1)
    with patience.wait():
        answered = True

    assert answered


def test_a_clock_that_was_set_back_brings_no_long_pause():
    clock = Clock(10 * PAUSE)
    patience = Patience(clock)
    _ask(patience, clock, IN_VAIN)
    clock.now = PAUSE
    with patience.wait():
        answered = True

    assert answered
