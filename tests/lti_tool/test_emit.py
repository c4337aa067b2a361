from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, Response, request

from curriculum import catalog as catalogs
from lti_tool import emit
from recommender import verbs
from recommender.recommend import Recommendation
from tests.lti_tool import builders
from tests.lti_tool.test_bearer import SOMEBODY

STATEMENT = {"id": str(uuid.uuid4())}


@dataclass
class Lrs:
    """An LRS that keeps what it gets, or answers with `status`."""

    base: str
    got: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def lrs() -> Iterator[Lrs]:
    app = Flask("lrs")
    kept = Lrs("")

    @app.post("/xapi/statements")
    def statements() -> Response:
        kept.got.append(request.get_json())
        kept.headers.append(dict(request.headers))
        return Response("[]", status=kept.status, mimetype="application/json")

    with builders.serving(app) as kept.base:
        yield kept


def offer(item: str = "AAA.TMA.1") -> Recommendation:
    return Recommendation("AAA.TMA", item, 0.75, 0.31, 0.5, 0.3, 0.2, "graph", (), (), 1.0986)


def test_statements_reach_the_lrs_as_one_batch_of_version_1_0_3(lrs: Lrs) -> None:
    send = emit.to_lrs(f"{lrs.base}/xapi", "key", "secret")
    new_id = uuid.uuid4
    launched = emit.launched(SOMEBODY, "https://tool.example", new_id=new_id, now=1_795_000_000.25)
    told = emit.recommended(
        SOMEBODY, "https://tool.example", catalogs.load("oulad"), [offer()], new_id=new_id, now=1_795_000_000.25
    )

    assert send([launched, *told])
    (got,) = lrs.got
    assert [statement["verb"]["id"] for statement in got] == [verbs.LAUNCHED, verbs.RECOMMENDED]
    assert [statement["id"] for statement in got] == [launched["id"], told[0]["id"]]
    assert got[0]["timestamp"].startswith("2026-11-18T")
    assert got[1]["context"]["extensions"][verbs.EXTENSION_CHANCE] == 0.75
    assert lrs.headers[0]["X-Experience-Api-Version"] == "1.0.3"


def test_an_lrs_that_refuses_or_is_away_is_told_apart_from_success(lrs: Lrs, unused_port: int) -> None:
    lrs.status = 500

    assert not emit.to_lrs(f"{lrs.base}/xapi", "key", "secret")([STATEMENT])
    assert not emit.to_lrs(f"http://127.0.0.1:{unused_port}/xapi", "key", "secret")([STATEMENT])


def test_putting_does_not_wait_for_the_lrs() -> None:
    gate = threading.Event()
    sent: list[Any] = []

    def slow(statements: Sequence[Any]) -> bool:
        gate.wait(10)
        sent.extend(statements)
        return True

    emitter = emit.Emitter(slow)
    began = time.monotonic()
    emit.put(emitter, [STATEMENT] * 3)
    waited = time.monotonic() - began
    gate.set()
    emit.stop(emitter)

    assert waited < 1
    assert sent == [STATEMENT] * 3


def test_a_second_try_succeeds_with_the_same_statements() -> None:
    tries: list[Any] = []

    def once_broken(statements: Sequence[Any]) -> bool:
        tries.append(list(statements))
        return len(tries) > 1

    emitter = emit.Emitter(once_broken, pause=0)
    emit.put(emitter, [STATEMENT])
    emit.stop(emitter)

    assert tries == [[STATEMENT], [STATEMENT]]


def test_what_the_lrs_never_takes_is_counted_in_the_log_without_a_word_of_it(caplog: pytest.LogCaptureFixture) -> None:
    emitter = emit.Emitter(lambda statements: False, pause=0)
    with caplog.at_level(logging.WARNING):
        emit.put(emitter, [{"id": "canary"}])
        emit.stop(emitter)

    assert caplog.messages == ["code=emit_failed dropped=1"]


def test_a_full_queue_drops_and_says_so(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    gate = threading.Event()
    monkeypatch.setattr(emit, "LONGEST_QUEUE", 2)
    emitter = emit.Emitter(_waiting(gate))
    with caplog.at_level(logging.WARNING):
        emit.put(emitter, [STATEMENT] * 10)
    gate.set()
    emit.stop(emitter)

    assert caplog.messages[0].startswith("code=emit_queue_full dropped=")


def test_a_stop_that_takes_too_long_gives_up(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    gate = threading.Event()
    monkeypatch.setattr(emit, "LONGEST_QUEUE", 1)
    monkeypatch.setattr(emit, "LARGEST_BATCH", 1)
    emitter = emit.Emitter(_waiting(gate))
    emit.put(emitter, [STATEMENT])
    while emitter.waiting.full():
        time.sleep(0.001)
    emitter.waiting.put(STATEMENT)
    with caplog.at_level(logging.WARNING):
        emit.stop(emitter, timeout=0.05)
    gate.set()

    assert "code=emit_stopped_full" in caplog.messages


def test_stopping_what_never_began_is_nothing() -> None:
    emitter = emit.Emitter(lambda statements: True)
    emit.stop(emitter)

    assert emitter.thread is None


def test_after_the_stop_nothing_new_begins() -> None:
    emitter = emit.Emitter(lambda statements: True)
    emit.stop(emitter)
    emit.put(emitter, [STATEMENT])

    assert emitter.thread is None


def _waiting(gate: threading.Event) -> Callable[[Sequence[Any]], bool]:
    def send(statements: Sequence[Any]) -> bool:
        return gate.wait(10)

    return send
