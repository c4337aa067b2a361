"""What a watchman asks: does the process live, can it work, what did it do. No part of xAPI."""

import orjson
from flask import Blueprint, Response

from xapi_collector.collector import Collector
from xapi_collector.door import scopes
from xapi_collector.door.gate import Gate
from xapi_collector.forwarding import forward
from xapi_collector.settings import Settings
from xapi_collector.watch import disk, metrics, readiness
from xapi_collector.watch.metrics import Counters, Gauge

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def blueprint(collector: Collector, gate: Gate, counters: Counters, settings: Settings) -> Blueprint:
    """GET /health, /ready (both for everybody) and /metrics (scope `metrics`)."""
    routes = Blueprint("health", __name__)

    def health() -> Response:
        return Response(b'{"status":"ok"}', mimetype="application/json")

    def ready() -> Response:
        reasons = readiness.reasons(collector.storage, collector.keyring, collector.clock)
        answer = {"status": "unready", "reasons": reasons} if reasons else {"status": "ready"}
        return Response(orjson.dumps(answer), 503 if reasons else 200, mimetype="application/json")

    def figures() -> Response:
        gate.enter(scopes.METRICS)
        return Response(metrics.render(counters, _gauges(collector, settings)), content_type=_TEXT)

    routes.add_url_rule("/health", "health", health)
    routes.add_url_rule("/ready", "ready", ready)
    routes.add_url_rule("/metrics", "metrics", figures)
    return routes


def _gauges(collector: Collector, settings: Settings) -> list[Gauge]:
    gauges = [
        Gauge("last_seq", "place of the newest statement in the order of storing", collector.storage.statements.last())
    ]
    directory = disk.directory(settings.storage)
    if directory is not None:
        room = disk.room(directory)
        gauges += [
            Gauge("store_bytes", "size of the store's files", room.store),
            Gauge("store_log_bytes", "size of the store's write-ahead log", room.log),
            Gauge("disk_free_bytes", "what the store's file system has left", room.free),
        ]
    forwarders = forward.status(collector.storage, collector.clock())
    for name, text, values in (
        (
            "forward_lag_seconds",
            "age of the oldest statement that a forwarder has to send",
            [f.lag for f in forwarders],
        ),
        ("forward_behind", "statements stored since a forwarder's place", [f.behind for f in forwarders]),
        ("forward_dead_letters", "statements that a forwarder's target refused", [f.dead for f in forwarders]),
    ):
        named = zip(forwarders, values, strict=True)
        gauges += [Gauge(name, text, value, {"forwarder": each.forwarder.name}) for each, value in named]
    return gauges
