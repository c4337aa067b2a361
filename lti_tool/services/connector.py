"""A service of a platform, with its token. Floor 3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lti_tool.platforms import Platform
from lti_tool.services.wire import Answer


class Services:
    """How one process calls the services of all platforms; safe for several threads."""

    def call(
        self,
        platform: Platform,
        scopes: Sequence[str],
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        content_type: str = "",
        accept: str = "application/json",
    ) -> Answer:
        """Call a service with a token of these scopes.

        Args:
            platform: Whose service.
            scopes: URIs; the token has these and no others.
            method: "GET", "POST", "PUT" or "DELETE".
            url: Named by the platform in a launch or in an answer; must lie on a host of its registration.
            body: What to send.
            content_type: Of the body.
            accept: What is wanted.

        Raises:
            errors.ServiceError: Any answer but 2xx, none, or an address that must not be asked.
        """
        raise NotImplementedError

    def pages(
        self, platform: Platform, scopes: Sequence[str], url: str, *, accept: str, most: int = 1000
    ) -> Iterator[Answer]:
        """Every page from this address on, by rel="next" (RFC 8288), at most so many and none twice.

        Raises:
            errors.ServiceError: As `call`; a page comes twice, or there are too many (`malformed`).
        """
        raise NotImplementedError
