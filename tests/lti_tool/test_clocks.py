"""When an exam ends: deadlines, extra time, the page, and the worker that ends what nobody came back to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from curriculum.practice import answers as written
from lti_tool import allowances, clocks, practised, workers
from lti_tool import learner as learners
from lti_tool.attempts import Attempt
from lti_tool.clocks import Clock
from lti_tool.hours import ALLOWANCES, CLOCKS
from lti_tool.learner import Learner
from lti_tool.settings import ATTEMPTS
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse
from tests.lti_tool.test_practising import go, graded, kept, opened, scores, task, told
from xapi_collector import agents

FLOW = {"catalog": "cbec", "activity": "exam", "exam": "flow"}
MINUTES = 120 * 60
PERSON = Learner("https://lms", "client", "1", "7", ("learner",), "", "course", "link", "cbec", "", "exam", "flow", "")


def words(page: TestResponse) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page.text))


def right(bench: Bench) -> str:
    step = task(bench).questions[len(kept(bench)["answers"])].step
    return written.sent(step.right, step)


def left(page: TestResponse) -> int:
    """Seconds that a page says to be left."""
    found = re.search(r'data-left="([0-9]+)"', page.text)
    assert found is not None
    return int(found[1])


def test_a_page_of_a_timed_exam_lasts_as_long_as_the_exam_and_any_other_an_hour(bench: Bench) -> None:
    timed = opened(bench, FLOW)
    answer = right(bench)
    plain = opened(bench, {**FLOW, "exam": "short"}, sub="22222")
    bench.clock.offset = MINUTES + 5

    assert builders.heading(go(bench, timed, act="answer", answer=answer)) == "1 of 40 answers right"
    assert go(bench, plain, act="open").status_code == 403


def late(bench: Bench, seconds: float) -> TestResponse:
    """A page that was made just before the end, and is answered so many seconds after it."""
    bench.clock.offset = MINUTES - 60
    page = graded(bench, FLOW)
    bench.clock.offset = MINUTES + seconds
    return page


def moment(bench: Bench, seconds: float) -> str:
    return datetime.fromtimestamp(bench.clock() + seconds, UTC).isoformat()


# Pure.


def attempt(**changes: float) -> Attempt:
    values = {"begun": 100.0, "since": 100.0, **changes}
    return Attempt("exam:flow", 1, 1, "2026-11-26", "m", 40, (), **values)  # type: ignore[arg-type]  # numbers alone


@pytest.mark.parametrize(
    ("limit", "factor", "closes", "ends"),
    [(60.0, 1.0, 0.0, 160.0), (60.0, 2.0, 0.0, 220.0), (60.0, 2.0, 130.0, 130.0), (0.0, 2.0, 0.0, 0.0), (0, 1, 90, 90)],
)
def test_the_deadline_is_the_limit_stretched_or_what_the_platform_says(
    limit: float, factor: float, closes: float, ends: float
) -> None:
    made = clocks.timed(attempt(), limit, factor, closes)

    assert made.deadline == ends
    assert clocks.over(made, ends) is False
    assert clocks.over(made, ends + 0.1) is (ends > 0)
    assert clocks.over(made, ends + 20, clocks.GRACE) is False


def test_what_is_left_is_never_less_than_nothing_and_extra_time_is_known_again() -> None:
    made = clocks.timed(attempt(), 60.0, 1.5, 0.0)

    assert (clocks.left(made, 100.0), clocks.left(made, 500.0)) == (90, 0)
    assert clocks.stretched(made) == 1.5
    assert clocks.stretched(clocks.timed(attempt(), 60.0, 1.5, 110.0)) == 1.0
    assert clocks.stretched(attempt()) == 1.0


@pytest.mark.parametrize(
    ("sent", "at"),
    [
        ("2026-11-26T12:00:00Z", 1795694400.0),
        ("2026-11-26T13:00:00+01:00", 1795694400.0),
        ("2026-11-26T12:00:00", 1795694400.0),
        ("$ResourceLink.submission.endDateTime", 0.0),
        ("0001-01-01T00:00:00+23:59", 0.0),
        ("", 0.0),
    ],
)
def test_a_time_of_the_platform_is_read_where_it_is_one(sent: str, at: float) -> None:
    assert learners.moment(sent) == at


# The page.


def test_the_exam_of_the_flow_shows_its_time_and_a_page_loaded_again_keeps_the_clock(bench: Bench) -> None:
    page = opened(bench, FLOW)
    assert "Time left" in words(page)
    assert left(page) == pytest.approx(MINUTES, abs=9)
    assert "119 min" in words(page) or "120 min" in words(page)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]

    bench.clock.offset = 600
    again = opened(bench, FLOW)
    assert left(again) == pytest.approx(MINUTES - 600, abs=9)
    assert kept(bench)["deadline"] == pytest.approx(kept(bench)["begun"] + MINUTES)


def test_an_untimed_exam_has_no_clock_and_no_script(bench: Bench) -> None:
    page = opened(bench, {**FLOW, "timed": "no"})

    assert "Time left" not in words(page)
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert bench.storage.find(CLOCKS, {}) == []


def test_any_exam_is_timed_where_its_link_says_so(bench: Bench) -> None:
    page = opened(bench, {**FLOW, "exam": "short", "timed": "yes"})

    assert left(page) == pytest.approx(50 * 60, abs=9)


def test_an_answer_that_was_on_its_way_counts_and_then_the_exam_is_over(bench: Bench) -> None:
    graded(bench, FLOW)
    page = late(bench, 15)
    page = go(bench, page, act="answer", answer=right(bench))

    assert "The time was over before the last question." in words(page)
    assert builders.heading(page) == "1 of 40 answers right"
    assert [one["right"] for one in kept(bench)["answers"]] == [True]


def test_an_answer_after_the_grace_is_refused_and_what_was_answered_counts(bench: Bench) -> None:
    page = graded(bench, FLOW)
    go(bench, page, act="answer", answer=right(bench))
    page = late(bench, 40)
    page = go(bench, page, act="answer", answer=right(bench))

    assert builders.heading(page) == "1 of 40 answers right"
    assert "not reached" in words(page)
    assert len(kept(bench)["answers"]) == 1
    assert kept(bench)["finished"] == kept(bench)["deadline"]
    assert [(one["given"], one["maximum"]) for one in scores(bench)] == [(1.0, 40.0)]


def test_what_is_told_of_an_exam_that_ended_by_itself_is_what_was_answered(bench: Bench) -> None:
    go(bench, opened(bench, FLOW), act="answer", answer="")
    page = opened(bench, FLOW)
    go(bench, page, act="answer", answer=right(bench))
    bench.clock.offset = MINUTES + 60
    opened(bench, FLOW)
    sent = [one for one in told(bench, 5) if one["verb"]["id"] in {verbs.ANSWERED, verbs.COMPLETED}]

    assert [one["verb"]["id"] for one in sent] == [verbs.ANSWERED, verbs.COMPLETED]
    assert sent[1]["result"]["score"] == {"scaled": 0.025, "raw": 1, "min": 0, "max": 40}


def test_a_preview_has_the_clock_and_no_record(bench: Bench) -> None:
    page = opened(bench, {**FLOW, "exam": "short", "timed": "yes"}, roles=[INSTRUCTOR])
    bench.clock.offset = 50 * 60 + 9

    assert "Time left" in words(page)
    assert "The time was over" in words(go(bench, page, act="open"))
    assert bench.storage.find(CLOCKS, {}) == []
    assert bench.storage.find(ATTEMPTS, {}) == []


def test_what_the_platform_closes_ends_earlier_and_is_not_opened_after(bench: Bench) -> None:
    custom = {**FLOW, "closes": moment(bench, 600), "ends": moment(bench, 900)}
    opened(bench, custom)
    assert kept(bench)["deadline"] == pytest.approx(kept(bench)["begun"] + 600, abs=2)

    late = opened(bench, {**custom, "closes": moment(bench, -5)}, sub="22222")
    assert late.status_code == 403
    assert "This activity is closed" in words(late)


# Extra time.


def pseudonym(bench: Bench, sub: str = "11391") -> str:
    agent = {"objectType": "Agent", "account": {"homePage": bench.issuer.iss, "name": sub}}
    return agents.pseudonym(agent, bench.keyring.pseudonym_key)


def course(bench: Bench) -> str:
    return learners.key(bench.issuer.iss, "client-a", "1", "context", "course-1")


def test_extra_time_of_the_course_or_of_the_link_stretches_the_limit(bench: Bench) -> None:
    allowances.settle(bench.storage, course(bench), pseudonym(bench), 1.5)
    page = opened(bench, FLOW)
    other = opened(bench, {**FLOW, "extra": "2"}, sub="22222")

    assert left(page) == pytest.approx(1.5 * MINUTES, abs=9)
    assert "1.5 times the usual" in words(page)
    assert left(other) == pytest.approx(2 * MINUTES, abs=9)


def test_extra_time_holds_for_an_exam_that_runs_and_can_be_taken_back(bench: Bench) -> None:
    opened(bench, FLOW)
    tool = bench.app.extensions["lti_tool"]

    practised.extend(tool, pseudonym(bench), course(bench), 2.0)
    assert kept(bench)["deadline"] == pytest.approx(kept(bench)["begun"] + 2 * MINUTES)
    practised.extend(tool, pseudonym(bench), "another course", 1.25)
    assert kept(bench)["deadline"] == pytest.approx(kept(bench)["begun"] + 2 * MINUTES)

    practised.extend(tool, pseudonym(bench), course(bench), 1.0)
    assert kept(bench)["deadline"] == pytest.approx(kept(bench)["begun"] + MINUTES)
    assert bench.storage.find(ALLOWANCES, {"course": course(bench)}) == []


def test_extra_time_leaves_an_exam_that_is_over_as_it_is(bench: Bench) -> None:
    opened(bench, FLOW)
    bench.clock.offset = MINUTES + 40
    opened(bench, FLOW)
    ended = kept(bench)

    practised.extend(bench.app.extensions["lti_tool"], pseudonym(bench), course(bench), 2.0)

    assert kept(bench) == ended


# Nobody is there.


def end_exams(bench: Bench) -> None:
    """One turn of the worker."""
    (job,) = (one for one in workers.jobs(bench.app.extensions["lti_tool"], lambda: 0.5) if one.name == "exams")
    assert job.step() is False


def test_an_exam_that_nobody_came_back_to_is_ended_told_and_scored_once(bench: Bench) -> None:
    page = graded(bench, FLOW)
    go(bench, page, act="answer", answer=right(bench))
    bench.clock.offset = MINUTES + 15
    end_exams(bench)
    assert kept(bench)["finished"] == 0

    bench.clock.offset = MINUTES + 40
    end_exams(bench)
    end_exams(bench)

    assert kept(bench)["finished"] == kept(bench)["deadline"]
    assert [(one["given"], one["maximum"]) for one in scores(bench)] == [(1.0, 40.0)]
    assert [one["verb"]["display"]["en"] for one in told(bench, 5, around=True)] == [
        "launched",
        "initialized",
        "answered",
        "completed",
        "scored",
    ]
    assert bench.storage.find(CLOCKS, {}) == []


def test_a_clock_says_nothing_of_who_it_is_for_and_goes_when_the_exam_is_over(bench: Bench) -> None:
    page = opened(bench, FLOW)
    (document,) = bench.storage.find(CLOCKS, {})
    assert "11391" not in str(document)
    assert bench.issuer.iss not in str(document)

    for _ in range(40):
        page = go(bench, page, act="unknown")
    end_exams(bench)

    assert "40 questions" not in builders.heading(page)
    assert bench.storage.find(CLOCKS, {}) == []


def test_a_clock_of_an_attempt_that_is_gone_or_of_lost_keys_ends_without_a_word(bench: Bench) -> None:
    opened(bench, FLOW)
    bench.storage.delete(ATTEMPTS, tuple(kept(bench)[name] for name in ("learner", "link", "activity")))
    end_exams(bench)
    assert bench.storage.find(CLOCKS, {}) == []

    clock = clocks.of_person(PERSON, "zh", "exam:flow", bench.keyring)
    clocks.start(bench.storage, bench.keyring, clock)
    assert list(clocks.running(bench.storage, bench.keyring)) == [clock]
    bench.storage.replace(
        CLOCKS,
        {"learner": clock.learner, "link": clock.link, "activity": clock.activity, "sealed": "AAAA"},
        expected=bench.storage.find(CLOCKS, {})[0],
    )
    assert list(clocks.running(bench.storage, bench.keyring)) == []
    assert bench.storage.find(CLOCKS, {}) == []


def test_a_clock_that_runs_already_stays(bench: Bench) -> None:
    first = clocks.of_person(PERSON, "en", "exam:flow", bench.keyring)
    second = Clock(first.person, "zh", first.learner, first.link, first.activity)
    clocks.start(bench.storage, bench.keyring, first)
    clocks.start(bench.storage, bench.keyring, second)

    assert [one.language for one in clocks.running(bench.storage, bench.keyring)] == ["en"]


def test_a_learner_whose_clock_was_lost_has_one_at_the_next_page(bench: Bench) -> None:
    page = opened(bench, FLOW)
    (clock,) = clocks.running(bench.storage, bench.keyring)
    clocks.stop(bench.storage, clock)

    go(bench, page, act="open")

    assert list(clocks.running(bench.storage, bench.keyring)) == [clock]


def test_ending_what_is_not_there_is_nothing(bench: Bench) -> None:
    tool = bench.app.extensions["lti_tool"]
    shelf = practised.Kept(bench.storage, ["nobody"], "link", "exam:flow")

    assert practised.end(practised.Absent(tool, PERSON, "en", "exam:flow", shelf), 1.0) is None


def test_a_score_that_a_crash_held_back_is_handed_over_by_the_worker(bench: Bench) -> None:
    page = graded(bench, FLOW)
    go(bench, page, act="answer", answer=right(bench))
    there = kept(bench)
    bench.storage.replace(ATTEMPTS, {**there, "finished": there["deadline"]}, expected=there)
    end_exams(bench)
    end_exams(bench)

    assert [(one["given"], one["maximum"]) for one in scores(bench)] == [(1.0, 40.0)]
    assert kept(bench)["scored"] is True
