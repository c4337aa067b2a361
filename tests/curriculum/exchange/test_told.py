"""Feedback, tied to the answers that show it."""

from __future__ import annotations

from curriculum.exchange import markup, told
from tests.curriculum.exchange import items
from tests.curriculum.exchange.items import feedback, matches, processing, when


def of(after):
    return told.of(markup.parse(items.item(after=after), "x"), "RESPONSE")


def test_working_and_basis_are_told_apart_by_their_class():
    body = '<p>So.</p><p class="working">1 + 1</p><p class="working">= 2</p><p class="basis">A law</p>'
    found = of(processing(when(matches("A"), ("F", "x"))) + feedback("x", body, "F"))

    assert found.solution({"A"}) == {"explanation": "So.", "working": "1 + 1\n= 2", "basis": "A law"}
    assert found.unused() == []


def test_a_cause_without_feedback_has_no_name():
    found = of(processing(when(matches("B"), ("CAUSE", "m.x"))))

    assert found.said(found.rules[0]) == ("m.x", "")
    assert found.names == {}


def test_a_condition_of_the_score_tells_nothing():
    found = of(processing(when(matches("B"), ("SCORE", "1"))))

    assert found.said(found.rules[0]) is None
    assert found.scored() == ["B"]


def test_a_later_condition_on_a_choice_speaks_where_an_earlier_one_only_scores():
    rules = processing(when(matches("B"), ("SCORE", "0")), when(matches("B"), ("F", "x")))
    found = of(rules + feedback("x", "No.", "F"))

    assert found.of_choice("B", markup.parse(b"<c/>", "x")) == ("", "No.")


def test_hidden_feedback_of_another_choice_says_nothing_of_this_one():
    found = of(feedback("B", "Also.", "F", "hide"))

    assert found.missed("A") is None
    assert len(found.unused()) == 1


def test_an_outcome_that_is_not_called_correct_praises_nobody():
    outcome = '<qti-outcome-declaration identifier="BASIC"/>'
    rule = when(matches("wrong").replace("RESPONSE", "BASIC"), ("F", "x"))

    assert of(outcome + processing(rule) + feedback("x", "No.", "F")).praise == frozenset()


def test_nothing_is_said_of_a_choice_that_may_be_left_out():
    found = of("")

    assert (found.missed("A"), found.solution({"A"})["explanation"]) == (None, "")
