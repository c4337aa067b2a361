"""A round of looks: each address once, hosts in turn, a second between two requests, and what fails is told by days."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curriculum import links
from entrepot import cli, premises
from entrepot import links as command
from lti_tool import editions, linkbook, linkcheck
from lti_tool.linkbook import CHECKS, Check
from lti_tool.services.look import Look, Seen
from storage import connect
from storage.port import Storage
from tests.entrepot import terminal

NOW = 1_800_000_000.0
DAY = 86_400.0


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    return terminal.set_variables(monkeypatch, tmp_path)


@pytest.fixture
def storage(url: str) -> Iterator[Storage]:
    found = connect.connect(url, *premises.COLLECTIONS)
    yield found
    found.close()


def saying(reason: str = "", status: int = 200, final: str = "", *, moved: bool = False) -> Look:
    """What looks at an address, and sees the same of each."""
    return lambda url: Seen(reason, status, final or url, moved, 1)


def ran(storage: Storage, urls: list[str], look: Look, now: float = NOW, most: int = 0) -> list[Check]:
    return list(linkcheck.run(storage, urls, look, now=lambda: now, most=most))


def test_hosts_take_turns_and_what_is_no_address_is_not_asked(storage: Storage) -> None:
    asked: list[str] = []

    def look(url: str) -> Seen:
        asked.append(url)
        return Seen("", 200, url, False, 1)

    urls = [
        "https://a.eu/1",
        "https://a.eu/2",
        "https://a.eu/2",
        "javascript:alert(1)",
        "https://b.eu/",
        "http://10.0.0.1/",
    ]
    ran(storage, urls, look)
    assert asked == ["https://a.eu/1", "https://b.eu/", "https://a.eu/2"]


def test_a_second_lies_between_two_requests_to_a_host() -> None:
    moment, slept = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        moment[0] += seconds

    pace = linkcheck.Pace(lambda: moment[0], sleep)
    for host in ("a.eu", "b.eu", "a.eu"):
        pace.pause(host)
    moment[0] += 0.25
    pace.pause("a.eu")
    assert slept == [1.0, 0.75]


def test_what_was_looked_at_lately_waits_and_the_oldest_goes_first(storage: Storage) -> None:
    urls = ["https://a.eu/", "https://b.eu/", "https://c.eu/"]
    assert len(ran(storage, urls, saying(), most=2)) == 2
    assert [one.url for one in ran(storage, urls, saying(), NOW + 60)] == ["https://c.eu/"]
    assert [one.url for one in ran(storage, urls, saying(), NOW + DAY, most=1)] == ["https://a.eu/"]


@pytest.mark.parametrize(
    ("look", "state"),
    [
        (saying(), linkbook.OK),
        (saying(final="https://a.eu/new"), linkbook.OK),
        (saying(final="https://a.eu/new", moved=True), linkbook.MOVED),
        (saying("gone", 404), linkbook.BROKEN),
        (saying("loop", 302), linkbook.BROKEN),
        (saying("tls", 0), linkbook.BROKEN),
        (saying("failing", 500), linkbook.UNSURE),
        (saying("timeout", 0), linkbook.UNSURE),
        (saying("type", 200), linkbook.UNSURE),
    ],
)
def test_what_was_seen_is_a_state(storage: Storage, look: Look, state: str) -> None:
    (found,) = ran(storage, ["https://a.eu/"], look)
    assert found.state == state
    assert linkbook.known(storage, ["https://a.eu/", "https://b.eu/"]) == {"https://a.eu/": found}
    assert linkbook.state(None) == linkbook.UNCHECKED


def test_a_server_that_fails_on_three_days_in_a_row_is_broken(storage: Storage) -> None:
    states = [
        ran(storage, ["https://a.eu/"], saying("timeout", 0), NOW + hours * 3600)[0].state for hours in (0, 21, 48)
    ]
    assert states == [linkbook.UNSURE, linkbook.UNSURE, linkbook.BROKEN]
    assert ran(storage, ["https://a.eu/"], saying(), NOW + 4 * DAY)[0].state == linkbook.OK
    assert ran(storage, ["https://a.eu/"], saying("timeout", 0), NOW + 5 * DAY)[0].state == linkbook.UNSURE


def test_what_nothing_names_any_more_is_dropped(storage: Storage) -> None:
    ran(storage, ["https://a.eu/", "https://b.eu/"], saying())
    ran(storage, ["https://b.eu/"], saying())
    assert [one["url"] for one in storage.find(CHECKS, {})] == ["https://b.eu/"]


def done(looker: Callable[..., Look], *words: str) -> int:
    """Run the command with other eyes."""
    import argparse
    import os

    parser = argparse.ArgumentParser()
    command.add(parser)
    return command.run(parser.parse_args(words), os.environ, premises.COLLECTIONS, looker=looker, sleep=lambda _: None)


def test_the_command_looks_at_every_link_and_says_which_is_broken(
    storage: Storage, capsys: pytest.CaptureFixture[str]
) -> None:
    every = links.every(editions.catalog(storage, editions.Shelf(), "cbec", NOW))
    gone = next(iter(every))
    seen: list[str] = []

    def looker(**_: object) -> Look:
        def look(url: str) -> Seen:
            seen.append(url)
            return Seen("gone", 404, url, False, 1) if url == gone else Seen("", 200, f"{url}x", True, 1)

        return look

    assert done(looker, "check") == 1
    told = capsys.readouterr().out
    assert sorted(seen) == sorted(every)
    assert f"broken  gone (404)          {gone}\n" in told
    assert f"{len(every)} looked at: {len(every) - 1} moved, 1 broken." in told
    assert done(looker, "check") == 0
    assert "0 looked at. The page Links" in capsys.readouterr().out
    assert cli.main(["links", "list"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["url"]: one["state"] for one in lines}[gone] == "broken"
    assert len(lines) == len(every)
