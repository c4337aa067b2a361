"""A rule on one page: names and prompts for all, what is before and after calculated and never typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest

from curriculum import bank, leaflets
from curriculum import catalog as catalogs
from curriculum.bank import formula, shelf
from curriculum.catalog import Catalog, Rule
from curriculum.leaflets import Example, Leaflet

CATALOG = catalogs.load("cbec")
TODAY = date(2026, 11, 26)


def page(rule: str, on: date = TODAY, catalog: Catalog = CATALOG) -> Leaflet:
    found = leaflets.of(catalog, rule, on)
    assert found is not None
    return found


def example(found: Leaflet, sort: str) -> Example:
    return next(one for one in found.examples if one.sort == sort)


def entries_of(found: Leaflet) -> set[str]:
    return {one.step.id for one in found.questions}


def with_rule(rule: Rule) -> Catalog:
    """The catalog with a rule more, or another one in the place of one."""
    return replace(CATALOG, rules=MappingProxyType({**CATALOG.rules, rule.id: rule}))


def test_every_rule_has_a_name_and_a_prompt_and_no_entry_is_without_a_rule() -> None:
    told = leaflets.texts()

    assert told.keys() - {"any"} == CATALOG.rules.keys()
    for entry in told.values():
        assert all(entry["talk"][language].endswith(("?", "？", ".", "。")) for language in ("en", "zh"))
    assert all(len(leaflets.name(rule)[language]) <= 70 for rule in CATALOG.rules for language in ("en", "zh"))


@pytest.mark.parametrize("rule", sorted(name for name, told in leaflets.texts().items() if "rows" in told))
def test_formulas_take_figures_that_the_rule_has(rule: str) -> None:
    figures = shelf.figures(CATALOG.rules[rule].params)

    for row in leaflets.texts()[rule]["rows"]:
        assert formula.read(row["before"]).names | formula.read(row["since"]).names <= figures.keys()
    assert len(example(page(rule), "figures").rows) == len(leaflets.texts()[rule]["rows"])


def test_each_rule_has_three_questions_on_the_rule_first() -> None:
    entries = bank.load().entries

    for rule in CATALOG.rules.values():
        found = page(rule.id)
        asked = [one.step.id for one in found.questions]
        own = [one for one in asked if entries[one].rule == rule.id]
        assert len(set(asked)) == leaflets.QUESTIONS, rule.id
        assert asked[: len(own)] == own, rule.id
        assert found.day == (rule.valid_from if rule.valid_from > TODAY else min(TODAY, rule.valid_to or TODAY))
        assert all(leaflets.right(one.step)[language] for one in found.questions for language in ("en", "zh"))


def test_an_order_is_calculated_on_the_eve_and_on_the_first_day() -> None:
    found = example(page("eu.flat_duty_2026"), "order")

    assert (found.until, found.since) == (date(2026, 6, 30), date(2026, 7, 1))
    assert "1\N{NO-BREAK SPACE}July 2026" in found.story["en"]
    duty = found.rows[0]
    assert duty.before["en"] == "0.00 EUR"
    lines = Decimal(duty.since["en"].split()[0]) / 3
    assert lines >= 1
    assert f"{lines.normalize():f} × 3.00" in duty.working[1][-1]
    assert found.tables


def test_a_rule_that_ended_is_shown_at_its_end() -> None:
    found = example(page("us.section122"), "order")
    early = example(page("us.section122", date(2026, 3, 1)), "order")

    assert (found.until, found.since) == (date(2026, 7, 23), date(2026, 7, 24))
    assert (early.until, early.since) == (date(2026, 2, 23), date(2026, 2, 24))
    assert found.rows[0].before != found.rows[0].since


@pytest.mark.parametrize("rule", ["us.de_minimis_suspended", "uk.lvcr_135", "eu.oss_10000", "fr.small_parcels_tax"])
def test_where_the_flow_does_not_go_by_a_rule_or_knows_nothing_before_it_there_is_no_order(rule: str) -> None:
    assert "order" not in {one.sort for one in page(rule).examples}


def test_a_figure_that_an_institution_changes_changes_the_example() -> None:
    rule = CATALOG.rules["fr.small_parcels_tax"]
    dearer = with_rule(replace(rule, params={"fee_eur_per_item": 2.5}))
    other = with_rule(replace(rule, params={"fee_eur_per_parcel": 2.5}))

    assert example(page(rule.id), "figures").rows[0].since["en"] == "6 EUR"
    assert example(page(rule.id, catalog=dearer), "figures").rows[0].since["zh"] == "7.50 EUR"
    assert page(rule.id, catalog=other).examples == ()


def test_a_pair_of_questions_shows_what_was_right_and_what_is() -> None:
    found = example(page("eu.withdrawal_function"), "questions")

    assert (found.until, found.since) == (date(2026, 6, 18), date(2026, 6, 19))
    row = found.rows[0]
    assert row.before["en"].startswith("Yes")
    assert row.since["en"] == "A marked function to withdraw on the site"
    assert "PDF" in row.asked[0]["en"]
    assert " 今天" not in row.asked[1]["zh"]
    assert entries_of(page("eu.withdrawal_function")).isdisjoint({"cmp.consumer.4"})  # its answer stands above


def test_a_rule_of_an_institution_has_a_page_too() -> None:
    own = replace(CATALOG.rules["eu.gpsr"], id="x.own", valid_from=date(2027, 1, 1), valid_to=date(2027, 2, 1))
    found = page("x.own", catalog=with_rule(own))

    assert found.name == {"en": "x.own", "zh": "x.own"}
    assert found.talk == leaflets.texts()["any"]["talk"]
    assert found.day == date(2027, 1, 1)
    assert found.examples == ()
    assert page("x.own", date(2027, 3, 1), with_rule(own)).day == date(2027, 2, 1)


def test_a_catalog_without_a_bank_has_neither_pairs_nor_questions() -> None:
    other = replace(with_rule(CATALOG.rules["eu.ppwr"]), id="other")

    found = page("eu.ppwr", catalog=other)
    assert (found.examples, found.questions) == ((), ())


def test_a_rule_of_which_no_order_can_be_made_has_no_order() -> None:
    """On its eve no rule of the catalog says what a parcel to the EU owes."""
    own = replace(CATALOG.rules["eu.flat_duty_2026"], id="eu.later", valid_from=date(2028, 8, 1), valid_to=None)

    assert page("eu.later", catalog=with_rule(own)).examples == ()


def test_a_rule_that_is_not_there_has_no_page() -> None:
    assert leaflets.of(CATALOG, "eu.none", TODAY) is None


def test_every_form_of_answer_is_told_in_words() -> None:
    forms = {}
    for entry in bank.load().entries.values():
        if entry.form not in forms:
            made = bank.question(CATALOG, entry.id, 1, TODAY)
            assert made is not None
            forms[entry.form] = leaflets.right(made.step)

    assert forms.keys() == {"choice", "several", "match", "text", "number"}
    assert " – " in forms["match"]["en"]
    assert "；" in forms["match"]["zh"]
    assert all(told["en"] for told in forms.values())
