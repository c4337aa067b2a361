"""What every request passes before a route: its version, its credential, its scopes, its pace. Floor 1.

Made once in `app.create_app` and handed to every blueprint. xAPI 1.0.3, Communication 3.3 and 4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, g, request

from storage.port import Storage
from xapi_collector import errors
from xapi_collector.door import auth, cors, oidc, rate, scopes, wsgi
from xapi_collector.grammar import versions
from xapi_collector.keyring import Keyring
from xapi_collector.patience import Patience
from xapi_collector.settings import Settings


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate of one application.

    Attributes:
        storage: Where credentials are.
        keyring: The institution's.
        url: The public address of the collector, without a slash at its end.
        clock: Microseconds since 1970, UTC.
        origins: Of pages in a browser that may talk to the collector.
        issuer: Whose tokens are taken as well, or None.
        limiter: How fast a credential may send.
        patience: How long the store is waited for.
    """

    storage: Storage
    keyring: Keyring
    url: str
    clock: Callable[[], int]
    origins: frozenset[str]
    issuer: oidc.Issuer | None
    limiter: rate.Limiter
    patience: Patience

    @property
    def path(self) -> str:
        """The path of the public address, such as /xapi."""
        return urlsplit(self.url).path

    def enter(self, *wanted: str) -> auth.Credential:
        """Let Flask's current request in: see `admit`; its credential is in `flask.g` from now on."""
        credential = self.admit(request.environ, *wanted)
        g.credential = credential
        return credential

    def admit(self, environ: wsgi.Environ, *wanted: str) -> auth.Credential:
        """Let a request in.

        Args:
            environ: The request's; the key of its credential is noted there.
            wanted: Scopes; one of them is enough, `all` always is, and `all/read` is where the request reads.

        Returns:
            Its credential.

        Raises:
            errors.UnauthorizedError: It has no credential, or a wrong one.
            errors.ForbiddenError: Its credential has none of the scopes.
            errors.TooManyError: Its credential sends too many requests.
            errors.IssuerUnavailableError: The keys that its token is signed with cannot be had now.
            storage.errors.UnavailableError: The store is away, or was a moment ago.
        """
        now = self.clock()
        with self.patience.wait():
            credential = self._credential(environ.get("HTTP_AUTHORIZATION"), now)
        environ["entrepot.credential"] = credential.key
        seconds = self.limiter.wait(credential.key, now)
        if seconds:
            raise errors.TooManyError(
                "The credential sends too many requests.",
                retry_after=seconds,
                expected=f"{self.limiter.rate:g} a second in this process",
            )
        if not scopes.permit(credential.scopes, wanted, environ["REQUEST_METHOD"]):
            raise errors.ForbiddenError(
                "The credential may not do this.",
                path="Authorization",
                rule="Communication 4.2",
                expected=f"a credential with the scope {' or '.join(wanted)}",
            )
        return credential

    def open(self, environ: wsgi.Environ) -> str:
        """The version that a request below the root speaks.

        Raises:
            errors.RequestError: It names none that is spoken here, or its form meant no request.
        """
        if wsgi.REFUSED in environ:
            raise environ[wsgi.REFUSED]
        return versions.negotiate(environ.get(versions.ENVIRON))

    def install(self, app: Flask) -> None:
        """Have every request of the app pass here first."""
        app.before_request(_open)
        around = wsgi.wrap(app.wsgi_app, self.url, self.origins)
        app.wsgi_app = around  # type: ignore[method-assign,assignment]  # where Flask's manual puts a middleware

    def _credential(self, header: str | None, now: int) -> auth.Credential:
        if self.issuer is not None:
            if header is None:
                raise oidc.challenge("The request carries no credential.")
            if header[:7].lower() == "bearer ":
                return oidc.authenticate(self.issuer, header[7:].strip(), now)
        return auth.authenticate(self.storage, self.keyring, header, self.url, now)


def create(
    settings: Settings, storage: Storage, keyring: Keyring, clock: Callable[[], int], fetch: oidc.Fetch = oidc.fetch
) -> Gate:
    """The gate that the settings describe.

    Args:
        settings: The collector's.
        storage: Opened with `settings.COLLECTIONS`.
        keyring: The institution's.
        clock: Microseconds since 1970, UTC.
        fetch: How an issuer's keys are fetched.

    Raises:
        storage.errors.SettingsError: A setting has a form that cannot be meant.
    """
    return Gate(
        storage,
        keyring,
        settings.xapi_url.rstrip("/"),
        clock,
        cors.parse(settings.cors_origins),
        oidc.issuer(settings, keyring, fetch),
        rate.Limiter(settings.rate / max(settings.workers, 1)),
        Patience(clock),
    )


def _open() -> None:
    environ = request.environ
    header = environ.get(versions.ENVIRON)
    g.version = versions.V1 if header is None else versions.announced(header)
    if wsgi.REFUSED in environ:
        raise environ[wsgi.REFUSED]
    if wsgi.wants_version(environ.get("PATH_INFO", "")) and request.url_rule is not None:
        versions.negotiate(header)
