"""The collector as a WSGI application: the one place that ties the knot. Floor 1.

`entrepot collector` serves it (`entrepot.rsgi`). Routes are in `resources/`, what every answer has in `door/wsgi.py`,
how an error is answered in `door/answer.py`. xAPI 1.0.3, Communication 1 and 3.
"""

import os
import time
import uuid
from collections.abc import Callable
from multiprocessing.util import Finalize
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import NullSession, SessionInterface
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from storage.connect import connect
from storage.port import Storage
from storage.settings import from_environ
from xapi_collector import envelope, keymark, keyring
from xapi_collector.collector import Collector
from xapi_collector.door import answer, gate, lane
from xapi_collector.door.answer import Answer
from xapi_collector.keyring import Keyring
from xapi_collector.resources import (
    about,
    activities,
    activity_profile,
    agent_profile,
    agents,
    caliper,
    health,
    openapi,
    state,
    statements,
)
from xapi_collector.settings import COLLECTIONS, Settings
from xapi_collector.upkeep import reindex
from xapi_collector.watch import logs, observe
from xapi_collector.watch.metrics import Counters


class _NoSessions(SessionInterface):
    _none = NullSession()

    def open_session(self, *_: object) -> NullSession:
        return self._none


class _Machines(Flask):
    """Flask without what a record store never uses: sessions, hosts, coroutines; a tenth of a small request."""

    session_interface = _NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Every view is a plain function."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The routes are found by path alone: the collector answers under whatever name it is reached by."""
        if request is None:
            return None
        environ = request.environ
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        return MapAdapter(self.url_map, "", "/", "", "http", path, environ["REQUEST_METHOD"], environ["QUERY_STRING"])


def create_app(
    settings: Settings,
    storage: Storage,
    keys: Keyring,
    *,
    clock: Callable[[], int] = lambda: time.time_ns() // 1000,
    random: envelope.Random = os.urandom,
    new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    timer: Callable[[], float] = time.perf_counter,
    counters: Counters | None = None,
    log: logs.Write | None = None,
) -> Flask:
    """The application over an opened store; reads no environment and opens nothing.

    Args:
        settings: Its own settings.
        storage: Opened with `settings.COLLECTIONS`.
        keys: The institution's keyring.
        clock: Microseconds since 1970, UTC.
        random: Makes random bytes.
        new_id: Makes UUIDs for statements that have none.
        timer: Seconds that only grow.
        counters: What is counted, shared with the other workers; by default only this process counts.
        log: Takes a line about each request; by default nobody does.
    """
    app = _Machines("xapi_collector", static_folder=None)
    collector = Collector(storage, keys, envelope.DataKeys(storage, keys.sealing_key, random), clock, random, new_id)
    keymark.check(storage, keys)
    reindex.pending(storage)  # marks an empty store as indexed by this version
    door = gate.create(settings, storage, keys, clock)
    handle = statements.handler(collector, door)
    inner = lane.wrap(app.wsgi_app, statements.PATH, handle)
    app.wsgi_app = inner  # type: ignore[method-assign,assignment]  # where Flask's manual puts a middleware
    door.install(app)
    app.register_blueprint(about.blueprint())
    app.register_blueprint(statements.blueprint(handle))
    for each in (activities, activity_profile, agent_profile, agents, state):
        app.register_blueprint(each.blueprint(collector, door))
    app.register_blueprint(caliper.blueprint(collector, door, settings.canvas))
    counters = Counters(None) if counters is None else counters
    app.register_blueprint(health.blueprint(collector, door, counters, settings))
    app.register_blueprint(openapi.blueprint())
    for kind in answer.EXPECTED:
        app.register_error_handler(kind, _expected)
    app.register_error_handler(HTTPException, _http)
    observe.install(app, counters, log, institution=settings.institution, clock=clock, timer=timer, random=random)
    return app


def application() -> Flask:
    """The application that the environment describes; called by each worker process for itself."""
    settings = from_environ(Settings, os.environ)
    keys = keyring.load(settings.keyring)
    storage = connect(settings.storage, *COLLECTIONS)
    Finalize(None, storage.close, exitpriority=10)  # a worker of granian ends without atexit
    logs.configure(settings.institution)
    return create_app(settings, storage, keys, counters=Counters(settings.metrics), log=logs.to_stderr)


def _response(answered: Answer) -> Response:
    return Response(answered.body, answered.status, answered.headers, content_type=answered.content_type or None)


def _expected(error: Exception) -> Response:
    return _response(answer.of(error, request.environ))


def _http(error: HTTPException) -> Response:
    headers = [(name, value) for name, value in error.get_headers(request.environ) if name == "Allow"]
    return _response(answer.problem(error.name, error.code or 500, error.description, headers))
