from dataclasses import replace
from datetime import date, timedelta

import pytest

from curriculum import catalog, rules
from tests.curriculum import builders

CBEC = catalog.load("cbec")


def ids(day, **options):
    return {rule.id for rule in rules.on(CBEC, day, **options)}


def test_the_flat_duty_begins_on_its_first_day():
    assert "eu.flat_duty_2026" not in ids(date(2026, 6, 30))
    assert "eu.flat_duty_2026" in ids(date(2026, 7, 1))


def test_the_relief_ends_after_its_last_day():
    assert "eu.duty_relief_150" in ids(date(2026, 6, 30))
    assert "eu.duty_relief_150" not in ids(date(2026, 7, 1))


def test_a_rule_without_an_end_holds_on():
    assert "us.de_minimis_suspended" in ids(date(2099, 1, 1))


def test_a_rule_of_low_confidence_never_applies_by_default():
    day = date(2026, 12, 1)

    assert "eu.handling_fee_2026" not in ids(day)
    assert "eu.handling_fee_2026" in ids(day, also={"eu.handling_fee_2026"})


def test_asking_for_a_rule_does_not_move_its_dates():
    assert "eu.handling_fee_2026" not in ids(date(2026, 10, 31), also={"eu.handling_fee_2026"})


def test_the_newest_rule_on_a_skill_comes_first():
    found = rules.affecting(CBEC, "cus.duty", date(2026, 7, 10))

    assert [rule.id for rule in found] == ["eu.flat_duty_2026", "us.section122", "us.de_minimis_suspended"]


@pytest.mark.parametrize("offset", [-1, 0, 730, 731])
def test_both_ends_belong_to_a_rule(offset):
    rule = catalog.parse(builders.tiny()).rules["fee"]

    assert rules.holds(rule, date(2026, 7, 1) + timedelta(days=offset)) == (0 <= offset <= 730)


def test_every_rule_keeps_its_source_or_says_that_it_is_from_memory():
    assert all(rule.source or "memory" in rule.caveat for rule in CBEC.rules.values())


def test_pages_lead_to_sources_that_are_pages_alone():
    rule = replace(
        CBEC.rules["eu.flat_duty_2026"], source=("javascript:alert(1)", "OJ L 2026/382", "https://eur-lex.europa.eu/a")
    )

    assert rules.addresses(rule) == ("https://eur-lex.europa.eu/a",)
