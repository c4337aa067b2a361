from __future__ import annotations

from typing import Any

import pytest

from lti_tool import errors, platforms
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench


def test_a_registered_platform_is_found_by_issuer_and_client(bench: Bench) -> None:
    canvas = builders.registered("https://canvas.example", "10000001", family="canvas", frames=("https://uni.example",))
    platforms.register(bench.storage, canvas)

    assert platforms.find(bench.storage, "https://canvas.example", "10000001") == canvas


@pytest.mark.parametrize(("iss", "client"), [("https://canvas.example", "2"), ("https://other.example", "1")])
def test_no_other_pair_finds_it(bench: Bench, iss: str, client: str) -> None:
    platforms.register(bench.storage, builders.registered("https://canvas.example", "1"))

    assert platforms.find(bench.storage, iss, client) is None


def test_registering_again_replaces(bench: Bench) -> None:
    for deployments in (("1",), ("1", "2")):
        platforms.register(bench.storage, builders.registered("https://lms.example", deployments=deployments))

    (found,) = platforms.of_issuer(bench.storage, "https://lms.example")
    assert found.deployments == ("1", "2")


def test_a_page_may_be_framed_by_the_issuer_or_by_what_the_record_says() -> None:
    assert platforms.frames(builders.registered("https://lms.example:8443/moodle")) == ("https://lms.example:8443",)
    assert platforms.frames(builders.registered("https://x.example", frames=("https://u.example",))) == (
        "https://u.example",
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"auth_url": "javascript:alert(1)"}, "auth_url"),
        ({"jwks_url": "file:///etc/passwd"}, "jwks_url"),
        ({"token_url": "https://user:pass@lms.example/token"}, "token_url"),
        ({"auth_url": "https://"}, "auth_url"),
        ({"deployments": ("1", "")}, "deployments"),
        ({"family": "blackboard"}, "family"),
        ({"frames": ("https://lms.example; script-src *",)}, "frames"),
        ({"frames": ("*",)}, "frames"),
    ],
)
def test_a_record_that_cannot_be_right_is_refused_by_name(bench: Bench, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=words):
        platforms.register(bench.storage, builders.registered("https://lms.example", **changes))


def test_adding_leaves_an_earlier_record_as_it_is(bench: Bench) -> None:
    there = builders.registered("https://lms.example")

    assert platforms.add(bench.storage, there)
    assert not platforms.add(bench.storage, builders.registered("https://lms.example", name="another"))
    assert platforms.find(bench.storage, "https://lms.example", "client-a") == there


def test_a_change_keeps_what_somebody_else_changed_meanwhile(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    platforms.register(bench.storage, builders.registered("https://lms.example", deployments=()))
    replace = bench.storage.replace

    def overtaken(collection: Any, document: Any, *, expected: Any) -> bool:
        monkeypatch.undo()
        platforms.change(bench.storage, "https://lms.example", "client-a", deployments=("7",))
        return replace(collection, document, expected=expected)

    monkeypatch.setattr(bench.storage, "replace", overtaken)
    changed = platforms.change(bench.storage, "https://lms.example", "client-a", state="pending")

    assert changed is not None
    assert (changed.state, changed.deployments) == ("pending", ("7",))
    assert platforms.find(bench.storage, "https://lms.example", "client-a") == changed


def test_nothing_is_changed_where_nothing_is(bench: Bench) -> None:
    assert platforms.change(bench.storage, "https://lms.example", "client-a", state="pending") is None
    assert platforms.find(bench.storage, "https://lms.example", "client-a") is None


def test_a_change_that_cannot_be_right_is_refused(bench: Bench) -> None:
    platforms.register(bench.storage, builders.registered("https://lms.example"))

    with pytest.raises(errors.ConfigurationError, match="state"):
        platforms.change(bench.storage, "https://lms.example", "client-a", state="perhaps")
