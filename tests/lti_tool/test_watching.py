"""A video on a page: what its script reports becomes statements, and these become a watched share."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from hypothesis import given, settings, strategies
from werkzeug.test import TestResponse

from curriculum import videos
from lti_tool import editions, viewings
from lti_tool.editions import Edit
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench
from tests.lti_tool.test_learning import field, opened, post, sent

URL = "https://media.example.edu/duty.mp4"
RAW: dict[str, Any] = {
    "id": "duty",
    "url": URL,
    "name": {"en": "Duty in five minutes", "zh": "五分钟看懂关税"},
    "skills": ["cus.duty"],
    "seconds": 300,
    "languages": ["en"],
    "licence": "own",
    "enough": 0.8,
}
SESSION = str(uuid.UUID(int=7))
EXTENSION = "https://w3id.org/xapi/video/extensions/"


@pytest.fixture
def page(bench: Bench) -> TestResponse:
    declare(bench, RAW, {**RAW, "id": "far", "url": "https://videos.example/watch?v=1"})
    return opened(bench)


def declare(bench: Bench, *raw: dict[str, Any]) -> None:
    edit = Edit("e", "video.put", raw[0]["id"], {"videos": list(raw)})
    editions.enter(
        bench.storage, "cbec", (edit,), kind=editions.VIDEO, why="", by="b", id_="c", now=bench.clock()
    )  # fmt: skip
    bench.clock.offset += 2  # a process takes a version for the newest for a second


def report(bench: Bench, page: TestResponse, *acts: dict[str, Any], **fields: str) -> TestResponse:
    sent_ = {"video": "duty", "session": SESSION, "acts": json.dumps(list(acts)), **fields}
    return bench.client().post("/lti/watched", data={"bearer": field(page, "bearer"), **sent_})


ACTS = (
    {"act": "played", "ago": 200_000, "time": 0},
    {"act": "seeked", "ago": 140_000, "time": 180, "left": 60, "parts": "0[.]60"},
    {"act": "paused", "ago": 20_000, "time": 300, "parts": "0[.]60[,]180[.]300"},
)


def test_what_is_reported_becomes_statements_of_the_profile_and_a_watched_share(
    bench: Bench, page: TestResponse
) -> None:
    before = post(bench, "watch", page, video="duty", skill="cus.duty")
    answer = report(bench, before, *ACTS)
    told = [sent(bench, verb, 1)[0] for verb in (verbs.PLAYED, verbs.SEEKED, verbs.PAUSED)]
    builders.stored(bench, told)
    after = post(bench, "watch", page, video="duty")
    profile = post(bench, "profile", page)

    assert "watched</p>" not in before.text
    assert (answer.status_code, "watched" in answer.text) == (200, False)
    assert {one["object"]["id"] for one in told} == {URL}
    assert told[1]["result"]["extensions"] == {
        f"{EXTENSION}time-from": 60.0,
        f"{EXTENSION}time-to": 180.0,
        f"{EXTENSION}progress": 0.2,
        f"{EXTENSION}played-segments": "0[.]60",
    }
    assert told[2]["result"]["extensions"][f"{EXTENSION}progress"] == 0.6
    assert told[0]["context"]["extensions"][f"{EXTENSION}session-id"] == SESSION
    assert "60\xa0% watched" in after.text
    assert "60\xa0% watched" in profile.text
    assert "badge done" not in after.text.partition('id="seen"')[2].partition("</section>")[0]


def test_a_report_is_answered_by_a_bearer_that_goes_on(bench: Bench, page: TestResponse) -> None:
    bench.clock.offset += 3500
    answer = report(bench, page, ACTS[0])
    bench.clock.offset += 200
    again = bench.client().post(
        "/lti/watched", data={"bearer": answer.text, "video": "duty", "session": SESSION, "acts": "[]"}
    )

    assert again.status_code == 200


def test_what_is_watched_to_the_declared_share_is_watched_and_completed(bench: Bench, page: TestResponse) -> None:
    report(
        bench, page, {"act": "played", "ago": 300_000, "time": 0},
        {"act": "completed", "ago": 0, "time": 270, "parts": "0[.]270"},
    )  # fmt: skip
    (done,) = sent(bench, verbs.COMPLETED, 1)
    builders.stored(bench, [*sent(bench, verbs.PLAYED, 1), done])
    lesson = post(bench, "lesson", page, skill="cus.duty")

    assert done["result"]["completion"]
    assert "90\xa0% watched" in lesson.text
    assert lesson.text.count('<span class="badge done">watched</span>') == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"video": "none"},
        {"session": "me@example.org"},
        {"acts": "["},
        {"acts": "{}"},
        {"acts": "[" * 4000},
        {"acts": json.dumps([{"act": "played"}])},
        {"acts": json.dumps([{"act": "attended", "time": 1}])},
        {"acts": json.dumps(["played"])},
        {"acts": json.dumps([{"act": "played", "time": True}])},
        {"acts": json.dumps([ACTS[0]]) + " " * viewings.LARGEST},
    ],
)
def test_a_report_that_is_none_tells_nothing(bench: Bench, page: TestResponse, fields: dict[str, str]) -> None:
    answer = report(bench, page, ACTS[0], **fields)

    assert answer.status_code == 200
    assert [one for one in bench.sent if one["verb"]["id"] in viewings.ACTS.values()] == []


def test_whoever_teaches_watches_without_being_recorded(bench: Bench, page: TestResponse) -> None:
    teacher = builders.launched(bench, roles=[INSTRUCTOR], custom={"catalog": "cbec"})
    shown = post(bench, "watch", teacher, video="duty")
    report(bench, teacher, ACTS[0])
    post(bench, "watch", teacher, video="duty", act="seen")

    assert "data-report" not in shown.text
    watched = {*viewings.ACTS.values(), verbs.READ}
    assert [one for one in bench.sent if one["verb"]["id"] in watched] == []


def test_the_page_may_load_the_video_from_its_host_and_nothing_else(bench: Bench, page: TestResponse) -> None:
    here, there = (post(bench, "watch", page, video=name) for name in ("duty", "far"))
    policy = here.headers["Content-Security-Policy"]

    assert "media-src https://media.example.edu;" in policy
    assert "connect-src 'self'" in policy
    assert "<script src=" in here.text
    assert "media-src" not in there.headers["Content-Security-Policy"]
    assert "<video" not in there.text
    assert 'href="https://videos.example/watch?v=1"' in there.text


def test_a_learner_says_that_they_watched_what_no_player_tells(bench: Bench, page: TestResponse) -> None:
    answer = post(bench, "watch", page, video="far", act="seen")
    (told,) = sent(bench, verbs.READ, 1)

    assert "you say that you watched it" in answer.text
    assert told["object"]["id"] == "https://videos.example/watch?v=1"
    assert post(bench, "watch", page, video="none").status_code == 404


@given(acts=strategies.text(max_size=60) | strategies.recursive(
    strategies.none() | strategies.integers() | strategies.floats() | strategies.sampled_from([*viewings.ACTS, "x"]),
    lambda inner: strategies.lists(inner, max_size=4) | strategies.dictionaries(
        strategies.sampled_from(["act", "ago", "time", "left", "parts"]), inner
    ),
    max_leaves=12,
).map(json.dumps))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_whatever_is_reported_is_read_as_numbers(acts: str) -> None:
    video = videos.of(RAW)
    for one in viewings.read(acts):
        assert one.name in viewings.ACTS
        assert 0 <= one.time <= 1e9
        assert 0 <= one.before <= viewings.LONG_AGO
        assert re.fullmatch(r"[a-z]+", one.name)
    assert video.plays
