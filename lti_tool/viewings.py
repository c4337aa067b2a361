"""What the tool's own player tells of a video: statements of the xAPI Video Profile. Floor 3.

xAPI Video Profile 1.0.3 (https://w3id.org/xapi/video): played, paused, seeked, completed, terminated, with places,
length, progress and the parts played. What a browser sends is read as numbers and written anew; nothing of it is passed
on as it came.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from curriculum.videos import Video
from lti_tool import emit
from lti_tool import learner as learners
from lti_tool.learner import Learner
from recommender import verbs, watching
from xapi_collector import playback

Document = dict[str, Any]
KIND = "https://w3id.org/xapi/video/activity-type/video"
CATEGORY = "https://w3id.org/xapi/video"
ACTS = {
    "played": verbs.PLAYED,
    "paused": verbs.PAUSED,
    "seeked": verbs.SEEKED,
    "completed": verbs.COMPLETED,
    "terminated": verbs.TERMINATED,
}
MOST = 50
"""Acts of one report."""
LARGEST = 60_000
"""Letters of one report."""
LONG_AGO = 6 * 3600.0
"""Seconds before a report of which an act is believed to have been."""
_SESSION = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONTEXT = ("session-id", "length", "completion-threshold")


@dataclass(frozen=True)
class Act:
    """Something that a viewer did.

    Attributes:
        name: One of `ACTS`.
        before: Seconds before the report.
        time: Place in the video; of a seek the place that was reached.
        left: Of a seek: the place that was left.
        parts: What was played in this viewing so far.
    """

    name: str
    before: float
    time: float
    left: float | None
    parts: tuple[tuple[float, float], ...]


def read(text: str) -> list[Act]:
    """The acts of a report; what cannot be one is left out.

    Args:
        text: JSON: a list of mappings with `act`, `ago` (milliseconds), `time`, `left` and `parts`.
    """
    try:
        listed = json.loads(text) if len(text) <= LARGEST else []
    except (ValueError, RecursionError):
        return []
    found = [_act(one) for one in listed[:MOST]] if isinstance(listed, list) else []
    return [one for one in found if one is not None]


def is_session(text: str) -> bool:
    """Whether a text is the id of a viewing, as our script makes it: a UUID."""
    return _SESSION.fullmatch(text) is not None


def statements(
    learner: Learner,
    base: str,
    video: Video,
    acts: Sequence[Act],
    *,
    session: str,
    new_id: Callable[[], uuid.UUID],
    now: float,
) -> list[Document]:
    """What the record store hears of a report.

    Args:
        learner: Who.
        base: The tool's public address.
        video: What is watched.
        acts: What was done.
        session: Id of the viewing.
        new_id: Makes statement ids.
        now: When the report came, seconds since the epoch.
    """
    name = {"en": video.name["en"], "zh": video.name["zh"]}
    about = {"objectType": "Activity", "id": video.activity, "definition": {"type": KIND, "name": name}}
    told = {"session-id": session, "length": video.seconds, "completion-threshold": str(video.enough)}
    context = {
        "contextActivities": {
            "category": [{"objectType": "Activity", "id": CATEGORY}],
            "parent": [{"objectType": "Activity", "id": emit.activity(learner.link, base)}],
        },
        "extensions": {f"{playback.BASE}{key}": told[key] for key in _CONTEXT},
    }
    return [
        {
            "id": str(new_id()),
            "actor": learners.agent(learner),
            "verb": {"id": ACTS[act.name], "display": {"en": act.name}},
            "object": about,
            "result": _result(act, video),
            "context": context,
            "timestamp": datetime.fromtimestamp(now - act.before, UTC).isoformat(timespec="milliseconds"),
        }
        for act in acts
    ]


def _result(act: Act, video: Video) -> Document:
    extensions: Document = {}
    if act.name == "seeked":
        extensions |= {playback.FROM: act.left or 0.0, playback.TO: act.time}
    else:
        extensions[playback.TIME] = act.time
    if act.name != "played":
        seen, _ = watching.cover(act.parts)
        share = min(1.0, sum(end - start for start, end in seen) / video.seconds)
        extensions[playback.PROGRESS] = round(share, 3)
        extensions[playback.SEGMENTS] = "[,]".join(f"{start:g}[.]{end:g}" for start, end in act.parts)
    made: Document = {"extensions": extensions}
    return {"completion": True, **made} if act.name == "completed" else made


def _act(raw: Any) -> Act | None:
    name = raw.get("act") if isinstance(raw, dict) else None
    if not isinstance(name, str) or name not in ACTS:
        return None
    ago, time, left = (_number(raw.get(name)) for name in ("ago", "time", "left"))
    if time is None:
        return None
    before = min(LONG_AGO, (ago or 0.0) / 1000)
    return Act(name, before, round(time, 3), left, playback.parts(raw.get("parts")))


def _number(value: Any) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e9
    return float(value) if fits else None
