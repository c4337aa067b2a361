"""A service token is had once, kept for whom it was given, and replaced in time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest

from lti_tool import errors, keys
from lti_tool.services import tokens, wire
from lti_tool.services.tokens import Tokens
from lti_tool.services.wire import Answer
from tests.lti_tool import builders

SCOPES = ("https://scope/one", "https://scope/two")


@dataclass
class Endpoint:
    """A token endpoint, in this process: what it answers, and the forms it got."""

    answer: Any = field(default_factory=lambda: {"expires_in": 3600, "token_type": "Bearer"})
    error: errors.ServiceError | None = None
    pause: float = 0.0
    forms: list[dict[str, str]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limits: wire.Limits = wire.SMALL,
    ) -> Answer:
        assert method == "POST"
        assert (headers or {})["Content-Type"] == "application/x-www-form-urlencoded"
        self.urls.append(url)
        self.forms.append({name: value[0] for name, value in parse_qs((body or b"").decode()).items()})
        number = len(self.forms)
        time.sleep(self.pause)
        if self.error is not None:
            raise self.error
        found = self.answer
        if isinstance(found, dict):
            found = {"access_token": f"token-{number}", **found}
        return Answer(200, {}, json.dumps(found).encode(), url)


@dataclass
class Scene:
    endpoint: Endpoint
    kept: Tokens
    clock: list[float]

    def get(self, platform: Any = None, scopes: Any = SCOPES, **options: Any) -> tuple[tokens.Token, bool]:
        return self.kept.get(platform or builders.registered("https://lms.example"), scopes, **options)


@pytest.fixture
def scene(tool_key: keys.ToolKey) -> Scene:
    endpoint, clock = Endpoint(), [1_000_000.0]
    counter = iter(range(10_000))
    kept = Tokens(keys.only(tool_key), endpoint, lambda: clock[0], lambda: f"id-{next(counter)}")
    return Scene(endpoint, kept, clock)


def test_the_assertion_is_ours_for_that_platform_and_lives_a_minute(scene: Scene, tool_key: keys.ToolKey) -> None:
    scene.get()
    form = scene.endpoint.forms[0]
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})

    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert form["scope"] == "https://scope/one https://scope/two"
    assert claims == {
        "iss": "client-a",
        "sub": "client-a",
        "aud": "https://lms.example/token",
        "iat": 999_995,
        "exp": 1_000_055,
        "jti": "id-0",
    }
    jwt.decode(
        form["client_assertion"],
        jwt.PyJWK(tool_key.jwk).key,
        algorithms=["RS256"],
        audience=claims["aud"],
        options={"verify_exp": False},
    )
    assert jwt.get_unverified_header(form["client_assertion"])["kid"] == tool_key.kid


def test_a_platform_that_names_an_audience_gets_it(scene: Scene) -> None:
    scene.get(builders.registered("https://lms.example", audience="https://auth.lms.example"))

    claims = jwt.decode(scene.endpoint.forms[0]["client_assertion"], options={"verify_signature": False})

    assert claims["aud"] == "https://auth.lms.example"
    assert scene.endpoint.urls == ["https://lms.example/token"]


def test_every_assertion_has_an_id_of_its_own(scene: Scene) -> None:
    scene.get()
    scene.get(scopes=["https://scope/three"])
    ids = {
        jwt.decode(form["client_assertion"], options={"verify_signature": False})["jti"]
        for form in scene.endpoint.forms
    }

    assert len(ids) == 2


def test_a_token_is_kept_until_a_minute_before_its_end(scene: Scene) -> None:
    first, new = scene.get()
    scene.clock[0] += 3539
    again, kept = scene.get(scopes=SCOPES[::-1])
    scene.clock[0] += 1
    other, newer = scene.get()

    assert (first.text, again.text, other.text) == ("token-1", "token-1", "token-2")
    assert (new, kept, newer) == (True, False, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "client-b"},
        {"iss": "https://other.example"},
        {"token_url": "https://lms.example/token2"},
    ],
)
def test_no_token_goes_to_another_registration(scene: Scene, changes: dict[str, str]) -> None:
    """On Canvas cloud every university has the same issuer: one got another's token."""
    one = builders.registered("https://lms.example")
    other = builders.registered(**{"iss": "https://lms.example", "token_url": one.token_url, **changes})

    assert scene.get(one)[0].text != scene.get(other)[0].text
    assert scene.get(one)[0].text == "token-1"


