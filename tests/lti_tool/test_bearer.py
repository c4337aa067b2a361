from __future__ import annotations

from dataclasses import replace

import pytest

from lti_tool import bearer, errors
from lti_tool.learner import Learner

KEY = b"k" * 32
SOMEBODY = Learner(
    iss="https://lms.example",
    client_id="1",
    deployment="1",
    sub="11391",
    roles=("learner",),
    course="Module AAA",
    context="c",
    link="l",
    catalog="oulad",
    role="AAA",
    opens="path",
    subject="",
    locale="en",
)


def refusal(text: str, key: bytes = KEY, now: float = 0.0) -> str:
    with pytest.raises(errors.PageRefused) as caught:
        bearer.read(text, key, lambda: now)
    return caught.value.code


def test_a_bearer_gives_back_the_learner_and_the_language() -> None:
    text = bearer.sign(SOMEBODY, "zh", KEY, lambda: 0.0)

    assert bearer.read(text, KEY, lambda: 3599.0) == (SOMEBODY, "zh")


def test_a_bearer_lasts_an_hour() -> None:
    text = bearer.sign(SOMEBODY, "en", KEY, lambda: 0.0)

    assert refusal(text, now=3601.0) == "page_expired"


def test_a_bearer_of_another_institution_is_refused() -> None:
    text = bearer.sign(SOMEBODY, "en", KEY, lambda: 0.0)

    assert refusal(text, key=b"x" * 32) == "page_not_ours"


def test_a_changed_bearer_is_refused() -> None:
    text = bearer.sign(SOMEBODY, "en", KEY, lambda: 0.0)
    other = bearer.sign(replace(SOMEBODY, sub="28400"), "en", KEY, lambda: 0.0)

    assert refusal(other.rpartition(".")[0] + text[text.rindex(".") :]) == "page_not_ours"


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "é", "." * 100])
def test_what_is_no_bearer_is_refused(text: str) -> None:
    assert refusal(text) == "page_not_ours"
