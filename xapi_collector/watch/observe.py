"""Watches every request from around the application: its time, its line in the log, its counters. Floor 1.

A WSGI layer around all others, so that what is refused before any route (a preflight, an unknown address) is seen too.
What only the inside knows is handed over in `flask.g`: `credential`, `stored` (statements acknowledged), `refused`
(the kind of error) and `rule`: names of ours, never what the sender wrote.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request

from xapi_collector.watch import logs, metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
_TOKEN = re.compile(r"[0-9A-Fa-f-]{8,64}")  # no letters that could spell a name
_FROM_G = frozenset(("credential", "stored", "refused", "rule"))
_NOTED = {f"entrepot.{name}": name for name in ("route", *sorted(_FROM_G))}
_LEVELS = {5: "error", 4: "warning"}


def install(
    app: Flask,
    counters: metrics.Counters,
    write: logs.Write | None,
    *,
    institution: str,
    clock: Callable[[], int],
    timer: Callable[[], float],
    random: Callable[[int], bytes],
) -> None:
    """Put the observer around the application; call it last.

    Args:
        app: The application.
        counters: Where requests are counted.
        write: Takes the lines of the log, or None: there is none.
        institution: Its id, in every line.
        clock: Microseconds since 1970, UTC.
        timer: Seconds that only grow.
        random: Makes the part of the requests' ids that tells this process from others.
    """
    inner = app.wsgi_app
    process, numbers = random(6).hex(), itertools.count(1)
    always = {"institution": institution}

    def watched(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began = timer()
        token = environ.get("HTTP_X_REQUEST_ID", "")
        if not _TOKEN.fullmatch(token):
            token = f"{process}-{next(numbers):08x}"
        status = 500

        def start(line: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            nonlocal status
            status = int(line[:3])
            headers.append(("X-Request-Id", token))
            return start_response(line, headers, *error)

        try:
            return inner(environ, start)
        finally:
            seconds = timer() - began
            facts = _facts(environ)
            _count(counters, facts, status, seconds)
            if write is not None:
                facts |= {"status": status, "ms": round(seconds * 1000, 3), "request": token}
                write(logs.line(clock(), _LEVELS.get(status // 100, "info"), "request", facts | always))

    app.after_request(_note)
    app.wsgi_app = watched  # type: ignore[method-assign]  # the way that Flask documents for WSGI layers


def _note(response: Response) -> Response:
    """Hand what the inside knows over to the layer around it, where flask's own context is gone."""
    environ = request.environ
    rule = request.url_rule
    if rule is not None:
        environ["entrepot.route"] = rule.rule
    for name in g:
        if name in _FROM_G:
            value = g.get(name)
            environ[f"entrepot.{name}"] = value.key if name == "credential" else value
    return response


def _facts(environ: "WSGIEnvironment") -> dict[str, Any]:
    """What is known of a request besides its answer, in names of ours."""
    method = environ["REQUEST_METHOD"]
    facts = {name: environ[key] for key, name in _NOTED.items() if key in environ}
    return {"route": "none", "method": method if method in _METHODS else "other"} | facts


def _count(counters: metrics.Counters, facts: Mapping[str, Any], status: int, seconds: float) -> None:
    counters.request(facts["route"], facts["method"], status, seconds)
    if "stored" in facts:
        counters.add("statements", amount=facts["stored"])
    if "refused" in facts:
        counters.add("refused", facts["refused"])
