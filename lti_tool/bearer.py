"""Who a page belongs to after the launch: a signed, short-lived text in a hidden field. Floor 3.

Never in a URL or a cookie: frames may lose cookies, so the page carries its own proof. Signed
by a key derived from the keyring; it also keeps a foreign page from posting our forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from lti_tool import errors
from lti_tool.learner import Learner

LIFETIME = 3600
LONGEST = 5 * 3600
"""Seconds that any page lasts: a timed exam may be open as long as its time is, and a page of it with it."""
PURPOSE = "lti_tool page"

Clock = Callable[[], float]


def sign(learner: Learner, language: str, key: bytes, clock: Clock, lasts: int = LIFETIME) -> str:
    """The bearer of a page in a language, for so many seconds, at most `LONGEST`."""
    body = {**asdict(learner), "language": language}
    return _serializer(key, clock).dumps(body if lasts <= LIFETIME else {**body, "lasts": min(lasts, LONGEST)})


def read(text: str, key: bytes, clock: Clock) -> tuple[Learner, str]:
    """The learner and the language of a page.

    Raises:
        errors.PageRefused: Not signed by us, changed, or older than it lasts: an hour unless it says more.
    """
    try:
        body: dict[str, Any]
        body, signed = _serializer(key, clock).loads(text, max_age=LONGEST, return_timestamp=True)
    except SignatureExpired as error:
        raise errors.PageRefused("page_expired", "bearer") from error
    except BadSignature as error:
        raise errors.PageRefused("page_not_ours", "bearer") from error
    if int(clock()) - int(signed.timestamp()) > body.pop("lasts", LIFETIME):
        raise errors.PageRefused("page_expired", "bearer")
    language = body.pop("language")
    return Learner(**{**body, "roles": tuple(body["roles"])}), language


def _serializer(key: bytes, clock: Clock) -> URLSafeTimedSerializer:
    class Signer(TimestampSigner):
        """The library reads the clock itself; ours is an argument."""

        def get_timestamp(self) -> int:
            return int(clock())

    return URLSafeTimedSerializer(key, salt=PURPOSE, signer=Signer)
