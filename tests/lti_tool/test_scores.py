from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool import app as tool_app
from lti_tool import keys, texts
from lti_tool.emit import Emitter
from lti_tool.grades import outbox
from lti_tool.grades.outbox import Status
from lti_tool.pages import scores
from tests.lti_tool import builders, gradebooks, lms
from tests.lti_tool.gradebooks import Office


@dataclass
class Desk:
    """An office with the tool's pages before it."""

    office: Office
    browser: FlaskClient

    def launch(self, person: str = lms.INSTRUCTOR, course: str = "course-1", link: str = "path") -> TestResponse:
        """The page of a launch."""
        return lms.launch(
            self.office.platform,
            self.browser,
            person=person,
            link=link,
            course_=lms.course(self.office.platform, course),
        )

    def post(self, shown: TestResponse, /, where: str = "/lti/scores", **fields: str) -> TestResponse:
        """A form of a page."""
        found = re.search(r'name="bearer" value="([^"]+)"', shown.text)
        assert found
        return self.browser.post(where, data={"bearer": unescape(found[1]), **fields})

    def fail(self, status: str = "400", person: str = lms.LEARNER, given: float = 60.0) -> None:
        """A score that the platform refuses."""
        self.office.platform.fail("scores", status)
        self.office.put(given, self.office.learner(person))
        self.office.run()


@pytest.fixture
def desk(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Desk]:
    with gradebooks.office(tmp_path, tool_key, "moodle", members=3) as office:
        app = tool_app.create_app(
            builders.settings(tmp_path),
            office.storage,
            office.keyring,
            keys=keys.only(tool_key),
            services=office.services,
            emitter=Emitter(lambda _: True),
        )
        office.open()
        yield Desk(office, app.test_client())


def buttons(page: TestResponse) -> list[str]:
    """What the buttons of failed scores send."""
    return re.findall(r'name="score" value="([^"]+)"', page.text)


def test_an_instructor_finds_the_scores_of_the_course(desk: Desk) -> None:
    launched = desk.launch()
    page = desk.post(launched)

    assert "Scores of this course" in launched.text
    assert page.status_code == 200
    assert "No score is stuck" in page.text


def test_a_failed_score_says_why_and_what_to_do(desk: Desk) -> None:
    desk.fail()
    page = desk.post(desk.launch())
    code = desk.office.score().learner[:6]

    assert "Scores that did not arrive: 1" in page.text
    assert code in page.text
    assert desk.office.score().learner not in page.text
    assert "60 of 100" in page.text
    assert "The learner is not enrolled in the course as a learner." in page.text
    assert "Look at the learner’s enrolment" in page.text


def test_no_name_and_no_id_of_the_platform_stands_on_the_page(desk: Desk) -> None:
    desk.fail()
    page = desk.post(desk.launch()).text

    assert lms.user(desk.office.platform) not in re.sub(r'name="bearer" value="[^"]+"', "", page)
    assert "Learner 11391" not in page


def test_a_score_is_sent_again(desk: Desk) -> None:
    desk.fail()
    page = desk.post(desk.launch())
    again = desk.post(page, "/lti/scores/again", score=buttons(page)[0])
    desk.office.run()

    assert "One score is on its way again." in again.text
    assert desk.office.grade() == 60.0


def test_all_scores_are_sent_again(desk: Desk) -> None:
    for person in (lms.LEARNER, lms.LEARNER_2):
        desk.fail(person=person)
    again = desk.post(desk.post(desk.launch()), "/lti/scores/again")
    desk.office.run()

    assert "2 scores are on their way again." in again.text
    assert [desk.office.grade(person) for person in (lms.LEARNER, lms.LEARNER_2)] == [60.0, 60.0]


def test_a_score_that_is_late_is_shown_with_what_stops_it(desk: Desk) -> None:
    desk.office.platform.fail("scores", "503", times=9)
    desk.office.put(60.0)
    desk.office.run(until=lambda: desk.office.score().tries > 0)
    page = desk.post(desk.launch())

    assert "Some scores are late" in page.text
    assert "The learning platform does not answer" in page.text
    assert buttons(page) == []


