"""What stands around the application: what every answer carries, and requests that mean another one. Floor 1.

Outside of Flask, where a header costs a tenth of a microsecond and no answer can go past it. xAPI 1.0.3,
Communication 1.3 and 3.3.
"""

from collections.abc import Callable, Iterable
from typing import Any

from xapi_collector import errors
from xapi_collector.door import alternate, cors
from xapi_collector.grammar import versions

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

ROOT = "/xapi/"
VERSIONLESS = ("/xapi/about", "/xapi/openapi.json")
"""What any client may ask below the root without a version (Communication 2.8)."""

REFUSED = "entrepot.misread"
"""The key of the environment under which the application finds an error that it has to answer."""

# What a sender stored comes back as a document of its media type: no browser may take it for a page of ours.
_SAFE = [("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "default-src 'none'; sandbox")]


def wrap(application: Application, url: str, allowed: frozenset[str]) -> Application:
    """The application with what stands around it.

    Args:
        application: Flask's.
        url: The public address of the collector; its own pages may send forms.
        allowed: Origins of pages that may talk to it.
    """
    forms = allowed | {alternate.origin_of(url)}

    def outer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and cors.is_preflight(environ):
            start_response("204 No Content", cors.preflight(origin, allowed))
            return ()
        sized = True
        if alternate.meant(environ) and environ.get("PATH_INFO", "").startswith(ROOT):
            meant = _meant(environ, forms)
            environ.clear()  # in place: who watches from outside sees the request that is meant, and its notes
            environ.update(meant)
            sized = environ["REQUEST_METHOD"] != "HEAD"  # to the server it is a POST still, whose answer has no body
        own = [(versions.HEADER, _announced(environ)), *_SAFE, *cors.headers(origin, allowed)]

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if not sized:
                headers[:] = [each for each in headers if each[0] != "Content-Length"]
            headers.extend(own)
            return start_response(status, headers, *exc_info)

        return application(environ, start)

    return outer


def wants_version(path: str) -> bool:
    """Whether a request to this path has to name its version."""
    return path.startswith(ROOT) and path not in VERSIONLESS


def _meant(environ: Environ, forms: frozenset[str]) -> Environ:
    try:
        return alternate.read(environ, forms)
    except errors.RequestError as error:
        return environ | {REFUSED: error}


def _announced(environ: Environ) -> str:
    header = environ.get(versions.ENVIRON)
    return (
        versions.V1
        if header is None and not wants_version(environ.get("PATH_INFO", ""))
        else versions.announced(header)
    )
