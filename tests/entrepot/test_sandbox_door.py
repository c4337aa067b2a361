"""The door in three profiles: what a login offers, what a launch says, rotated keys, picked content, copied courses."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests

from entrepot.sandbox import claims, deep_linking, door, tokens
from entrepot.sandbox.deep_linking import NotTaken
from entrepot.sandbox.platform import Course, Platform
from entrepot.sandbox.profiles import ROLES
from tests.entrepot import clients
from tests.lti_tool import lms

LTI = tokens.LTI
PROFILES = ("spec", "moodle", "canvas")


@pytest.fixture(params=PROFILES)
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    with lms.running(request.param, key_set=clients.key_set) as running:
        yield running


@pytest.fixture
def spec() -> Iterator[Platform]:
    with lms.running(key_set=clients.key_set) as running:
        yield running


def answered(
    platform: Platform, link: str | None = "graded", course: Course | None = None, person: str = lms.LEARNER
) -> dict[str, Any]:
    """The claims of a launch (None: of deep linking), as the platform's published keys verify them."""
    place = course or lms.course(platform)
    begun = door.begin(platform, place, place.members[person].person, place.links[link] if link else None)
    answer = door.authorise(platform, request(begun))
    assert answer is not None
    assert "id_token" in answer.fields, answer.fields
    text = answer.fields["id_token"]
    keys = {one["kid"]: one for one in requests.get(f"{platform.base}/jwks", timeout=5).json()["keys"]}
    key = jwt.PyJWK(keys[jwt.get_unverified_header(text)["kid"]]).key
    found: dict[str, Any] = jwt.decode(text, key, algorithms=["RS256"], audience="client-a", leeway=1000)
    return found


def request(begun: dict[str, str], **changes: str) -> dict[str, str]:
    """The authorisation request of a login."""
    return {
        **door.REQUIRED,
        "client_id": begun["client_id"],
        "redirect_uri": f"{lms.TOOL}/lti/launch",
        "login_hint": begun["login_hint"],
        "lti_message_hint": begun["lti_message_hint"],
        "state": "s",
        "nonce": "n",
        **changes,
    }


class TestLogin:
    def test_each_profile_offers_its_storage_and_its_extras(self, platform: Platform) -> None:
        course = lms.course(platform)
        begun = door.begin(platform, course, course.members[lms.LEARNER].person, course.links["path"])
        canvas = platform.profile(lms.PLACE).name == "canvas"

        assert (
            begun.get("lti_storage_target")
            == (
                {"spec": "_parent", "moodle": None, "canvas": "post_message_forwarding"}[
                    platform.profile(lms.PLACE).name
                ]
            )
        )
        assert ("canvas_region" in begun, "canvas_environment" in begun) == (canvas, canvas)

    def test_storage_may_be_switched_off(self, spec: Platform) -> None:
        spec.storage = False
        course = lms.course(spec)

        assert "lti_storage_target" not in door.begin(
            spec, course, course.members[lms.LEARNER].person, course.links["path"]
        )

    def test_without_an_active_tool_there_is_no_login(self, spec: Platform) -> None:
        spec.tools["client-a"].active = False
        course = lms.course(spec)
        person = course.members[lms.LEARNER].person

        with pytest.raises(LookupError):
            door.begin(spec, course, person, course.links["path"])
        with pytest.raises(LookupError):
            door.begin(spec, course, person, None)
        with pytest.raises(LookupError):
            claims.deep_linking(spec, claims.Visit(course, person, "en"), "n")


