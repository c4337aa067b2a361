from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curriculum import catalog as catalogs
from lti_tool import advice, keys
from lti_tool.roster import deeds, standings
from lti_tool.roster.deeds import Course, Deeds, Ledger
from lti_tool.settings import STANDINGS
from recommender import verbs
from tests.lti_tool import lms, rosters
from tests.lti_tool.rosters import Place
from xapi_collector import consent

LINK = "https://tool.example/lti/links/a"
CATALOG = catalogs.load("cbec")
NAME = "practice:cus.duty"
ITEM = CATALOG.items[NAME].activity


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key) as running:
        yield running


def course(**changes: Any) -> Course:
    return replace(Course("c", CATALOG, frozenset([LINK])), **changes)


def of(place: Place, ledger: Ledger | None = None, *people: str, of_: Course | None = None) -> Mapping[str, Deeds]:
    listed = [place.pseudonym(one) for one in people or (lms.LEARNER,)]
    return deeds.of(ledger or Ledger(), place.storage, listed, of_ or course(), now=place.clock())


def keep(place: Place, of_: Course | None = None) -> bool:
    """Make the sums, as the background does."""
    return standings.refresh(place.storage, of_ or course(), place.pseudonym(lms.LEARNER), place.clock())


def answer(place: Place, count: int = 1, **changes: Any) -> None:
    for _ in range(count):
        place.state(lms.LEARNER, verbs.ANSWERED, ITEM, **{"success": True, **changes})


def one(place: Place, ledger: Ledger | None = None) -> Deeds:
    return of(place, ledger)[place.pseudonym(lms.LEARNER)]


def test_who_did_nothing_did_nothing(place: Place) -> None:
    assert one(place) == Deeds()


def test_answers_on_the_catalog_and_launches_of_the_course_count(place: Place) -> None:
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, days_ago=3, success=True)
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, days_ago=1, success=False)
    place.state(lms.LEARNER, verbs.ANSWERED, "https://elsewhere.example/item", success=True)
    place.state(lms.LEARNER, verbs.LAUNCHED, LINK, days_ago=2)
    place.state(lms.LEARNER, verbs.LAUNCHED, "https://tool.example/lti/links/of-another-course")
    place.state(lms.LEARNER_2, verbs.ANSWERED, ITEM, success=True)

    found, now = one(place), place.clock()
    assert found.answers == 2
    assert found.answered is not None
    assert found.launched is not None
    assert abs(now - found.answered / 1e6 - 86_400) < 60
    assert abs(now - found.launched / 1e6 - 2 * 86_400) < 60


def test_the_learner_s_own_page_counts_the_same(place: Place) -> None:
    for _ in range(3):
        place.state(lms.LEARNER, verbs.ANSWERED, ITEM, success=True)
    own = advice.advise(
        place.storage, place.tool.models, CATALOG, place.pseudonym(lms.LEARNER), wish=advice.Wish(), now=place.clock()
    )

    assert one(place).answers == own.answers == 3


def test_what_came_after_the_sums_is_added_to_them(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(place)
    assert keep(place)
    answer(place)
    monkeypatch.setattr(deeds, "INLINE", 0)

    found = one(place)
    assert (found.answers, found.behind) == (2, True)
    assert found.skills["answers"].max() == 1, "levels follow in the background"
    assert keep(place)
    assert (one(place).answers, one(place).behind) == (2, False)
    assert not keep(place)


def test_what_is_too_much_for_a_page_is_on_its_way(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "INLINE", 4)
    monkeypatch.setattr(deeds, "NEWEST", 3)
    ledger = Ledger()
    answer(place, 5)

    assert one(place, ledger) == Deeds(counted=False, behind=True)
    assert list(ledger.wanted) == ["c"]
    keep(place)
    answer(place, 5)
    found = one(place)
    assert (found.answers, found.behind) == (9, True), "as many as a page may read"


def test_one_who_is_too_much_takes_what_was_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "INLINE", 4)
    answer(place, 5)
    place.state(lms.LEARNER_2, verbs.ANSWERED, ITEM, success=True)

    found = of(place, None, lms.LEARNER, lms.LEARNER_2)
    assert [one.counted for one in found.values()] == [False, False]
    assert of(place, None, lms.LEARNER_2)[place.pseudonym(lms.LEARNER_2)].answers == 1


def test_levels_stay_behind_where_everything_else_that_was_done_is_too_much_to_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(place, 2)
    for _ in range(9):
        place.state(lms.LEARNER, verbs.LAUNCHED, LINK)
    keep(place)
    monkeypatch.setattr(deeds, "INLINE", 8)
    answer(place)

    found = one(place)
    assert (found.answers, found.behind) == (3, True)
    assert found.skills["answers"].max() == 2


