"""Whatever a platform signs and whatever a browser posts: a page of 200 or 4xx, never a failure of the tool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.sandbox import tokens
from lti_tool import keys
from tests.lti_tool import builders
from tests.lti_tool.builders import LTI, Bench

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
CLAIMS = [*builders.claims("i", "n"), "azp", "nbf", "jti", LTI + "launch_presentation", LTI + "tool_platform"]


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> Iterator[Bench]:
    with builders.bench(tmp_path_factory.mktemp("fuzz"), issuer, tool_key) as one:
        yield one


@settings(max_examples=100, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(CLAIMS), JSON, min_size=1, max_size=3))
def test_no_signed_claim_makes_the_tool_fail(running: Bench, changes: dict[str, Any]) -> None:
    browser = running.client()
    begun = builders.begin(browser, running.issuer.iss)
    body = {**builders.claims(running.issuer.iss, begun.nonce), **changes}
    try:
        token = tokens.sign(running.issuer.signer, body)
    except TypeError:  # PyJWT refuses to sign an issuer that is no string
        return

    assert builders.launch(browser, begun.state, token).status_code in {200, 400}


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 10_000), byte=st.characters(min_codepoint=32, max_codepoint=0x2FF))
def test_no_changed_byte_of_a_token_is_taken(running: Bench, position: int, byte: str) -> None:
    browser = running.client()
    begun = builders.begin(browser, running.issuer.iss)
    token = tokens.sign(running.issuer.signer, builders.claims(running.issuer.iss, begun.nonce))
    at = position % (len(token) - 2)
    changed = token[:at] + byte + token[at + 1 :]

    status = builders.launch(browser, begun.state, changed).status_code

    assert status == (200 if changed == token else 400)


@settings(max_examples=60, deadline=None)
@given(form=st.dictionaries(st.sampled_from(["state", "id_token", "error", "bearer", "role", "language"]), st.text()))
def test_no_posted_form_makes_the_tool_fail(running: Bench, form: dict[str, str]) -> None:
    for path in ("/lti/launch", "/lti/page", "/lti/login"):
        assert 400 <= running.client().post(path, data=form).status_code < 500
