from __future__ import annotations

import json
import re
import time
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from flask.testing import FlaskClient

from entrepot.sandbox import app as sandbox
from entrepot.sandbox import config as configuration
from entrepot.sandbox import pages, tokens
from entrepot.sandbox.tokens import Hint
from tests.lti_tool import builders

LMS, TOOL = "http://127.0.0.1:9000", "http://127.0.0.1:9001"
LTI = tokens.LTI
SIGNER = builders.another_signer("sandbox-1")


@pytest.fixture
def client() -> FlaskClient:
    return sandbox.create_app(configuration.parse(builders.document(LMS, TOOL)), SIGNER).test_client()


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def course(client: FlaskClient, **query: str) -> dict[str, str]:
    """What the course page sends to the tool."""
    return fields(client.get("/scotland/courses/AAA.2014J", query_string=query).text)


def request(begun: dict[str, str], **changes: str | None) -> dict[str, str]:
    """The authorisation request that a tool makes of a login."""
    values: dict[str, str | None] = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": begun["client_id"],
        "redirect_uri": f"{TOOL}/lti/launch",
        "login_hint": begun["login_hint"],
        "lti_message_hint": begun["lti_message_hint"],
        "state": "state-1",
        "nonce": "nonce-1",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def authorise(client: FlaskClient, **changes: str | None) -> dict[str, str]:
    """What the platform posts to the tool."""
    answer = client.get(f"/auth?{urlencode(request(course(client), **changes))}")
    assert answer.status_code == 200
    return fields(answer.text)


def claims(answer: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(
        answer["id_token"], SIGNER.private.public_key(), algorithms=["RS256"], audience="client-a"
    )
    return found


def test_the_home_page_leads_to_every_course(client: FlaskClient) -> None:
    page = client.get("/").text

    assert re.findall(r'href="(/scotland/courses/[^?]+)', page) == [
        "/scotland/courses/cbec",
        "/scotland/courses/AAA.2014J",
    ]


def test_the_home_page_speaks_chinese(client: FlaskClient) -> None:
    assert "平台上的院校" in client.get("/?lang=zh").text
    assert "平台上的院校" in client.get("/", headers={"Accept-Language": "zh-CN"}).text


def test_a_course_page_begins_a_login_as_the_chosen_learner(client: FlaskClient) -> None:
    begun = course(client, learner="28400")

    assert begun["iss"] == LMS
    assert begun["login_hint"] == "28400"
    assert begun["target_link_uri"] == f"{TOOL}/lti/launch"


def test_a_learner_that_is_not_in_the_course_is_its_first_one(client: FlaskClient) -> None:
    assert course(client, learner="somebody")["login_hint"] == "11391"


@pytest.mark.parametrize("path", ["/scotland/courses/nothing", "/nowhere/courses/cbec"])
def test_a_course_that_does_not_exist_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_answer_is_a_signed_launch_of_that_learner_in_that_course(client: FlaskClient) -> None:
    answer = authorise(client)
    body = claims(answer)

    assert answer["state"] == "state-1"
    assert (body["iss"], body["sub"], body["nonce"], body["name"]) == (LMS, "11391", "nonce-1", "Learner 11391")
    assert body[LTI + "custom"] == {"catalog": "oulad", "role": "AAA"}
    assert body[LTI + "roles"] == [builders.LEARNER]
    assert body["iat"] <= time.time() < body["exp"]


def test_the_language_of_the_course_page_is_that_of_the_launch(client: FlaskClient) -> None:
    begun = course(client, lang="zh")
    body = claims(fields(client.post("/auth", data=request(begun)).text))

    assert body[LTI + "launch_presentation"]["locale"] == "zh-CN"
    assert body["name"] == "学习者 11391"


def test_an_instructor_is_launched_as_one() -> None:
    document = builders.document(LMS, TOOL)
    document["institutions"][0]["courses"][1]["learners"][0]["instructor"] = True
    client = sandbox.create_app(configuration.parse(document), SIGNER).test_client()

    assert claims(authorise(client))[LTI + "roles"] == [builders.INSTRUCTOR]


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "unknown"}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": f"{TOOL}/lti/launch/"}],
)
def test_nothing_is_sent_to_an_address_that_is_not_registered(client: FlaskClient, changes: dict[str, str]) -> None:
    answer = client.get("/auth", query_string=request(course(client), **changes))

    assert answer.status_code == 400
    assert "<form" not in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "profile"}, "invalid_request"),
        ({"response_type": "code"}, "invalid_request"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"lti_message_hint": None}, "login_required"),
        ({"lti_message_hint": "a.b.c"}, "login_required"),
        ({"login_hint": "28400"}, "access_denied"),
        ({"login_hint": None}, "access_denied"),
    ],
)
def test_a_request_that_does_not_hold_is_answered_with_an_error(
    client: FlaskClient, changes: dict[str, str | None], error: str
) -> None:
    answer = authorise(client, **changes)

    assert answer["error"] == error
    assert "id_token" not in answer


