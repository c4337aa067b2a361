from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum import catalog
from recommender import currency, profile, review, trail
from recommender.trail import OnSkill
from tests.curriculum import builders as curricula
from tests.recommender import builders, wanderers

TINY = builders.tiny()
OULAD = catalog.load("oulad")
ROOT, LEFT = TINY.skill_index["root"], TINY.skill_index["left"]


def due(*answers, now=builders.NOW, catalog=TINY, also=()):
    """Of (item, right, days before now)."""
    told = [(item, right, (now - timedelta(days=days)).timestamp()) for item, right, days in answers]
    history = wanderers.told(catalog, *(list(column) for column in zip(*told, strict=True)))
    return review.due(catalog, trail.follow(catalog, history), now, also=also)


def test_a_skill_is_due_when_less_than_seven_tenths_is_left():
    """Of a half-life of 30 days .7 is left after 15.44 days."""
    assert due(("practice:root", 1.0, 15.4)) == {}
    found = due(("practice:root", 1.0, 15.5))[ROOT]
    assert (found.kind, found.rule) == ("review", None)
    assert found.retention == pytest.approx(0.5 ** (15.5 / 30))
    assert found.days == pytest.approx(15.5)


def test_what_went_wrong_is_not_reviewed_but_still_learnt():
    assert due(("practice:root", 0.0, 60)) == {}


def test_each_recall_on_a_later_day_doubles_the_half_life():
    lengths = [review.half_life(TINY, ROOT, OnSkill(spaced=spaced)) for spaced in (0, 1, 2, 3, 6, 7, 99)]

    assert lengths == [30, 30, 60, 120, 960, 960, 960]


def test_without_a_declared_half_life_nothing_fades():
    bare = catalog.parse(curricula.tiny(skills=[curricula.skill("root", half_life_days=None)], roles=[], rules=[]))

    assert due(("practice:root", 1.0, 9999), catalog=bare) == {}
    assert review.retention(bare, 0, OnSkill(last=0), 10**18) == 1.0
    assert due(("AAA.TMA.1", 1.0, 9999), catalog=OULAD) == {}


def test_a_rule_is_at_work_from_the_first_second_of_its_day():
    day = datetime(2026, 7, 1, tzinfo=UTC)
    showed = [("practice:left", 1.0, 1.0)]

    assert due(*showed, now=day - timedelta(seconds=1)) == {}
    found = due(*showed, now=day)[LEFT]
    assert (found.kind, found.rule.id) == ("refresh", "fee")
    assert found.currency == pytest.approx(currency.RULED * found.retention)


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_rules_on_a_skill_the_newer_one_is_told(turn):
    two = [
        curricula.rule("fee", "left"),
        curricula.rule("older", "left", valid_from="2026-01-01", params={"old": 1.0}),
    ][::turn]
    both = catalog.parse(curricula.tiny(rules=two))

    assert due(("practice:left", 1.0, 900), catalog=both)[LEFT].rule.id == "fee"


def test_who_answered_in_the_last_second_before_the_rule_is_not_up_to_date():
    day = datetime(2026, 7, 1, tzinfo=UTC)

    assert due(("practice:left", 1.0, 1 / 86_400), now=day)[LEFT].kind == "refresh"
    assert due(("practice:left", 1.0, 0.0), now=day) == {}


def test_who_answered_after_the_rule_began_is_up_to_date():
    assert due(("practice:left", 1.0, 0.5), now=datetime(2026, 7, 2, tzinfo=UTC)) == {}


def test_a_rule_that_has_ended_refreshes_nobody():
    assert due(("practice:left", 1.0, 1000), now=datetime(2028, 7, 1, tzinfo=UTC))[LEFT].kind == "review"


def test_a_rule_of_low_confidence_waits_until_it_is_switched_on():
    assert due(("practice:left", 1.0, 1), now=datetime(2026, 7, 1, tzinfo=UTC), also=("rumour",))[LEFT].rule.id == "fee"


@given(st.floats(0, 4000), st.floats(0, 4000), st.integers(0, 9))
def test_retention_falls_with_time_and_lasts_with_recalls(one, other, spaced):
    early, late = sorted((one, other))
    known, again = OnSkill(spaced=spaced), OnSkill(spaced=spaced + 1)

    def left(known, days):
        return review.retention(TINY, ROOT, known, int(days * trail.DAY))

    assert 0 <= left(known, late) <= left(known, early) <= 1
    assert left(again, late) >= left(known, late)


def test_the_profile_and_the_review_predict_the_same_is_left():
    days = (90, 60, 20)
    told = [("practice:root", 1.0, (builders.NOW - timedelta(days=day)).timestamp()) for day in days]
    history = wanderers.told(TINY, *(list(column) for column in zip(*told, strict=True)))
    found = review.retention(TINY, ROOT, trail.follow(TINY, history).skills[ROOT], int(builders.NOW.timestamp() * 1e6))
    states = profile.profile(TINY, history, None, builders.NOW).knowledge

    assert states["root"].currency.retention == pytest.approx(found)
    assert found == pytest.approx(0.5 ** (20 / 120))
    many = profile.levels(TINY, history, None, builders.NOW, skills=["root"])
    assert (many.low[0, 0], many.high[0, 0]) == pytest.approx((states["root"].low, states["root"].high))
