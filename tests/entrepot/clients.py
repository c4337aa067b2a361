"""A tool's side of the sandbox's services, written by hand: a key, tokens, calls."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

from entrepot.sandbox import ags, claims, tokens
from entrepot.sandbox.platform import Platform
from entrepot.sandbox.profiles import SCOPES
from tests.lti_tool import lms

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = lms.signer("tool-1")


def key_set() -> dict[str, Any]:
    """The tool's key set."""
    return {"keys": [tokens.jwk(KEY)]}


def assertion(platform: Platform, **changes: Any) -> str:
    """A client assertion; None takes a claim out."""
    now = int(time.time())
    body = {
        "iss": "client-a",
        "sub": "client-a",
        "aud": f"{platform.base}/token",
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
        **changes,
    }
    return tokens.sign(KEY, {name: value for name, value in body.items() if value is not None})


def ask(platform: Platform, *scopes: str, **changes: Any) -> requests.Response:
    """Ask for a token."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion(platform),
        "scope": " ".join(scopes),
        **changes,
    }
    return requests.post(f"{platform.base}/token", data=form, timeout=5)


@dataclass
class Client:
    """A tool with a token of some scopes."""

    platform: Platform
    scopes: tuple[str, ...] = SCOPES
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = ask(self.platform, *self.scopes).json()["access_token"]

    @property
    def lineitems(self) -> str:
        place = lms.course(self.platform)
        return claims.lineitems_url(self.platform, place, self.platform.profile(lms.PLACE), "client-a")

    def of(self, what: str) -> str:
        """The address of a service of course-1 beside the line items: memberships, groups, sets."""
        return f"{self.platform.base}/{lms.PLACE}/lti/{lms.course(self.platform).context}/{what}"

    def call(self, method: str, url: str, body: Any = None, kind: str = "", **headers: str) -> requests.Response:
        """Call a service; `kind` is the media type of what is sent or wanted."""
        told = {"Authorization": f"Bearer {self.token}", **headers}
        if kind:
            told["Content-Type" if body is not None else "Accept"] = kind
        data = None if body is None else body if isinstance(body, str) else json.dumps(body)
        return requests.request(method, url, data=data, headers=told, timeout=5)

    def score(self, item: str = "", kind: str = ags.SCORE_TYPE, **changes: Any) -> requests.Response:
        """Post a score to the graded link's line item; None takes a member out."""
        body = {
            "userId": lms.user(self.platform),
            "scoreGiven": 87.5,
            "scoreMaximum": 100,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-11-25T10:00:00.000Z",
            **changes,
        }
        return self.call(
            "POST",
            under(item or lms.line_item(self.platform), "/scores"),
            {name: value for name, value in body.items() if value is not None},
            kind,
        )

    def grade(self, person: str = lms.LEARNER) -> float | None:
        """What the gradebook shows for the graded link."""
        found = self.platform.grades.get((lms.user(self.platform, person), lms.line_item(self.platform)))
        return found.value if found else None


def under(url: str, tail: str) -> str:
    """The address below a line item's, before its query."""
    path, mark, query = url.partition("?")
    return f"{path}{tail}{mark}{query}"
