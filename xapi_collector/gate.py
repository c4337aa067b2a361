"""What every request passes before a route: its version, its credential, its scopes, its pace. Floor 1.

Made once in `app.create_app` and handed to every blueprint. xAPI 1.0.3, Communication 3.3 and 4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, g, request

from storage.port import Storage
from xapi_collector import auth, errors, scopes, versions
from xapi_collector.keyring import Keyring

_ROOT = "/xapi/"
VERSIONLESS = ("/xapi/about", "/xapi/openapi.json")
"""Routes below /xapi/ that any client may ask without a version (Communication 2.8)."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate of one application.

    Attributes:
        storage: Where credentials are.
        keyring: The institution's.
        url: The public address of the collector, without a slash at its end.
        clock: Microseconds since 1970, UTC.
    """

    storage: Storage
    keyring: Keyring
    url: str
    clock: Callable[[], int]

    @property
    def path(self) -> str:
        """The path of the public address, such as /xapi."""
        return urlsplit(self.url).path

    def enter(self, *wanted: str) -> auth.Credential:
        """Let the current request in.

        Args:
            wanted: Scopes; one of them is enough, `all` always is, and `all/read` is where the request reads.

        Returns:
            Its credential; also in `flask.g.credential` from now on.

        Raises:
            errors.UnauthorizedError: It has no credential, or a wrong one.
            errors.ForbiddenError: Its credential has none of the scopes.
            errors.TooManyError: Its credential sends too many requests.
        """
        header = request.environ.get("HTTP_AUTHORIZATION")
        credential = auth.authenticate(self.storage, self.keyring, header, self.url, self.clock())
        g.credential = credential
        if not scopes.permit(credential.scopes, wanted, request.environ["REQUEST_METHOD"]):
            raise errors.ForbiddenError(
                "The credential may not do this.",
                path="Authorization",
                rule="Communication 4.2",
                expected=f"a credential with the scope {' or '.join(wanted)}",
            )
        return credential

    def install(self, app: Flask) -> None:
        """Have every request of the app pass here first."""
        app.before_request(_open)


def _open() -> None:
    header = request.environ.get("HTTP_X_EXPERIENCE_API_VERSION")
    rule = request.url_rule
    if rule is None or not rule.rule.startswith(_ROOT) or rule.rule in VERSIONLESS:
        g.version = versions.V1 if header is None else versions.announced(header)
        return
    g.version = versions.announced(header)
    versions.negotiate(header)
