"""One request to another record store, and what its answer means. Floor 1. xAPI 1.0.3, Communication 2.1.2 and 3.2.

Nothing of an answer but its status and Retry-After is looked at, and nothing of it reaches a log or a document of ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests
from requests import auth

from xapi_collector.grammar import versions

TIMEOUT = (5.0, 60.0)  # seconds to connect, and between two bytes of the answer
_REFUSED = (400, 413, 422)
_MOST = 64 * 1024  # of an answer; more is not waited for
TAKEN, THERE, REFUSED, FAILED = "taken", "there", "refused", "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request.

    Attributes:
        kind: TAKEN: acknowledged. THERE: an id is known there. REFUSED: this content will never do. FAILED: try again.
        status: The HTTP status; 0 if there was no answer.
        reason: Why, in a word of ours.
        retry_after: Seconds that the target asks us to wait; 0 if it does not.
    """

    kind: str
    status: int
    reason: str = ""
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: the resource of statements, the version spoken, the credential."""

    url: str
    version: str
    key: str
    secret: str

    def __repr__(self) -> str:
        return f"Target({self.url})"


Post = Callable[[Target, bytes, str], Outcome]


def poster(session: requests.Session, now: Callable[[], datetime]) -> Post:
    """A function that posts a body of a content type to a target.

    Args:
        session: Kept open between requests.
        now: For a Retry-After that is a date.
    """

    def post(target: Target, body: bytes, content_type: str) -> Outcome:
        headers = {"Content-Type": content_type, versions.HEADER: target.version}
        try:
            with session.post(
                f"{target.url}/statements",
                data=body,
                headers=headers,
                auth=auth.HTTPBasicAuth(target.key.encode(), target.secret.encode()),
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                answer.raw.read(_MOST)  # so that the connection can serve again
                return _outcome(answer.status_code, answer.headers.get("Retry-After", ""), now)
        except requests.Timeout:
            return Outcome(FAILED, 0, "timeout")
        except requests.exceptions.SSLError:
            return Outcome(FAILED, 0, "certificate")
        except (requests.RequestException, OSError, ValueError):
            return Outcome(FAILED, 0, "unreachable")

    return post


def _outcome(status: int, retry_after: str, now: Callable[[], datetime]) -> Outcome:
    if status in (200, 204):
        return Outcome(TAKEN, status)
    if status == 409:
        return Outcome(THERE, status, "another statement has this id there")
    if status in _REFUSED:
        return Outcome(REFUSED, status, "too large" if status == 413 else "refused as invalid")
    reason = {401: "credential unknown there", 403: "credential may not write there"}.get(status, f"status {status}")
    return Outcome(FAILED, status, reason, _seconds(retry_after, now))


def _seconds(text: str, now: Callable[[], datetime]) -> int:
    """The seconds of a Retry-After (RFC 9110, 10.2.3), a day at most."""
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), 86_400)
    try:
        return max(0, min(86_400, int((parsedate_to_datetime(text) - now()).total_seconds())))
    except (TypeError, ValueError, OverflowError):
        return 0
