from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lti_tool import advice, texts
from lti_tool.advice import Advice, Model, Wish
from lti_tool.backgrounds import Background
from lti_tool.everybody import Known
from lti_tool.pages import oneself, profiling, proof
from recommender import background, others
from recommender.background import Effects
from recommender.others import Others
from tests.lti_tool.advised import CBEC, NOW, advised, history

SAID = {"experience": "years", "courses": "cus log"}
TOLD = Background(SAID, int(NOW.timestamp()))


def known(**changes: object) -> Known:
    """Forty learners said that they have sold for years, and were right more often."""
    offsets = Effects({("experience", "years"): 0.6}, {("experience", "years"): 40})
    found: Others = others.learn(CBEC, [])
    return Known(replace(found, **{"learners": 60, "offsets": offsets, **changes}), {}, 0.0)


def given(*answers: tuple[str, float], said: dict[str, str] | None = None, **changes: object) -> Advice:
    wish = Wish("operations", said=SAID if said is None else said)
    past = history(CBEC, *answers)
    return advice.of_history(CBEC, past, Model("missing"), wish=wish, now=NOW, others=known(**changes))


def test_each_thing_said_stands_beside_what_it_was_found_to_mean() -> None:
    told = oneself.said(given(), TOLD, "en")

    assert [line.what for line in told.lines] == [
        "Selling online so far: more than a year",
        "Areas in which you have had a course: Customs, classification & tax",
        "Areas in which you have had a course: International logistics & warehousing",
    ]
    assert told.lines[0].meaning.startswith("Learners here who said the same: 40.")
    assert told.lines[0].meaning.endswith("they get 65\xa0%.")
    assert told.lines[1].meaning.startswith("Not enough data yet: fewer than 20 learners")
    assert told.day == "26\xa0November\xa02026"


def test_what_it_moves_fades_with_answers_and_is_named() -> None:
    fresh, later = given(), given(*[("practice:cus.duty", 1.0)] * 20)

    assert fresh.moved == pytest.approx(0.6)
    assert later.moved == pytest.approx(0.12)
    assert "65\xa0% of first answers" in oneself.said(fresh, TOLD, "en").moves
    assert "you have given 20 answers" in oneself.said(later, TOLD, "en").moves


def test_where_nothing_is_known_it_moves_nothing_and_says_so() -> None:
    alone = advice.of_history(CBEC, history(CBEC), Model("missing"), wish=Wish("operations", said=SAID), now=NOW)

    assert oneself.said(alone, TOLD, "en").moves == "It moves nothing at the moment."
    assert oneself.said(alone, Background(), "en") == oneself.Said([], "", "")


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_form_offers_every_answer_and_marks_what_was_said(language: str) -> None:
    page = oneself.page(given(), TOLD, fixed=False, language=language)

    assert {field.id for field in (*page.single, *page.several)} == set(background.FIELDS) - {"role"}
    chosen = {field.id: [one.value for one in field.options if one.chosen] for field in (*page.single, *page.several)}
    assert {name: values for name, values in chosen.items() if values} == {
        "experience": ["years"],
        "courses": ["log", "cus"],
    }
    assert [one.value for one in page.roles if one.chosen] == ["operations"]
    assert oneself.page(given(), TOLD, fixed=True, language=language).roles == []


def test_an_area_that_a_catalog_has_lost_is_told_by_its_id() -> None:
    told = oneself.said(given(), Background({"courses": "gone"}, 1), "en")

    assert told.lines[0].what.endswith(": gone")


def test_the_path_begins_elsewhere_and_no_level_moves() -> None:
    answers = [("practice:cus.duty", 1.0)] * 4
    plain, told = given(*answers, said={}), given(*answers)

    assert {name: state.level for name, state in plain.profile.knowledge.items()} == {
        name: state.level for name, state in told.profile.knowledge.items()
    }
    known_before = sum(1 - belief.state[0] for belief in plain.beliefs)
    assert sum(1 - belief.state[0] for belief in told.beliefs) > known_before + 1


def test_a_path_with_many_answers_rests_on_them_alone() -> None:
    answers = [(item, 1.0) for item in list(CBEC.items)[: advice.SEEDED]]

    assert given(*answers).beliefs == given(*answers, said={}).beliefs


def test_a_number_that_rests_on_it_says_so_on_its_page_of_evidence() -> None:
    (one,) = [proof.page(given(), f"{proof.SKILL}cus.duty", "en")]
    (other,) = [proof.page(given(said={}), f"{proof.SKILL}cus.duty", "en")]

    assert one is not None
    assert other is not None
    assert "without what you said of yourself it would be" in one.method
    assert other.method == "Under three answers no estimate is shown."
    level = proof.page(given(*[("practice:cus.duty", 1.0)] * 4), f"{proof.SKILL}cus.duty", "en")
    assert level is not None
    assert "you said" not in level.method


def test_the_profile_says_what_it_takes_from_all_learners_or_how_many_are_missing() -> None:
    items = len(CBEC.items)
    rich = given(
        sloped=44,
        slopes=advice.everybody.ways.Prior(np.zeros(10), np.ones(10)),
        counts=advice.everybody.Counts(np.full(items, 30.0), np.full(items, 20.0)),
        seconds=np.where(np.arange(items) < 3, 60.0, np.nan),
    )
    thin = given()

    def told(one: Advice) -> list[str]:
        return profiling.page(one, [], profiling.Plan(), chosen=profiling.Chosen(), asked="", language="en").others

    assert [words.split(":")[0] for words in told(rich)] == ["Ways of learning", "Where your path begins", "Times"]
    assert "44 learners" in told(rich)[0]
    assert "60 learners" in told(rich)[1]
    assert "of 3 tasks" in told(rich)[2]
    assert ["not enough data yet" in words or "Of no task" in words for words in told(thin)] == [True] * 3
    assert told(advised(CBEC, "operations"))[0].startswith("Nothing yet")


def test_what_others_find_fault_with_comes_later() -> None:
    plain = advice.of_history(CBEC, history(CBEC), Model("missing"), wish=Wish("operations"), now=NOW)
    first = plain.recommendations[0].item
    found = Known(others.learn(CBEC, []), {first: 0.01}, 0.0)
    doubted = advice.of_history(CBEC, history(CBEC), Model("missing"), wish=Wish("operations"), now=NOW, others=found)

    assert first not in {one.item for one in doubted.recommendations}
