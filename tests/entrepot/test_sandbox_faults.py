"""Failures on purpose: queued, drawn by seed, before the service acts or after, over real HTTP."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
import requests

from entrepot.sandbox import app as sandbox
from entrepot.sandbox import config as configuration
from entrepot.sandbox.faults import Fault, Faults
from entrepot.sandbox.platform import Platform
from tests.entrepot import clients
from tests.entrepot.clients import Client
from tests.lti_tool import lms

CONTROL = "a-token-of-the-test"


@pytest.fixture
def platform() -> Iterator[Platform]:
    with lms.running(key_set=clients.key_set, change=lambda raw: raw.update(control=CONTROL)) as running:
        yield running


@pytest.mark.parametrize("status", ["401", "409", "429", "500", "502", "503"])
def test_a_status_is_answered_and_nothing_is_stored(platform: Platform, status: str) -> None:
    client = Client(platform)
    platform.fail("scores", status, 2)
    codes = [client.score().status_code for _ in range(3)]

    assert codes == [int(status), int(status), 200]
    assert platform.counts["scores", int(status)] == 2
    assert len(platform.gradebook[lms.user(platform), lms.line_item(platform)]) == 1


def test_a_status_may_say_when_to_come_back(platform: Platform) -> None:
    client = Client(platform)
    platform.fail("scores", "429", retry_after=7)
    platform.fail("scores", "503", retry_after="date+60")
    seconds, date = client.score(), client.score()
    waited = parsedate_to_datetime(date.headers["Retry-After"]).timestamp() - time.time()

    assert seconds.headers["Retry-After"] == "7"
    assert 55 < waited <= 61


@pytest.mark.parametrize("kind", ["500", "drop", "timeout", "html", "json"])
def test_after_the_effect_only_the_answer_is_lost(platform: Platform, kind: str) -> None:
    client = Client(platform)
    platform.fail("scores", kind, after=True, seconds=0.05)
    try:
        code = client.score().status_code
    except requests.ConnectionError:
        code = 0

    assert code == {"500": 500, "html": 200, "json": 200}.get(kind, 0)
    assert client.grade() == 87.5
    assert platform.counts["scores", code] == 1


@pytest.mark.parametrize("kind", ["drop", "timeout"])
def test_before_the_effect_nothing_is_stored(platform: Platform, kind: str) -> None:
    client = Client(platform)
    platform.fail("scores", kind, seconds=0.05)

    with pytest.raises(requests.ConnectionError):
        client.score()
    assert client.grade() is None
    assert platform.counts["scores", 0] == 1


def test_what_cannot_be_read_comes_with_status_200(platform: Platform) -> None:
    client = Client(platform)
    for kind in ("html", "json", "headers"):
        platform.fail("lineitems", kind)
    page, half, header = (client.call("GET", client.lineitems) for _ in range(3))

    assert (page.status_code, half.status_code, header.status_code) == (200, 200, 200)
    assert page.headers["Content-Type"].startswith("text/html")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        half.json()
    assert header.json()
    assert "rel=next" in header.headers["Link"]
    assert header.headers["Retry-After"] == "soon"


def test_a_slow_service_answers_well_in_the_end(platform: Platform) -> None:
    client = Client(platform)
    platform.fail("scores", "slow", seconds=0.2)
    began = time.monotonic()

    assert client.score().status_code == 200
    assert time.monotonic() - began >= 0.2


def test_the_end_of_the_platform_wakes_what_waits(platform: Platform) -> None:
    client = Client(platform)
    platform.fail("scores", "slow", seconds=60)
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(client.score().status_code))
    thread.start()
    while not platform.counts["scores", 200]:
        time.sleep(0.01)
    platform.close()
    thread.join(5)

    assert codes == [200]


def test_a_server_that_hands_over_no_socket_cuts_its_answer_short() -> None:
    app = sandbox.create_app(configuration.parse(lms.document("http://lms.example")), lms.signer())
    app.extensions["sandbox"].fail("jwks", "drop")
    answer = app.test_client().get("/jwks")

    assert (answer.headers["Content-Length"], answer.data) == ("1000", b"")


def test_chance_is_the_same_in_every_run_of_a_seed_and_about_as_often_as_said() -> None:
    odds = {Fault("429"): 0.1, Fault("drop", after=True): 0.2}

    def drawn(seed: int) -> list[str]:
        faults = Faults()
        faults.draw("scores", odds, seed)
        return [fault.kind if fault else "" for fault in (faults.take("scores") for _ in range(3000))]

    first = drawn(7)
    count = Counter(first)

    assert first == drawn(7)
    assert first != drawn(8)
    assert 230 < count["429"] < 370
    assert 500 < count["drop"] < 700


def test_the_queue_comes_before_chance_and_clearing_ends_both() -> None:
    faults = Faults()
    faults.draw("scores", {Fault("500"): 1.0}, 1)
    faults.put("scores", Fault("401"))
    kinds = [fault.kind for _ in range(2) if (fault := faults.take("scores"))]
    faults.put("token", Fault("401"))
    faults.clear("scores")
    kept = faults.take("token")
    faults.put("token", Fault("401"))
    faults.clear()

    assert kinds == ["401", "500"]
    assert kept == Fault("401")
    assert (faults.take("scores"), faults.take("token")) == (None, None)


def test_what_cannot_happen_is_refused() -> None:
    faults = Faults()

    with pytest.raises(ValueError, match="say a status"):
        Fault("200")
    with pytest.raises(ValueError, match="say one of"):
        faults.put("coffee", Fault("500"))
    with pytest.raises(ValueError, match="odds"):
        faults.draw("scores", {Fault("500"): 0.7, Fault("502"): 0.7}, 1)


class TestControl:
    def call(
        self, platform: Platform, method: str, path: str, token: str = CONTROL, **body: object
    ) -> requests.Response:
        return requests.request(
            method,
            f"{platform.base}/sandbox/{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=5,
        )

    def test_keys_faults_and_clock_are_turned_from_outside(self, platform: Platform) -> None:
        client = Client(platform)
        rotated = self.call(platform, "POST", "keys/rotate", keep=False)
        self.call(platform, "POST", "faults", service="scores", kind="503", times=2)
        first = client.score().status_code
        self.call(platform, "DELETE", "faults", service="scores")
        skewed = self.call(platform, "POST", "clock", skew=90)
        second = client.score().status_code
        self.call(platform, "POST", "faults", service="scores", kind="500", odds=1, seed=3)
        state = self.call(platform, "GET", "state").json()

        assert [one["kid"] for one in requests.get(f"{platform.base}/jwks", timeout=5).json()["keys"]] == [
            rotated.json()["kid"]
        ]
        assert (first, second, client.score().status_code) == (503, 200, 500)
        assert skewed.json() == {"skew": 90}
        assert platform.skew == 90
        assert list(state["grades"].values()) == [87.5]
        assert state["counts"]["scores 503"] == 1

    @pytest.mark.parametrize(
        "body", [{}, {"kind": "500"}, {"service": "scores", "kind": "200"}, {"service": "x", "kind": "500"}]
    )
    def test_a_fault_that_cannot_be_is_refused(self, platform: Platform, body: dict[str, object]) -> None:
        assert self.call(platform, "POST", "faults", **body).status_code == 400

    def test_a_body_that_is_no_object_is_refused(self, platform: Platform) -> None:
        answer = requests.post(
            f"{platform.base}/sandbox/clock", data="[", headers={"Authorization": f"Bearer {CONTROL}"}, timeout=5
        )

        assert answer.status_code == 400

    def test_curl_says_form_and_sends_json(self, platform: Platform) -> None:
        headers = {"Authorization": f"Bearer {CONTROL}", "Content-Type": "application/x-www-form-urlencoded"}
        requests.post(f"{platform.base}/sandbox/clock", data='{"skew": 5}', headers=headers, timeout=5)

        assert platform.skew == 5

    def test_without_the_token_nobody_gets_in(self, platform: Platform) -> None:
        assert self.call(platform, "POST", "keys/rotate", token="guessed").status_code == 403
        assert self.call(platform, "GET", "state", token="guessed").status_code == 403

    def test_without_a_token_in_the_configuration_there_is_no_control(self) -> None:
        with lms.running() as platform:
            assert self.call(platform, "POST", "keys/rotate").status_code == 404