def test_the_levels_are_those_of_the_learners_own_page(place: Place) -> None:
    for number in range(6):
        answer(place, days_ago=6 - number, success=number > 2)
    own = advice.advise(
        place.storage, place.tool.models, CATALOG, place.pseudonym(lms.LEARNER), wish=advice.Wish(), now=place.clock()
    ).profile.knowledge
    keep(place)
    for found in (
        one(place),
        deeds.make(
            deeds.labels(place.storage, place.pseudonym(lms.LEARNER)), course(), epoch=0, now=place.clock()
        ).deeds,
    ):
        for name, state in own.items():
            stand = found.skills[CATALOG.skill_index[name]]
            assert (stand["answers"], stand["right"]) == (state.answers, state.right)
            if state.level is None:
                assert np.isnan(stand["level"])
            else:
                assert [stand[one] for one in ("level", "low", "high")] == pytest.approx(
                    [state.level, state.low, state.high], abs=1e-3
                )


def test_days_and_rows_of_other_answers_are_kept_apart(place: Place) -> None:
    for days_ago, success in ((9, True), (8, False), (3, False), (3, False), (0, False)):
        answer(place, days_ago=days_ago, success=success)
    skill, item = CATALOG.skill_index[CATALOG.items[NAME].skills[0]], CATALOG.item_index[NAME]
    keep(place)
    found = one(place)

    assert found.days[:, skill].tolist() == [0, 0, 0, 0, 2, 0, 0, 1]
    assert found.runs[item]["count"] == 4
    assert round((place.clock() - found.runs[item]["first"] / 1e6) / 86_400) == 8
    answer(place)
    assert one(place).runs[item]["count"] == 0
    place.clock.offset = 3 * 86_400
    assert one(place).days[:, skill].tolist() == [0, 2, 0, 0, 2, 0, 0, 0]
    place.clock.offset = 30 * 86_400
    assert one(place).days.sum() == 0


def test_sums_of_another_model_catalog_or_link_are_not_used(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(place)
    keep(place)
    monkeypatch.setattr(deeds, "INLINE", 0)

    assert not one(place).behind
    later = of(place, of_=course(model="model:2"))[place.pseudonym(lms.LEARNER)]
    assert (later.answers, later.behind) == (1, True)
    assert not of(place, of_=course(links=frozenset()))[place.pseudonym(lms.LEARNER)].counted
    assert not of(place, of_=course(catalog=catalogs.load("oulad")))[place.pseudonym(lms.LEARNER)].counted


def test_what_others_say_about_a_person_is_not_a_deed_of_theirs(place: Place) -> None:
    account = {"homePage": place.platform.base, "name": lms.LEARNER}
    place.state(lms.INSTRUCTOR, verbs.LAUNCHED, {"objectType": "Agent", "account": account})
    place.state(lms.INSTRUCTOR, verbs.ANSWERED, ITEM, by={"member": [{"account": account}]}, success=True)

    assert one(place) == Deeds()


def test_an_older_answer_that_comes_late_does_not_turn_time_back(place: Place) -> None:
    answer(place, days_ago=1)
    keep(place)
    before = one(place)
    answer(place, days_ago=9)

    assert (one(place).answers, one(place).answered) == (2, before.answered)


def test_what_is_erased_is_not_remembered(place: Place) -> None:
    answer(place)
    keep(place)
    place.storage.statements.remove([place.storage.statements.last()])
    place.storage.statements.forget([])

    assert one(place) == Deeds()


def test_everybody_begins_anew_within_an_hour_but_not_at_once(place: Place) -> None:
    spread = {deeds.spread(f"person-{number}") for number in range(50)}
    assert len(spread) == 50
    assert all(0.5 <= one < 1 for one in spread)

    answer(place, 2)
    keep(place)
    place.storage.statements.remove([place.storage.statements.last()])
    assert one(place).answers == 2
    place.clock.offset = deeds.LIFETIME
    assert one(place).answers == 1


def test_who_keeps_it_to_themselves_is_not_counted_and_their_sums_go(place: Place) -> None:
    answer(place)
    keep(place)
    person = place.pseudonym(lms.LEARNER)
    consent.say(place.storage, {person: ""}, consent.ANALYTICS, consent.DENY, lambda: 1)

    assert one(place) == Deeds(shared=False)
    assert of(place, None, lms.LEARNER_2) == {place.pseudonym(lms.LEARNER_2): Deeds()}
    assert keep(place)
    assert place.storage.find(STANDINGS, {}) == []
    assert not keep(place)
