"""A service of a platform, with its token. Floor 3."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence

from lti_tool import errors, hosts, urls
from lti_tool.keys import ToolKeys
from lti_tool.platforms import Platform
from lti_tool.services import links, wire
from lti_tool.services.tokens import Token, Tokens
from lti_tool.services.wire import Answer, Exchange, Limits
from storage.port import Storage


class Services:
    """How one process calls the services of all platforms; safe for several threads.

    Where a call may go: to an origin of the platform's registration (issuer, login, token, key set), or to one that a
    launch from this very platform named in a signed id_token (`lti_tool.hosts`): Canvas has its services on the
    university's own host, which no registration holds. Both may only be public addresses or lie in a network that the
    operator named. A next page stays on the origin of the first.

    Attributes:
        exchange: How this process asks other servers, without a token: for registration and key sets.
    """

    def __init__(
        self,
        keys: ToolKeys,
        storage: Storage,
        exchange: Exchange,
        *,
        now: Callable[[], float] = time.time,
        new_id: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self.exchange = exchange
        self._storage = storage
        self._tokens = Tokens(keys, exchange, now, new_id)

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
        limits: Limits = wire.SERVICE,
    ) -> Answer:
        """Call a service with a token of these scopes.

        A kept token that the platform refuses is replaced once: the platform may have forgotten it.

        Args:
            platform: Whose service.
            scopes: URIs; the token has these and no others.
            method: "GET", "POST", "PUT" or "DELETE".
            url: Named by the platform in a launch or in an answer; must lie on an origin that is the platform's.
            body: What to send.
            content_type: Of the body.
            accept: What is wanted.
            limits: How long it may take, and how large the answer may be.

        Raises:
            errors.ServiceError: Any answer but 2xx, none, or an address that must not be asked.
        """
        if not hosts.known(self._storage, platform, urls.origin(url)):
            raise errors.ServiceError("unsafe")
        headers = {"Accept": accept, **({"Content-Type": content_type} if content_type else {})}

        def send(token: Token) -> Answer:
            authorised = {**headers, "Authorization": f"Bearer {token.text}"}
            return self.exchange(method, url, headers=authorised, body=body, limits=limits)

        token, new = self._tokens.get(platform, scopes)
        try:
            return send(token)
        except errors.ServiceError as error:
            if new or error.kind != "unauthorised":
                raise
        token, _ = self._tokens.get(platform, scopes, refused=token)
        return send(token)

    def pages(
        self, platform: Platform, scopes: Sequence[str], url: str, *, accept: str, most: int = 1000
    ) -> Iterator[Answer]:
        """Every page from this address on, by rel="next" (RFC 8288), at most so many and none twice.

        Raises:
            errors.ServiceError: As `call`; a page comes twice or there are too many (`malformed`), or it lies on
                another origin than the first (`unsafe`).
        """
        first = urls.origin(url)
        seen: set[str] = set()
        following: str | None = url
        while following is not None:
            if following in seen or len(seen) >= most:
                raise errors.ServiceError("malformed")
            if urls.origin(following) != first:
                raise errors.ServiceError("unsafe")
            seen.add(following)
            answer = self.call(platform, scopes, "GET", following, accept=accept, limits=wire.PAGE)
            yield answer
            following = links.following(answer.headers.get("link", ""), following)
