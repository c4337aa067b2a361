import doctest
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum import catalog
from recommender import pace, tracker
from recommender.pace import Hours
from tests.curriculum import builders as curricula
from tests.recommender import builders, wanderers

CBEC = catalog.load("cbec")
TODAY = date(2026, 11, 23)


def test_docs_are_true():
    assert doctest.testmod(pace).failed == 0


def test_minutes_are_declared_or_follow_the_difficulty():
    item = {"id": "long", "activity": "urn:tiny:long", "skills": ["root"], "minutes": 45}
    plain = {"id": "plain", "activity": "urn:tiny:plain", "skills": ["root"], "difficulty": 4}
    given = catalog.parse(curricula.tiny(items=[item, plain]))
    minutes = dict(zip(given.items, pace.minutes(given), strict=True))

    assert (minutes["long"], minutes["plain"], minutes["practice:root"]) == (45.0, 18.0, 12.0)
    assert pace.typical_minutes(given)[0] == 25.0


def test_a_skill_without_items_takes_its_difficulty():
    bare = catalog.parse(curricula.tiny(meta={"id": "t", "name": curricula.names("t"), "pass_score": None}))

    assert set(pace.typical_minutes(bare)) == {12.0}


@given(st.lists(st.floats(1, 120), max_size=20), st.floats(0, 20), st.floats(0, 2000))
def test_a_week_never_holds_more_than_it_has(minutes, hours, spent):
    entries = [(str(place), long) for place, long in enumerate(minutes)]
    week = pace.week(entries, hours, spent)

    assert week.minutes <= week.budget == max(0.0, 60 * hours - spent)
    assert list(week.items) == [item for item, _ in entries if item in week.items]


def test_what_does_not_fit_is_passed_over_for_what_does():
    assert pace.week([("a", 40), ("b", 30), ("c", 20)], 1.0).items == ("a", "c")


def test_practices_are_what_a_simulation_counts():
    belief = tracker.Belief((0.5, 0.3, 0.2), 0.3, 1.0, 0.3, 0.0, 3, 3)
    rng = np.random.default_rng(0)
    start = rng.choice(3, 40_000, p=belief.state)
    first, second = rng.geometric(belief.rate, 40_000), rng.geometric(tracker.FIRM, 40_000)
    counted = {3: (start == 0) * first, 5: (start == 0) * first + (start < 2) * second}

    for target, numbers in counted.items():
        mean, variance = pace.practices(belief, target)
        assert mean == pytest.approx(numbers.mean(), rel=0.03)
        assert variance == pytest.approx(numbers.var(), rel=0.05)


def test_hours_ahead_fall_with_what_is_learnt_and_hold_their_mean():
    targets = CBEC.roles["operations"].targets
    nothing = pace.ahead(CBEC, tracker.prior(CBEC), targets)
    known = wanderers.answered(CBEC, *[(f"practice:{name}", 1) for name in targets] * 3)
    less = pace.ahead(CBEC, tracker.track(CBEC, known), targets)

    assert 0 < nothing.low < nothing.likely < nothing.high
    assert less.likely < nothing.likely / 2


def test_a_skill_at_its_target_takes_no_more_hours():
    tiny = builders.tiny()
    history = wanderers.answered(tiny, *[("practice:root", 1)] * 8)
    beliefs = tracker.track(tiny, history)

    assert pace.reached(tiny, beliefs[0], 0, 2)
    assert pace.ahead(tiny, beliefs, {"root": 2}) == Hours(0.0, 0.0, 0.0)
    assert not pace.reached(tiny, tracker.prior(tiny)[0], 0, 1)


def test_dates_follow_the_pace():
    early, late = pace.dates(Hours(30.0, 20.0, 40.0), 10.0, TODAY)

    assert (early, late) == (date(2026, 12, 7), date(2026, 12, 21))
    assert pace.dates(Hours(30.0, 20.0, 40.0), 0.0, TODAY) is None
    assert pace.dates(Hours(30.0, 20.0, 4e9), 0.001, TODAY)[1].year == 2126


@pytest.mark.parametrize(
    ("hours", "weekly", "deadline", "tight"),
    [
        (10.0, None, None, 0.0),
        (10.0, 5.0, None, 0.0),
        (10.0, 5.0, date(2026, 12, 21), 0.0),
        (30.0, 5.0, date(2026, 12, 21), 0.5),
        (90.0, 5.0, date(2026, 12, 21), 1.0),
        (10.0, 5.0, date(2026, 11, 1), 1.0),
    ],
)
def test_time_is_tight_where_more_is_ahead_than_fits(hours, weekly, deadline, tight):
    assert pace.urgency(Hours(hours, hours, hours), weekly, deadline, TODAY) == pytest.approx(tight)
