"""The Label: the clear part of a stored statement, and how it is made, packed and unpacked. Floor 1.

The one type of this room that the recommender knows, so nothing heavy is imported here. A label holds no name, no mail
address and no free text: agents are pseudonyms, activities and verbs are IRIs.
"""

from dataclasses import dataclass
from typing import NamedTuple

import orjson

# Extensions of a result or a context that a label carries as numbers. What they count is for whoever reads labels to
# say; here they are two addresses.
HINTS = "https://entrepot.example/xapi/extensions/hints"
ATTEMPT = "https://entrepot.example/xapi/extensions/attempt"


class Playback(NamedTuple):
    """What a player says of a video (xAPI Video Profile), in seconds of the video; None where it does not say.

    Attributes:
        time: The place at which it happened.
        from_: Of a seek: the place that was left.
        to: Of a seek: the place that was reached.
        length: Of the whole video.
        progress: The share that was played so far, 0..1.
        session: A checksum of the id of the viewing.
        parts: What was played in this viewing so far, each from and to a second.
    """

    time: float | None = None
    from_: float | None = None
    to: float | None = None
    length: float | None = None
    progress: float | None = None
    session: int | None = None
    parts: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """What may be read of a statement without opening its envelope.

    Attributes:
        seq: Its place in the order of storing; grows with `stored`.
        stored: When it was stored, microseconds since 1970, UTC.
        id: The statement's id, a UUID in lower case.
        timestamp: When the experience occurred, microseconds since 1970, UTC; `stored` where the sender gave none.
        actor: The actor's pseudonym.
        verb: The verb's IRI.
        activity: The IRI of the object if that is an activity, else "".
        grouping: The IRIs of context.contextActivities.grouping, in the order sent.
        parent: The IRIs of context.contextActivities.parent, in the order sent.
        registration: context.registration, or None.
        score: result.score.scaled (-1..1), or None.
        success: result.success, or None.
        completion: result.completion, or None.
        duration: result.duration in seconds (a year is 365 days, a month is 30), or None.
        hints: The extension `HINTS`, a number of at least 0, or None.
        attempt: The extension `ATTEMPT`, a number of at least 1, or None.
        playback: What a player says of a video, or None.
    """

    seq: int
    stored: int
    id: str
    timestamp: int
    actor: str
    verb: str
    activity: str = ""
    grouping: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    registration: str | None = None
    score: float | None = None
    success: bool | None = None
    completion: bool | None = None
    duration: float | None = None
    hints: float | None = None
    attempt: float | None = None
    playback: Playback | None = None


_PLAYED = 8  # fields behind `parent` of a label with a playback
Packed = tuple[
    int | None, str, str, str, list[str], list[str], str | None, float | None, bool | None, bool | None, float | None
]
Counted = tuple[float | None, float | None]
Played = tuple[*Packed, *Counted, tuple[object, ...]]


def pack(fields: Packed | tuple[*Packed, *Counted] | Played) -> bytes:
    """The bytes that the store keeps: a label without what the store itself knows.

    Args:
        fields: The label's fields from `timestamp` on, in their order; `timestamp` is None where it equals `stored`.
            Without `hints` and `attempt` where both are None: nearly every statement, and all that were stored before
            there were such fields. With a plain tuple of a `Playback` behind them where there is one.
    """
    return orjson.dumps(fields)


def unpack(seq: int, stored: int, statement_id: bytes, packed: bytes) -> Label:
    """The label of packed bytes.

    >>> packed = pack((None, "p", "https://v.example/did", "", [], [], None, 0.5, True, None, None))
    >>> unpack(7, 9, bytes(16), packed).score
    0.5
    """
    timestamp, actor, verb, activity, grouping, parent, *rest = orjson.loads(packed)
    if len(rest) == _PLAYED:
        said = Playback(*rest[-1])
        rest[-1] = said._replace(parts=tuple((start, end) for start, end in said.parts))
    digits = statement_id.hex()
    return Label(
        seq,
        stored,
        f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}",
        stored if timestamp is None else timestamp,
        actor,
        verb,
        activity,
        tuple(grouping),
        tuple(parent),
        *rest,
    )
