"""Where somebody else's URL may lead: to the public internet or a named network, and never anywhere else."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

import pytest

from lti_tool import errors
from lti_tool.services import guard, wire
from tests.lti_tool import doors

PUBLIC = "93.184.215.14"

INWARD = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.10",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


def answers(*addresses: str) -> guard.Resolve:
    return lambda _host, _port: addresses


def refused(url: str, resolve: guard.Resolve | None = None, networks: str = "") -> str:
    with pytest.raises(errors.ServiceError) as error:
        guard.examine(url, guard.networks(networks), resolve)
    return error.value.kind


@pytest.mark.parametrize("address", INWARD)
def test_a_name_that_leads_inward_is_refused(address: str) -> None:
    assert refused("https://lms.example/", answers(address)) == "unsafe"


@pytest.mark.parametrize("address", INWARD)
def test_one_inward_address_among_public_ones_is_enough(address: str) -> None:
    assert refused("https://lms.example/", answers(PUBLIC, address)) == "unsafe"


@pytest.mark.parametrize("address", [each for each in INWARD if "%" not in each])
def test_an_inward_address_itself_is_refused(address: str) -> None:
    assert refused(f"https://{f'[{address}]' if ':' in address else address}/") == "unsafe"


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", f"::ffff:{PUBLIC}"])
def test_a_public_address_may_be_asked(address: str) -> None:
    plain = address.removeprefix("::ffff:")

    assert guard.examine("https://lms.example/", (), answers(address)).addresses == (plain,)


def test_plain_http_to_a_public_address_is_refused() -> None:
    assert refused("http://lms.example/", answers(PUBLIC)) == "unsafe"


def test_plain_http_is_for_named_networks_and_every_address_must_be_in_one() -> None:
    named = guard.networks("10.20.0.0/16, fd00:1::/32")

    found = guard.examine("http://moodle.example:8080/", named, answers("10.20.0.5", "fd00:1::5"))

    assert found.addresses == ("10.20.0.5", "fd00:1::5")
    assert refused("http://moodle.example/", answers("10.20.0.5", PUBLIC), "10.20.0.0/16") == "unsafe"


def test_a_named_network_opens_no_other() -> None:
    assert refused("https://moodle.example/", answers("10.21.0.5"), "10.20.0.0/16") == "unsafe"
    assert guard.examine("https://moodle.example/", guard.networks("10.20.0.0/16"), answers("10.20.0.5"))


def test_a_name_without_an_address_is_unreachable() -> None:
    assert refused("https://lms.example/", answers()) == "unreachable"


def test_a_resolver_that_answers_nonsense_is_not_believed() -> None:
    assert refused("https://lms.example/", answers("lms.example")) == "unsafe"


def test_each_address_counts_once_and_at_most_four_are_tried() -> None:
    many = [f"93.184.215.{number}" for number in (1, 1, 2, 3, 4, 5)]

    assert guard.examine("https://lms.example/", (), answers(*many)).addresses == tuple(many[1:5])


@pytest.mark.parametrize("text", ["10.20.0.1/16", "10.20.0.0/33", "campus", "10.20.0.0/16;x"])
def test_a_network_that_is_none_is_named(text: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"is no network; write an address"):
        guard.networks(text)


def test_networks_are_read_with_commas_or_blanks() -> None:
    assert [str(network) for network in guard.networks("10.20.0.0/16,127.0.0.0/8  fd00::/8")] == [
        "10.20.0.0/16",
        "127.0.0.0/8",
        "fd00::/8",
    ]
    assert guard.networks("") == ()


def test_the_machine_s_resolver_finds_this_machine() -> None:
    assert "127.0.0.1" in guard.look_up("localhost", 80)


def test_a_name_that_does_not_exist_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    assert refused("https://nowhere.example/") == "unreachable"


def test_a_resolver_that_stalls_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LOOKUP", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3) or [])
    begin = time.monotonic()

    assert refused("https://slow.example/") == "timeout"
    assert time.monotonic() - begin < 2


ATTACKS = [
    "https://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/",
    "https://localhost:{port}/",
    "http://localhost:{port}/",
    "https://localhost.:{port}/",
    "https://127.1:{port}/",
    "https://127.0.1:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.0.0.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://017700000001:{port}/",
    "https://127.0.0.01:{port}/",
    "https://0:{port}/",
    "https://0.0.0.0:{port}/",
    "https://[::]:{port}/",
    "https://[::1]:{port}/",
    "http://[::1]:{port}/",
    "https://[0:0:0:0:0:0:0:1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[::127.0.0.1]:{port}/",
    "https://[64:ff9b::127.0.0.1]:{port}/",
    "https://[::1%25lo]:{port}/",
    "https://127.0.0.1:{port}@lms.example/",
    "https://lms.example@127.0.0.1:{port}/",
    "https://lms.example:x@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}\\@lms.example/",
    "https://127.0.0.1:{port}\\.lms.example/",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://127。0。0。1:{port}/",
    "https://127.0.0.1\t:{port}/",
    "https://127.0.0.1:{port}#@lms.example/",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_x",
    "file://127.0.0.1/etc/passwd",
    "dict://127.0.0.1:{port}/x",
    "//127.0.0.1:{port}/",
    "https://inward.example:{port}/",
    "https://mapped.example:{port}/",
    "https://mixed.example:{port}/",
]
NAMES = {
    "inward.example": ("127.0.0.1",),
    "mapped.example": ("::ffff:127.0.0.1",),
    "mixed.example": ("127.0.0.1", PUBLIC),
    "lms.example": ("127.0.0.1",),
}


def test_no_attack_reaches_a_listener_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of the attacks lead to the listener, and so would a proxy of the environment."""

    def resolve(host: str, port: int) -> Sequence[str]:
        return NAMES.get(host) or guard.look_up(host, port)

    exchange = wire.exchanger(resolve=resolve)
    with doors.canary() as canary:
        for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
        for attack in ATTACKS:
            for method in ("GET", "POST"):
                with pytest.raises(errors.ServiceError) as error:
                    exchange(method, attack.format(port=canary.port))
                assert error.value.kind == "unsafe", attack

    assert canary.knocks == []


def test_the_listener_hears_what_is_allowed() -> None:
    """The control: the same listener, the same kind of URL, with its network named."""
    exchange = wire.exchanger(guard.networks("127.0.0.0/8"))
    with doors.canary() as canary, pytest.raises(errors.ServiceError):
        exchange("GET", f"http://127.0.0.1:{canary.port}/")

    assert len(canary.knocks) == 1


def test_a_name_that_changes_its_meaning_after_the_check_reaches_nothing_else() -> None:
    """DNS rebinding: the first answer is allowed, the second is the listener; only the first is ever asked for."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ("127.0.0.2",) if len(asked) == 1 else ("127.0.0.1",)

    exchange = wire.exchanger(guard.networks("127.0.0.0/8"), resolve=resolve)
    with doors.door(doors.answer(b'"right"'), address="127.0.0.2") as door:
        found = exchange("GET", door.url(host="lms.example"))

    assert found.json() == "right"
    assert asked == ["lms.example"]


def test_a_redirect_to_a_listener_is_not_followed() -> None:
    exchange = wire.exchanger(guard.networks("127.0.0.2/32"))
    with doors.canary() as canary:
        away = doors.answer(b"", "302 Found", f"Location: http://127.0.0.1:{canary.port}/")
        with doors.door(away, address="127.0.0.2") as door, pytest.raises(errors.ServiceError) as error:
            exchange("GET", door.url(host="127.0.0.2"))

    assert (error.value.kind, error.value.status) == ("refused", 302)
    assert canary.knocks == []
