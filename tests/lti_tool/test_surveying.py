"""The class pages about what is taught, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from lti_tool import keys, votes
from lti_tool.roster import sync
from recommender import verbs
from tests.lti_tool import lms, rosters
from tests.lti_tool.briefed import CATALOG
from tests.lti_tool.rosters import Place

ITEM = CATALOG.items["practice:cus.duty"]


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    def links(raw: dict[str, object]) -> None:
        rosters.class_link(raw)
        rosters.practises(raw)

    with rosters.place(tmp_path, tool_key, change=links) as running:
        sync.read(running.reader, running.course())
        yield running


def test_an_instructor_sees_what_a_goal_asks_for_beside_the_class(place: Place) -> None:
    for _ in range(3):
        place.state(lms.LEARNER, verbs.ANSWERED, ITEM.activity, success=False)
    page = place.launch(lms.INSTRUCTOR, link="class")
    text = unescape(place.post(page, "/lti/class/demand", role="logistics").text)

    assert f"{CATALOG.roles['logistics'].name['en']}: where the class stands" in text
    assert "Compute import duty" in text.split("All ", maxsplit=1)[0], "somebody is below in it"
    assert "班级差距" in place.post(page, "/lti/class/demand", language="zh").text


def test_an_instructor_sees_what_learners_say_of_steps_and_may_hide_one(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, link="class")
    votes.say(place.storage, (place.pseudonym(lms.LEARNER), "cbec", ITEM.id), "mistake", 1.0)
    votes.say(place.storage, ("of another course", "cbec", ITEM.id), "mistake", 1.0)
    answer = place.post(page, "/lti/class/steps")
    text = unescape(answer.text)

    assert 'data-label="There is a mistake">1<' in text
    assert "has not been counted yet" in text
    assert 'name="skill" value="cus.duty"' in text
    hidden = place.post(answer, "/lti/class/guide", kind="hide", skill="cus.duty")
    assert "Compute import duty" in unescape(hidden.text).split('id="guide"')[1]
    assert "学习者的评价" in place.post(page, "/lti/class/steps", language="zh").text


def test_a_learner_sees_neither(place: Place) -> None:
    page = place.launch(lms.LEARNER)

    assert place.post(page, "/lti/class/demand").status_code == 403
    assert place.post(page, "/lti/class/steps").status_code == 403
