"""The tool's keys take turns, and at no moment does a key sign that platforms could not have seen."""

from __future__ import annotations

import logging
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest

from lti_tool import errors, keys, rotation
from lti_tool.keys import ToolKeys
from lti_tool.rotation import Turn

NOW = 2_000_000_000.0
DAY = 86_400.0


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Three keys: making one takes a third of a second."""
    directory = tmp_path_factory.mktemp("material")
    made = []
    for number in range(3):
        keys.create(directory / str(number))
        made.append((directory / str(number)).read_bytes())
    return made


PARSE = keys._parse
PARSED: dict[bytes, keys.ToolKey] = {}


def remembered(place: str | Path, pem: bytes) -> keys.ToolKey:
    """As `keys` does it, once for each file's content; what cannot be used is not remembered."""
    if pem not in PARSED:
        PARSED[pem] = PARSE(place, pem)
    return PARSED[pem]


@pytest.fixture
def path(tmp_path: Path, material: list[bytes], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The key of a tool; the next ones come from the material, and each is checked once: that takes 200 ms."""
    left = list(material[1:])
    monkeypatch.setattr(keys, "_parse", remembered)

    def create(place: str | Path) -> keys.ToolKey:
        keys.write_new(place, left.pop(0))
        return keys.load(place)

    monkeypatch.setattr(rotation.keys, "create", create)
    keys.write_new(tmp_path / "tool-key.pem", material[0])
    return tmp_path / "tool-key.pem"


def roles(path: Path) -> list[tuple[str, str]]:
    return [(turn.role, turn.kid[:6]) for turn in rotation.turns(path)]


def test_a_rotation_goes_from_next_to_signing_to_previous_to_nothing(path: Path) -> None:
    old = keys.load(path).kid[:6]
    assert roles(path) == [("signing", old)]

    new = rotation.rotate(path, NOW).kid[:6]
    assert roles(path) == [("signing", old), ("next", new)]

    rotation.promote(path, NOW + DAY)
    assert roles(path) == [("signing", new), ("previous", old)]

    rotation.retire(path, NOW + DAY + 3600)
    assert roles(path) == [("signing", new)]


def test_a_turn_says_since_when(path: Path) -> None:
    rotation.rotate(path, NOW)
    rotation.promote(path, NOW + DAY)

    assert [(turn.role, turn.since) for turn in rotation.turns(path)] == [
        ("signing", NOW + DAY),
        ("previous", NOW + DAY),
    ]
    assert isinstance(rotation.turns(path)[0], Turn)


def test_every_file_is_its_owner_s_alone(path: Path) -> None:
    rotation.rotate(path, NOW)
    rotation.promote(path, NOW + DAY)
    rotation.rotate(path, NOW + DAY)

    assert {stat.S_IMODE(place.stat().st_mode) for place in path.parent.iterdir()} == {0o600}
    assert sorted(place.name for place in path.parent.iterdir()) == [
        "tool-key.pem",
        "tool-key.pem.next",
        "tool-key.pem.previous",
    ]


def test_the_next_key_may_not_sign_before_platforms_have_seen_it(path: Path) -> None:
    rotation.rotate(path, NOW)

    with pytest.raises(errors.ConfigurationError, match=r"wait 1 h 0 min, or add --now"):
        rotation.promote(path, NOW + DAY - 3600)

    rotation.promote(path, NOW + 1, at_once=True)
    assert [role for role, _ in roles(path)] == ["signing", "previous"]


def test_the_earlier_key_may_not_go_while_what_it_signed_is_under_way(path: Path) -> None:
    rotation.rotate(path, NOW)
    rotation.promote(path, NOW + DAY)

    with pytest.raises(errors.ConfigurationError, match=r"wait 0 h 59 min"):
        rotation.retire(path, NOW + DAY + 60)

    rotation.retire(path, NOW + DAY + 60, at_once=True)
    assert len(roles(path)) == 1


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["promote"], "there is no next key; `entrepot key rotate` makes one"),
        (["retire"], "there is no earlier key"),
        (["rotate", "rotate"], "there is a next key already; `entrepot key promote` lets it sign"),
        (["rotate", "promote", "rotate", "promote"], "an earlier key is still published; `entrepot key retire`"),
    ],
)
def test_a_step_out_of_turn_says_which_comes_first(path: Path, steps: list[str], words: str) -> None:
    verbs: dict[str, Callable[[], object]] = {
        "rotate": lambda: rotation.rotate(path, NOW),
        "promote": lambda: rotation.promote(path, NOW, at_once=True),
        "retire": lambda: rotation.retire(path, NOW),
    }
    for step in steps[:-1]:
        verbs[step]()
    before = roles(path)

    with pytest.raises(errors.ConfigurationError, match=words):
        verbs[steps[-1]]()

    assert roles(path) == before


def test_a_promotion_that_was_broken_off_can_be_done_again(path: Path) -> None:
    rotation.rotate(path, NOW)
    keys.write_new(keys.beside_of(path, keys.PREVIOUS), path.read_bytes())

    rotation.promote(path, NOW + DAY)

    assert [role for role, _ in roles(path)] == ["signing", "previous"]


def test_a_next_key_that_cannot_be_used_does_not_sign(path: Path) -> None:
    keys.beside_of(path, keys.NEXT).write_bytes(b"broken")

    with pytest.raises(errors.ConfigurationError, match="not an unencrypted PEM"):
        rotation.promote(path, NOW, at_once=True)


class Clock:
    """Monotonic seconds that a test turns."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at

    def pass_(self) -> None:
        self.at += keys.LOOK_EVERY


def kids(found: ToolKeys) -> list[str]:
    return [jwk["kid"] for jwk in found.published]


def test_a_running_tool_publishes_the_next_key_and_signs_with_it_after_its_promotion(path: Path) -> None:
    clock = Clock()
    running = keys.watch(path, clock)
    old = running.signing.kid
    new = rotation.rotate(path, NOW).kid

    assert kids(running) == [old]  # not looked yet
    clock.pass_()
    assert (kids(running), running.signing.kid) == ([old, new], old)

    rotation.promote(path, NOW + DAY)
    clock.pass_()
    assert (running.signing.kid, kids(running)) == (new, [new, old])

    rotation.retire(path, NOW + 2 * DAY)
    clock.pass_()
    assert (running.signing.kid, kids(running)) == (new, [new])


def test_files_are_looked_at_every_two_seconds_and_read_when_they_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, looks, loads = Clock(), [], []
    running = keys.watch(path, clock)
    look, parse = keys.look, keys._parse
    monkeypatch.setattr(keys, "look", lambda place: looks.append(1) or look(place))
    monkeypatch.setattr(keys, "_parse", lambda place, pem: loads.append(place.name) or parse(place, pem))

    for _ in range(50):
        assert running.signing
    assert (len(looks), loads) == (0, [])

    clock.pass_()
    assert [running.signing.kid for _ in range(50)]
    assert (len(looks), loads) == (1, [])

    keys.beside_of(path, keys.NEXT).write_bytes(path.read_bytes())
    clock.pass_()
    assert len(kids(running)) == 1  # the same key twice is one
    assert loads == []  # and is not loaded again


def test_a_broken_file_keeps_the_last_good_keys_and_is_logged_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    running = keys.watch(path, clock)
    good = running.signing.kid
    path.write_bytes(path.read_bytes()[:500])

    with caplog.at_level(logging.WARNING, "lti_tool.keys"):
        for _ in range(5):
            clock.pass_()
            assert running.signing.kid == good

    assert [record.getMessage().split()[0] for record in caplog.records] == ["code=tool_keys_kept"]
    assert "BEGIN" not in caplog.text


def test_a_file_that_is_gone_keeps_the_last_good_keys(path: Path, material: list[bytes]) -> None:
    clock = Clock()
    running = keys.watch(path, clock)
    good = running.signing.kid
    path.unlink()
    clock.pass_()
    assert running.signing.kid == good

    keys.write_new(path, material[1])
    clock.pass_()
    assert running.signing.kid != good


def test_files_that_change_while_they_are_read_are_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    running = keys.watch(path, clock)
    old = running.signing.kid
    rotation.rotate(path, NOW)
    load_set = keys.load_set

    def interrupted(*arguments: object) -> keys.KeySet:
        found = load_set(*arguments)
        rotation.promote(path, NOW + DAY)
        monkeypatch.setattr(keys, "load_set", load_set)
        return found

    monkeypatch.setattr(keys, "load_set", interrupted)
    clock.pass_()
    assert kids(running) == [old]

    clock.pass_()
    assert running.signing.kid != old
    assert len(kids(running)) == 2


def test_nobody_waits_while_another_thread_loads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    running = keys.watch(path, clock)
    rotation.rotate(path, NOW)
    load_set, loading, go_on = keys.load_set, threading.Event(), threading.Event()

    def slow(*arguments: object) -> keys.KeySet:
        loading.set()
        assert go_on.wait(5)
        return load_set(*arguments)

    monkeypatch.setattr(keys, "load_set", slow)
    clock.pass_()
    loader = threading.Thread(target=lambda: running.signing)
    loader.start()
    assert loading.wait(5)
    clock.pass_()  # due again, and still being loaded
    begin = time.monotonic()
    assert len(kids(running)) == 1
    assert time.monotonic() - begin < 1
    go_on.set()
    loader.join()

    assert len(kids(running)) == 2


def test_a_key_that_never_changes_is_not_looked_for(tool_key: keys.ToolKey) -> None:
    fixed = keys.only(tool_key)

    assert fixed.signing is tool_key
    assert fixed.published == [tool_key.jwk]


class Platform:
    """A platform that checks assertions, and keeps the tool's key set for a day without looking again."""

    def __init__(self, running: ToolKeys, clock: Clock) -> None:
        self.running, self.clock = running, clock
        self.fetched = -DAY
        self.kept: dict[str, jwt.PyJWK] = {}
        self.lock = threading.Lock()
        self.refused = 0
        self.accepted: dict[str, int] = {}

    def call(self) -> None:
        with self.lock:
            if self.clock.at - self.fetched >= DAY:
                self.kept = {jwk["kid"]: jwt.PyJWK(jwk) for jwk in self.running.published}
                self.fetched = self.clock.at
            kept = self.kept
        key = self.running.signing
        signed = jwt.encode({"a": 1}, key.private, "RS256", headers={"kid": key.kid})
        known = kept.get(jwt.get_unverified_header(signed)["kid"])
        good = known is not None and jwt.decode(signed, known.key, algorithms=["RS256"]) == {"a": 1}
        with self.lock:
            self.refused += not good
            self.accepted[key.kid] = self.accepted.get(key.kid, 0) + good


def rotated_under_load(path: Path, *, early: bool) -> tuple[Platform, int]:
    """A thousand calls by four threads, while three steps of a rotation are taken; hours pass by the clock."""
    clock = Clock()
    running = keys.watch(path, clock)
    platform = Platform(running, clock)
    made = 0

    def burst() -> None:
        nonlocal made
        threads = [threading.Thread(target=lambda: [platform.call() for _ in range(25)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made += 100

    def hours(number: float) -> None:
        clock.at += number * 3600

    burst()
    hours(1)
    rotation.rotate(path, clock.at)
    burst()
    for _ in range(0 if early else 3):
        hours(8)
        burst()
    rotation.promote(path, clock.at + 1, at_once=early)
    for _ in range(3):
        burst()
        hours(0.4)
    rotation.retire(path, clock.at + 1)
    burst()
    hours(24)
    burst()
    return platform, made


def test_a_rotation_under_load_fails_no_call_of_a_platform_that_keeps_the_key_set_for_a_day(path: Path) -> None:
    platform, made = rotated_under_load(path, early=False)

    assert made == 1000
    assert platform.refused == 0
    assert sum(platform.accepted.values()) == 1000
    assert len(platform.accepted) == 2


def test_the_same_rotation_without_the_wait_fails_calls(path: Path) -> None:
    """The control: what the day of overlap is for."""
    platform, _ = rotated_under_load(path, early=True)

    assert platform.refused > 0
