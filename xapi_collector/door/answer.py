"""What a request is answered with, and what an error is answered with. Floor 1, pure.

Errors become problem documents (RFC 9457). xAPI 1.0.3, Communication 3.2.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

import orjson

from storage import errors as storage_errors
from xapi_collector import errors

Header = tuple[str, str]

RETRY_AFTER = "5"
"""Seconds that a client is told to wait for a store that is away or full."""

EXPECTED = (errors.RequestError, storage_errors.StorageError, errors.EnvelopeError, errors.KeyringError)
"""What a request may end in without anything being wrong with the program."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        body: Its bytes.
        content_type: Of the body, or "" where there is none.
        status: The HTTP status.
        headers: What it has besides.
    """

    body: bytes = b""
    content_type: str = "application/json"
    status: int = 200
    headers: list[Header] = field(default_factory=list)


def problem(title: str, status: int, detail: str | None, headers: list[Header]) -> Answer:
    """The problem document of an error that is not one of ours."""
    return _problem({"title": title, "status": status, "detail": detail}, headers)


def of(error: Exception, environ: dict[str, Any]) -> Answer:
    """The answer to one of EXPECTED.

    Args:
        error: What happened.
        environ: Of the request; the kind and the rule of a refusal are noted there, for those who count.
    """
    if isinstance(error, errors.RequestError):
        environ["entrepot.refused"] = error.title
        if error.rule:
            environ["entrepot.rule"] = error.rule
        return _problem(error.problem(), [*error.headers.items()])
    # The store or the keyring failed: nothing was acknowledged; the reason is in the log, not in the answer.
    _LOG.error("%s: %s", type(error).__name__, error)
    full = isinstance(error, storage_errors.FullError)
    status = 507 if full else 503 if isinstance(error, storage_errors.UnavailableError) else 500
    detail = "Nothing was stored or read; the log of the collector says why. Send it again later."
    return problem("Storage failed", status, detail, [] if status == 500 else [("Retry-After", RETRY_AFTER)])


def _problem(document: dict[str, Any], headers: list[Header]) -> Answer:
    return Answer(orjson.dumps(document), "application/problem+json", document["status"], headers)