class TestLaunch:
    def test_a_launch_names_the_services_and_lives_as_long_as_the_profile_says(self, platform: Platform) -> None:
        body, name = answered(platform), platform.profile(lms.PLACE).name

        assert body[claims.AGS]["lineitem"] == lms.line_item(platform)
        assert body[claims.NRPS]["service_versions"] == ["2.0"]
        assert (claims.GROUPS in body) == (name != "moodle")
        assert body["exp"] - body["iat"] == {"spec": 300, "moodle": 60, "canvas": 3600}[name]
        assert body["email"].endswith("@learners.example")
        assert (claims.OUTCOME in body) == (name == "moodle")
        assert (claims.PLACEMENT in body) == (name == "canvas")
        assert (platform.sesskey in body[LTI + "launch_presentation"]["return_url"]) == (name == "moodle")

    def test_ids_are_in_the_manner_of_the_profile(self, platform: Platform) -> None:
        body = answered(platform, "path")
        ids = (body["sub"], body[LTI + "context"]["id"], body[LTI + "resource_link"]["id"])
        pattern = {
            "spec": r"11391 scotland-course-1 scotland-course-1-path",
            "moodle": r"11391 \d+ \d+",
            "canvas": r"[0-9a-f-]{36} [0-9a-f]{40} [0-9a-f-]{36}",
        }[platform.profile(lms.PLACE).name]

        assert re.fullmatch(pattern, " ".join(ids))
        assert "lineitem" not in body[claims.AGS]

    @pytest.mark.parametrize("role", ROLES)
    def test_every_role_is_said_in_the_profile_s_uris(self, platform: Platform, role: str) -> None:
        person = lms.LEARNER if role == "learner" else str(20000 + ROLES.index(role))
        body = answered(platform, person=person)

        assert body[LTI + "roles"] == list(platform.profile(lms.PLACE).roles[role])
        assert all(one.startswith("http://purl.imsglobal.org/vocab/lis/v2/") for one in body[LTI + "roles"])

    def test_a_tool_of_few_scopes_is_told_of_few_services(self) -> None:
        from dataclasses import replace

        with lms.running(key_set=clients.key_set) as platform:
            registered = platform.tools["client-a"]
            registered.tool = replace(registered.tool, scopes=())
            body = answered(platform)

        assert not {claims.AGS, claims.NRPS, claims.GROUPS} & body.keys()

    def test_custom_variables_are_filled_in_where_the_profile_knows_them(self, platform: Platform) -> None:
        link = lms.course(platform).links["path"]
        known = {"Context.id.history", "ResourceLink.id.history", "Canvas.user.globalId", "Moodle.Person.userGroupIds"}
        known |= {"Canvas.group.contextIds", "User.id", "Nobody.knows"}
        link.custom = {name: f"${name}" for name in sorted(known)}
        custom = answered(platform, "path")[LTI + "custom"]
        left = {name for name, value in custom.items() if value.startswith("$")}

        assert (
            left
            == {
                "spec": {
                    "Canvas.user.globalId",
                    "Canvas.group.contextIds",
                    "Moodle.Person.userGroupIds",
                    "Nobody.knows",
                },
                "moodle": {
                    "Canvas.user.globalId",
                    "Canvas.group.contextIds",
                    "ResourceLink.id.history",
                    "Nobody.knows",
                },
                "canvas": {"Moodle.Person.userGroupIds", "Nobody.knows"},
            }[platform.profile(lms.PLACE).name]
        )
        assert custom["User.id"] == lms.user(platform)

    def test_a_skewed_clock_is_in_the_token_and_a_hook_may_change_it(self, spec: Platform) -> None:
        spec.skew = 500
        spec.claims_hook = lambda body: {**body, "email": "canary"}
        body = answered(spec)

        assert body["iat"] - time.time() > 490
        assert body["email"] == "canary"

    @pytest.mark.parametrize("what", ["pending", "left", "course", "links"])
    def test_what_is_no_longer_there_is_answered_with_an_error(self, spec: Platform, what: str) -> None:
        course = lms.course(spec)
        begun = door.begin(spec, course, course.members[lms.LEARNER].person, course.links["path"])
        if what == "pending":
            spec.tools["client-a"].active = False
        elif what == "left":
            spec.leave(course, lms.LEARNER)
        elif what == "course":
            del spec.courses[lms.PLACE, "course-1"]
        else:
            course.links.clear()
        answer = door.authorise(spec, request(begun))

        assert answer is not None
        assert answer.fields["error"] == ("unauthorized_client" if what == "pending" else "login_required")

    @pytest.mark.parametrize("changes", [{"nonce": ""}, {"lti_message_hint": ""}, {"prompt": "login"}])
    def test_a_malformed_request_gets_a_page_of_moodle_and_an_error_of_the_others(
        self, platform: Platform, changes: dict[str, str]
    ) -> None:
        course = lms.course(platform)
        begun = door.begin(platform, course, course.members[lms.LEARNER].person, course.links["path"])
        answer = door.authorise(platform, request(begun, **changes))

        if platform.profile(lms.PLACE).name == "moodle":
            assert answer is None
        else:
            assert answer is not None
            assert answer.fields["error"] in {"invalid_request", "login_required"}

    def test_somebody_else_s_hint_is_answered_with_an_error_everywhere(self, platform: Platform) -> None:
        course = lms.course(platform)
        begun = door.begin(platform, course, course.members[lms.LEARNER].person, course.links["path"])
        answer = door.authorise(platform, request(begun, login_hint=lms.user(platform, lms.LEARNER_2)))

        assert answer is not None
        assert answer.fields["error"] == "access_denied"


