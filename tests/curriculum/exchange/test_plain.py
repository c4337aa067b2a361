"""An entry with nothing left to draw."""

from __future__ import annotations

from curriculum.exchange import plain


def test_braces_are_doubled_and_single_again():
    assert plain.single(plain.doubled("{a} {{b}")) == "{a} {{b}"


def test_all_that_is_said_of_wrong_answers_is_listed_in_order():
    question = {
        "options": [{"right": True}, {"right": True, "missed": {"cause": "m.1"}}, {"cause": "m.2"}],
        "mixups": [{"cause": "m.3"}],
        "wrong": [{"cause": "m.4"}],
    }

    assert [one["cause"] for one in plain.tellings(question)] == ["m.1", "m.2", "m.3", "m.4"]
