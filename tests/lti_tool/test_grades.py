from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from lti_tool import app as tool_app
from lti_tool import courses, families, keys, platforms, texts
from lti_tool.grades import line_items, outbox, seal, sender, wire
from lti_tool.settings import COURSES, LINKS, PLATFORMS, SCORES
from tests.lti_tool import gradebooks, lms
from tests.lti_tool.gradebooks import Office
from tests.storage import stores
from xapi_collector import agents
from xapi_collector import keyring as keyrings
from xapi_collector.collector import Collector
from xapi_collector.upkeep import holdings


@pytest.fixture
def office(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Office]:
    with gradebooks.office(tmp_path, tool_key) as made:
        made.open()
        yield made


@pytest.fixture
def moodle(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Office]:
    with gradebooks.office(tmp_path, tool_key, "moodle") as made:
        made.open()
        yield made


@pytest.fixture
def canvas(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Office]:
    with gradebooks.office(tmp_path, tool_key, "canvas") as made:
        made.open()
        yield made


@pytest.mark.parametrize("profile", ["spec", "moodle", "canvas"])
@pytest.mark.parametrize("store", stores.STORES)
def test_a_score_reaches_the_gradebook_once(tmp_path: Path, tool_key: keys.ToolKey, profile: str, store: str) -> None:
    with gradebooks.office(tmp_path, tool_key, profile, store) as office:
        office.open()

        assert office.put(87.5, comment="Well done")
        office.run()
        office.run()

        assert office.taken() == [87.5]
        assert office.grade() == 87.5
        assert office.score().state == "sent"
        assert office.score().sent == office.clock.now


def test_nobody_but_a_learner_is_scored(office: Office) -> None:
    assert not office.put(person=office.learner(roles=("instructor",)))
    assert not office.put(person=office.learner(roles=("instructor", "learner")))
    assert not office.put(person=office.learner(roles=("mentor",)))
    assert office.scores() == []


@pytest.mark.parametrize("where", [{"link": ""}, {"link": "unknown"}])
def test_a_link_that_is_not_known_takes_no_score(office: Office, where: dict[str, str]) -> None:
    assert not office.put(person=office.learner(**where))


def test_a_link_whose_course_is_not_known_takes_no_score(office: Office) -> None:
    office.storage.delete(COURSES, (office.learner().context,))

    assert not office.put()


@pytest.mark.parametrize(
    "given",
    [
        {"scopes": (line_items.LINE_ITEM,)},  # the score scope was not granted
        {"coupled": False, "lineitems": False},  # there is nowhere to put it
        {"coupled": False, "grade": "none"},  # the instructor wants no column, and the course gave the link none
    ],
)
def test_where_no_score_is_wanted_none_is_queued(office: Office, given: dict[str, object]) -> None:
    office.storage.delete(COURSES, (office.learner().context,))
    office.open(**given)  # type: ignore[arg-type]  # a row of the table names the arguments of `open`

    assert not office.put()


@pytest.mark.parametrize(
    "wrong",
    [
        {"given": float("nan")},
        {"given": float("inf")},
        {"given": -1.0},
        {"maximum": 0.0},
        {"maximum": float("inf")},
        {"maximum": float("nan")},
        {"activity_progress": "Done"},
        {"grading_progress": "Graded"},
    ],
)
def test_a_number_that_is_no_score_is_a_slip_of_ours(office: Office, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"given|maximum|progress"):
        office.put(**wrong)  # type: ignore[arg-type]  # as above


def test_only_the_newest_of_waiting_scores_is_sent(office: Office) -> None:
    for given in (10.0, 20.0, 30.0):
        assert office.put(given)
    office.run()

    assert office.taken() == [30.0]


def test_the_best_score_counts(office: Office) -> None:
    office.put(60.0)
    office.run()

    assert not office.put(40.0)
    assert not office.put(60.0)
    assert office.put(80.0)
    office.run()
    assert office.taken() == [60.0, 80.0]


