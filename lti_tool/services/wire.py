"""One bounded HTTP exchange with an address that somebody else named. Floor 3."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool import errors


@dataclass(frozen=True)
class Answer:
    """An answer of status 2xx.

    Attributes:
        status: 200 to 299.
        headers: By name in lower case.
        body: At most `LARGEST` bytes.
        url: The address that was asked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            errors.ServiceError: It is none (`malformed`).
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise errors.ServiceError("malformed", self.status) from error


Exchange = Callable[..., Answer]
"""`exchange(method, url, *, headers={}, body=None, host="") -> Answer`; raises errors.ServiceError."""
