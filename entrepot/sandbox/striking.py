"""Where faults strike: around every service's view, before it acts or after. Floor 4.

A connection is dropped by closing its socket, which the server of the tests hands over; a server that does not gets an
answer that is cut short, which a client takes for the same.
"""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from flask import Flask, Response, g, request

from entrepot.sandbox.faults import SERVICES, Fault
from entrepot.sandbox.platform import Platform


def register(app: Flask, platform: Platform) -> None:
    """Stand around every service, and count what it answers."""

    @app.before_request
    def before() -> Response | None:
        if request.endpoint not in SERVICES:
            return None
        g.fault = platform.faults.take(str(request.endpoint))
        if g.fault is None or g.fault.after or g.fault.kind in {"headers", "slow"}:
            return None
        return _strike(platform, g.pop("fault"))

    @app.after_request
    def after(response: Response) -> Response:
        fault: Fault | None = g.get("fault")
        if fault is not None and fault.kind == "headers":
            response.headers["Link"] = '<<http://[::1>; rel=next; ,,, "'
            response.headers["Retry-After"] = "soon"
            _count(platform, response.status_code)
        elif fault is not None and fault.kind == "slow":
            _count(platform, response.status_code)
            platform.stopping.wait(fault.seconds)
        elif fault is not None and fault.after:
            response = _strike(platform, fault)
        elif request.endpoint in SERVICES and "fault" in g:
            _count(platform, response.status_code)
        return response


def _count(platform: Platform, status: int) -> None:
    with platform.lock:
        platform.counts[str(request.endpoint), status] += 1


def _strike(platform: Platform, fault: Fault) -> Response:
    # Counted before anybody hears of it, so that a test that has the answer finds the count.
    _count(
        platform, 0 if fault.kind in {"drop", "timeout"} else 200 if fault.kind in {"html", "json"} else int(fault.kind)
    )
    if fault.kind == "html":
        return Response("<!doctype html><title>Maintenance</title><h1>Back soon</h1>", 200, mimetype="text/html")
    if fault.kind == "json":
        return Response('{"id": "half an answ', 200, content_type="application/json")
    if fault.kind in {"drop", "timeout"}:
        if fault.kind == "timeout":
            platform.stopping.wait(fault.seconds)
        return _dropped()
    response = Response('{"error": "on purpose"}', int(fault.kind), content_type="application/json")
    if fault.retry_after:
        response.headers["Retry-After"] = _date(fault.retry_after) if "date" in fault.retry_after else fault.retry_after
    return response


def _dropped() -> Response:
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    return Response(iter(()), 200, {"Content-Length": "1000"})


def _date(wanted: str) -> str:
    """`date` or `date+60`: an HTTP date so many seconds ahead."""
    seconds = int(wanted.partition("+")[2] or 2)
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
