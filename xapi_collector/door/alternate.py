"""The alternate request syntax: any request as a POST of a form, for pages that can do no more. Floor 1.

xAPI 1.0.3, Communication 1.3 and Appendix C; xAPI 2.0 has it no more. A request of this form becomes the one that it
means before it is routed, so that nothing else knows of it.
"""

import io
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.wsgi import get_input_stream

from xapi_collector import errors
from xapi_collector.door import body
from xapi_collector.grammar import versions

Environ = dict[str, Any]

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
MEDIA_TYPES = ("", "application/x-www-form-urlencoded", "text/plain")
"""Of the outer request; the pages that this is for cannot always set one (Communication 1.3, "SHOULD")."""

MOST_FIELDS = 100
_RULE = "XAPI-00336"
_HEADERS = {
    "authorization": "HTTP_AUTHORIZATION",
    "x-experience-api-version": "HTTP_X_EXPERIENCE_API_VERSION",
    "content-type": "CONTENT_TYPE",
    "content-length": None,  # of the content, which is at hand
    "if-match": "HTTP_IF_MATCH",
    "if-none-match": "HTTP_IF_NONE_MATCH",
}


def meant(environ: Environ) -> bool:
    """Whether a request has this form: a POST with the parameter `method`."""
    if environ["REQUEST_METHOD"] != "POST":
        return False
    query = environ.get("QUERY_STRING", "")
    return query.startswith("method=") or "&method=" in query


def read(environ: Environ, origins: frozenset[str]) -> Environ:
    """The request that one of this form means.

    Args:
        environ: Of the POST.
        origins: Pages that may send it. A browser adds a stored password to a form from any page, so a page that is
            not known must not be able to send one.

    Raises:
        errors.RequestError: It is malformed, or of xAPI 2.0.
        errors.ForbiddenError: It comes from a page that is not on the list.
        errors.TooLargeError: It is over the limit.
    """
    method = _method(environ)
    _check_sender(environ, origins)
    fields = _fields(environ)
    headers, parameters, content = _sorted(fields)
    version = headers.get("HTTP_X_EXPERIENCE_API_VERSION") or environ.get("HTTP_X_EXPERIENCE_API_VERSION")
    if version is not None and versions.negotiate(version) == versions.V2:
        raise _refused("xAPI 2.0 has no alternate request syntax.", "method", "the method itself")
    if (content is None) == (method in ("PUT", "POST")):
        raise _refused(
            "The form's content does not go with the method.", "content", "content with PUT and POST, and only there"
        )
    text = (content or "").encode()
    inner = environ | headers | {"REQUEST_METHOD": method, "QUERY_STRING": urlencode(parameters)}
    inner.pop("HTTP_TRANSFER_ENCODING", None)
    inner |= {"wsgi.input": io.BytesIO(text), "CONTENT_LENGTH": str(len(text))}
    inner["CONTENT_TYPE"] = headers.get("CONTENT_TYPE", "application/json") if content is not None else ""
    return inner


def _method(environ: Environ) -> str:
    query = parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)
    if len(query) != 1:
        raise _refused(
            "The form of a request has its parameters inside.", "method", "no other parameter in the address"
        )
    method: str = query[0][1]
    if method not in METHODS:
        raise _refused("The form names no method.", "method", f"one of {', '.join(METHODS)}")
    return method


def _check_sender(environ: Environ, origins: frozenset[str]) -> None:
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin not in origins:
        raise errors.ForbiddenError(
            "A page of this origin may not send forms.", path="Origin", expected="an origin on the collector's list"
        )
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() not in MEDIA_TYPES:
        raise _refused("The request is no form.", "Content-Type", MEDIA_TYPES[1])
    if environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise _refused("An encoded body is not taken.", "Content-Encoding", "no such header")


def _fields(environ: Environ) -> list[tuple[str, str]]:
    text = body.drain(get_input_stream(environ), body.LIMIT)
    try:
        return parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise _refused("The form is malformed.", "$", f"URL-encoded UTF-8, {MOST_FIELDS} fields at most") from None


def _sorted(fields: list[tuple[str, str]]) -> tuple[dict[str, str], list[tuple[str, str]], str | None]:
    """What of a form are headers, what are parameters, and the content; a parameter may be wrong, the route says so."""
    headers: dict[str, str] = {}
    parameters = []
    content = None
    seen = set()
    for name, value in fields:
        special = name.lower() in _HEADERS or name == "content"
        if special and name.lower() in seen:
            raise _refused("A field of the form is there twice.", name[:100], "the field once")
        seen.add(name.lower())
        if name == "content":
            content = value
        elif not special:
            parameters.append((name, value))
        elif (variable := _HEADERS[name.lower()]) is not None:
            headers[variable] = value
    return headers, parameters, content


def origin_of(url: str) -> str:
    """The origin of an address, as a browser writes it."""
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}".lower()


def _refused(detail: str, path: str, expected: str) -> errors.RequestError:
    return errors.RequestError(detail, path=path, rule=_RULE, expected=expected)
