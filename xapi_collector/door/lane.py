"""The busiest route answered without the machinery of the others. Floor 1.

A store is asked for statements, and sent them, far more often than for all else together; matching of routes, contexts
and response objects would be half of a small request. What is asked here passes the same gate, and is answered and
refused by the same code.
"""

import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from xapi_collector.door import answer
from xapi_collector.door.answer import Answer
from xapi_collector.door.wsgi import Application, Environ

METHODS = frozenset(("GET", "HEAD", "POST", "PUT"))

_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_LOG = logging.getLogger(__name__)


def wrap(application: Application, path: str, handle: Callable[[Environ], Answer]) -> Application:
    """The application with a lane for METHODS of one path.

    Args:
        application: Answers everything else.
        path: The path.
        handle: Answers a request to it; whatever the request is, an answer.
    """

    def outer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != path or environ["REQUEST_METHOD"] not in METHODS:
            return application(environ, start_response)
        environ["entrepot.route"] = path
        try:
            answered = handle(environ)
        except Exception:  # noqa: BLE001 - the outermost place: a fault of ours is logged, and is an answer all the same
            _LOG.exception("A request failed.")
            answered = answer.problem("Internal Server Error", 500, "The log of the collector says why.", [])
        headers = [("Content-Length", str(len(answered.body)))] if answered.status != 204 else []
        if answered.content_type:
            headers.append(("Content-Type", answered.content_type))
        start_response(_LINES[answered.status], headers + answered.headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (answered.body,)

    return outer
