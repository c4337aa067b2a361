"""Moodle's plugin logstore_xapi works as it is: what it sends is taken, and what it makes of our answers is right."""

import copy
import json

import pytest

from tests.xapi_collector import moodle
from tests.xapi_collector.moodle import EVENTS, Plugin
from xapi_collector import statements


def broken(kind="course viewed"):
    """An event whose statement has a verb that is no IRI."""
    event = copy.deepcopy(EVENTS[kind])
    event[0]["verb"]["id"] = "viewed"
    return event


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_of_each_kind_comes_back_as_it_was_sent(lrs, kind):
    plugin = Plugin(lrs)
    plugin.load([EVENTS[kind]])
    found = lrs.get(ascending="true").json["statements"]

    assert (plugin.sent, plugin.failed) == ([200], [])
    assert [{name: each[name] for name in sent} for each, sent in zip(found, EVENTS[kind], strict=True)] == EVENTS[kind]


def test_a_batch_of_thirty_events_is_one_request(lrs):
    events = [[*EVENTS.values()][number % len(EVENTS)] for number in range(30)]
    plugin = Plugin(lrs)
    plugin.load(events)

    assert plugin.sent == [200]
    assert len(lrs.ids(limit="100")) == sum(len(event) for event in events)


def test_a_quiz_is_found_with_its_answers_and_scores(lrs):
    Plugin(lrs).load([EVENTS["quiz attempt submitted"]])
    learner = {"account": {"homePage": moodle.SITE, "name": "5"}}
    labels = [*statements.labels(lrs.storage, purpose="service")]

    assert len(lrs.ids(agent=learner, verb="http://adlnet.gov/expapi/verbs/answered")) == 3
    assert len(lrs.ids(activity=moodle.QUIZ["id"], related_activities="true")) == 4
    assert [label.score for label in labels] == [0.6667, 1.0, 1.0, 0.0]


def test_a_batch_with_bad_statements_names_each_of_them(lrs):
    events = [EVENTS["enrolment"], broken(), EVENTS["quiz attempt submitted"], broken("forum post")]
    plugin = Plugin(lrs, resend=False)
    plugin.load(events)
    problem = json.loads(plugin.failed[0][1])

    assert plugin.sent == [400]
    assert lrs.ids() == []
    assert [(each["index"], each["path"], each["rule"]) for each in problem["errors"]] == [
        (1, "$[1].verb.id", "XAPI-00044"),
        (6, "$[6].verb.id", "XAPI-00044"),
    ]


def test_the_plugin_gives_up_just_the_bad_events_and_knows_why(lrs):
    bad = [broken(), broken("forum post")]
    good = [event for event in EVENTS.values() for _ in range(2)]
    plugin = Plugin(lrs)
    plugin.load([*good[:7], bad[0], *good[7:19], bad[1], *good[19:]])

    assert set(plugin.sent) == {200, 400}
    assert [event for event, _ in plugin.failed] == bad
    assert ["viewed" not in text and "XAPI-00044" in text for _, text in plugin.failed] == [True, True]
    assert len(lrs.ids(limit="100")) == sum(len(event) for event in good)


def test_thirty_long_quizzes_arrive_though_they_are_too_many_for_one_request(quick):
    quiz = [statement for _ in range(6) for statement in EVENTS["quiz attempt submitted"]]
    plugin = Plugin(quick)
    plugin.load([quiz for _ in range(30)])

    assert plugin.failed == []
    assert len([*statements.labels(quick.storage, purpose="service")]) == 30 * len(quiz)


def test_a_wrong_secret_is_told_by_its_status(quick):
    quick.headers["Authorization"] = "Basic a2V5Ondyb25n"
    plugin = Plugin(quick)
    plugin.load([EVENTS["course viewed"]] * 3)

    assert plugin.sent == [401]
    assert len(plugin.failed) == 3


def test_a_name_that_moodle_sends_is_not_kept_in_the_clear(quick, tmp_path):
    Plugin(quick).load([*EVENTS.values()])
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").iterdir())

    assert not [word for word in ("Müller", "M\\u00fcller", "王小明", "A Teacher") if word.encode() in kept]
