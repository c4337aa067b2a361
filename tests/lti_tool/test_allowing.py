"""The page of extra time: whoever teaches settles it, for learners of this class alone, and nobody else sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from lti_tool import allowances, courses, keys
from lti_tool.courses import Course
from lti_tool.pages import allowing, classroom
from lti_tool.roster import sync
from tests.lti_tool import builders, lms, rosters
from tests.lti_tool.rosters import Place

PATH = "/lti/class/time"


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    def change(raw: dict[str, object]) -> None:
        rosters.class_link(raw)
        rosters.practises(raw)

    with rosters.place(tmp_path, tool_key, change=change) as running:
        yield running


def course(place: Place) -> Course:
    (found,) = [one for one in courses.every(place.storage) if one.context == lms.course(place.platform).context]
    return found


def opened(place: Place, person: str = lms.INSTRUCTOR) -> builders.TestResponse:
    page = place.launch(person, "class")
    sync.read(place.reader, course(place))
    return page


def fields(page: builders.TestResponse) -> list[tuple[str, str]]:
    """Each learner's field and what it says."""
    found = re.findall(r'name="(extra:[^"]+)">(.*?)</select>', page.text, re.DOTALL)
    return [(name, one[1]) for name, options in found if (one := re.search(r'value="([^"]+)" selected', options))]


def test_whoever_teaches_gives_extra_time_and_takes_it_back(place: Place) -> None:
    page = place.post(opened(place), PATH)
    (name, value), *others = fields(page)
    assert (value, {one for _, one in others} <= {"1"}) == ("1", True)
    assert "0 learners have extra time" in unescape(page.text)

    kept = place.post(page, PATH, act="keep", **{name: "1.5"})
    assert "Kept: changed for 1 learner." in kept.text
    assert "1 learner has extra time" in kept.text
    assert dict(fields(kept))[name] == "1.5"
    assert list(allowances.of_course(place.storage, course(place).course).values()) == [1.5]

    back = place.post(kept, PATH, act="keep", **dict(fields(kept)) | {name: "1"})
    assert "Kept: changed for 1 learner." in back.text
    assert allowances.of_course(place.storage, course(place).course) == {}
    assert "Kept: changed for 0 learners." in place.post(back, PATH, act="keep", **dict(fields(back))).text


def test_names_are_shown_where_they_are_asked_for(place: Place) -> None:
    page = place.post(opened(place), PATH, names="1", language="zh")

    assert lms.LEARNER.split()[0] in page.text or "姓名" in page.text
    assert "考试延长时间" in page.text


def test_nobody_but_a_learner_of_the_class_gets_any(place: Place) -> None:
    page = place.post(opened(place), PATH)
    stranger = f"extra:{'x' * classroom.ID}"
    teacher = f"extra:{place.pseudonym(lms.INSTRUCTOR)[: classroom.ID]}"

    kept = place.post(page, PATH, act="keep", **{stranger: "2", teacher: "2", fields(page)[0][0]: "9"})

    assert "Kept: changed for 0 learners." in kept.text
    assert allowances.of_course(place.storage, course(place).course) == {}


@pytest.mark.parametrize("person", [lms.LEARNER, lms.ASSISTANT])
def test_nobody_else_may(place: Place, person: str) -> None:
    opened(place)
    page = place.launch(person)

    assert place.post(page, PATH).status_code == 403


def test_the_list_of_learners_leads_there(place: Place) -> None:
    page = place.post(opened(place), "/lti/class/learners")
    helper = place.post(place.launch(lms.ASSISTANT, "class"), "/lti/class/learners")

    assert f'action="{PATH}"' in page.text
    assert f'action="{PATH}"' not in helper.text


def test_extra_time_of_pseudonyms_that_rotate_is_the_larger_one(place: Place) -> None:
    allowances.settle(place.storage, "c", "old", 1.25)
    allowances.settle(place.storage, "c", "new", 2.0)
    allowances.settle(place.storage, "c", "new", 2.0)
    allowances.settle(place.storage, "c", "nobody", 1.0)

    assert allowances.of(place.storage, "c", ["new", "old"]) == 2.0
    assert allowances.of(place.storage, "c", ["other"]) == 1.0
    assert allowing.words(2.0, "en") == "+100\N{NO-BREAK SPACE}%"