def test_a_score_of_another_course_does_not_exist_here(desk: Desk) -> None:
    desk.fail()
    (failed,) = desk.office.scores()
    other = desk.launch(course="course-2")

    assert "No score is stuck" in desk.post(other).text
    answer = desk.post(other, "/lti/scores/again", score=failed.id)
    assert answer.status_code == 404
    assert desk.office.score().state == "failed"
    assert desk.post(other, "/lti/scores/again", score="nonsense").status_code == 404


def test_a_learner_sees_no_scores_of_others(desk: Desk) -> None:
    launched = desk.launch(lms.LEARNER)

    assert "Scores of this course" not in launched.text
    assert desk.post(launched).status_code == 403
    assert desk.post(launched, "/lti/scores/again").status_code == 403


def test_an_assistant_sees_them_and_sends_none_again(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with gradebooks.office(tmp_path, tool_key, "spec") as office:
        app = tool_app.create_app(
            builders.settings(tmp_path),
            office.storage,
            office.keyring,
            keys=keys.only(tool_key),
            services=office.services,
            emitter=Emitter(lambda _: True),
        )
        office.open()
        desk = Desk(office, app.test_client())
        desk.fail("403")
        launched = desk.launch(lms.ASSISTANT)
        page = desk.post(launched)

        assert "Scores that did not arrive: 1" in page.text
        assert buttons(page) == []
        assert desk.post(launched, "/lti/scores/again").status_code == 403


def test_the_page_speaks_chinese(desk: Desk) -> None:
    desk.fail()
    page = desk.post(desk.launch(), language="zh")

    assert "有 1 个成绩没有送达" in page.text
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC", page.text)
    assert '<html lang="en">' in desk.post(page, language="en").text


def test_many_failed_scores_come_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "PAGE", 2)
    for number in range(3):
        desk.fail(person=str(100_001 + number))
    launched = desk.launch()
    first, second = desk.post(launched), desk.post(launched, page="1")

    assert [len(buttons(page)) for page in (first, second)] == [2, 1]
    assert set(buttons(first)).isdisjoint(buttons(second))
    assert buttons(desk.post(launched, page="99")) == buttons(second)
    assert buttons(desk.post(launched, page="²")) == buttons(first)


def test_more_scores_than_are_counted_say_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "MOST", 1)
    monkeypatch.setattr(scores, "PAGE", 1)
    desk.office.platform.fail("scores", "503", times=9)
    for person in (lms.LEARNER, lms.LEARNER_2):
        desk.office.put(60.0, desk.office.learner(person))
    desk.office.run(until=lambda: all(score.tries for score in desk.office.scores()))

    assert "1+" in desk.post(desk.launch()).text


def test_late_scores_beyond_the_page_are_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "PAGE", 1)
    desk.office.platform.fail("scores", "503", times=9)
    for person in (lms.LEARNER, lms.LEARNER_2):
        desk.office.put(60.0, desk.office.learner(person))
    desk.office.run(until=lambda: all(score.tries for score in desk.office.scores()))

    assert "And one more." in desk.post(desk.launch()).text


def test_a_failed_score_of_a_link_without_title_and_progress_alone_are_shown(desk: Desk) -> None:
    (score,) = _failed(desk)
    outbox.change(desk.office.storage, score, replace(score, given=None, link=score.link))
    target = desk.office.open()
    document = desk.office.storage.find(_links())[0]
    desk.office.storage.replace(_links(), {**document, "title": ""}, expected=document)
    page = desk.post(desk.launch())

    assert "–" in page.text
    assert target.link.title == "Exam"
    assert "Activity without a title" in page.text


def _failed(desk: Desk) -> list[outbox.Score]:
    desk.fail()
    return desk.office.scores()


def _links() -> object:
    from lti_tool.settings import LINKS

    return LINKS


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("state", outbox.STATES)
def test_a_learner_is_told_in_words(language: str, state: str) -> None:
    found = scores.line(Status(state, 87.5, 100.0, 1_795_000_000.0, ""), language)

    assert found is not None
    assert "87.5" in found.words
    assert "{" not in found.words + found.state


def test_a_learner_without_a_score_is_told_nothing() -> None:
    assert scores.line(None, "en") is None
    assert scores.line(Status("waiting", None, 100.0, 0.0, ""), "en") is None


def test_the_page_has_no_inline_style_or_script(desk: Desk) -> None:
    desk.fail()
    page = desk.post(desk.launch())

    assert re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://", page.text) == []
    assert "script-src" not in page.headers["Content-Security-Policy"]
