from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool import errors, login
from lti_tool.settings import LOGINS, PACES
from storage.collection import Collection
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


def test_the_record_does_not_hold_what_the_cookie_holds_nor_the_state_nor_a_hint(bench: Bench) -> None:
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss, login_hint="person-11391", lti_message_hint="hint-7")
    (cookie,) = browser._cookies.values()

    (record,) = bench.storage.find(LOGINS, {}, limit=10)

    for secret in (cookie.value, begun.state, "person-11391", "hint-7"):
        assert secret not in str(record)


def test_who_brings_the_state_can_begin_again_with_the_hints(bench: Bench) -> None:
    begun = builders.begin(bench.client(), bench.issuer.iss, login_hint="person-11391", lti_message_hint="hint-7")

    record = login.take(bench.storage, begun.state, bench.clock())

    assert record["again"] == {
        "iss": bench.issuer.iss,
        "client_id": "client-a",
        "login_hint": "person-11391",
        "lti_message_hint": "hint-7",
        "target_link_uri": f"{TOOL}/lti/launch",
    }


def test_long_hints_are_not_kept(bench: Bench) -> None:
    begun = builders.begin(bench.client(), bench.issuer.iss, lti_message_hint="x" * login.LONGEST_KEPT)

    assert login.take(bench.storage, begun.state, bench.clock())["again"] == {}


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


@pytest.mark.parametrize("processes", [1, 3])
def test_all_processes_together_begin_a_bounded_number_of_logins(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setattr(login, "LEASE", 2)
    monkeypatch.setattr(login, "OUTSTANDING", 6)
    paces = [login.Pace() for _ in range(processes)]
    for number in range(6):
        begin(bench, 1000.0, paces[number % processes])

    for pace in paces:
        with pytest.raises(errors.LoginRefused, match="too_many_logins"):
            begin(bench, 1001.0, pace)
    begin(bench, 1000.0 + login.LIFETIME + 60, paces[0])

    assert len(bench.storage.find(LOGINS, {})) == 1  # the old ones were swept with the new lease


def test_of_two_processes_that_count_at_once_neither_count_is_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = bench.storage.get_many

    def overtaken(collection: Collection, keys: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], dict[str, Any]]:
        """Read, and let another process count before the reader does."""
        monkeypatch.undo()
        before = seen(collection, keys)
        begin(bench, 1000.0, login.Pace())
        return before

    monkeypatch.setattr(bench.storage, "get_many", overtaken)
    begin(bench, 1000.0, login.Pace())

    assert [one["leased"] for one in bench.storage.find(PACES, {})] == [2 * login.LEASE]


def test_counts_of_minutes_that_are_over_are_deleted(bench: Bench) -> None:
    for minute in (0, 1, 20):
        begin(bench, 60.0 * minute, login.Pace())

    assert [one["minute"] for one in bench.storage.find(PACES, {})] == [f"{20:012d}"]


def test_records_that_nobody_came_back_for_are_swept(bench: Bench) -> None:
    pace = login.Pace()
    begin(bench, 1000.0, pace)
    begin(bench, 1000.0 + login.LIFETIME + 61, pace)

    kept = bench.storage.find(LOGINS, {}, limit=10)

    assert [record["expires"] for record in kept] == [1000.0 + 2 * login.LIFETIME + 61]


def test_a_sweep_goes_round_and_leaves_what_still_lives(bench: Bench) -> None:
    for number in range(10):
        begin(bench, 1000.0 + 100 * (number % 2), login.Pace())
    after: tuple[str, ...] | None = None
    for _ in range(5):
        after = login.sweep(bench.storage, 1350.0, after=after, limit=2)

    assert login.sweep(bench.storage, 1350.0, after=after, limit=2) is None
    assert {record["expires"] for record in bench.storage.find(LOGINS, {})} == {1400.0}


def test_a_record_is_looked_at_only_while_it_lives(bench: Bench) -> None:
    begun = builders.begin(bench.client(), bench.issuer.iss)
    now = bench.clock()

    assert login.peek(bench.storage, "unknown", now) is None
    assert login.peek(bench.storage, begun.state, now + login.LIFETIME) is None
    seen = login.peek(bench.storage, begun.state, now)
    assert seen == login.take(bench.storage, begun.state, now)


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
