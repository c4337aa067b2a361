"""The result of a Caliper event: score, response, duration, place in a medium. Floor 1, pure.

Caliper 1.2, C.38 (Result), C.39 (Score), the responses, C.6 (Attempt). Canvas sends scores beyond the maximum (credit
on top); xAPI 1.0.3, Data 2.4.5.1 allows none, so such a score is full, and its maximum is told in an extension.
"""

from collections.abc import Mapping
from typing import Any

from xapi_collector.caliper.entities import Entity, kind, part
from xapi_collector.grammar import formats

MAXIMUM = "http://purl.imsglobal.org/caliper/maxScore"
POSITION = "https://w3id.org/xapi/video/extensions/time"

_GIVEN = ("scoreGiven", "resultScore", "totalScore", "normalScore")
_MOST = ("maxScore", "maxResultScore")
_MEDIA = ("VideoObject", "AudioObject", "MediaObject")  # whose duration is their length
_COMPLETE = {("AssessmentEvent", "Submitted"), ("AssignableEvent", "Completed"), ("AssignableEvent", "Submitted")}


def result(event: Mapping[str, Any]) -> dict[str, Any]:
    """The result of an event; empty if it has none."""
    generated, attempt = event.get("generated"), event.get("object")
    found: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    _add_score(found, extensions, generated, attempt)
    response = _response(generated)
    if response is not None:
        found["response"] = response
    duration = _first(generated if kind(generated).endswith(("Response", "Attempt")) else attempt, ("duration",), str)
    if duration is not None and kind(attempt) not in _MEDIA and formats.seconds(duration) is not None:
        found["duration"] = duration
    if (event.get("type"), event.get("action")) in _COMPLETE:
        found["completion"] = True
    position = _first(event.get("target"), ("currentTime",), str)
    seconds = None if position is None else formats.seconds(position)
    if seconds is not None:
        extensions[POSITION] = seconds
    return found | ({"extensions": extensions} if extensions else {})


def _add_score(found: dict[str, Any], extensions: dict[str, Any], generated: Entity, attempt: Entity) -> None:
    raw = _number(generated, _GIVEN)
    if raw is None or kind(generated) not in ("Score", "Result"):
        return
    most = _number(generated, _MOST)
    if most is None:
        most = _number(part(attempt, "assignable"), _MOST)
    score: dict[str, Any] = {"raw": raw}
    if most is not None and most > 0:
        score["scaled"] = max(-1.0, min(1.0, raw / most))
        if raw <= most:
            score["max"] = most
            if raw >= 0:
                score["min"] = 0
        else:
            extensions[MAXIMUM] = most
    found["score"] = score


def _response(generated: Entity) -> str | None:
    """The answer given, several joined as in the interactions of xAPI (Data, appendix C)."""
    if not isinstance(generated, dict) or not kind(generated).endswith(("Response", "Rating")):
        return None
    for name in ("value", "values", "selections", "dateTimeSelected", "startedAtTimeSelected"):
        value = generated.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return "[,]".join(value)
        if isinstance(value, (int, float)):
            return str(value).lower()
    return None


def _number(entity: Entity, names: tuple[str, ...]) -> float | int | None:
    for name in names:
        value = entity.get(name) if isinstance(entity, dict) else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
    return None


def _first(entity: Entity, names: tuple[str, ...], type_: type[str]) -> str | None:
    for name in names:
        value = entity.get(name) if isinstance(entity, dict) else None
        if isinstance(value, type_):
            return value
    return None
