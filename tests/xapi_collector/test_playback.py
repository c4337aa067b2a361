"""What a player says of a video, as numbers of a label: nothing but numbers, and nothing where it says nothing."""

import json
import zlib

import pytest
from hypothesis import given, settings, strategies

from tests.xapi_collector.lrs import statement
from xapi_collector import extract, label, playback
from xapi_collector.label import Playback

VIDEO = "https://w3id.org/xapi/video/extensions/"


def said(**parts):
    """The label of a statement with extensions of the profile in its result or its context."""
    extensions = {
        name: {"extensions": {f"{VIDEO}{key}": value for key, value in found.items()}} for name, found in parts.items()
    }
    found = extract.extract(statement(**extensions), b"k" * 32)
    return label.unpack(1, 1, bytes(16), found.label)


def test_places_length_parts_and_viewing_are_read_from_result_and_context():
    found = said(
        result={"time": 12.5, "progress": 0.25, "played-segments": "0[.]10[,]2[.]12.5[,]40"},
        context={"length": 50, "session-id": "viewing-1"},
    )

    assert found.playback == Playback(
        time=12.5,
        length=50.0,
        progress=0.25,
        session=zlib.crc32(b"viewing-1"),
        parts=((0.0, 10.0), (2.0, 12.5)),
    )


def test_a_seek_says_whence_and_whither():
    found = said(result={"time-from": 10, "time-to": 200.25})

    assert found.playback is not None
    assert (found.playback.from_, found.playback.to) == (10.0, 200.25)


@pytest.mark.parametrize("value", [-1, True, "12", None, [1], 10**7])
def test_what_is_no_number_says_nothing(value):
    assert said(result={"time": value, "length": value, "played-segments": value}).playback is None


def test_a_statement_that_says_nothing_of_a_video_packs_as_before():
    plain = statement(context={"extensions": {"https://x.example": 1, label.HINTS: 2}})
    packed = extract.extract(plain, b"k" * 32).label

    assert len(json.loads(packed)) == 13
    assert label.unpack(1, 1, bytes(16), packed).playback is None


def test_counts_of_an_answer_stay_beside_a_video():
    one = statement(result={"extensions": {f"{VIDEO}time": 1.0, label.ATTEMPT: 3}})
    found = label.unpack(1, 1, bytes(16), extract.extract(one, b"k" * 32).label)

    assert found.attempt == 3.0
    assert found.playback == Playback(time=1.0)


def test_no_text_of_a_viewing_gets_into_the_label():
    packed = extract.extract(
        statement(
            result={"extensions": {f"{VIDEO}played-segments": "canary[.]9"}},
            context={"extensions": {f"{VIDEO}session-id": "canary of a name", f"{VIDEO}screen-size": "canary"}},
        ),
        b"k" * 32,
    ).label

    assert b"canary" not in packed


@given(text=strategies.text(max_size=80) | strategies.text("0123456789.[],-enaif ", max_size=80))
@settings(max_examples=100, deadline=None)
def test_whatever_stands_in_parts_is_a_list_of_seconds_in_order(text):
    assert all(0 <= start < end <= 1e6 for start, end in playback.parts(text))


def test_endless_parts_are_not_read():
    assert len(playback.parts("[,]".join(f"{n}[.]{n + 1}" for n in range(1000)))) == 500
    assert playback.parts("1" * 30_000) == ()
