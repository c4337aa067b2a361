from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool import errors, login
from lti_tool.settings import LOGINS
from tests.lti_tool import builders
from tests.lti_tool.builders import TOOL, Bench


def begin(bench: Bench, now: float, pace: login.Pace) -> login.Begun:
    parameters = {"iss": bench.issuer.iss, "login_hint": "1", "target_link_uri": f"{TOOL}/lti/launch"}
    return login.begin(bench.storage, TOOL, parameters, now=now, new_token=builders.tool_app.new_token, pace=pace)


def test_a_login_leaves_one_record_and_the_launch_takes_it(bench: Bench) -> None:
    begun = builders.begin(bench.client(), bench.issuer.iss)

    record = login.take(bench.storage, begun.state, bench.clock())

    assert record["nonce"] == begun.nonce
    assert bench.storage.find(LOGINS, {}, limit=10) == []


def test_the_record_does_not_hold_what_the_cookie_holds(bench: Bench) -> None:
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss)
    (cookie,) = browser._cookies.values()

    record = bench.storage.get(LOGINS, (begun.state,))

    assert cookie.value not in str(record)


def test_a_login_by_post_is_as_good(bench: Bench) -> None:
    answer = bench.client().post(
        "/lti/login",
        data={
            "iss": bench.issuer.iss,
            "login_hint": "1",
            "target_link_uri": f"{TOOL}/lti/launch",
            "client_id": "client-a",
        },
    )

    assert answer.status_code == 302


def test_a_query_of_the_authorisation_address_is_kept(bench: Bench) -> None:
    iss = "https://lms.example"
    builders.platforms.register(bench.storage, builders.registered(iss, auth_url=f"{iss}/auth?tenant=7"))

    assert builders.begin(bench.client(), iss).query["tenant"] == "7"


def test_a_process_begins_a_bounded_number_of_logins(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "OUTSTANDING", 3)
    pace = login.Pace()
    for _ in range(3):
        begin(bench, 1000.0, pace)

    with pytest.raises(errors.LoginRefused, match="too_many_logins"):
        begin(bench, 1000.0, pace)
    begin(bench, 1000.0 + login.LIFETIME, pace)


def test_records_that_nobody_came_back_for_are_swept(bench: Bench) -> None:
    pace = login.Pace()
    old = begin(bench, 1000.0, pace)
    begin(bench, 1000.0 + login.LIFETIME + 61, pace)

    kept = bench.storage.find(LOGINS, {}, limit=10)

    assert len(kept) == 1
    assert login.cookie_name(kept[0]["state"]) != old.cookie


def test_a_record_that_still_lives_is_not_swept(bench: Bench) -> None:
    begin(bench, 1000.0, login.Pace())

    login.sweep(bench.storage, [16], 1200.0)

    assert len(bench.storage.find(LOGINS, {}, limit=10)) == 1


@pytest.mark.parametrize("target", [TOOL, f"{TOOL}/lti/launch", f"{TOOL}/", f"{TOOL}/a?b=c#d"])
def test_a_target_below_our_address_is_ours(target: str) -> None:
    assert login.is_ours(target, TOOL)


@pytest.mark.parametrize(
    ("target", "base"),
    [
        ("https://tool.example/other/lti", "https://tool.example/entrepot"),
        ("https://tool.example/entrepotx", "https://tool.example/entrepot"),
        ("http://tool.example/entrepot", "https://tool.example/entrepot"),
        ("https://tool.example:8443/entrepot", "https://tool.example/entrepot"),
    ],
)
def test_a_target_beside_our_address_is_not_ours(target: str, base: str) -> None:
    assert not login.is_ours(target, base)


@given(st.text(max_size=30))
def test_nothing_put_before_or_into_our_host_is_ours(text: str) -> None:
    host = f"https://{text}tool.example/lti"

    assert login.is_ours(host, "https://tool.example") == (text == "")
