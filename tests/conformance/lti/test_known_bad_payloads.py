"""1EdTech LTI 1.3 certification, section 6.1.1: the known bad payloads, each refused by a 4xx page with its reason."""

from __future__ import annotations

import logging

import pytest

from entrepot.sandbox import tokens
from tests.lti_tool import builders
from tests.lti_tool.builders import REMOVE, Bench


def refusal(bench: Bench, caplog: pytest.LogCaptureFixture, **changes: object) -> str:
    """Launch with changed claims; the code that the log gives as the reason."""
    with caplog.at_level(logging.WARNING, "lti_tool"):
        answer = builders.launched(bench, **changes)
    return reason(answer, caplog)


def signed(bench: Bench, caplog: pytest.LogCaptureFixture, **header: object) -> str:
    """Launch with a changed header; the reason of the refusal."""
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss)
    token = tokens.sign(bench.issuer.signer, builders.claims(bench.issuer.iss, begun.nonce), **header)
    with caplog.at_level(logging.WARNING, "lti_tool"):
        answer = builders.launch(browser, begun.state, token)
    return reason(answer, caplog)


def reason(answer: builders.TestResponse, caplog: pytest.LogCaptureFixture) -> str:
    assert 400 <= answer.status_code < 500
    (record,) = [record for record in caplog.records if record.name == "lti_tool"]
    reference, code = record.args[0], record.args[1]
    assert str(reference) in answer.text
    return str(code)


def test_no_kid_in_the_header_is_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert signed(bench, caplog, kid=None) == "key_id_missing"


def test_an_incorrect_kid_is_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert signed(bench, caplog, kid="imstester_66067") == "key_unknown"


def test_a_wrong_lti_version_is_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(bench, caplog, version="11.3.0") == "version_unsupported"


def test_no_lti_version_is_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(bench, caplog, version=REMOVE) == "claim_missing"


def test_an_invalid_lti_message_is_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss)
    token = tokens.sign(bench.issuer.signer, {"name": "badltilaunch"})
    with caplog.at_level(logging.WARNING, "lti_tool"):
        answer = builders.launch(browser, begun.state, token)

    assert reason(answer, caplog) == "claim_missing"


def test_missing_lti_claims_are_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    names = ("message_type", "version", "deployment_id", "target_link_uri", "roles", "resource_link")

    assert refusal(bench, caplog, **dict.fromkeys(names, REMOVE)) == "claim_missing"


def test_incorrect_timestamps_are_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(bench, caplog, iat=11111, exp=22222) == "token_expired"


def test_no_message_type_is_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(bench, caplog, message_type=REMOVE) == "claim_missing"


def test_no_roles_are_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(bench, caplog, roles=REMOVE) == "claim_missing"


def test_no_deployment_id_is_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(bench, caplog, deployment_id=REMOVE) == "claim_missing"


def test_no_resource_link_id_is_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(bench, caplog, resource_link={"title": "A link without an id"}) == "claim_missing"


def test_no_sub_is_refused(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(bench, caplog, sub=REMOVE) == "claim_missing"