class TestKeys:
    def test_the_old_key_stays_or_is_withdrawn_and_the_new_one_may_come_late(self, spec: Platform) -> None:
        def kids() -> list[str]:
            return [one["kid"] for one in requests.get(f"{spec.base}/jwks", timeout=5).json()["keys"]]

        first = kids()
        spec.ring.rotate()
        both, launched = kids(), answered(spec)
        spec.ring.rotate(keep=False)
        alone = kids()
        spec.ring.rotate(keep=False, publish=False)
        none = kids()
        spec.ring.publish()
        spec.ring.publish()

        assert (len(first), len(both), len(alone), none, len(kids())) == (1, 2, 1, [], 1)
        assert alone[0] not in both
        assert launched["iss"] == spec.base

    def test_only_moodle_says_nothing_about_how_long_keys_may_be_kept(self, platform: Platform) -> None:
        told = "Cache-Control" in requests.get(f"{platform.base}/jwks", timeout=5).headers

        assert told == (platform.profile(lms.PLACE).name != "moodle")


def answer_of(platform: Platform, begun: dict[str, Any], items: Any, **changes: Any) -> str:
    """A signed deep linking answer; None takes a claim out."""
    settings = begun[claims.DL + "deep_linking_settings"]
    now = int(time.time())
    body = {
        "iss": "client-a",
        "aud": platform.base,
        "iat": now,
        "exp": now + 60,
        "nonce": "picked-1",
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": begun[LTI + "deployment_id"],
        claims.DL + "content_items": items,
        claims.DL + "data": settings["data"],
        claims.DL + "msg": "Added",
        **changes,
    }
    return tokens.sign(clients.KEY, {name: value for name, value in body.items() if value is not None})


ITEM = {
    "type": "ltiResourceLink",
    "title": "Case 1",
    "url": f"{lms.TOOL}/lti/launch",
    "custom": {"activity": "case", "case": "case-1"},
    "lineItem": {"scoreMaximum": 20, "label": "Case", "resourceId": "case-1", "tag": "practice"},
}