def test_other_scopes_have_another_token(scene: Scene) -> None:
    assert scene.get(scopes=SCOPES[:1])[0].text != scene.get()[0].text


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (None, 300),
        (600, 600),
        ("600", 600),
        (600.5, 600.5),
        (86_400, 3600),
        (10**400, 300),
        ("1e999", 3600),
        ("soon", 300),
        (float("nan"), 300),
        (0, 300),
        (-5, 300),
        (True, 300),
        ([], 300),
    ],
)
def test_the_life_of_a_token_is_what_was_said_within_reason(scene: Scene, told: Any, seconds: float) -> None:
    scene.endpoint.answer = {} if told is None else {"expires_in": told}

    assert scene.get()[0].until == 1_000_000 + seconds - 60


def test_a_token_that_lives_less_than_a_minute_is_used_once(scene: Scene) -> None:
    scene.endpoint.answer = {"expires_in": 30}

    assert [scene.get()[0].text for _ in range(2)] == ["token-1", "token-2"]


@pytest.mark.parametrize(
    "answer",
    [
        [],
        "token",
        {"access_token": None},
        {"access_token": 5},
        {"access_token": ""},
        {"access_token": "a\r\nX: y"},
        {"access_token": "a b"},
        {"access_token": "a" * 8193},
        {"token_type": "mac"},
        {"token_type": 5},
    ],
)
def test_an_answer_without_a_usable_token_is_malformed(scene: Scene, answer: Any) -> None:
    scene.endpoint.answer = answer

    with pytest.raises(errors.ServiceError, match="malformed"):
        scene.get()


@pytest.mark.parametrize("answer", [{}, {"token_type": None}, {"token_type": "bearer"}, {"token_type": "BEARER"}])
def test_the_type_of_a_token_is_bearer_in_any_case(scene: Scene, answer: Any) -> None:
    scene.endpoint.answer = answer

    assert scene.get()[0].text == "token-1"


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        ("refused", 400, "unauthorised"),
        ("conflict", 409, "unauthorised"),
        ("unauthorised", 401, "unauthorised"),
        ("failing", 502, "failing"),
        ("busy", 429, "busy"),
        ("timeout", 0, "timeout"),
        ("unsafe", 0, "unsafe"),
    ],
)
def test_a_refused_assertion_is_unauthorised_and_a_passing_trouble_stays_one(
    scene: Scene, kind: str, status: int, told: str
) -> None:
    scene.endpoint.error = errors.ServiceError(kind, status)

    with pytest.raises(errors.ServiceError) as error:
        scene.get()

    assert (error.value.kind, error.value.status) == (told, status)
    scene.endpoint.error = None
    assert scene.get()[0].text == "token-2"


def test_a_platform_without_a_token_address_is_not_asked(scene: Scene) -> None:
    with pytest.raises(errors.ServiceError, match="unauthorised"):
        scene.get(builders.registered("https://lms.example", token_url=""))

    assert scene.endpoint.forms == []


def test_a_refused_token_is_not_given_again_and_a_newer_one_is(scene: Scene) -> None:
    old, _ = scene.get()
    new, fresh = scene.get(refused=old)
    again, kept = scene.get(refused=old)

    assert (new.text, fresh, again.text, kept) == ("token-2", True, "token-2", False)


def together(scene: Scene, number: int) -> list[Any]:
    """What so many threads get at the same moment."""
    found: list[Any] = []
    gate = threading.Barrier(number)

    def one() -> None:
        gate.wait()
        try:
            found.append(scene.get())
        except errors.ServiceError as error:
            found.append(error)

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_many_threads_ask_once(scene: Scene) -> None:
    scene.endpoint.pause = 0.1

    found = together(scene, 30)

    assert {token.text for token, _ in found} == {"token-1"}
    assert len(scene.endpoint.forms) == 1


def test_a_failure_is_told_to_all_who_wait_and_the_next_asks_anew(scene: Scene) -> None:
    scene.endpoint.pause = 0.1
    scene.endpoint.error = errors.ServiceError("timeout")

    assert {str(error) for error in together(scene, 10)} == {"timeout"}
    assert len(scene.endpoint.forms) == 1
    scene.endpoint.error = None
    assert scene.get()[0].text == "token-2"


def test_the_store_of_tokens_is_bounded(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 3)
    for number in (1, 2, 3, 1, 4):
        scene.get(scopes=[f"https://scope/{number}"])

    assert not scene.get(scopes=["https://scope/1"])[1]
    assert scene.get(scopes=["https://scope/2"])[1]


def test_a_token_does_not_show(scene: Scene) -> None:
    token, _ = scene.get()

    assert "token-1" not in f"{token!r} {token} {scene.kept!r}"


def test_signing_takes_two_milliseconds_at_most(tool_key: keys.ToolKey) -> None:
    """With the key as PEM text it takes a hundred times as long."""
    platform = builders.registered("https://lms.example")
    times = []
    for _ in range(30):
        began = time.process_time()
        tokens.assertion(platform, tool_key, 1_000_000, "id")
        times.append(time.process_time() - began)

    assert sorted(times)[15] < 0.002
