from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from curriculum import catalog as catalogs
from lti_tool import backgrounds, everybody, keys, votes, workers
from lti_tool.everybody import Round
from lti_tool.roster import sync
from lti_tool.settings import EVERYBODY
from recommender import others, quality, verbs
from recommender.others import Others
from tests.lti_tool import lms, rosters
from tests.lti_tool.rosters import Place
from xapi_collector import consent, progress

CBEC = catalogs.load("cbec")
ITEM = CBEC.items["practice:cus.duty"].activity


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key, change=rosters.practises) as running:
        sync.read(running.reader, running.course())
        yield running


def round_(place: Place) -> Round:
    people = [place.pseudonym(one) for one in (lms.LEARNER, lms.LEARNER_2)]
    return Round(place.storage, lambda _now: [(CBEC, people[:1]), (CBEC, people)], place.tool.now)


def whole(turning: Round) -> int:
    turns = 1
    while everybody.turn(turning):
        turns += 1
    return turns


def answer(place: Place, person: str = lms.LEARNER, *, success: bool = True) -> None:
    place.state(person, verbs.ANSWERED, ITEM, success=success)


def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One learner is enough, for these tests."""
    monkeypatch.setattr(others, "LEAST", 1)


def test_every_learner_of_a_catalog_is_counted_once_and_then_it_rests(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch)
    monkeypatch.setattr(everybody, "BATCH", 1)
    answer(place)
    answer(place, lms.LEARNER_2, success=False)
    turning = round_(place)

    assert everybody.read(place.storage, CBEC) is None
    assert whole(turning) == 2
    known = everybody.read(place.storage, CBEC)
    assert known is not None
    assert known.others.learners == 2
    number = CBEC.item_index["practice:cus.duty"]
    assert known.others.counts is not None
    assert (known.others.counts.asked[number], known.others.counts.right[number]) == (2, 1)
    answer(place)
    assert whole(turning) == 1, "not before five minutes are over"
    place.clock.offset = everybody.SOON
    assert whole(turning) == 1, "nor while the document holds"
    place.clock.offset = everybody.EVERY
    assert whole(turning) == 2


def test_below_twenty_learners_the_document_says_nothing_of_them(place: Place) -> None:
    answer(place)
    whole(round_(place))
    known = everybody.read(place.storage, CBEC)

    assert known is not None
    assert (known.others.learners, known.others.counts, known.others.slopes) == (1, None, None)
    assert not known.others.items.asked.any()


def test_who_keeps_it_to_themselves_is_not_in_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch)
    answer(place)
    answer(place, lms.LEARNER_2)
    consent.say(place.storage, {place.pseudonym(lms.LEARNER_2): ""}, everybody.PURPOSE, consent.DENY, lambda: 1)
    whole(round_(place))

    known = everybody.read(place.storage, CBEC)
    assert known is not None
    assert known.others.learners == 1


def test_after_an_erasure_it_does_not_hold_until_it_is_made_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch)
    answer(place)
    turning = round_(place)
    whole(turning)
    place.storage.statements.forget([place.pseudonym(lms.LEARNER)])

    assert everybody.read(place.storage, CBEC) is None
    place.clock.offset = everybody.SOON
    whole(turning)
    assert everybody.read(place.storage, CBEC) is not None


def test_what_an_erasure_came_into_is_not_kept(place: Place) -> None:
    found = others.learn(CBEC, [])
    epoch = place.storage.statements.epoch()
    place.storage.statements.forget(["somebody"])

    assert not everybody.keep(place.storage, CBEC, found, epoch=epoch, now=1.0)
    assert place.storage.find(EVERYBODY, {}, limit=9) == []


def test_while_pseudonyms_are_rotated_nothing_is_made(place: Place) -> None:
    progress.write(place.storage, progress.ROTATION, phase="walking")

    assert not everybody.turn(round_(place))
    assert place.storage.find(EVERYBODY, {}, limit=9) == []


def full() -> Others:
    """What a large institution would say."""
    rng = np.random.default_rng(1)
    items = len(CBEC.items)
    return Others(
        learners=200,
        sloped=150,
        slopes=everybody.ways.Prior(rng.normal(size=10), rng.random(10)),
        counts=everybody.Counts(np.full(items, 100.0), rng.integers(20, 90, items).astype(np.float64)),
        seconds=np.where(rng.random(items) < 0.5, 60.0, np.nan),
        offsets=everybody.Effects({("age", "20-24"): 0.25}, {("age", "20-24"): 40}),
        items=quality.Sums(*(rng.random(items) for _ in range(10))),
    )


def test_what_is_kept_is_what_was_found_to_the_last_bit(place: Place) -> None:
    made = full()
    for who in "abc":
        votes.say(place.storage, (who, "cbec", "practice:cus.duty"), "mistake", 1.0)
    assert everybody.keep(place.storage, CBEC, made, epoch=place.storage.statements.epoch(), now=7.0)

    known = everybody.read(place.storage, CBEC)
    assert known is not None
    assert (known.made, known.doubted) == (7.0, {"practice:cus.duty": 0.5})
    there = known.others
    assert (there.learners, there.sloped, there.offsets) == (200, 150, made.offsets)
    assert there.slopes is not None
    assert made.slopes is not None
    assert there.counts is not None
    assert made.counts is not None
    for one, other in (
        (there.slopes.mean, made.slopes.mean),
        (there.slopes.spread, made.slopes.spread),
        (there.counts.right, made.counts.right),
        (there.seconds, made.seconds),
        (there.items.product, made.items.product),
    ):
        np.testing.assert_array_equal(one, other)


def test_the_next_round_begins_from_how_easy_items_turned_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place_ease: list[np.ndarray] = []  # type: ignore[type-arg]  # of whatever shape
    everybody.keep(place.storage, CBEC, full(), epoch=place.storage.statements.epoch(), now=0.0)
    part = others.part

    def noted(*given: object) -> others.Part:
        place_ease.append(given[-1])  # type: ignore[arg-type]  # the eases come last
        return part(*given)  # type: ignore[arg-type]  # as they were given

    monkeypatch.setattr(others, "part", noted)
    answer(place)
    whole(round_(place))

    declared = quality.eases(CBEC, quality.nothing(CBEC), everybody.ways.typical(CBEC))
    assert not np.allclose(place_ease[0], declared)


def test_of_another_catalog_nothing_is_read(place: Place) -> None:
    everybody.keep(place.storage, CBEC, full(), epoch=place.storage.statements.epoch(), now=0.0)
    document = place.storage.get(EVERYBODY, ("cbec",))
    assert document is not None
    place.storage.replace(EVERYBODY, {**document, "mark": "0:other"}, expected=document)

    assert everybody.read(place.storage, CBEC) is None


def test_a_path_begins_where_others_did_and_where_a_background_moves_it(place: Place) -> None:
    everybody.keep(place.storage, CBEC, full(), epoch=place.storage.statements.epoch(), now=0.0)
    known = everybody.read(place.storage, CBEC)

    assert everybody.beginning(CBEC, None, 0.0) is None
    plain, moved = everybody.beginning(CBEC, known, 0.0), everybody.beginning(CBEC, known, 0.5)
    alone = everybody.beginning(CBEC, None, 0.5)
    assert plain is not None
    assert moved is not None
    assert alone is not None
    assert all(one[0][0] < other[0][0] for one, other in zip(moved.start, plain.start, strict=True))
    assert plain.chances != alone.chances or plain.start != alone.start


def test_every_process_makes_it_from_the_learners_of_courses_in_use(place: Place) -> None:
    place.launch(lms.LEARNER)
    answer(place)
    backgrounds.keep(place.storage, place.pseudonym(lms.LEARNER), {"age": "20-24"}, 1.0)
    (job,) = [one for one in workers.jobs(place.tool, lambda: 0.5) if one.name == "everybody"]
    while job.step():
        pass

    known = everybody.read(place.storage, CBEC)
    assert known is not None
    assert known.others.learners == 1
