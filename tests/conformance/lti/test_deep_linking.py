"""1EdTech LTI Advantage certification, deep linking: time stamps, signature, claims, values; the links open.

Each answer is made by the picker's own pages, from a signed request to the signed response.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from entrepot.sandbox import tokens
from tests.lti_tool import builders, deep_links
from tests.lti_tool.builders import LTI, Bench, TestResponse
from tests.lti_tool.deep_links import DL

ROLE = "path:cbec:operations"
MODULE = "module:cbec:cus"


@pytest.fixture
def answered(bench: Bench) -> TestResponse:
    """The last page of the picker, after one graded item."""
    return deep_links.picked(bench, deep_links.requested(bench), ROLE, **{f"grade:{ROLE}": "yes"})


def test_a_deep_linking_request_opens_the_picker(bench: Bench) -> None:
    assert "What should this course have?" in deep_links.requested(bench).text


def test_the_answer_goes_to_the_return_url_as_a_form_field_named_jwt(bench: Bench, answered: TestResponse) -> None:
    url, token = deep_links.answer(answered)

    assert url == deep_links.settings(bench.issuer.iss)["deep_link_return_url"]
    assert token.count(".") == 2


def test_the_answer_is_signed_by_a_published_key_with_rs256(bench: Bench, answered: TestResponse) -> None:
    _, token = deep_links.answer(answered)
    header = jwt.get_unverified_header(token)

    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in bench.client().get("/lti/jwks").get_json()["keys"]}
    assert deep_links.body(bench, answered)


def test_the_answer_is_dated_now_and_lives_five_minutes_at_most(bench: Bench, answered: TestResponse) -> None:
    body = deep_links.body(bench, answered)

    assert abs(body["iat"] - bench.clock()) < 10
    assert 0 < body["exp"] - body["iat"] <= 300


def test_the_client_is_the_issuer_of_the_answer_and_the_platform_its_audience(
    bench: Bench, answered: TestResponse
) -> None:
    body = deep_links.body(bench, answered)

    assert (body["iss"], body["aud"]) == ("client-a", bench.issuer.iss)


def test_every_answer_has_a_nonce_of_its_own(bench: Bench) -> None:
    page = deep_links.requested(bench)
    nonces = {deep_links.body(bench, deep_links.picked(bench, page, ROLE))["nonce"] for _ in range(3)}

    assert len(nonces) == 3


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        (LTI + "message_type", "LtiDeepLinkingResponse"),
        (LTI + "version", "1.3.0"),
        (LTI + "deployment_id", "1"),
        (DL + "data", "opaque:1"),
        (DL + "msg", "One thing goes to your course."),
    ],
)
def test_the_answer_carries_each_required_claim(bench: Bench, answered: TestResponse, claim: str, value: str) -> None:
    assert deep_links.body(bench, answered)[claim] == value


def test_the_deployment_is_that_of_the_request(bench: Bench) -> None:
    page = deep_links.requested(bench, deployment_id="2")

    assert deep_links.body(bench, deep_links.picked(bench, page, ROLE))[LTI + "deployment_id"] == "2"


def test_data_comes_back_only_if_it_came(bench: Bench) -> None:
    without = deep_links.settings(bench.issuer.iss, data=builders.REMOVE)
    page = deep_links.requested(bench, settings_=without)

    assert DL + "data" not in deep_links.body(bench, deep_links.picked(bench, page, ROLE))


def test_data_comes_back_unchanged(bench: Bench) -> None:
    data = "a=1&b=<\"'>é中文" + "x" * 2000
    page = deep_links.requested(bench, settings_=deep_links.settings(bench.issuer.iss, data=data))

    assert deep_links.body(bench, deep_links.picked(bench, page, ROLE))[DL + "data"] == data


def test_an_item_is_a_resource_link_with_all_that_it_needs(bench: Bench, answered: TestResponse) -> None:
    (item,) = deep_links.items(bench, answered)

    assert item == {
        "type": "ltiResourceLink",
        "title": "Learning path: Cross-border platform operations specialist",
        "url": f"{builders.TOOL}/lti/launch",
        "custom": {
            "catalog": "cbec",
            "activity": "path",
            "role": "operations",
            "context_history": "$Context.id.history",
            "link_history": "$ResourceLink.id.history",
        },
        "lineItem": {
            "scoreMaximum": 100,
            "label": "Learning path: Cross-border platform operations specialist",
            "resourceId": "path:cbec:operations",
            "tag": "entrepot",
        },
        "iframe": {"width": 1100, "height": 900},
    }


def test_several_items_come_in_one_answer_where_the_platform_takes_several(bench: Bench) -> None:
    page = deep_links.picked(bench, deep_links.requested(bench), ROLE, MODULE, "class:cbec")

    assert [item["custom"]["activity"] for item in deep_links.items(bench, page)] == ["path", "module", "class"]


def test_one_item_comes_where_the_platform_takes_one(bench: Bench) -> None:
    one = deep_links.settings(bench.issuer.iss, accept_multiple=False)
    page = deep_links.requested(bench, settings_=one)

    assert 'type="radio" name="item"' in page.text
    assert 'type="checkbox" name="item"' not in page.text
    forged = deep_links.picked(bench, page, ROLE, MODULE)
    assert len(deep_links.items(bench, forged)) == 1


def test_whoever_changes_their_mind_sends_an_empty_answer(bench: Bench) -> None:
    page = deep_links.press(bench, deep_links.requested(bench), "step", "cancel", ROLE)
    body = deep_links.body(bench, page)

    assert body[DL + "content_items"] == []
    assert body[DL + "msg"] == "Nothing was added."
    assert body[DL + "data"] == "opaque:1"


@pytest.mark.parametrize(
    ("key", "sees"),
    [
        ("path:oulad:AAA", "Three good next steps"),
        ("path:cbec", "What would you like to become?"),
        (MODULE, "Set by your course."),
        ("case:cbec:eu_import", "A parcel to the EU"),
        ("exam:cbec:short", "Short exam of 20 questions"),
    ],
)
def test_the_link_that_was_made_opens_what_was_chosen(bench: Bench, key: str, sees: str) -> None:
    """The platform creates the link as it was answered, then a learner opens it."""
    page = deep_links.requested(bench)
    if key.split(":")[1] == "oulad":
        page = deep_links.press(bench, page, "catalog", "oulad")
    (item,) = deep_links.items(bench, deep_links.picked(bench, page, key))

    opened = _opened(bench, item)

    assert opened.status_code == 200
    assert sees in opened.text


def test_the_class_page_that_was_made_opens_for_an_instructor_alone(bench: Bench) -> None:
    (item,) = deep_links.items(bench, deep_links.picked(bench, deep_links.requested(bench), "class:cbec"))

    assert "Your class" in _opened(bench, item, roles=[builders.INSTRUCTOR]).text
    assert _opened(bench, item).status_code == 403


def _opened(bench: Bench, item: Mapping[str, Any], **changes: Any) -> TestResponse:
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss, target_link_uri=item["url"])
    body = builders.claims(
        bench.issuer.iss,
        begun.nonce,
        target_link_uri=item["url"],
        custom=item["custom"],
        resource_link={"id": "made-1", "title": item["title"]},
        **changes,
    )
    return builders.launch(browser, begun.state, tokens.sign(bench.issuer.signer, body))
