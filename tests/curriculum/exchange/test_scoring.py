"""Response processing: the conditions that ask for one value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from curriculum.exchange import markup, scoring
from tests.curriculum.exchange import items
from tests.curriculum.exchange.items import matches, processing, when


def rules(*conditions):
    data = items.item(after=processing(*conditions)) if conditions else items.item()
    return scoring.rules(markup.parse(data, "x"), "RESPONSE")


def test_a_condition_has_its_values_and_what_it_sets():
    (found,) = rules(when(f"<qti-or>{matches('A')}{matches('B')}</qti-or>", ("F", "x"), ("CAUSE", "m.y")))

    assert [value.text for value in found.values] == ["A", "B"]
    assert found.sets == (("F", "x"), ("CAUSE", "m.y"))


def test_branches_inside_branches_are_found_in_order():
    inner = when(matches("B"), ("F", "b"))
    outer = when(matches("A"), ("F", "a")).replace("</qti-response-if>", f"</qti-response-if>{inner}")

    assert [rule.sets[0][1] for rule in rules(outer)] == ["a", "b"]


@pytest.mark.parametrize(
    "test",
    [
        "<qti-is-null><qti-variable identifier='RESPONSE'/></qti-is-null>",
        matches("A").replace("RESPONSE", "OTHER"),
        f"<qti-or>{matches('A')}<qti-is-null/></qti-or>",
        f"<qti-and>{matches('A')}{matches('B')}</qti-and>",
        f"<qti-not>{matches('A')}</qti-not>",
        "<qti-match><qti-variable identifier='RESPONSE'/><qti-random/></qti-match>",
    ],
)
def test_what_a_condition_asks_besides_is_passed_over(test):
    assert rules(when(test, ("F", "x"))) == []


def test_an_item_without_response_processing_has_no_rules():
    root = markup.parse(items.item(), "x")

    assert (rules(), scoring.mirrors(root, "RESPONSE")) == ([], set())


def test_a_condition_that_sets_nothing_is_passed_over():
    assert rules(when(matches("A"))) == []


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e31", "1e-31", "1" * 31])
def test_what_is_no_common_figure_is_none(text):
    assert scoring.figure(text) is None


def test_a_figure_is_exact():
    assert scoring.figure(" -0.10 ") == Decimal("-0.10")
