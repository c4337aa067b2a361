"""What was watched, against viewers whose every second is known: with seeks, replays, overlaps, speeds, and no end."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies

from curriculum import catalog as catalogs
from recommender import activities, verbs, watching
from recommender.watching import Part, Watched
from tests.recommender import builders
from xapi_collector import extract
from xapi_collector import label as labels
from xapi_collector.label import Label, Playback

LENGTH = 600.0
VIDEO = "https://video.example/duty"
SECOND = 10**6
REAL = Path(__file__).parents[1] / "xapi_collector" / "data" / "fun-video-statements.jsonl.gz"


def label(seq: int = 1, **changes: object) -> Label:
    """A statement about the video."""
    made: Label = builders.label(seq, **{"timestamp": 0, "activity": VIDEO, "success": None, **changes})  # type: ignore[no-untyped-call]  # the builders of this room are not typed
    return made


class Viewer:
    """Somebody who watches, and what their player says; the truth is kept second by second."""

    def __init__(self, *, lists: bool = True, speed: float = 1.0, session: int = 1, begins: float = 0.0) -> None:
        self.lists, self.speed, self.session = lists, speed, session
        self.clock, self.place, self.playing = begins, 0.0, False
        self.done: list[Part] = []  # what was played and told
        self.open: float | None = None
        self.said: list[Label] = []

    def say(self, verb: str, **said: float) -> None:
        parts = tuple(self.done) if self.lists and verb != verbs.PLAYED else ()
        playback = Playback(length=LENGTH, session=self.session, parts=parts, **said)
        moment = int(self.clock * SECOND)
        seq = 1000 * self.session + len(self.said)
        self.said.append(label(seq, verb=verb, timestamp=moment, playback=playback))

    def play(self) -> None:
        if not self.playing:
            self.playing, self.open = True, self.place
            self.say(verbs.PLAYED, time=self.place)

    def go(self, seconds: float) -> None:
        """Let it run for some seconds of the clock."""
        self.clock += seconds
        if self.playing:
            self.place = min(LENGTH, self.place + seconds * self.speed)

    def _close(self) -> None:
        if self.playing and self.open is not None and self.place > self.open:
            self.done.append((self.open, self.place))

    def pause(self) -> None:
        if self.playing:
            self._close()
            self.playing, self.open = False, None
            self.say(verbs.PAUSED, time=self.place)

    def seek(self, place: float) -> None:
        self._close()
        left, self.place = self.place, place
        self.open = place if self.playing else None
        self.say(verbs.SEEKED, from_=left, to=place)

    def end(self) -> None:
        self._close()
        self.playing, self.open = False, None
        self.say(verbs.COMPLETED, time=self.place)


def truth(parts: list[Part]) -> float:
    """Seconds that were seen, counted in hundredths."""
    seen = set[int]()
    for start, end in parts:
        seen.update(range(round(start * 100), round(end * 100)))
    return len(seen) / 100


MOVES = strategies.lists(
    strategies.tuples(strategies.sampled_from(["play", "pause", "seek", "go", "go"]), strategies.integers(1, 580)),
    max_size=25,
)


def walked(moves: list[tuple[str, int]], **kind: object) -> Viewer:
    viewer = Viewer(**kind)  # type: ignore[arg-type]  # chosen by the test
    for move, number in moves:
        if move == "go":
            viewer.go(float(number))
        elif move == "seek":
            viewer.seek(float(number))
        else:
            getattr(viewer, move)()
    return viewer


@given(moves=MOVES, lists=strategies.booleans(), speed=strategies.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=60, deadline=None)
def test_the_watched_share_is_the_true_one_whatever_was_done_and_told(
    moves: list[tuple[str, int]], lists: bool, speed: float
) -> None:
    viewer = walked(moves, lists=lists, speed=speed)
    found = watching.watched(viewer.said)

    assert found.seconds == pytest.approx(truth(viewer.done), abs=0.3 * (len(viewer.done) + 1))
    if viewer.said:
        assert found.length == LENGTH
        assert 0.0 <= (found.share or 0.0) <= 1.0
    assert truth(list(found.again)) <= truth(viewer.done) + 0.01


@given(moves=MOVES, seed=strategies.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_order_and_repetition_of_statements_do_not_matter(moves: list[tuple[str, int]], seed: int) -> None:
    viewer = walked(moves)
    first = watching.of_videos(viewer.said)
    mixed = [*viewer.said, *viewer.said]
    random.Random(seed).shuffle(mixed)

    assert watching.of_videos(mixed) == first


def test_nothing_at_the_end_counts_what_was_told_until_then() -> None:
    viewer = Viewer(lists=False)
    viewer.play()
    viewer.go(60)
    viewer.seek(300)
    viewer.go(120)

    found = watching.watched(viewer.said)  # the window was closed: who knows what came after the seek
    assert found.parts == ((0.0, 60.0),)
    assert found.share == pytest.approx(0.1)


def test_a_part_that_was_played_again_is_counted_once_and_told() -> None:
    viewer = Viewer()
    for start in (0.0, 30.0):
        viewer.seek(start)
        viewer.play()
        viewer.go(60)
        viewer.pause()

    found = watching.watched(viewer.said)
    assert (found.seconds, found.parts, found.again) == (90.0, ((0.0, 90.0),), ((30.0, 60.0),))


def test_two_viewings_at_once_do_not_mix() -> None:
    one, two = Viewer(lists=False, session=1), Viewer(lists=False, session=2, begins=1.0)
    one.play()
    two.seek(500)
    two.play()
    one.go(30)
    two.go(30)
    one.pause()
    two.pause()

    found = watching.of_videos([*one.said, *two.said])[VIDEO]
    assert found.parts == ((0.0, 30.0), (500.0, 530.0))


def test_a_jump_that_a_player_does_not_tell_counts_no_more_than_the_clock_allows() -> None:
    said = [
        label(1, verb=verbs.PLAYED, playback=Playback(time=0.0, length=LENGTH)),
        label(2, verb=verbs.PAUSED, timestamp=10 * SECOND, playback=Playback(time=590.0)),
    ]

    assert watching.watched(said).seconds == pytest.approx(10 * watching.FASTEST + watching.SLACK)


def test_a_list_of_parts_that_no_clock_allows_is_not_taken() -> None:
    whole = ((0.0, LENGTH),)
    said = [
        label(1, verb=verbs.PLAYED, playback=Playback(time=0.0, length=LENGTH)),
        label(2, verb=verbs.PAUSED, timestamp=5 * SECOND, playback=Playback(time=5.0, parts=whole)),
    ]

    assert watching.watched(said).seconds == pytest.approx(5.0)


def test_where_a_player_tells_no_part_its_own_progress_is_taken() -> None:
    said = [label(verb=verbs.COMPLETED, playback=Playback(progress=0.9, length=LENGTH))]
    found = watching.watched(said)

    assert (found.share, found.seconds) == (0.9, 0.0)
    assert watching.satisfied(found, 0.9)
    assert not watching.satisfied(found, 0.95)
    assert not watching.satisfied(None, 0.0)


def test_a_length_that_was_declared_goes_before_what_a_player_says() -> None:
    viewer = Viewer()
    viewer.play()
    viewer.go(300)
    viewer.pause()

    assert watching.of_videos(viewer.said, {VIDEO: 1200.0})[VIDEO].share == pytest.approx(0.25)
    assert watching.of_videos(viewer.said, {VIDEO: 250.0})[VIDEO].share == 1.0


def test_what_is_no_playing_is_left_out() -> None:
    other = label(verb=verbs.ANSWERED, playback=Playback(time=1.0))
    without = label(2, verb=verbs.PLAYED)

    assert watching.of_videos([other, without]) == {}
    assert watching.watched([]) == Watched(0.0, None, None)


@pytest.mark.parametrize(
    ("first", "second"),
    [(Playback(), Playback(time=9.0)), (Playback(time=9.0), Playback()), (Playback(time=9.0), Playback(time=9.0))],
)
def test_half_of_a_part_is_none(first: Playback, second: Playback) -> None:
    said = [
        label(1, verb=verbs.PLAYED, playback=first),
        label(2, verb=verbs.PAUSED, timestamp=60 * SECOND, playback=second),
    ]

    assert watching.watched(said).seconds == 0.0


def test_parts_of_a_page_are_the_longest() -> None:
    found = Watched(0.0, None, None, ((0, 5), (10, 90), (95, 100)), ((0, 1), (2, 9)))

    assert watching.shortened(found, 1).parts == ((10, 90),)
    assert watching.shortened(found, 2).again == ((0, 1), (2, 9))


def test_players_that_people_use_say_as_much_as_we_find() -> None:
    """Statements of a video platform (FUN, 2021), each beside the share that its own player says with it."""
    differ: list[float] = []
    for line in gzip.decompress(REAL.read_bytes()).splitlines():
        found = extract.extract(json.loads(line), b"k" * 32)
        one = labels.unpack(1, 1, bytes(16), found.label)
        if one.playback is not None and one.playback.parts and one.playback.progress is not None:
            share = watching.watched([one], one.playback.length).share
            differ.append(abs((share or 0.0) - min(1.0, one.playback.progress)))

    assert len(differ) >= 90
    assert sorted(differ)[int(0.9 * len(differ))] < 0.03


def test_a_viewing_is_one_activity_of_a_way_however_often_it_was_paused() -> None:
    viewer = Viewer()
    for _ in range(4):
        viewer.play()
        viewer.go(20)
        viewer.pause()
    again = Viewer(session=2, begins=1000.0)
    again.play()
    done = activities.from_labels([*viewer.said, *again.said], catalogs.load("cbec"))

    assert (done.mode == verbs.MODES.index("video")).sum() == 2
    assert len(done.mode) == 9


def test_a_gap_that_is_rounding_is_none() -> None:
    assert watching.cover([(0.0, 10.0), (10.1, 20.0), (21.0, 22.0)]) == (((0.0, 20.0), (21.0, 22.0)), ())
