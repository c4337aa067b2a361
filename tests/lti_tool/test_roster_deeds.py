from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from curriculum import catalog as catalogs
from lti_tool import advice, keys
from lti_tool.roster import deeds
from lti_tool.roster.deeds import Deeds, Ledger
from recommender import verbs
from tests.lti_tool import lms, rosters
from tests.lti_tool.rosters import Place
from xapi_collector import consent

LINK = "https://tool.example/lti/links/a"
CATALOG = catalogs.load("cbec")
ITEM = next(iter(CATALOG.items.values())).activity


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key) as running:
        yield running


def of(place: Place, ledger: Ledger | None = None, *people: str) -> Mapping[str, Deeds]:
    return deeds.of(
        ledger or Ledger(),
        place.storage,
        [place.pseudonym(one) for one in people or (lms.LEARNER,)],
        catalog=CATALOG,
        course="c",
        activities=[LINK],
        now=place.clock(),
    )


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


def test_only_what_is_new_is_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger()
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, success=True)
    one(place, ledger)
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, success=True)
    read: list[int] = []
    add = deeds._add
    monkeypatch.setattr(
        deeds, "_add", lambda before, fresh, *rest: read.append(len(fresh)) or add(before, fresh, *rest)
    )

    assert one(place, ledger).answers == 2
    assert one(place, ledger).answers == 2
    assert read == [1]


def test_what_others_say_about_a_person_is_not_a_deed_of_theirs(place: Place) -> None:
    account = {"homePage": place.platform.base, "name": lms.LEARNER}
    place.state(lms.INSTRUCTOR, verbs.LAUNCHED, {"objectType": "Agent", "account": account})

    assert one(place) == Deeds()


def test_an_older_answer_that_comes_late_does_not_turn_time_back(place: Place) -> None:
    ledger = Ledger()
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, days_ago=1, success=True)
    before = one(place, ledger)
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, days_ago=9, success=True)

    assert (one(place, ledger).answers, one(place, ledger).answered) == (2, before.answered)


def test_what_is_erased_is_not_remembered(place: Place) -> None:
    ledger = Ledger()
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, success=True)
    one(place, ledger)
    place.storage.statements.remove([place.storage.statements.last()])
    place.storage.statements.forget([])

    assert one(place, ledger) == Deeds()


def test_everybody_begins_anew_within_an_hour_but_not_at_once(place: Place) -> None:
    spread = {deeds._spread(f"person-{number}") for number in range(50)}
    assert len(spread) == 50
    assert all(0.5 <= one < 1 for one in spread)

    ledger = Ledger()
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, success=True)
    one(place, ledger)
    place.storage.statements.remove([place.storage.statements.last()])
    assert one(place, ledger).answers == 1
    place.clock.offset = deeds.LIFETIME
    assert one(place, ledger).answers == 0


def test_who_keeps_it_to_themselves_is_not_counted(place: Place) -> None:
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, success=True)
    person = place.pseudonym(lms.LEARNER)
    consent.say(place.storage, {person: ""}, consent.ANALYTICS, consent.DENY, lambda: 1)

    assert one(place) == Deeds(shared=False)
    assert of(place, None, lms.LEARNER_2) == {place.pseudonym(lms.LEARNER_2): Deeds()}


def test_the_sums_of_a_process_are_bounded(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "MOST", 2)
    ledger = Ledger()
    for person in (lms.LEARNER, lms.LEARNER_2, lms.INSTRUCTOR):
        of(place, ledger, person)

    assert len(ledger.sums) == 2
    assert place.pseudonym(lms.LEARNER) not in {key[-1] for key in ledger.sums}