def test_a_hint_of_another_institution_is_refused(client: FlaskClient) -> None:
    document = builders.document(LMS, TOOL)
    second = json.loads(json.dumps(document["institutions"][0]))
    second["id"], second["tool"]["client_id"] = "wales", "client-b"
    document["institutions"].append(second)
    both = sandbox.create_app(configuration.parse(document), SIGNER).test_client()
    hint = tokens.write_hint(SIGNER, Hint("wales", "AAA.2014J", "11391", "en"), time.time())

    assert authorise(both, lti_message_hint=hint)["error"] == "login_required"


def test_an_old_hint_is_refused(client: FlaskClient) -> None:
    hint = tokens.write_hint(SIGNER, Hint("scotland", "AAA.2014J", "11391", "en"), time.time() - 4000)

    assert authorise(client, lti_message_hint=hint)["error"] == "login_required"


def test_an_id_token_is_not_taken_for_a_hint(client: FlaskClient) -> None:
    token = authorise(client)["id_token"]

    assert authorise(client, lti_message_hint=token)["error"] == "login_required"


def test_the_published_key_verifies_the_launch(client: FlaskClient) -> None:
    (published,) = client.get("/jwks").get_json()["keys"]

    assert "d" not in published
    assert jwt.decode(
        authorise(client)["id_token"], jwt.PyJWK(published).key, algorithms=["RS256"], audience="client-a"
    )


def test_pages_run_under_a_policy_that_names_the_tool(client: FlaskClient) -> None:
    answer = client.get("/scotland/courses/cbec")

    assert f"frame-src 'self' {TOOL}" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert re.findall(r"<script(?! src)|\sstyle=|\son\w+=", answer.text) == []


def test_the_lms_says_that_it_is_well_and_shows_an_empty_frame(client: FlaskClient) -> None:
    assert client.get("/health").get_json() == {"status": "ok"}
    assert "The activity opens here." in client.get("/blank").text


def test_the_application_reads_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sandbox.json"
    path.write_text(json.dumps(builders.document(LMS, TOOL)), encoding="utf-8")
    monkeypatch.setenv("ENTREPOT_SANDBOX_CONFIG", str(path))

    assert sandbox.application().test_client().get("/health").status_code == 200


def test_the_application_says_which_variable_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENTREPOT_SANDBOX_CONFIG", raising=False)

    with pytest.raises(configuration.ConfigError, match="ENTREPOT_SANDBOX_CONFIG"):
        sandbox.application()


@pytest.mark.parametrize("text", [None, "", "{", "\xff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "sandbox.json"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))

    with pytest.raises(configuration.ConfigError, match=r"sandbox\.json"):
        configuration.load(path)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (["issuer"], "ftp://lms.example", "issuer must be"),
        (["institutions"], [], "institutions must be"),
        (["institutions", 0], "text", r"institutions\[0\]\.tool\.login_url"),
        (["institutions", 0, "id"], "", r"institutions\[0\]\.id"),
        (["institutions", 0, "name"], {"en": "only"}, r"institutions\[0\]\.name"),
        (["institutions", 0, "tool", "launch_url"], "/lti/launch", r"institutions\[0\]\.tool\.launch_url"),
        (["institutions", 0, "courses", 1], 7, r"courses\[1\]\.learners"),
        (["institutions", 0, "courses", 1, "custom"], {"role": 7}, r"courses\[1\]\.custom"),
        (["institutions", 0, "courses", 1, "learners", 0], {"id": "1"}, r"learners\[0\]\.name"),
    ],
)
def test_a_configuration_that_is_wrong_is_refused_with_its_path(
    path: list[str | int], value: object, words: str
) -> None:
    document: Any = builders.document(LMS, TOOL)
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value

    with pytest.raises(configuration.ConfigError, match=words):
        configuration.parse(document)


