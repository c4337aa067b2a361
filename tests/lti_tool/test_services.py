"""A service is called with the right token at the right place, over real HTTP with real signatures."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask, Response, jsonify, request

from lti_tool import app as tool_app
from lti_tool import errors, hosts, keys
from lti_tool.platforms import Platform
from lti_tool.services import guard, wire
from lti_tool.services.connector import Services
from storage import connect
from storage.port import Storage
from tests.lti_tool import builders, doors

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
JSON = "application/vnd.ims.lis.v2.lineitemcontainer+json"


@dataclass
class Lms:
    """A platform that checks every assertion against the tool's published keys, and every token."""

    published: list[dict[str, str]]
    base: str = ""
    valid: set[str] = field(default_factory=set)
    given: list[str] = field(default_factory=list)
    jtis: set[str] = field(default_factory=set)
    calls: list[tuple[str, str, bytes, str]] = field(default_factory=list)
    answer: Any = None
    counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def platform(self) -> Platform:
        return builders.registered(self.base)


def flask(lms: Lms) -> Flask:
    app = Flask("lms")

    @app.post("/token")
    def token() -> Any:
        assertion = request.form["client_assertion"]
        kid = jwt.get_unverified_header(assertion)["kid"]
        key = next(jwt.PyJWK(jwk).key for jwk in lms.published if jwk["kid"] == kid)
        claims = jwt.decode(
            assertion, key, algorithms=["RS256"], audience=f"{lms.base}/token", options={"require": ["exp", "iat"]}
        )
        assert claims["iss"] == claims["sub"] == "client-a"
        assert claims["jti"] not in lms.jtis
        lms.jtis.add(claims["jti"])
        text = f"token-{next(lms.counter)}"
        lms.valid.add(text)
        lms.given.append(text)
        return jsonify(access_token=text, token_type="Bearer", expires_in=3600, scope=request.form["scope"])

    @app.route("/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
    def service(path: str) -> Any:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        lms.calls.append((request.method, request.full_path.rstrip("?"), request.data, request.content_type or ""))
        if bearer not in lms.valid:
            return Response("no such token", 401)
        return lms.answer(path) if callable(lms.answer) else lms.answer

    return app


@dataclass
class Scene:
    lms: Lms
    services: Services
    storage: Storage


@pytest.fixture(scope="module")
def served() -> Iterator[Lms]:
    """One server for all tests: to stop one takes half a second."""
    lms = Lms([])
    with builders.serving(flask(lms)) as lms.base:
        yield lms


@pytest.fixture
def lms(served: Lms, tool_key: keys.ToolKey) -> Lms:
    fresh = Lms([tool_key.jwk], base=served.base, answer=lambda _path: jsonify([]))
    vars(served).update(vars(fresh))
    return served


@pytest.fixture
def scene(tmp_path: Path, tool_key: keys.ToolKey, lms: Lms) -> Iterator[Scene]:
    storage = connect.connect(f"sqlite:///{tmp_path / 'store'}", *tool_app.COLLECTIONS)
    exchange = wire.exchanger(guard.networks("127.0.0.0/8"))
    yield Scene(lms, Services(keys.only(tool_key), storage, exchange), storage)
    storage.close()


def test_a_call_carries_a_token_that_the_platform_gave_for_a_signed_assertion(scene: Scene) -> None:
    scene.lms.answer = lambda _path: (jsonify({"id": "x"}), 201)

    answer = scene.services.call(
        scene.lms.platform,
        [SCOPE],
        "POST",
        f"{scene.lms.base}/items?a=B",
        body=b'{"label": "x"}',
        content_type="application/vnd.ims.lis.v2.lineitem+json",
    )

    assert (answer.status, answer.json()) == (201, {"id": "x"})
    assert scene.lms.calls == [
        ("POST", "/items?a=B", b'{"label": "x"}', "application/vnd.ims.lis.v2.lineitem+json"),
    ]


def test_many_calls_need_one_token_and_the_token_address_no_service(scene: Scene) -> None:
    for method in ("GET", "PUT", "DELETE", "GET"):
        scene.services.call(scene.lms.platform, [SCOPE], method, f"{scene.lms.base}/items/1")

    assert [call[0] for call in scene.lms.calls] == ["GET", "PUT", "DELETE", "GET"]
    assert scene.lms.given == ["token-1"]


def test_a_token_that_the_platform_forgot_is_replaced_once(scene: Scene) -> None:
    scene.services.call(scene.lms.platform, [SCOPE], "GET", f"{scene.lms.base}/items")
    scene.lms.valid.clear()

    assert scene.services.call(scene.lms.platform, [SCOPE], "GET", f"{scene.lms.base}/items").json() == []
    assert scene.lms.given == ["token-1", "token-2"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_platform_that_refuses_every_token_is_asked_for_one_more_and_no_third(scene: Scene, status: int) -> None:
    scene.lms.answer = lambda _path: Response("no", status)
    for _ in range(2):
        with pytest.raises(errors.ServiceError) as error:
            scene.services.call(scene.lms.platform, [SCOPE], "GET", f"{scene.lms.base}/items")
        assert (error.value.kind, error.value.status) == ("unauthorised", status)

    # The first call had a new token: it is not replaced. The second has a kept one: it is, once.
    assert scene.lms.given == ["token-1", "token-2"]
    assert len(scene.lms.calls) == 3


@pytest.mark.parametrize(("status", "kind"), [(409, "conflict"), (429, "busy"), (503, "failing"), (404, "refused")])
def test_any_other_refusal_keeps_the_token(scene: Scene, status: int, kind: str) -> None:
    scene.services.call(scene.lms.platform, [SCOPE], "GET", f"{scene.lms.base}/items")
    scene.lms.answer = lambda _path: Response("no", status, {"Retry-After": "9"})

    with pytest.raises(errors.ServiceError) as error:
        scene.services.call(scene.lms.platform, [SCOPE], "PUT", f"{scene.lms.base}/items", body=b"{}")

    assert (error.value.kind, error.value.status, error.value.retry_after) == (kind, status, 9)
    assert scene.lms.given == ["token-1"]
    assert len(scene.lms.calls) == 2


def test_a_host_that_is_not_the_platform_s_gets_neither_call_nor_token(scene: Scene) -> None:
    with doors.canary() as canary:
        for url in (
            f"http://127.0.0.1:{canary.port}/items",
            f"http://localhost:{canary.port}/items",
            f"{scene.lms.base}@127.0.0.1:{canary.port}/items",
            f"{scene.lms.base}.evil.example/items",
            scene.lms.base.replace("http://127", "http://128"),
        ):
            with pytest.raises(errors.ServiceError, match="unsafe"):
                scene.services.call(scene.lms.platform, [SCOPE], "GET", url)

    assert canary.knocks == []
    assert scene.lms.given == []


def test_a_host_that_a_launch_named_may_be_called(scene: Scene) -> None:
    with doors.door(doors.answer(b"[1]")) as university:
        hosts.remember(scene.storage, scene.lms.base, "client-a", university.url())

        found = scene.services.call(scene.lms.platform, [SCOPE], "GET", university.url("/items"))

    assert found.json() == [1]
    assert b"Authorization: Bearer token-1\r\n" in university.asked[0]


def test_a_host_that_a_launch_named_is_asked_within_the_networks_only(scene: Scene) -> None:
    """A platform that signs `https://10.0.0.1/` has still no way into the institution."""
    hosts.remember(scene.storage, scene.lms.base, "client-a", "https://10.0.0.1/items")

    with pytest.raises(errors.ServiceError, match="unsafe"):
        scene.services.call(scene.lms.platform, [SCOPE], "GET", "https://10.0.0.1/items")


def paged(scene: Scene, links: dict[str, str]) -> list[str]:
    """The pages that are read, where each names the next."""

    def answer(path: str) -> Response:
        header = links.get(path)
        return Response("[]", headers={"Link": header.replace("BASE", scene.lms.base)} if header else {})

    scene.lms.answer = answer
    found = scene.services.pages(scene.lms.platform, [SCOPE], f"{scene.lms.base}/1", accept=JSON, most=4)
    return [answer.url.removeprefix(scene.lms.base) for answer in found]


def test_every_page_is_read_however_its_link_is_written(scene: Scene) -> None:
    links = {
        "1": '<BASE/2?A=Bc>; rel="next"',
        "2": '<BASE/0>; rel="prev", </3>; rel=next',
        "3": "<BASE/4?a=1&amp;b=2>; rel=“next”".encode().decode("latin-1"),
    }

    assert paged(scene, links) == ["/1", "/2?A=Bc", "/3", "/4?a=1&b=2"]
    assert scene.lms.given == ["token-1"]


@pytest.mark.parametrize(
    ("links", "kind"),
    [
        ({"1": "<BASE/1>; rel=next"}, "malformed"),
        ({"1": "<BASE/2>; rel=next", "2": "<BASE/1>; rel=next"}, "malformed"),
        ({str(number): f"<BASE/{number + 1}>; rel=next" for number in range(1, 9)}, "malformed"),
        ({"1": "<http://127.0.0.1:1/2>; rel=next"}, "unsafe"),
        ({"1": "<https://10.0.0.1/2>; rel=next"}, "unsafe"),
        ({"1": "<//evil.example/2>; rel=next"}, "unsafe"),
        ({"1": "<file:///etc/passwd>; rel=next"}, "unsafe"),
    ],
    ids=["itself", "a circle", "too many", "another port", "inward", "elsewhere", "a file"],
)
def test_pages_that_lead_astray_are_not_followed(scene: Scene, links: dict[str, str], kind: str) -> None:
    with pytest.raises(errors.ServiceError) as error:
        paged(scene, links)

    assert error.value.kind == kind


def test_a_next_page_stays_on_the_first_page_s_host_even_where_the_platform_has_another(scene: Scene) -> None:
    with doors.canary() as canary:
        hosts.remember(scene.storage, scene.lms.base, "client-a", f"http://127.0.0.1:{canary.port}/")

        with pytest.raises(errors.ServiceError, match="unsafe"):
            paged(scene, {"1": f"<http://127.0.0.1:{canary.port}/2>; rel=next"})

    assert canary.knocks == []


def test_the_next_page_is_asked_for_when_it_is_wanted(scene: Scene) -> None:
    scene.lms.answer = lambda _path: Response("[]", headers={"Link": "</2>; rel=next"})
    pages = scene.services.pages(scene.lms.platform, [SCOPE], f"{scene.lms.base}/1", accept=JSON)
    next(pages)

    assert len(scene.lms.calls) == 1


def test_no_token_and_no_answer_reaches_the_log_or_an_error(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.lms.answer = lambda _path: Response("canary-answer", 500)

    with caplog.at_level(logging.DEBUG), pytest.raises(errors.ServiceError) as error:
        scene.services.call(scene.lms.platform, [SCOPE], "GET", f"{scene.lms.base}/canary-path")

    said = f"{error.value!r} {error.value} {vars(scene.services)!r}" + "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("werkzeug")
    )
    assert "token-1" in scene.lms.given
    for secret in ("token-1", "canary", "eyJ"):
        assert secret not in said


@pytest.mark.parametrize(("networks", "allowed"), [("127.0.0.0/8", True), ("", False)])
def test_the_tool_has_services_by_default_within_its_networks(
    scene: Scene, tmp_path: Path, tool_key: keys.ToolKey, networks: str, *, allowed: bool
) -> None:
    app = tool_app.create_app(
        builders.settings(tmp_path, networks=networks),
        scene.storage,
        builders.keyrings.create(tmp_path / "keyring.json"),
        keys=keys.only(tool_key),
        emitter=builders.Emitter(lambda _statements: True),
    )
    services = app.extensions["lti_tool"].services

    def call() -> Any:
        return services.call(scene.lms.platform, [SCOPE], "GET", f"{scene.lms.base}/x").json()

    if allowed:
        assert call() == []
    else:
        with pytest.raises(errors.ServiceError, match="unsafe"):
            call()


def test_the_tool_publishes_all_its_keys_for_five_minutes(scene: Scene, tmp_path: Path, tool_key: keys.ToolKey) -> None:
    other = keys.create(tmp_path / "other.pem")
    app = tool_app.create_app(
        builders.settings(tmp_path),
        scene.storage,
        builders.keyrings.create(tmp_path / "keyring.json"),
        keys=keys.ToolKeys(keys.KeySet(tool_key, (tool_key.jwk, other.jwk))),
        emitter=builders.Emitter(lambda _statements: True),
    )

    answer = app.test_client().get("/lti/jwks")

    assert answer.get_json() == {"keys": [tool_key.jwk, other.jwk]}
    assert answer.headers["Cache-Control"] == "public, max-age=300"
