from datetime import UTC, datetime, timedelta

import pytest

from curriculum import catalog as catalogs
from recommender import currency

CBEC = catalogs.load("cbec")
RULE = CBEC.rules["eu.flat_duty_2026"]
START = datetime(2026, 7, 1, tzinfo=UTC)


def moment(when):
    return int(when.timestamp() * 1e6)


def test_it_halves_with_the_half_life_of_the_skill():
    half = timedelta(days=CBEC.skills["lst.title"].half_life_days)

    assert currency.of(CBEC, "lst.title", moment(START), START).value == 1.0
    assert currency.of(CBEC, "lst.title", moment(START), START + half).value == pytest.approx(0.5)
    assert currency.of(CBEC, "lst.title", moment(START), START + 2 * half).retention == pytest.approx(0.25)


def test_a_skill_without_a_half_life_stays_current():
    oulad = catalogs.load("oulad")
    skill = next(iter(oulad.skills))

    assert currency.of(oulad, skill, moment(START), START + timedelta(days=4000)).value == 1.0


def test_an_answer_that_is_ahead_of_the_clock_is_current():
    assert currency.of(CBEC, "lst.title", moment(START + timedelta(days=3)), START).retention == 1.0


@pytest.mark.parametrize(("day", "ruled"), [(START - timedelta(seconds=1), False), (START, True)])
def test_a_rule_counts_from_its_first_day(day, ruled):
    skill = "cus.low_value_eu"
    before = currency.of(CBEC, skill, moment(datetime(2026, 6, 30, 9, tzinfo=UTC)), day)

    assert (before.rule == RULE.id) is ruled
    assert (before.since == "2026-07-01") is ruled
    assert before.value == pytest.approx((currency.RULED if ruled else 1.0) * before.retention)


def test_an_answer_after_the_rule_is_current():
    later = START + timedelta(hours=5)

    assert currency.of(CBEC, "cus.low_value_eu", moment(later), later + timedelta(days=1)).rule is None
    assert currency.of(CBEC, "cus.low_value_eu", moment(START), later).rule is None


def test_a_rule_changes_the_skills_that_it_affects_and_no_other():
    last, now = moment(START - timedelta(days=1)), START + timedelta(days=1)
    ruled = {name for name in CBEC.skills if currency.of(CBEC, name, last, now).rule is not None}

    assert ruled == set(RULE.affects)
