"""What a player says of a video, as numbers for a label: places, length, parts played. Floor 1, pure.

xAPI Video Profile 1.0.3 (https://w3id.org/xapi/video), extensions of the result and the context. Nothing but numbers
leaves this module: parts are parsed, and of a session's id only a checksum is kept, by which statements of one viewing
are told from those of another.
"""

import zlib
from collections.abc import Mapping
from typing import Any

from xapi_collector.label import Playback

BASE = "https://w3id.org/xapi/video/extensions/"
TIME, FROM, TO = f"{BASE}time", f"{BASE}time-from", f"{BASE}time-to"
LENGTH, PROGRESS, SEGMENTS, SESSION = (
    f"{BASE}length",
    f"{BASE}progress",
    f"{BASE}played-segments",
    f"{BASE}session-id",
)
_LONGEST = 1e6  # seconds: what is longer is no video
_PARTS = 500  # of one statement; more are no viewing but noise
_LETTERS = 20_000


def read(result: Mapping[str, Any], context: Mapping[str, Any]) -> Playback | None:
    """What a statement says of playing a video; None where it says nothing.

    Args:
        result: Of the statement, or empty.
        context: Of the statement, or empty.
    """
    listed = [part.get("extensions", {}) for part in (result, context)]
    if not any(name.startswith(BASE) for found in listed for name in found):
        return None
    number = {name: _number(listed, name) for name in (TIME, FROM, TO, LENGTH, PROGRESS)}
    segments = next((found[SEGMENTS] for found in listed if SEGMENTS in found), None)
    session = next((found[SESSION] for found in listed if SESSION in found), None)
    made = Playback(
        time=number[TIME],
        from_=number[FROM],
        to=number[TO],
        length=number[LENGTH],
        progress=number[PROGRESS],
        session=zlib.crc32(session.encode()) if isinstance(session, str) else None,
        parts=parts(segments),
    )
    return None if made == Playback() else made


def parts(text: Any) -> tuple[tuple[float, float], ...]:
    """The parts of `played-segments`, each from and to a second; what is none is left out.

    >>> parts("0[.]42.6[,]43[.]124.5[,]176.4")
    ((0.0, 42.6), (43.0, 124.5))
    """
    if not isinstance(text, str) or len(text) > _LETTERS:
        return ()
    found: list[tuple[float, float]] = []
    for part in text.split("[,]")[:_PARTS]:
        ends = [_second(end) for end in part.split("[.]")]
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] < ends[1]:
            found.append((ends[0], ends[1]))
    return tuple(found)


def _number(listed: list[Mapping[str, Any]], name: str) -> float | None:
    """A number under an extension, of the result before the context; anything else says nothing."""
    for found in listed:
        value = found.get(name)
        # true and false are numbers to Python alone; nan and the infinite are not in JSON
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST:
            return float(value)
    return None


def _second(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= _LONGEST else None
