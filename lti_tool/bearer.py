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
PURPOSE = "lti_tool page"

Clock = Callable[[], float]


def sign(learner: Learner, language: str, key: bytes, clock: Clock) -> str:
    """The bearer of a page in a language."""
    return _serializer(key, clock).dumps({**asdict(learner), "language": language})


def read(text: str, key: bytes, clock: Clock) -> tuple[Learner, str]:
    """The learner and the language of a page.

    Raises:
        errors.PageRefused: Not signed by us, changed, or older than an hour.
    """
    try:
        body: dict[str, Any] = _serializer(key, clock).loads(text, max_age=LIFETIME)
    except SignatureExpired as error:
        raise errors.PageRefused("page_expired", "bearer") from error
    except BadSignature as error:
        raise errors.PageRefused("page_not_ours", "bearer") from error
    language = body.pop("language")
    return Learner(**{**body, "roles": tuple(body["roles"])}), language


def _serializer(key: bytes, clock: Clock) -> URLSafeTimedSerializer:
    class Signer(TimestampSigner):
        """The library reads the clock itself; ours is an argument."""

        def get_timestamp(self) -> int:
            return int(clock())

    return URLSafeTimedSerializer(key, salt=PURPOSE, signer=Signer)
