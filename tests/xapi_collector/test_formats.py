"""The data types."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies

from xapi_collector.grammar import formats


@given(strategies.datetimes(datetime(1600, 1, 1), datetime(9000, 1, 1)))  # noqa: DTZ001 - naive on purpose, taken as UTC
def test_a_timestamp_is_read_to_the_microsecond_and_written_back(moment):
    moment = moment.replace(tzinfo=UTC)
    read = formats.microseconds(moment.isoformat())

    assert read == formats.microseconds(moment.isoformat().replace("+00:00", ""))
    assert formats.microseconds(formats.timestamp(read)) == read


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11-23T16:30:00+08:00", "2026-11-23T08:30:00Z"),
        ("2026-11-23T16:30:00+08", "2026-11-23T08:30:00Z"),
        ("20261123T083000Z", "2026-11-23T08:30:00Z"),
        ("20261123T0830", "2026-11-23T08:30:00Z"),
        ("2026-11-23T08:30Z", "2026-11-23T08:30:00Z"),
        ("2026-11-23T08:30:00,5Z", "2026-11-23T08:30:00.5Z"),
        ("2026-11-23T08:30:00.1234567Z", "2026-11-23T08:30:00.123456Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ],
)
def test_one_time_in_two_forms(text, same):
    assert formats.microseconds(text) == formats.microseconds(same) is not None


@pytest.mark.parametrize(
    "text",
    [
        "", "2026", "2026-11-23", "08:30:00Z", "2026-11-23 08:30:00Z", "2026-02-30T08:30:00Z", "2026-11-23T24:30:00Z",
        "2026-11-23T08:61:00Z", "2026-11-23T08:30:00-00", "2026-11-23T08:30:00-0000", "2026-11-23T08:30:00+24:00",
        "2026-W47-1T08:30:00Z", "2026-11-23T08:30:00z", "0000-01-01T00:00:00Z", "2026-02-30T23:59:60Z",
        "２０２６-11-23T08:30:00Z", "01/011/2015",
    ],
)  # fmt: skip
def test_what_is_no_timestamp(text):
    assert formats.microseconds(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT4H35M59.14S", 16559.14),
        ("PT16559.14S", 16559.14),
        ("P3Y1M29DT4H35M59.14S", 3 * 31_536_000 + 30 * 86_400 + 29 * 86_400 + 16559.14),
        ("P3Y", 94_608_000),
        ("P4W", 4 * 604_800),
        ("PT0S", 0),
        ("P0,5D", 43_200),
    ],
)
def test_a_duration_in_seconds(text, seconds):
    assert formats.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["PT" + "9" * 400 + "S", "P" + "9" * 400 + "W"])
def test_a_duration_beyond_every_number_is_none(text):
    assert formats.seconds(text) is None


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("P1DT12H36M0.1237S", "P1DT12H36M0.12S"),
        ("PT1.5M", "PT1.50000M"),
        ("PT0.9999999999999999999999S", "PT0.99S"),
        ("P0.5W", "P0,50W"),
    ],
)
def test_durations_that_differ_below_a_hundredth_of_a_second_are_one(text, same):
    assert formats.hundredths(text) == formats.hundredths(same) is not None


@pytest.mark.parametrize(
    ("text", "other"), [("PT1M", "PT60S"), ("PT0.12S", "PT0.13S"), ("P1D", "PT24H"), ("P1M", "PT1M")]
)
def test_durations_that_are_written_in_other_units_are_two(text, other):
    assert formats.hundredths(text) != formats.hundredths(other)


def test_what_is_no_duration_has_no_hundredths():
    assert formats.hundredths("1 minute") is None


@pytest.mark.parametrize("text", ["text/plain", "application/xapi+json;a=b", 'text/plain ; charset=utf-8; x="a b"'])
def test_what_is_a_media_type(text):
    assert formats.is_media_type(text)


@pytest.mark.parametrize(
    "text", ["", "text", "text/", "/plain", "text/plain\r\n;x", "text/plain;a\r\nSet-Cookie:x", "text/plain;中"]
)
def test_what_is_no_media_type(text):
    assert not formats.is_media_type(text)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "P4W1D", "PT1.5H30M", "1H", "-P1D", "PT1S ", "P1S", "P0000-00-00T00:04:00", "PA1H"]
)
def test_what_is_no_duration(text):
    assert formats.seconds(text) is None


@pytest.mark.parametrize(
    "text",
    ["http://a", "urn:x:y", "uuid://1", "course-v1:FUN-MOOC+00002+session01", "https://例え.テスト/道#a", "tag:a"],
)
def test_what_is_an_iri(text):
    assert formats.is_iri(text)


@pytest.mark.parametrize(
    "text", ["", "a", "/a", "a b:c", "http:", "http:// a", "1a:b", "ab=c://x", "a:b c", "a:b\n", "a:<b>"]
)
def test_what_is_no_iri(text):
    assert not formats.is_iri(text)


@pytest.mark.parametrize(
    "text", ["en", "zh-Hans", "en-US", "zh-Hans-CN", "de-CH-1996", "x-private", "i-klingon", "zh-min-nan"]
)
def test_what_is_a_language(text):
    assert formats.is_language(text)


@pytest.mark.parametrize(
    "text", ["", "e", "a12345678", "en_US", "en-", "-en", "en-a", "123", "a" * 101, "en-" + "a" * 9]
)
def test_what_is_no_language(text):
    assert not formats.is_language(text)


@pytest.mark.parametrize(
    "check",
    [
        formats.is_uuid, formats.is_iri, formats.is_mailbox, formats.is_sha1, formats.is_sha2, formats.is_media_type,
        formats.is_language, formats.microseconds, formats.seconds,
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "piece", ["a", "1", "a-", "a:", "mailto:a@", "P1", "a/b;", " ", "2026-11-23T08:30:00.1", "a" * 8 + "-"]
)
def test_no_format_takes_long_on_hostile_text(check, piece):
    text = piece * (100_000 // len(piece))
    began = time.process_time()
    check(text)
    check(text + "!")

    assert time.process_time() - began < 1
