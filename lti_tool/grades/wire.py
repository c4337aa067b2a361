"""A score as it is sent, and a result as it is read. Floor 3.

LTI Assignment and Grade Services 2.0, sections 3.3 (results) and 3.4 (scores); the body is pylti1p3's `Grade`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pylti1p3.grade import Grade

from lti_tool import errors, platforms
from lti_tool.courses import Course
from lti_tool.grades import line_items, outbox
from lti_tool.grades.outbox import Score
from lti_tool.platforms import Platform
from lti_tool.services.connector import Services

SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
READ_RESULTS = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
MOST = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Result:
    """A grade as the gradebook has it.

    Attributes:
        user: The platform's id of the person.
        score: None if there is no grade.
        maximum: Of how many.
        comment: Empty if none.
    """

    user: str
    score: float | None
    maximum: float
    comment: str = ""

    @property
    def share(self) -> float | None:
        """Score of maximum; None if there is no grade."""
        return None if self.score is None else self.score / self.maximum


def moment(stamp: int) -> str:
    """Microseconds since 1970 as ISO 8601 with its zone and all six digits (section 3.4.9).

    >>> moment(1_795_000_000_000_001)
    '2026-11-18T11:06:40.000001+00:00'
    """
    return (EPOCH + timedelta(microseconds=stamp)).isoformat(timespec="microseconds")


def body(score: Score, user: str, platform: Platform) -> bytes:
    """The body of a score for the platform's user."""
    grade = (
        Grade()
        .set_user_id(user)
        .set_timestamp(moment(score.stamp))
        .set_activity_progress(score.activity)
        .set_grading_progress(score.grading)
    )
    if score.given is not None:
        grade.set_score_given(score.given).set_score_maximum(score.maximum)
    if score.comment:
        grade.set_comment(score.comment)
    family = platforms.family(platform)
    # `ever`: one was taken, or may have been, be it this one in a try without an answer or another before a better one.
    extra = {**family.score_extra, **(family.score_again if score.ever else {})}
    if extra:
        grade.set_extra_claims(extra)
    text: str = grade.get_value()
    return text.encode()


def send(services: Services, platform: Platform, url: str, content: bytes) -> None:
    """Send a score to a line item (section 3.4.4).

    The body of the answer says nothing that we need, but one that no gradebook would give is none: a page of a server
    that is being mended comes with 200 as well.

    Raises:
        errors.ServiceError: As `Services.call`; a page, or JSON that is none, is `malformed`.
    """
    answer = services.call(
        platform, [outbox.SCOPE], "POST", line_items.below(url, "scores"), body=content, content_type=SCORE
    )
    kind = answer.headers.get("content-type", "").lower()
    if "html" in kind:
        raise errors.ServiceError("malformed", answer.status)
    if "json" in kind and answer.body.strip():
        answer.json()


def results(services: Services, platform: Platform, url: str, *, user: str = "") -> Iterator[Result]:
    """The results of a line item, page after page (section 3.3.4).

    Args:
        services: How to ask.
        platform: Whose line item.
        url: The line item.
        user: Only those of this user.

    Raises:
        errors.ServiceError: As `Services.pages`, or a page is no list of results (`malformed`).
    """
    asked = {"user_id": user} if user else {"limit": str(platforms.family(platform).page)}
    address = line_items.with_query(line_items.below(url, "results"), asked)
    for answer in services.pages(platform, [READ_RESULTS], address, accept=RESULTS, most=MOST):
        listed = answer.json()
        if not isinstance(listed, list):
            raise errors.ServiceError("malformed", answer.status)
        for result in map(_result, listed):
            if not user or result.user == user:
                yield result


def may_read(course: Course) -> bool:
    """Whether results may be read here."""
    return READ_RESULTS in course.scopes


def _result(raw: Any) -> Result:
    if not isinstance(raw, dict):
        raise errors.ServiceError("malformed")
    score, maximum = _number(raw.get("resultScore")), _number(raw.get("resultMaximum"))
    comment = raw.get("comment")
    return Result(
        user=str(raw.get("userId", "")),
        score=score,
        maximum=maximum or 1.0,  # section 3.3.5.4: where it is missing, it is 1
        comment=comment if isinstance(comment, str) else "",
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
