"""The sandbox's services over real HTTP: tokens, line items, scores, results, members, groups, in three profiles."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask

from entrepot.sandbox import ags, nrps, tokens
from entrepot.sandbox.config import Person
from entrepot.sandbox.platform import Platform
from entrepot.sandbox.profiles import GROUPS_READ, LINEITEM, LINEITEM_READ, MEMBERS_READ, RESULT_READ, SCORE
from tests.entrepot import clients
from tests.entrepot.clients import Client
from tests.lti_tool import builders, lms

PROFILES = ("spec", "moodle", "canvas")


@pytest.fixture(params=PROFILES)
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    with lms.running(request.param, key_set=clients.key_set) as running:
        yield running


@pytest.fixture
def spec() -> Iterator[Platform]:
    with lms.running(key_set=clients.key_set) as running:
        yield running


@pytest.fixture
def moodle() -> Iterator[Platform]:
    with lms.running("moodle", key_set=clients.key_set) as running:
        yield running


@pytest.fixture
def canvas() -> Iterator[Platform]:
    with lms.running("canvas", key_set=clients.key_set) as running:
        yield running


class TestTokens:
    def test_an_assertion_of_the_tool_is_worth_a_token_of_the_scopes_it_may_have(self, platform: Platform) -> None:
        answer = clients.ask(platform, SCORE, MEMBERS_READ, "https://example.edu/scope/other")

        assert answer.status_code == 200
        assert answer.json()["scope"] == f"{SCORE} {MEMBERS_READ}"
        assert answer.json()["expires_in"] == 3600
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"client_assertion_type": "other"}, "unsupported_grant_type"),
            ({"client_assertion": "no.jwt"}, "invalid_request"),
            ({"scope": "unknown"}, "invalid_scope"),
        ],
    )
    def test_a_request_that_is_wrong_gets_none(self, platform: Platform, changes: dict[str, str], error: str) -> None:
        answer = clients.ask(platform, SCORE, **changes)

        assert (answer.status_code, answer.json()["error"]) == (400, error)

    @pytest.mark.parametrize(
        "changes",
        [
            {"sub": "client-z"},
            {"iss": "client-z"},
            {"aud": "https://elsewhere.example/token"},
            {"exp": 1},
            {"exp": None},
            {"iat": None},
            {"aud": None},
        ],
        ids=lambda changes: "-".join(f"{name}={value}" for name, value in changes.items()),
    )
    def test_an_assertion_with_a_wrong_claim_gets_none(self, platform: Platform, changes: dict[str, Any]) -> None:
        answer = clients.ask(platform, SCORE, client_assertion=clients.assertion(platform, **changes))

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")

    def test_the_issuer_is_an_audience_too_but_not_on_canvas(self, platform: Platform) -> None:
        text = clients.assertion(platform, aud=[platform.base])

        expected = 400 if platform.profile(lms.PLACE).name == "canvas" else 200
        assert clients.ask(platform, SCORE, client_assertion=text).status_code == expected

    def test_a_jti_serves_once_but_on_moodle_twice(self, platform: Platform) -> None:
        text = clients.assertion(platform)
        codes = [clients.ask(platform, SCORE, client_assertion=text).status_code for _ in range(2)]

        assert codes == [200, 200 if platform.profile(lms.PLACE).name == "moodle" else 400]

    def test_without_a_jti_only_moodle_gives_one(self, platform: Platform) -> None:
        text = clients.assertion(platform, jti=None)

        expected = 200 if platform.profile(lms.PLACE).name == "moodle" else 400
        assert clients.ask(platform, SCORE, client_assertion=text).status_code == expected

    @pytest.mark.parametrize("kid", [None, "another"])
    def test_a_key_that_the_tool_does_not_publish_gets_none(self, spec: Platform, kid: str | None) -> None:
        now = int(time.time())
        body = {"iss": "client-a", "sub": "client-a", "aud": spec.base, "iat": now, "exp": now + 60, "jti": "1"}
        text = tokens.sign(clients.KEY, body, kid=kid)

        assert clients.ask(spec, SCORE, client_assertion=text).json()["error"] == "invalid_client"

    def test_a_new_key_of_the_tool_is_fetched(self) -> None:
        keys: dict[str, Any] = {"keys": []}
        with lms.running(key_set=lambda: dict(keys)) as platform:
            before = clients.ask(platform, SCORE).status_code
            keys["keys"] = clients.key_set()["keys"]

            assert (before, clients.ask(platform, SCORE).status_code) == (400, 200)

    def test_a_tool_that_is_pending_gets_none(self, spec: Platform) -> None:
        spec.tools["client-a"].active = False

        assert clients.ask(spec, SCORE).json()["error"] == "invalid_client"

    def test_the_keys_are_fetched_from_the_tool(self) -> None:
        app = Flask("tool")
        app.add_url_rule("/lti/jwks", view_func=clients.key_set)
        with builders.serving(app) as tool, lms.running(tool=tool) as platform:
            assert clients.ask(platform, SCORE).status_code == 200

    def test_the_keys_of_a_tool_that_is_away_cannot_be_had(self) -> None:
        with lms.running(tool="http://127.0.0.1:1") as platform:
            assert clients.ask(platform, SCORE).json()["error"] == "invalid_client"


class TestAccess:
    def test_no_token_opens_nothing(self, platform: Platform) -> None:
        client = Client(platform)
        client.token = "unknown"
        answer = client.call("GET", client.lineitems)

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_token_ends(self, spec: Platform) -> None:
        spec.token_life = 0
        client = Client(spec)

        assert client.call("GET", client.lineitems).status_code == 401

    def test_a_token_without_the_scope_opens_nothing(self, platform: Platform) -> None:
        client = Client(platform, (SCORE,))
        expected = {"spec": 403, "moodle": 401, "canvas": 401}[platform.profile(lms.PLACE).name]

        assert client.call("GET", client.of("memberships")).status_code == expected
        assert client.call("GET", client.lineitems, kind=ags.CONTAINER).status_code == expected

    def test_reading_line_items_gives_no_right_to_write_them(self, spec: Platform) -> None:
        client = Client(spec, (LINEITEM_READ,))

        assert client.call("GET", client.lineitems).status_code == 200
        assert client.call("DELETE", lms.line_item(spec)).status_code == 403
        assert client.call("POST", client.lineitems, {}, ags.TYPE).status_code == 403

    def test_canvas_wants_a_user_agent(self, canvas: Platform) -> None:
        client = Client(canvas)

        assert client.call("GET", client.lineitems, **{"User-Agent": ""}).status_code == 403

    def test_another_institution_s_token_opens_nothing(self) -> None:
        def two(document: dict[str, Any]) -> None:
            second = {**document["institutions"][0], "id": "wales"}
            second["tool"] = {**second["tool"], "client_id": "client-b"}
            document["institutions"].append(second)

        with lms.running(key_set=clients.key_set, change=two) as platform:
            client = Client(platform)

            for what in ("lineitems", "memberships"):
                url = f"{platform.base}/wales/lti/wales-course-1/{what}"
                assert client.call("GET", url).status_code == 404

    @pytest.mark.parametrize("place", ["nowhere", lms.PLACE])
    @pytest.mark.parametrize("what", ["lineitems", "lineitems/1/lineitem", "memberships", "groups", "sets"])
    def test_a_course_that_is_not_there_is_not_found(self, spec: Platform, place: str, what: str) -> None:
        client = Client(spec)

        assert client.call("GET", f"{spec.base}/{place}/lti/nothing/{what}").status_code == 404


class TestLineItems:
    def test_a_line_item_is_made_read_changed_and_deleted(self, platform: Platform) -> None:
        client = Client(platform)
        link = lms.course(platform).links["path"].resource_link
        body = {
            "label": "Case 1",
            "scoreMaximum": 10,
            "resourceId": "case-1",
            "tag": "practice",
            "resourceLinkId": link,
        }
        made = client.call("POST", client.lineitems, {**body, "https://ext.example/x": 1}, ags.TYPE)
        url = made.json()["id"]
        changed = client.call("PUT", url, {**body, "label": "Case one"}, ags.TYPE)
        read = client.call("GET", url)
        deleted = client.call("DELETE", url)

        assert (made.status_code, changed.status_code, read.status_code, deleted.status_code) == (201, 200, 200, 204)
        assert made.json() == {**body, "id": url, "https://ext.example/x": 1}
        assert read.json() == {**body, "id": url, "label": "Case one"}
        assert read.headers["Content-Type"] == ags.TYPE
        assert client.call("GET", url).status_code == 404

    def test_the_line_item_of_a_link_goes_with_it(self, spec: Platform) -> None:
        client = Client(spec)

        assert client.call("DELETE", lms.line_item(spec)).status_code == 204
        assert lms.course(spec).links["graded"].item == ""

    def test_another_tool_s_line_item_is_not_there(self, spec: Platform) -> None:
        client, course = Client(spec), lms.course(spec)
        url = lms.line_item(spec)
        course.items[course.links["graded"].item].client_id = "client-b"

        assert client.call("GET", url).status_code == 404
        assert client.score(item=url).status_code == 404
        assert client.call("GET", client.lineitems).json() == []

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ("[]", 400),
            ("{", 400),
            ({"scoreMaximum": 1}, 400),
            ({"label": "", "scoreMaximum": 1}, 400),
            ({"label": "x"}, 400),
            ({"label": "x", "scoreMaximum": 0}, 400),
            ({"label": "x", "scoreMaximum": "10"}, 400),
            ({"label": "x", "scoreMaximum": True}, 400),
        ],
    )
    def test_one_that_is_wrong_is_refused(self, spec: Platform, body: Any, status: int) -> None:
        client = Client(spec)

        assert client.call("POST", client.lineitems, body, ags.TYPE).status_code == status
        assert client.call("PUT", lms.line_item(spec), body, ags.TYPE).status_code == status

    def test_a_link_that_is_not_there_and_a_wrong_type_are_refused_each_in_its_way(self, platform: Platform) -> None:
        client, name = Client(platform), platform.profile(lms.PLACE).name
        body = {"label": "x", "scoreMaximum": 1, "resourceLinkId": "nothing"}

        assert (
            client.call("POST", client.lineitems, body, ags.TYPE).status_code
            == ({"spec": 404, "moodle": 403, "canvas": 422}[name])
        )
        assert (
            client.call("POST", client.lineitems, body, "application/json").status_code
            == ({"spec": 415, "moodle": 400, "canvas": 415}[name])
        )

    def test_moodle_reads_its_own_accept_alone(self, moodle: Platform) -> None:
        client = Client(moodle)

        assert client.call("GET", client.lineitems, kind="application/json").status_code == 400
        assert client.call("GET", client.lineitems, kind=ags.CONTAINER).status_code == 200

    def test_they_are_filtered(self, platform: Platform) -> None:
        client = Client(platform)
        for number in range(3):
            body = {"label": f"Case {number}", "scoreMaximum": 10, "resourceId": f"case-{number}", "tag": "practice"}
            client.call("POST", client.lineitems, body, ags.TYPE)
        link = lms.course(platform).links["graded"].resource_link

        def found(**query: str) -> list[str]:
            answer = requests.get(
                client.lineitems,
                params=query,
                headers={"Authorization": f"Bearer {client.token}", "Accept": ags.CONTAINER},
                timeout=5,
            )
            return [one["label"] for one in answer.json()]

        assert found(resource_id="case-1") == ["Case 1"]
        assert found(tag="practice") == ["Case 0", "Case 1", "Case 2"]
        assert found(tag="practice", resource_id="case-2") == ["Case 2"]
        assert found(resource_link_id=link) == ["Exam"]
        assert found(tag="other") == []

    def test_the_header_of_moodle_is_the_one_that_was_measured(self, moodle: Platform) -> None:
        client = Client(moodle)
        client.call("POST", client.lineitems, {"label": "x", "scoreMaximum": 1}, ags.TYPE)
        answer = client.call("GET", f"{client.lineitems}&limit=1", kind=ags.CONTAINER)
        header = answer.headers["Link"].encode("latin-1").decode()

        assert re.findall(r"rel=“(\w+)”", header) == ["first", "canonical", "next", "last"]
        assert "&amp;limit=1&amp;from=1>; rel=“next”" in header
        assert "&limit" not in header

    def test_canvas_gives_ten_and_opaque_bookmarks(self, canvas: Platform) -> None:
        client = Client(canvas)
        for number in range(24):
            client.call("POST", client.lineitems, {"label": f"{number}", "scoreMaximum": 1}, ags.TYPE)
        labels, url = [], client.lineitems
        sizes = []
        while url:
            answer = client.call("GET", url)
            sizes.append(len(answer.json()))
            labels += [one["label"] for one in answer.json()]
            url = answer.links.get("next", {}).get("url", "")

        assert sizes == [10, 10, 5]
        assert labels == ["Exam", *map(str, range(24))]
        assert client.call("GET", f"{client.lineitems}?page=bookmark:nonsense").status_code == 200


class TestScores:
    def test_a_score_is_taken_and_seen(self, platform: Platform) -> None:
        client = Client(platform)
        answer = client.score(comment="Well argued")
        item, user = lms.line_item(platform), lms.user(platform)
        results = client.call("GET", clients.under(item, "/results"), kind=ags.RESULTS)
        one = client.call(
            "GET", clients.under(item, "/results") + ("&" if "?" in item else "?") + "user_id=nobody", kind=ags.RESULTS
        )

        assert answer.status_code == 200
        assert [score.given for score in platform.gradebook[user, item]] == [87.5]
        (found,) = results.json()
        assert (found["userId"], found["scoreOf"], found["comment"]) == (user, item, "Well argued")
        assert (found["resultScore"], found["resultMaximum"]) == (87.5, 100)
        assert one.json() == []
        assert platform.counts["scores", 200] == 1

    def test_canvas_says_where_the_result_is(self, canvas: Platform) -> None:
        assert Client(canvas).score().json()["resultUrl"].startswith(lms.line_item(canvas))

    def test_a_score_needs_its_type_its_scope_and_a_line_item(self, platform: Platform) -> None:
        client, name = Client(platform), platform.profile(lms.PLACE).name

        assert client.score(kind="application/json").status_code == {"spec": 415, "moodle": 400, "canvas": 415}[name]
        assert client.score(item=lms.line_item(platform).replace("/lineitem", "9/lineitem")).status_code == 404
        client = Client(platform, (LINEITEM, RESULT_READ))
        assert client.score().status_code == {"spec": 403, "moodle": 401, "canvas": 401}[name]

    @pytest.mark.parametrize("who", [lms.INSTRUCTOR, lms.ADMINISTRATOR, "nobody"])
    def test_only_learners_of_the_course_are_graded(self, platform: Platform, who: str) -> None:
        client = Client(platform)
        user = who if who == "nobody" else lms.user(platform, who)
        answer = client.score(userId=user)

        assert answer.status_code == {"spec": 404, "moodle": 400, "canvas": 422}[platform.profile(lms.PLACE).name]
        assert platform.refused == [(user, lms.line_item(platform), answer.status_code, "not a learner of this course")]

    def test_whoever_left_is_graded_no_more(self, spec: Platform) -> None:
        spec.leave(lms.course(spec), lms.LEARNER)

        assert Client(spec).score().status_code == 404

    def test_a_repeated_post_changes_nothing_and_is_counted(self, spec: Platform) -> None:
        client, key = Client(spec), (lms.user(spec), lms.line_item(spec))
        codes = [client.score().status_code for _ in range(3)]

        assert codes == [200] * 3
        assert (len(spec.gradebook[key]), spec.repeats[key]) == (1, 2)

    def test_an_older_score_is_refused_each_in_its_way(self, platform: Platform) -> None:
        client = Client(platform)
        codes = [client.score().status_code, client.score(timestamp="2026-11-25T09:00:00Z").status_code]

        assert codes == [200, 400 if platform.profile(lms.PLACE).name == "canvas" else 409]
        assert client.grade() == 87.5

    def test_a_score_that_awaits_its_grade_is_a_result_without_one(self, spec: Platform) -> None:
        client = Client(spec)
        client.score(gradingProgress="Pending")
        (found,) = client.call("GET", clients.under(lms.line_item(spec), "/results")).json()

        assert "resultScore" not in found

    def test_canvas_counts_attempts_of_repeated_posts_unless_told_otherwise(self, canvas: Platform) -> None:
        client, key = Client(canvas), (lms.user(canvas), lms.line_item(canvas))
        client.score()
        client.score()
        client.score(**{"https://canvas.instructure.com/lti/submission": {"new_submission": False}})

        assert canvas.attempts[key] == 2

    @pytest.mark.parametrize("body", ["[]", "{", "7"])
    def test_what_is_no_object_is_refused(self, platform: Platform, body: str) -> None:
        client = Client(platform)
        url = clients.under(lms.line_item(platform), "/scores")

        assert client.call("POST", url, body, ags.SCORE_TYPE).status_code == 400


class TestMembers:
    def test_everybody_is_a_member_with_a_role_in_the_profile_s_words(self, platform: Platform) -> None:
        client = Client(platform)
        answer = client.call("GET", client.of("memberships"), kind=nrps.CONTAINER)
        members = answer.json()["members"]

        assert answer.headers["Content-Type"] == nrps.CONTAINER
        assert [one["user_id"] for one in members[:2]] == [lms.user(platform), lms.user(platform, lms.LEARNER_2)]
        short = platform.profile(lms.PLACE).name == "moodle"
        assert ("Learner" in members[0]["roles"]) == short
        assert answer.json()["context"]["id"] == lms.course(platform).context
        assert "message" not in members[0]

    @pytest.mark.parametrize("limit", [1, 7, 24, 100])
    def test_pages_hold_everybody_once(self, platform: Platform, limit: int) -> None:
        course = lms.course(platform)
        for number in range(40):
            platform.enrol(course, Person(str(700 + number), {"en": "x", "zh": "x"}))
        client = Client(platform)
        url, found = f"{client.of('memberships')}?limit={limit}", []
        while url:
            answer = client.call("GET", url)
            assert answer.json()["members"]
            found += [one["user_id"] for one in answer.json()["members"]]
            url = answer.links.get("next", {}).get("url", "")

        assert len(found) == len(set(found)) == 48

    def test_a_role_is_asked_for_by_its_uri_or_its_short_name(self, platform: Platform) -> None:
        client = Client(platform)
        learners = "http://purl.imsglobal.org/vocab/lis/v2/membership%23Learner"
        counts = [
            len(client.call("GET", f"{client.of('memberships')}?role={role}&limit=50").json()["members"])
            for role in (learners, "Learner")
        ]

        assert counts == [4, 4] if platform.profile(lms.PLACE).name == "moodle" else [2, 2]

    def test_of_a_link_there_is_a_message_and_on_moodle_a_sourcedid(self, platform: Platform) -> None:
        client = Client(platform)
        link = lms.course(platform).links["graded"].resource_link
        answer = client.call("GET", f"{client.of('memberships')}?rlid={link}")

        assert "message" in answer.json()["members"][0]
        assert ("lis_result_sourcedid" in answer.text) == (platform.profile(lms.PLACE).name == "moodle")
        assert client.call("GET", f"{client.of('memberships')}?rlid=nothing").status_code == 404

    def test_the_differences_are_who_came_changed_and_left(self, spec: Platform) -> None:
        client, course = Client(spec), lms.course(spec)
        first = client.call("GET", client.of("memberships"))
        spec.enrol(course, Person("900", {"en": "Learner 900", "zh": "学习者 900"}))
        spec.leave(course, lms.LEARNER_2)
        url = first.links["differences"]["url"]
        answer = client.call("GET", url)
        then = client.call("GET", answer.links["differences"]["url"])

        assert {one["user_id"]: one["status"] for one in answer.json()["members"]} == {
            "900": "Active",
            lms.LEARNER_2: "Deleted",
        }
        assert then.json()["members"] == []

    def test_a_course_without_a_link_of_the_tool_is_read_on_moodle_alone(self, platform: Platform) -> None:
        client = Client(platform)
        lms.course(platform).links.clear()

        expected = 200 if platform.profile(lms.PLACE).name == "moodle" else 404
        assert client.call("GET", client.of("memberships")).status_code == expected


class TestGroups:
    def test_groups_and_their_members(self, canvas: Platform) -> None:
        client = Client(canvas)
        every = client.call("GET", client.of("groups"), kind=nrps.GROUPS)
        own = client.call("GET", f"{client.of('groups')}?user_id={lms.user(canvas)}")
        nobody = client.call("GET", f"{client.of('groups')}?user_id=nobody")
        members = client.call("GET", f"{client.of('memberships')}?groups=true").json()["members"]

        assert [one["name"] for one in every.json()["groups"]] == ["Group A", "Group B"]
        assert [one["id"] for one in own.json()["groups"]] == ["501"]
        assert nobody.json()["groups"] == []
        assert members[0]["group_enrollments"] == [{"group_id": "501"}]
        assert client.call("GET", client.of("sets")).json()["sets"] == [nrps.SET]

    def test_moodle_has_none(self, moodle: Platform) -> None:
        client = Client(moodle, (GROUPS_READ,))

        assert client.call("GET", client.of("groups")).status_code == 404
        assert client.call("GET", client.of("sets")).status_code == 404
