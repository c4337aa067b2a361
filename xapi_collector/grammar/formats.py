"""The data types of xAPI: IRI, UUID, language tag, timestamp, duration and the rest. Floor 1, pure.

xAPI 1.0.3, Data 2.2 and 4 (2.0: 4.2.7, which takes the same forms of times and durations); RFC 5646 for language tags,
ISO 8601 for times. No expression here can backtrack: each alternative begins with another character than the one
before it may continue with.
"""

import functools
import math
import re
from datetime import UTC, datetime, timedelta

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+")
_MAILBOX = re.compile(r"mailto:[^\s@<>\"\x00-\x20]+@[^\s@<>\"\x00-\x20]+")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_SHA2 = re.compile(r"(?:[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})")
# What may stand in a header as it is: parameters are of printable ASCII, on one line.
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+\-]+/[\w!#$&^.+\-]+(?:[ \t]*;[\t\x20-\x7e]*)?", re.ASCII)
# RFC 5646, 2.1: the sequence of subtag lengths; grandfathered and private tags are the second and third alternative.
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z]{2,8}|[a-z]{2}-[a-z]{2,3}-[a-z]{2,8}",
    re.IGNORECASE,
)
_TIMESTAMP = re.compile(
    r"(?:\d{4}-\d\d-\d\dT\d\d:\d\d(?::(?P<second>\d\d)(?:[.,]\d{1,30})?)?"
    r"|\d{8}T\d{4}(?:\d\d(?:[.,]\d{1,30})?)?)(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_DURATION = re.compile(
    rf"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?", re.ASCII
)
_WEEKS = re.compile(rf"P{_NUMBER}W", re.ASCII)
_SECONDS = (365 * 86_400, 30 * 86_400, 86_400, 3_600, 60, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def is_uuid(text: str) -> bool:
    """A UUID in its standard form (RFC 4122, section 3), of any version."""
    return _UUID.fullmatch(text) is not None


@functools.lru_cache(maxsize=20_000)
def is_iri(text: str) -> bool:
    """An absolute IRI, by best effort (Data 2.2 allows that): a scheme, and no character that RFC 3987 forbids."""
    return _IRI.fullmatch(text) is not None


def is_mailbox(text: str) -> bool:
    """`mailto:` and a mail address."""
    return _MAILBOX.fullmatch(text) is not None


def is_sha1(text: str) -> bool:
    """40 hexadecimal digits."""
    return _SHA1.fullmatch(text) is not None


def is_sha2(text: str) -> bool:
    """The hexadecimal digits of SHA-224, 256, 384 or 512."""
    return _SHA2.fullmatch(text) is not None


def is_media_type(text: str) -> bool:
    """An Internet media type (RFC 2046), parameters allowed."""
    return _MEDIA_TYPE.fullmatch(text) is not None


@functools.lru_cache(maxsize=2_000)
def is_language(text: str) -> bool:
    """A language tag by the lengths of its subtags, which is what Data 2.2 asks for."""
    return len(text) <= 100 and _LANGUAGE.fullmatch(text) is not None


@functools.lru_cache(maxsize=1_024)  # asked for twice for each statement: to check it, and for its label
def microseconds(text: str) -> int | None:
    """A timestamp (Data 4.5) as microseconds since 1970, UTC; None if it is not one. Without a zone it is UTC.

    >>> microseconds("1970-01-01T01:00:00.5+01:00")
    500000
    >>> microseconds("2026-02-30T00:00:00Z") is None
    True
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    if match["second"] == "60":  # a leap second counts as the second after it
        before = microseconds(text[: match.start("second")] + "59" + text[match.end("second") :])
        return None if before is None else before + 1_000_000
    zone = match["zone"]
    if zone is not None and zone[0] == "-" and not zone.strip("-0:"):
        return None  # ISO 8601:2004, 4.2.5.1: there is no negative zero
    try:
        moment = datetime.fromisoformat(text)
        return ((moment.replace(tzinfo=UTC) if zone is None else moment) - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return None


def timestamp(microseconds_: int) -> str:
    """Microseconds since 1970 as an xAPI timestamp in UTC.

    >>> timestamp(500000)
    '1970-01-01T00:00:00.500000Z'
    """
    seconds_, rest = divmod(microseconds_, 1_000_000)
    return f"{_second(seconds_)}.{rest:06d}Z"


@functools.lru_cache(maxsize=1_024)  # statements that are read together were often stored together
def _second(seconds_: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds_)).strftime("%Y-%m-%dT%H:%M:%S")


@functools.lru_cache(maxsize=4_096)
def seconds(text: str) -> float | None:
    """A duration (Data 4.6, ISO 8601:2004 4.4.3.2) in seconds; a year is 365 days, a month 30. None if it is not one.

    >>> seconds("PT1M30.5S")
    90.5
    >>> seconds("P1Y2W") is None
    True
    """
    given = _units(text)
    if given is None:
        return None
    total = sum(float(part) * unit for part, unit in given)
    return total if math.isfinite(total) else None  # beyond a double: no time that anybody has measured


def hundredths(text: str) -> tuple[tuple[str, int, int], ...] | None:
    """What of a duration counts in a comparison: each unit as it was written, cut off below 0.01 s (Data 4.6).

    A duration is compared as a text, because a month has no fixed length (Data 2.3.1); but two texts that differ by
    less than 0.01 s only are equal.

    Returns:
        (whole number as written, seconds of its unit, its fraction in hundredths of a second), or None if it is no
        duration.

    >>> hundredths("PT1M0.1237S") == hundredths("PT1M0.12S")
    True
    >>> hundredths("PT60S") == hundredths("PT1M")
    False
    """
    given = _units(text)
    if given is None:
        return None
    compared = []
    for part, unit in given:
        whole, _, fraction = part.partition(".")
        digits = fraction[:20]  # of a year, 20 digits are far below 0.01 s
        compared.append((whole, unit, int(digits or 0) * unit * 100 // 10 ** len(digits)))
    return tuple(compared)


def _units(text: str) -> list[tuple[str, int]] | None:
    """A duration as (decimal number, seconds of its unit), or None if it is not one."""
    weeks = _WEEKS.fullmatch(text)
    if weeks is not None:
        return [(weeks[1].replace(",", "."), 7 * 86_400)]
    match = _DURATION.fullmatch(text)
    if match is None or text[-1] in "PT":
        return None
    given = [(part.replace(",", "."), unit) for part, unit in zip(match.groups(), _SECONDS, strict=True) if part]
    if any("." in part for part, _ in given[:-1]):
        return None  # only the smallest unit may have a fraction
    return given