LINK = {"id": "exam", "title": "Exam", "line_item": {"label": "Exam", "maximum": 5, "tag": "grade"}, "target": "window"}


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (["sso"], "localhost", "sso must be"),
        (["control"], "", "control must be"),
        (
            ["institutions", 0, "profile"],
            "blackboard",
            r"institutions\[0\]\.profile must be one of spec, moodle, canvas",
        ),
        (["institutions", 0, "courses", 1, "learners", 0, "role"], "dean", r"learners\[0\]\.role must be one of"),
        (["institutions", 0, "courses", 1, "links"], [], r"links must be a list"),
        (["institutions", 0, "courses", 1, "links"], [{**LINK, "target": "tab"}], r"links\[0\]\.target"),
        (["institutions", 0, "courses", 1, "links"], [{**LINK, "line_item": {}}], r"line_item\.label"),
        (["institutions", 0, "courses", 1, "links"], [{**LINK, "line_item": "Exam"}], r"line_item\.label"),
        (
            ["institutions", 0, "courses", 1, "links"],
            [{**LINK, "line_item": {"label": "x", "maximum": 0}}],
            r"line_item\.maximum must be a number above 0",
        ),
        (["institutions", 0, "courses", 1, "groups"], [{"id": "1"}], r"groups\[0\]\.name"),
    ],
)
def test_a_richer_configuration_that_is_wrong_is_refused_with_its_path(
    path: list[str | int], value: object, words: str
) -> None:
    document: Any = builders.document(LMS, TOOL)
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value

    with pytest.raises(configuration.ConfigError, match=words):
        configuration.parse(document)


def test_a_richer_configuration_holds_links_roles_groups_and_a_crowd() -> None:
    document: Any = builders.document(LMS, TOOL)
    course = document["institutions"][0]["courses"][1]
    course |= {"links": [LINK], "members": 3, "groups": [{"id": "1", "name": "A", "members": ["11391"]}]}
    course["learners"][1]["role"] = "mentor"
    document |= {"sso": "https://sso.example/", "control": "token", "storage": False}
    document["institutions"][0]["profile"] = "canvas"
    config = configuration.parse(document)
    found = config.institutions[0].courses[1]

    assert (config.sso, config.control, config.storage) == ("https://sso.example", "token", False)
    assert found.links[0].line_item == configuration.LineItem("Exam", 5.0, "", "grade")
    assert [one.role for one in found.learners] == ["learner", "mentor", "learner", "learner", "learner"]
    assert found.groups[0].members == ("11391",)


def test_the_frame_that_keeps_values_may_be_shown_by_the_course_page_alone() -> None:
    document = {**builders.document(LMS, TOOL), "sso": "https://sso.example"}
    answer = sandbox.create_app(configuration.parse(document), SIGNER).test_client().get("/storage")

    assert f"frame-ancestors 'self' {LMS} https://sso.example {TOOL}" in answer.headers["Content-Security-Policy"]
    assert f'data-origins="{TOOL}"' in answer.text


def test_the_file_in_the_documentation_can_be_used() -> None:
    text = (Path(__file__).parents[2] / "docs" / "running.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```json\n(.+?)```", text.partition("## The sandbox LMS")[2], re.DOTALL)
    app = sandbox.create_app(configuration.parse(json.loads(shown)), SIGNER)

    assert len(app.extensions["sandbox"].course("first", "trade").members) == 202
    assert app.test_client().get("/first/courses/trade").status_code == 200


def test_a_name_may_be_one_text_for_both_languages() -> None:
    document = builders.document(LMS, TOOL)
    document["institutions"][0]["name"] = "Scotland"

    assert configuration.parse(document).institutions[0].name == {"en": "Scotland", "zh": "Scotland"}


def test_both_languages_have_the_same_texts() -> None:
    assert pages.TEXTS["en"].keys() == pages.TEXTS["zh"].keys()