def test_the_last_score_counts_where_the_link_says_so(office: Office) -> None:
    office.open(grade="last")
    office.put(60.0)
    office.run()

    assert office.put(40.0)
    office.run()
    assert not office.put(40.0)
    assert office.grade() == 40.0


def test_a_policy_that_there_is_not_means_the_best() -> None:
    link = courses.Link("k", "c", "1", opens={"grade": "worst"})

    assert outbox.policy(link) == "best"
    assert outbox.policy(replace(link, opens=None)) == "best"


def test_timestamps_rise_by_whole_seconds_whatever_the_clock_does(office: Office) -> None:
    found = []
    for given, turn in ((10.0, 0.0), (20.0, 0.0), (30.0, -3600.0), (40.0, 7200.0)):
        office.clock.now += turn
        office.put(given)
        found.append(office.score().stamp)

    assert all(later // 1_000_000 > earlier // 1_000_000 for earlier, later in itertools.pairwise(found))


def test_of_two_processes_that_put_at_once_the_better_score_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = office.storage.replace
    once = iter([True])

    def slow(*arguments: object, **named: object) -> bool:
        if next(once, False):
            office.put(90.0)
        return bool(replaced(*arguments, **named))  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(office.storage, "replace", slow)

    assert not office.put(50.0)
    assert office.score().given == 90.0


# What must never happen to a grade that is there


def test_progress_is_told_where_it_removes_nothing(office: Office) -> None:
    assert office.put(None, activity_progress="Started", grading_progress="NotReady")
    assert not office.put(None, activity_progress="Started", grading_progress="NotReady")
    office.run()

    assert office.taken() == [None]
    assert office.put(70.0)


@pytest.mark.parametrize("grading", ["Pending", "PendingManual", "NotReady", "Failed"])
def test_no_progress_follows_a_grade(office: Office, grading: str) -> None:
    office.put(70.0)
    assert not office.put(90.0, grading_progress=grading)
    office.run()
    assert not office.put(90.0, grading_progress=grading)
    assert not office.put(None, activity_progress="Initialized", grading_progress="NotReady")

    assert office.grade() == 70.0


@pytest.mark.parametrize(
    ("given", "activity", "grading"),
    [
        (90.0, "Submitted", "Pending"),
        (90.0, "Submitted", "PendingManual"),
        (None, "Initialized", "NotReady"),
        (None, "Initialized", "FullyGraded"),
    ],
)
def test_moodle_is_never_told_what_would_remove_a_grade(
    moodle: Office, given: float | None, activity: str, grading: str
) -> None:
    """Moodle takes the grade away, and answers 200."""
    assert not moodle.put(given, activity_progress=activity, grading_progress=grading)


def test_progress_is_dropped_for_a_platform_that_is_gone(office: Office) -> None:
    office.storage.delete(PLATFORMS, (office.record.iss, office.record.client_id))

    assert not office.put(None, activity_progress="Started", grading_progress="NotReady")


def test_a_better_grade_that_an_instructor_gave_stays(office: Office) -> None:
    _grade(office, 95.0)
    office.put(60.0)

    office.run()

    assert office.taken() == [95.0]
    assert (office.score().state, office.score().reason) == ("superseded", "better_there")


def test_a_lower_grade_that_is_there_is_replaced(office: Office) -> None:
    _grade(office, 30.0)
    office.put(60.0)
    office.run()

    assert office.grade() == 60.0


def test_progress_does_not_follow_a_grade_that_another_tool_gave(office: Office) -> None:
    _grade(office, 0.0)
    office.put(None, activity_progress="Started", grading_progress="NotReady")
    office.run()

    assert office.score().reason == "better_there"


def test_results_that_may_not_be_read_keep_no_score_back(office: Office) -> None:
    office.open(scopes=(outbox.SCOPE,))
    office.put(60.0)
    office.run()

    assert office.grade() == 60.0
    assert {service for service, _ in office.platform.counts} == {"token", "scores"}


@pytest.mark.parametrize(("kind", "tries"), [("403", 0), ("404", 0), ("500", 3), ("json", 3)])
def test_results_that_do_not_come_keep_no_score_back_for_ever(office: Office, kind: str, tries: int) -> None:
    office.platform.fail("results", kind, times=5)
    office.put(60.0)
    office.run()

    assert office.grade() == 60.0
    assert office.score().tries == tries


# What a platform answers


def test_a_score_that_arrived_without_an_answer_is_sent_again_and_counts_once(office: Office) -> None:
    office.platform.fail("scores", "drop", after=True)
    office.put(60.0)
    office.run()

    assert office.taken() == [60.0]
    assert office.platform.counts["scores", 200] == 1
    assert office.score().state == "sent"


@pytest.mark.parametrize("profile", ["spec", "moodle", "canvas"])
def test_a_process_that_dies_between_sending_and_marking_loses_and_doubles_nothing(
    tmp_path: Path, tool_key: keys.ToolKey, profile: str
) -> None:
    with gradebooks.office(tmp_path, tool_key, profile) as office:
        office.open(scopes=(outbox.SCOPE,))
        office.put(60.0)
        dying = office.another(storage=_Dying(office.storage, 2))

        with pytest.raises(_Killed):
            sender.step(dying)
        assert not sender.step(office.sender)  # leased by the one that died
        office.clock.now += sender.LEASE + 1
        office.run()

        assert office.score().state == "sent"
        assert len({each.timestamp for each in office.platform.gradebook[_place(office)]}) == 1
        assert office.platform.attempts[_place(office)] <= 1
        assert office.grade() == 60.0


@pytest.mark.parametrize(("kind", "reason"), [("503", "unreachable"), ("429", "busy"), ("drop", "unreachable")])
def test_a_platform_that_fails_is_tried_again(office: Office, kind: str, reason: str) -> None:
    office.platform.fail("scores", kind)
    office.put(60.0)

    assert sender.step(office.sender)
    assert (office.score().state, office.score().reason, office.score().tries) == ("waiting", reason, 1)
    office.run()
    assert office.taken() == [60.0]


def test_retry_after_is_honoured(office: Office) -> None:
    office.platform.fail("scores", "429", retry_after=1800)
    office.put(60.0)
    sender.step(office.sender)

    office.clock.now += 1700
    assert not sender.step(office.sender)
    assert not sender.step(office.another())
    office.clock.now += 200
    assert sender.step(office.sender)
    assert office.taken() == [60.0]


def test_waits_grow_up_to_hours_and_end_after_three_days(office: Office) -> None:
    office.platform.fail("scores", "500", times=1000)
    office.put(60.0)
    begun, waits = office.clock.now, []
    while office.waiting():
        if sender.step(office.sender):
            waits.append(office.score().due - office.clock.now)
        office.clock.now = max(office.score().due, *(pause.until for pause in office.sender.pauses.values())) + 1

    assert office.clock.now - begun >= sender.PATIENCE
    assert waits[0] < 20
    assert max(waits) > 3 * 3600
    assert max(waits) <= 1.5 * sender.LONGEST_WAIT
    assert (office.score().state, office.score().reason) == ("failed", "gave_up")


def test_jitter_keeps_two_scores_apart(office: Office) -> None:
    office.platform.fail("scores", "503", times=2)
    for person in (lms.LEARNER, lms.LEARNER_2):
        office.put(60.0, office.learner(person))
    sender.step(office.sender)

    assert len({score.due for score in office.scores()}) == 2


def test_a_token_that_is_refused_once_is_had_anew(office: Office) -> None:
    office.put(60.0)
    office.run()
    office.platform.grants.clear()
    office.put(70.0)
    office.run()

    assert office.score().tries == 0
    assert office.grade() == 70.0


def test_a_platform_that_gives_no_token_is_asked_again_for_it_may_read_the_keys_later(office: Office) -> None:
    office.platform.fail("token", "400")
    office.put(60.0)
    sender.step(office.sender)

    assert (office.score().state, office.score().reason) == ("waiting", "no_token")
    office.run()
    assert office.grade() == 60.0


@pytest.mark.parametrize(
    "refusal",
    [
        ("spec", "403", "not_allowed"),
        ("spec", "400", "refused"),
        ("spec", "422", "refused"),
        ("moodle", "400", "not_enrolled"),
        ("canvas", "422", "not_a_learner"),
        ("moodle", "403", "not_allowed"),
    ],
)
def test_a_refusal_is_not_tried_again_and_has_a_reason(
    tmp_path: Path, tool_key: keys.ToolKey, refusal: tuple[str, str, str], caplog: pytest.LogCaptureFixture
) -> None:
    profile, status, reason = refusal
    with gradebooks.office(tmp_path, tool_key, profile) as office, caplog.at_level(logging.WARNING):
        office.open()
        office.platform.fail("scores", status, times=9)
        office.put(60.0)
        office.run()

        assert (office.score().state, office.score().reason) == ("failed", reason)
        assert office.platform.counts["scores", int(status)] == 1
        assert f"code=score_failed reason={reason} family={profile}" in caplog.text
        assert lms.user(office.platform) not in caplog.text


def test_somebody_who_is_no_learner_there_is_named_as_such(moodle: Office) -> None:
    moodle.put(60.0, moodle.learner(lms.INSTRUCTOR))
    moodle.run()

    assert moodle.score().reason == "not_enrolled"


def test_a_platform_that_has_a_newer_score_keeps_it(office: Office) -> None:
    office.open(scopes=(outbox.SCOPE,))
    office.platform.fail("scores", "409")
    office.put(60.0)
    office.run()

    assert (office.score().state, office.score().reason) == ("superseded", "newer_there")
    assert office.platform.counts["scores", 409] == 1


def test_a_better_score_after_a_try_without_an_answer_is_no_further_attempt(canvas: Office) -> None:
    canvas.open()
    canvas.platform.fail("scores", "drop", after=True)
    canvas.put(60.0)
    assert sender.step(canvas.sender)
    canvas.put(70.0)  # before the first was tried again: it replaces it
    canvas.run()

    place = _place(canvas)
    assert [one.given for one in canvas.platform.gradebook[place]] == [60.0, 70.0]
    assert canvas.platform.attempts[place] == 1


def test_canvas_says_with_400_that_it_has_a_newer_score(canvas: Office) -> None:
    canvas.open(scopes=(outbox.SCOPE,))
    canvas.platform.fail("scores", "400")
    canvas.put(60.0)
    canvas.run()

    assert canvas.score().state == "superseded"


def test_a_clock_that_was_ahead_once_does_not_keep_a_better_score_away(moodle: Office) -> None:
    """The gradebook has a lower score with a timestamp of tomorrow: ours goes with a newer one, three times at most."""
    _grade(moodle, 30.0, ahead=2.0)
    moodle.put(60.0)
    moodle.run()

    assert moodle.grade() == 60.0
    assert 1 <= moodle.score().restamped <= sender.RESTAMPS


def test_a_platform_that_calls_every_score_old_is_believed_in_the_end(office: Office) -> None:
    office.platform.fail("scores", "409", times=9)
    office.put(60.0)
    office.run()

    assert (office.score().state, office.score().restamped) == ("superseded", sender.RESTAMPS)


def test_a_gradebook_that_cannot_be_read_just_now_is_read_later(office: Office) -> None:
    office.put(20.0)
    office.run()
    office.put(60.0)
    office.platform.fail("scores", "409")
    office.platform.fail("results", "503")
    office.run()

    assert office.grade() == 60.0


def test_canvas_counts_no_second_attempt_for_a_better_score_and_keeps_a_human_s_grade(canvas: Office) -> None:
    canvas.put(50.0)
    canvas.run()
    canvas.put(70.0)
    canvas.run()

    assert canvas.platform.attempts[_place(canvas)] == 1
    assert canvas.grade() == 70.0


# Who may work on what


def test_a_score_that_a_sender_has_is_left_alone_by_others(office: Office) -> None:
    office.put(60.0)
    (score,) = office.scores()
    outbox.change(office.storage, score, replace(score, leased=office.clock.now + 100))

    assert not sender.step(office.another())
    office.clock.now += 101
    assert sender.step(office.another())


def test_many_senders_at_once_send_each_score_once(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with gradebooks.office(tmp_path, tool_key, members=30) as office:
        office.open(scopes=(outbox.SCOPE,))
        for number in range(30):
            office.put(60.0, office.learner(str(100_001 + number)))
        team = [office.another() for _ in range(4)]

        def work(one: sender.Sender) -> None:
            while sender.step(one):
                pass

        threads = [threading.Thread(target=work, args=(one,)) for one in team]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert {score.state for score in office.scores()} == {"sent"}
        assert office.platform.counts["scores", 200] == 30


def test_a_sender_that_lost_its_lease_changes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer score came while the older one was on its way: the newer waits."""
    sent = wire.send

    def slow(*arguments: object) -> None:
        monkeypatch.setattr(wire, "send", sent)
        office.put(90.0)
        sent(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(wire, "send", slow)
    office.put(60.0)
    sender.step(office.sender)
    assert (office.score().state, office.score().given) == ("waiting", 90.0)

    office.run()
    assert office.taken() == [60.0, 90.0]


def test_a_score_that_another_process_has_just_sent_is_left_as_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite finds documents by their entries and then reads each: one may have changed between the two."""
    office.put(60.0)
    office.run()
    sent = office.storage.find(SCORES)
    monkeypatch.setattr(office.storage, "find", lambda collection, *_, **__: sent if collection is SCORES else [])
    monkeypatch.setattr(platforms, "every", lambda *_, **__: [office.record])

    assert not sender.step(office.sender)
    assert outbox.of_course(office.storage, office.learner().context, "failed") == []
    assert office.score().state == "sent"


def test_two_threads_of_a_process_are_not_at_one_platform(office: Office) -> None:
    office.put(60.0)
    office.sender.working.add(outbox.platform_key(office.record.iss, office.record.client_id))

    assert not sender.step(office.sender)


def test_a_clock_that_was_set_back_stops_nothing(office: Office) -> None:
    office.platform.fail("scores", "429", retry_after=600)
    office.put(60.0)
    sender.step(office.sender)
    (score,) = office.scores()
    outbox.change(office.storage, score, replace(score, due=score.due + 9e6, leased=score.due + 9e6))
    office.clock.now -= 5e6
    office.run()

    assert office.grade() == 60.0


def test_a_platform_that_fails_does_not_keep_the_others_waiting(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with (
        gradebooks.office(tmp_path / "a", tool_key, members=60) as office,
        lms.running(client_id="client-b", key_set=lambda: {"keys": keys.only(tool_key).published}) as other,
    ):
        platforms.register(office.storage, lms.record(other))
        office.open(scopes=(outbox.SCOPE,))
        second = replace(office, platform=other)
        second.open(scopes=(outbox.SCOPE,))
        office.platform.fail("scores", "503", times=10_000)
        for number in range(60):
            office.put(60.0, office.learner(str(100_001 + number)))
        second.put(70.0)

        for _ in range(3):
            sender.step(office.sender)

        assert second.grade() == 70.0
        assert office.platform.counts["scores", 503] <= sender.FORGIVEN + 2


def test_a_long_queue_is_walked_to_its_end_and_from_the_start_again(
    tmp_path: Path, tool_key: keys.ToolKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "LOOK", 4)
    monkeypatch.setattr(sender, "BATCH", 3)
    with gradebooks.office(tmp_path, tool_key, members=12) as office:
        office.open(scopes=(outbox.SCOPE,))
        for number in range(12):
            office.put(60.0, office.learner(str(100_001 + number)))
        for score in office.scores()[:9]:
            outbox.change(office.storage, score, replace(score, due=score.due + 100))

        while office.clock.now and sum(score.state == "sent" for score in office.scores()) < 3:
            sender.step(office.sender)
        office.clock.now += 101
        office.run()

        assert {score.state for score in office.scores()} == {"sent"}


@pytest.mark.parametrize("gone", [COURSES, LINKS])
def test_a_course_or_link_that_is_not_known_any_more_ends_its_scores(office: Office, gone: object) -> None:
    office.put(60.0)
    person = office.learner()
    office.storage.delete(gone, (person.context if gone is COURSES else person.link,))  # type: ignore[arg-type]  # a collection
    office.run()

    assert office.score().reason == "platform_gone"


def test_a_platform_that_waits_for_approval_is_sent_nothing(office: Office) -> None:
    office.put(60.0)
    platforms.register(office.storage, replace(office.record, state="pending"))

    assert not sender.step(office.sender)
    assert office.score().state == "waiting"


def test_an_address_that_must_not_be_called_ends_the_score(office: Office) -> None:
    target = office.open()
    courses.remember(
        office.storage, target.course, replace(target.link, lineitem_url="http://10.0.0.1/lineitems/1/lineitem")
    )
    office.put(60.0)
    office.run()

    assert office.score().reason == "address_unsafe"


# Who the learner is


def test_who_the_learner_is_stands_nowhere_in_the_clear_and_goes_when_the_score_is_there(office: Office) -> None:
    office.put(60.0)
    before = office.score()
    office.run()

    assert lms.user(office.platform) not in str(asdict(before))
    assert before.sealed
    assert office.score().sealed == ""


def test_a_seal_opens_for_its_link_platform_and_keyring_alone(tmp_path: Path) -> None:
    keyring, other = keyrings.create(tmp_path / "a"), keyrings.create(tmp_path / "b")
    sealed = seal.close(keyring, "link", "https://lms.example", "4")

    assert seal.open_(keyring, "link", "https://lms.example", sealed) == "4"
    assert seal.open_(keyring, "other", "https://lms.example", sealed) is None
    assert seal.open_(keyring, "link", "https://other.example", sealed) is None
    assert seal.open_(other, "link", "https://lms.example", sealed) is None
    assert seal.open_(keyring, "link", "https://lms.example", "") is None
    assert seal.close(keyring, "link", "https://lms.example", "4") == sealed
    assert seal.close(keyring, "link", "https://lms.example", "5") != sealed


def test_a_score_that_cannot_be_opened_is_given_up(office: Office, tmp_path: Path) -> None:
    office.put(60.0)
    office.sender.keyring = keyrings.create(tmp_path / "another.json")
    office.run()

    assert office.score().reason == "platform_gone"


def test_a_pseudonym_that_is_rotated_takes_its_score_along(office: Office) -> None:
    """The seal does not depend on the pseudonym."""
    office.put(60.0)
    name = office.score().learner
    assert SCORES in holdings.personal(tool_app.COLLECTIONS)
    assert holdings.rename(_collector(office), SCORES, name, "renamed") == 1
    assert office.score().learner == "renamed"
    office.run()

    assert office.taken() == [60.0]


def test_while_pseudonyms_are_rotated_the_earlier_score_counts_under_its_old_name(office: Office) -> None:
    office.put(60.0)
    office.run()
    first = keyrings.PseudonymKey(office.keyring.pseudonym_key, keyrings.RETIRING)
    rotated = keyrings.change(office.keyring.path, (keyrings.PseudonymKey(bytes(range(32))), first))
    later = replace(office, keyring=rotated)

    assert not later.put(50.0)
    assert later.put(70.0)
    assert len({score.stamp // 1_000_000 for score in later.scores()}) == 2
    assert not later.put(70.0)
    assert later.put(10.0, office.learner(lms.LEARNER_2))


def test_scores_go_with_the_person(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erased while it is on its way: nothing comes back."""
    sent = wire.send

    def erased(*arguments: object) -> None:
        assert holdings.remove(office.storage, SCORES, [office.score().learner]) == 1
        sent(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(wire, "send", erased)
    office.put(60.0)
    office.run()

    assert office.scores() == []


def test_a_person_s_copy_says_their_scores_and_not_their_id(office: Office) -> None:
    office.put(60.0)
    shown = holdings.shown(_collector(office), SCORES, asdict(office.score()))

    assert (shown["given"], shown["state"]) == (60.0, "waiting")
    assert lms.user(office.platform) not in str(shown)


# What people are told


def test_a_learner_is_told_how_far_the_score_got(office: Office) -> None:
    name = agents.pseudonym(
        {"account": {"homePage": office.record.iss, "name": lms.user(office.platform)}}, office.keyring.pseudonym_key
    )
    link = office.learner().link
    assert outbox.status(office.storage, name, link) is None
    assert outbox.status(office.storage, name, "") is None

    office.put(60.0)
    queued = office.clock.now
    assert outbox.status(office.storage, name, link) == outbox.Status("waiting", 60.0, 100.0, queued, "")
    office.clock.now += 5
    office.run()
    assert outbox.status(office.storage, name, link) == outbox.Status("sent", 60.0, 100.0, queued + 5, "")


def test_a_failed_score_goes_again_when_an_instructor_says_so(office: Office) -> None:
    office.platform.fail("scores", "403")
    office.put(60.0)
    office.run()
    (failed,) = outbox.of_course(office.storage, office.learner().context, "failed")

    assert outbox.again(office.storage, failed, office.clock.now)
    assert not outbox.again(office.storage, failed, office.clock.now)
    assert not outbox.again(office.storage, office.score(), office.clock.now)
    office.run()
    assert office.taken() == [60.0]


def test_after_a_failure_the_better_of_two_scores_goes(office: Office) -> None:
    office.platform.fail("scores", "403")
    office.put(60.0)
    office.run()

    assert office.put(40.0)
    office.run()
    assert office.taken() == [60.0]


def test_after_a_failure_a_better_score_goes(office: Office) -> None:
    office.platform.fail("scores", "403")
    office.put(60.0)
    office.run()

    assert office.put(80.0)
    office.run()
    assert office.taken() == [80.0]


@pytest.mark.parametrize("kind", ["html", "json"])
def test_an_answer_that_no_gradebook_gives_is_none(office: Office, kind: str) -> None:
    """A page of maintenance with status 200: the score is not there."""
    office.platform.fail("scores", kind)
    office.put(60.0)
    sender.step(office.sender)

    assert (office.score().state, office.score().reason) == ("waiting", "unreachable")
    office.run()
    assert office.taken() == [60.0]


def test_every_reason_is_bounded_and_has_its_words() -> None:
    refusals = {reason for family in families.FAMILIES.values() for reason in family.refusals.values()}

    assert refusals <= set(sender.REASONS)
    for language in texts.LANGUAGES:
        known = texts.catalogue(language)
        assert {f"score.reason.{code}" for code in sender.REASONS} <= set(known)
        assert {f"score.todo.{code}" for code in sender.REASONS} <= set(known)
        assert {f"score.line.{state}" for state in outbox.STATES} <= set(known)
        assert {f"score.state.{state}" for state in outbox.STATES} <= set(known)


# Helpers


class _Killed(BaseException):
    """The process is gone."""


class _Dying:
    """A store that a process loses at its n-th change: between sending and marking."""

    def __init__(self, storage: object, at: int) -> None:
        self._storage = storage
        self._left = at

    def __getattr__(self, name: str) -> object:
        if name == "replace":
            self._left -= 1
            if self._left <= 0:
                raise _Killed
        return getattr(self._storage, name)


def _collector(office: Office) -> Collector:
    """As much of the record store as upkeep needs for documents of other rooms."""
    return cast("Collector", SimpleNamespace(storage=office.storage, keyring=office.keyring, keys=None))


def _place(office: Office) -> tuple[str, str]:
    return lms.user(office.platform), lms.line_item(office.platform)


def _grade(office: Office, given: float, *, ahead: float = 0.0) -> None:
    """A grade that somebody else put into the gradebook, a moment ago or with a clock that is ahead."""
    score = outbox.Score(
        "p", "l", "c", "p", "waiting", given, 100.0, "Completed", "FullyGraded", "",
        int((office.clock.now - 60 + (60 + ahead if ahead else 0)) * 1e6), 0.0, 0.0, "",
    )  # fmt: skip
    content = wire.body(score, lms.user(office.platform), office.record)
    wire.send(office.services, office.record, lms.line_item(office.platform), content)