class TestPicking:
    def test_one_or_many_become_links_that_launch(self, platform: Platform) -> None:
        course = lms.course(platform)
        begun = answered(platform, None, person=lms.INSTRUCTOR)
        items = [ITEM, {"type": "ltiResourceLink", "window": {}}, {**ITEM, "title": "Exam", "lineItem": None}]
        text = answer_of(platform, begun, items)
        page = requests.post(
            begun[claims.DL + "deep_linking_settings"]["deep_link_return_url"], {"JWT": text}, timeout=5
        )
        first, second, third = list(course.links.values())[-3:]
        body = answered(platform, first.id)

        assert page.status_code == 200
        assert "Case 1" in page.text
        assert (first.target, second.target, third.item) == ("iframe", "window", "")
        assert second.title["en"] == "Entrepôt"
        assert body[LTI + "custom"] == {"activity": "case", "case": "case-1"}
        assert body[claims.AGS]["lineitem"] == lms.line_item(platform, first.id)
        item = course.items[first.item]
        assert (item.label, item.maximum, item.resource_id, item.tag) == ("Case", 20, "case-1", "practice")

    def test_an_answer_serves_once(self, spec: Platform) -> None:
        text = answer_of(spec, answered(spec, None), [ITEM])
        deep_linking.take(spec, text)

        with pytest.raises(NotTaken):
            deep_linking.take(spec, text)
        with pytest.raises(NotTaken, match="nonce"):
            deep_linking.take(spec, answer_of(spec, answered(spec, None), [ITEM]))

    def test_its_data_serves_once_and_one_tool(self, spec: Platform) -> None:
        begun, other = answered(spec, None), answered(spec, None)
        deep_linking.take(spec, answer_of(spec, begun, [ITEM]))
        data = other[claims.DL + "deep_linking_settings"]["data"]
        spec.picking[data] = (*spec.picking[data][:2], "client-b")

        for again in (begun, other):
            with pytest.raises(NotTaken, match="data"):
                deep_linking.take(spec, answer_of(spec, again, [ITEM], nonce="picked-2"))

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"iss": "client-z"}, "client id"),
            ({"aud": "https://elsewhere.example"}, "Audience"),
            ({"exp": 1}, "Expired"),
            ({"nonce": None}, "nonce"),
            ({"nonce": 7}, "nonce"),
            ({LTI + "message_type": "LtiResourceLinkRequest"}, "message_type"),
            ({LTI + "version": "1.1"}, "version"),
            ({LTI + "deployment_id": "9"}, "deployment"),
            ({claims.DL + "data": "other"}, "data"),
            ({claims.DL + "data": None}, "data"),
            ({claims.DL + "content_items": {}}, "content_items"),
        ],
    )
    def test_one_with_a_wrong_claim_adds_nothing(self, spec: Platform, changes: dict[str, Any], words: str) -> None:
        before = len(lms.course(spec).links)
        text = answer_of(spec, answered(spec, None), [ITEM], **changes)

        with pytest.raises(NotTaken, match=words):
            deep_linking.take(spec, text)
        assert len(lms.course(spec).links) == before

    @pytest.mark.parametrize(
        ("item", "words"),
        [
            ("text", "ltiResourceLink"),
            ({"type": "link"}, "ltiResourceLink"),
            ({**ITEM, "url": "https://evil.example/"}, "url"),
            ({**ITEM, "url": 7}, "url"),
            ({**ITEM, "custom": ["a"]}, "custom"),
            ({**ITEM, "custom": {"a": 1}}, "custom"),
            ({**ITEM, "title": 7}, "title"),
            ({**ITEM, "lineItem": "100"}, "scoreMaximum"),
            ({**ITEM, "lineItem": {"scoreMaximum": 0}}, "scoreMaximum"),
            ({**ITEM, "lineItem": {"scoreMaximum": True}}, "scoreMaximum"),
        ],
    )
    def test_one_with_a_wrong_item_adds_nothing_of_it(self, spec: Platform, item: Any, words: str) -> None:
        before = len(lms.course(spec).links)

        with pytest.raises(NotTaken, match=words):
            deep_linking.take(spec, answer_of(spec, answered(spec, None), [ITEM, item]))
        assert len(lms.course(spec).links) == before

    def test_what_nobody_signed_is_refused_on_a_page(self, spec: Platform) -> None:
        answer = lms.deliver(spec, "no.jwt.at-all")

        assert answer.status_code == 400
        assert "The activities were not added" in answer.text

    def test_a_tool_that_is_not_active_adds_nothing(self, spec: Platform) -> None:
        text = answer_of(spec, answered(spec, None), [ITEM])
        spec.tools["client-a"].active = False

        with pytest.raises(NotTaken, match="client id"):
            deep_linking.take(spec, text)

    def test_an_answer_of_a_page_is_delivered(self, spec: Platform) -> None:
        text = answer_of(spec, answered(spec, None), [])

        assert lms.deliver(spec, f'<input type="hidden" name="JWT" value="{text}">').status_code == 200


class TestCopies:
    def test_a_copied_course_has_new_ids_the_same_custom_parameters_and_a_history(self, platform: Platform) -> None:
        course = lms.course(platform)
        course.links["graded"].custom |= {"course": "$Context.id.history", "link": "$ResourceLink.id.history"}
        first = answered(platform)
        answer = requests.post(f"{platform.base}/{lms.PLACE}/courses/course-1/copy", timeout=5)
        copied = lms.course(platform, "course-1-2")
        second = platform.copy(copied)
        body = answered(platform, course=second)
        custom = body[LTI + "custom"]

        assert answer.status_code == 200
        assert copied.title["en"] == "Module AAA (2)"
        assert body[LTI + "context"]["id"] not in {first[LTI + "context"]["id"], copied.context}
        assert body[LTI + "resource_link"]["id"] != first[LTI + "resource_link"]["id"]
        assert body[claims.AGS]["lineitem"] != first[claims.AGS]["lineitem"]
        assert custom["catalog"] == "cbec"
        assert custom["course"] == f"{copied.context},{course.context}"
        if platform.profile(lms.PLACE).name == "moodle":
            assert custom["link"] == "$ResourceLink.id.history"
        else:
            assert custom["link"].endswith(first[LTI + "resource_link"]["id"])
        assert set(second.members) == set(course.members)
        assert platform.copy(course).id == "course-1-3"
