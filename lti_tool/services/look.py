"""Look whether an address of the web still leads somewhere: a HEAD, else the beginning of a GET, redirect by redirect.

Floor 3. Somebody who wrote a link named the address, and each answer may name another: every one of them is resolved
and checked anew (`guard`), public addresses alone, and the connection goes to the address that was checked. Nothing of
a body is kept, and a large one is not read. Polite: a name, no cookie, no second try, and whoever calls waits between
two requests to one host.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from lti_tool import errors
from lti_tool.services import guard, wire
from lti_tool.services.wire import Limits

MOST = 5
"""Redirects that are followed."""
READ = 64 * 1024
"""Bytes of a body that are read."""
LIMITS = Limits(connect=5.0, silence=5.0, whole=10.0, largest=READ)
FOUND = ""
GONE, REFUSED, BUSY, FAILING, TIMEOUT, UNREACHABLE, TLS, LOOP, MANY, UNSAFE, MALFORMED, TYPE = REASONS = (
    "gone", "refused", "busy", "failing", "timeout", "unreachable", "tls", "loop", "many", "unsafe", "malformed",
    "type",
)  # fmt: skip
"""404 or 410; another 4xx; 429; 5xx; no answer in time; no server; a certificate that does not hold; redirects in a
circle; too many of them; an address that must not be asked; no HTTP; a page in the place of a file."""
_AGAIN = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_FILES = (".pdf", ".zip", ".csv", ".xlsx", ".xls", ".docx", ".doc", ".pptx", ".ppt", ".mp4", ".webm", ".mp3")


@dataclass(frozen=True)
class Seen:
    """What was seen.

    Attributes:
        reason: Why it leads nowhere: one of `REASONS`; `FOUND` where it leads somewhere.
        status: Of the last answer; 0 if there was none.
        url: Where it led in the end.
        moved: Whether a redirect for good was among those on the way.
        hops: How many requests were made.
    """

    reason: str
    status: int
    url: str
    moved: bool
    hops: int


Look = Callable[[str], Seen]
"""Look at one address; raises nothing."""


@dataclass(frozen=True)
class _Answer:
    status: int
    location: str
    kind: str


class _LostError(Exception):
    """No answer; the text is one of `REASONS`."""


def looker(
    allowed: Sequence[guard.Network] = (),
    *,
    pause: Callable[[str], None] = lambda _: None,
    context: ssl.SSLContext | None = None,
    resolve: guard.Resolve | None = None,
    limits: Limits = LIMITS,
) -> Look:
    """How a command looks at addresses.

    Args:
        allowed: Networks that are no public ones and may be asked all the same; for tests on this machine.
        pause: Called with the host before each request: it waits as long as manners want.
        context: Whose certificates hold; by default `wire.trust()`.
        resolve: How to look names up.
        limits: For each request.
    """

    @functools.cache
    def trusted() -> ssl.SSLContext:
        return context or wire.trust()

    def ask(method: str, url: str) -> _Answer:
        try:
            target = guard.examine(url, allowed, resolve, plain=True)
            pause(target.url.host)
            return _ask(method, target, trusted, limits)
        except errors.ServiceError as error:
            raise _LostError(error.kind) from None
        except TimeoutError:
            raise _LostError(TIMEOUT) from None
        except ssl.SSLError:
            raise _LostError(TLS) from None
        except (http.client.RemoteDisconnected, OSError):
            raise _LostError(UNREACHABLE) from None
        except (http.client.HTTPException, ValueError):
            raise _LostError(MALFORMED) from None

    return functools.partial(_followed, ask)


def _followed(ask: Callable[[str, str], _Answer], url: str) -> Seen:
    """Look at an address, and at where it leads."""
    at, moved, been, status, hops = url, False, set[str](), 0, 0
    try:
        while len(been) <= MOST:
            if at in been:
                return Seen(LOOP, status, at, moved, hops)
            been.add(at)
            answer, hops = ask("HEAD", at), hops + 1
            if answer.status >= 400 and answer.status not in {404, 410, 429}:
                # Many servers answer a HEAD with an error and a GET with the page.
                answer, hops = ask("GET", at), hops + 1
            status = answer.status
            if status not in _AGAIN or not answer.location:
                return Seen(_reason(answer, url), status, at, moved, hops)
            moved = moved or status in _FOR_GOOD
            at = urldefrag(urljoin(at, answer.location))[0]
    except _LostError as lost:
        return Seen(str(lost), status, at, moved, hops)
    except ValueError:  # what `urljoin` says to a Location that is no address
        return Seen(MALFORMED, status, at, moved, hops)
    return Seen(MANY, status, at, moved, hops)


def _reason(answer: _Answer, url: str) -> str:
    status = answer.status
    if 200 <= status < 300 or status in {304, 416}:
        path = url.partition("?")[0].partition("#")[0].lower()
        return TYPE if path.endswith(_FILES) and answer.kind == "text/html" else FOUND
    if status in {404, 410}:
        return GONE
    if status == 429:
        return BUSY
    return FAILING if status >= 500 else REFUSED


def _ask(method: str, target: guard.Target, trusted: Callable[[], ssl.SSLContext], limits: Limits) -> _Answer:
    end = time.monotonic() + limits.whole
    headers = {"Accept": "*/*"} if method == "HEAD" else {"Accept": "*/*", "Range": f"bytes=0-{READ - 1}"}
    with wire.connect(target, trusted, limits, end) as connected:
        response, found = wire.answer(wire.Line(connected, limits, end), target, method, headers, None)
        if method == "GET":
            with contextlib.suppress(http.client.IncompleteRead):  # the head was all that is asked for
                response.read(READ)
        kind = found.get("content-type", "").partition(";")[0].strip().lower()
        return _Answer(response.status, found.get("location", "").strip(), kind)
