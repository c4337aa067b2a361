from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from lti_tool import advice, texts
from lti_tool.everybody import Known
from lti_tool.pages import steps
from lti_tool.votes import Tally
from recommender import others, quality
from recommender.indicators import Reference
from tests.lti_tool.advised import CBEC, OULAD

ITEM, OTHER = "practice:cus.duty", "practice:prc.landed"
COUNT = len(CBEC.items)
USUAL = advice.reference(CBEC)
NO_TIMES = Reference(np.full(COUNT, np.nan), np.zeros(COUNT, np.bool_))


def known(*, seconds: float = np.nan, **changes: float) -> Known:
    """Everybody answered every item; `ITEM` teaches much, `OTHER` has a key that is wrong."""
    sums = {one.name: np.full(COUNT, 100.0) for one in fields(quality.Sums)}
    sums |= {"right": np.full(COUNT, 60.0), "hits": np.full(COUNT, 60.0), "able": np.zeros(COUNT)}
    sums |= {"product": np.full(COUNT, 20.0), "above": np.linspace(-3, 3, COUNT), "spread": np.full(COUNT, 24.0)}
    sums["above"][CBEC.item_index[ITEM]] = 30.0
    sums["product"][CBEC.item_index[OTHER]] = -40.0
    for name, value in changes.items():
        sums[name] = np.full(COUNT, value)
    found = replace(others.learn(CBEC, []), learners=120, items=quality.Sums(**sums), seconds=np.full(COUNT, seconds))
    return Known(found, {OTHER: 0.5}, 0.0)


def page(
    there: Known | None, tallied: dict[str, Tally] | None = None, times: Reference = NO_TIMES, language: str = "en"
) -> steps.Steps:
    return steps.steps(CBEC, tallied or {}, there, times, language=language, say=texts.speaker(language))


def test_what_learners_say_is_counted_with_most_faults_first() -> None:
    found = page(known(), {ITEM: Tally(useful=4), OTHER: Tally(useful=1, mistake=2, outdated=1), "gone": Tally(1)})

    assert [(one.useful, one.mistake, one.outdated, one.later) for one in found.words] == [
        (1, 2, 1, True),
        (4, 0, 0, False),
    ]
    assert found.words[1].name == "Practice: Compute import duty"


def test_words_are_shown_before_everybody_was_counted() -> None:
    found = page(None, {ITEM: Tally(outdated=1)})

    assert (len(found.words), found.known, found.best, found.doubts) == (1, False, [], [])


def test_a_step_whose_key_may_be_wrong_is_named_with_what_that_rests_on() -> None:
    (doubt,) = page(known()).doubts

    assert (doubt.skill, doubt.whys) == ("prc.landed", ["its key may be wrong"])
    assert doubt.evidence.startswith("100 learners, 60\xa0% right at first; those good elsewhere: −8.")


def test_without_abilities_the_evidence_is_the_share_alone() -> None:
    found = page(known(known=0.0, right=2.0))

    assert {tuple(one.whys) for one in found.doubts} == {("hardly ever right at first",)}
    assert {one.evidence for one in found.doubts} == {"100 learners, 2\xa0% right at first"}


def test_what_steps_teach_is_listed_from_both_ends() -> None:
    found = page(known())

    assert found.judged == COUNT
    assert (len(found.best), len(found.least), found.timed) == (steps.SHOWN, steps.SHOWN, False)
    assert found.best[0].name == "Practice: Compute import duty"
    values = [float(one.value.replace("−", "-")) for one in [*found.best, *found.least]]
    assert values == sorted(values, reverse=True)
    assert {one.zero for one in found.best} == {one.zero for one in found.least}


def test_with_times_it_is_told_for_ten_minutes() -> None:
    once, timed = page(known()), page(known(seconds=300.0))

    assert timed.timed
    first = [float(one.best[0].value) for one in (once, timed)]
    assert first[1] == pytest.approx(2 * first[0], abs=0.11)


def test_few_steps_are_listed_once() -> None:
    few = known(after=0.0)
    few.others.items.after[:5] = 50.0
    found = page(few)

    assert (found.judged, len(found.best), len(found.least)) == (5, 5, 0)


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_an_item_with_a_name_is_called_by_it(language: str) -> None:
    named = next(item for item in OULAD.items.values() if item.name)
    assert named.name is not None

    assert steps.name(OULAD, named.id, language, texts.speaker(language)) == named.name[language]


def test_what_is_said_of_a_lesson_is_listed_too_and_what_is_gone_is_not() -> None:
    tallied = {"lesson:cus.duty": Tally(1, 0, 3), "lesson:cus.none": Tally(9, 9, 9)}

    (word,) = page(None, tallied).words
    assert (word.name.split(":")[0], word.skill, word.outdated) == ("Lesson", "cus.duty", 3)
