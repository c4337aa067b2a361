"""Videos as pages show them: what they are, how much of them was watched, what was watched again; pure. Floor 3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from curriculum.catalog import Catalog
from curriculum.videos import Video
from lti_tool import figures, texts
from lti_tool.texts import Say
from recommender import watching
from recommender.watching import Watched

SHOWN = 3
"""Parts that were watched again, of which a page tells."""


@dataclass(frozen=True)
class Line:
    """A video in words.

    Attributes:
        id: Of the video.
        title: Its name.
        facts: How long it is, its language where that is another, its terms.
        url: Where it is, where a page of ours cannot play it; empty where it can.
        share: How much was watched, in words; empty if nothing.
        width: The same, for an SVG attribute.
        done: Whether it is watched.
        again: What was watched more than once, in words; empty if nothing.
    """

    id: str
    title: str
    facts: str
    url: str
    share: str
    width: str
    done: bool
    again: str


def of_skill(catalog: Catalog, skill: str) -> list[Video]:
    """The videos that teach a skill, those that are about it first."""
    found = [one for one in catalog.videos.values() if skill in one.skills]
    return sorted(found, key=lambda one: one.skills.index(skill))


def lines(videos: Iterable[Video], watched: Mapping[str, Watched], language: str) -> list[Line]:
    """Videos in words.

    Args:
        videos: In the order of the page.
        watched: What the learner watched, by activity IRI.
        language: "en" or "zh".
    """
    say = texts.speaker(language)
    return [_line(one, watched.get(one.activity), language, say) for one in videos]


def seen(catalog: Catalog, watched: Mapping[str, Watched], language: str) -> list[Line]:
    """The videos of the catalog of which a learner watched something, the latest first."""
    mine = [one for one in catalog.videos.values() if one.activity in watched]
    return lines(sorted(mine, key=lambda one: -watched[one.activity].last), watched, language)


def clock(seconds: float) -> str:
    """A place in a video.

    >>> clock(75.4), clock(3671)
    ('1:15', '1:01:11')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _line(video: Video, watched: Watched | None, language: str, say: Say) -> Line:
    facts = [clock(video.seconds), say(f"video.licence.{video.licence}")]
    if language not in {one.partition("-")[0] for one in video.languages}:
        facts.insert(1, say("video.spoken", languages=say("list.comma").join(video.languages)))
    share = 0.0 if watched is None else watched.share or 0.0
    again = () if watched is None else watching.shortened(watched, SHOWN).again
    told = [say("video.part", start=clock(start), end=clock(end)) for start, end in again if end - start >= 1]
    return Line(
        id=video.id,
        title=video.name[language],
        facts=" · ".join(facts),
        url="" if video.plays else video.url,
        share=say("video.share", share=figures.share(share)) if share else "",
        width=figures.part(share),
        done=watching.satisfied(watched, video.enough),
        again=say("video.again", parts=say("list.comma").join(told)) if told else "",
    )
