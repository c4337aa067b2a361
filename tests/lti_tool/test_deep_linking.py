"""The settings of a deep linking request, the sealed field, and what a catalog offers."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum import catalog as catalogs
from curriculum import courses, practice
from lti_tool import claims, errors, families
from lti_tool import learner as learners
from lti_tool.deep_linking import answer, choices, request, sealed
from lti_tool.learner import Learner
from tests.lti_tool import builders, deep_links
from tests.lti_tool.builders import REMOVE

ISS = "https://moodle.example"
HOME = f"{ISS}/mod/lti/contentitem_return.php?sesskey=k"
PLATFORM = builders.registered(ISS)
KEY = bytes(range(32))


def read(**changes: Any) -> request.Request:
    return request.read(deep_links.settings(ISS, **changes), PLATFORM)


def refused(settings: Any, platform: Any = PLATFORM) -> tuple[str, str]:
    with pytest.raises(errors.PageRefused) as caught:
        request.read(settings, platform)
    return caught.value.code, caught.value.where.rpartition(".")[2].rpartition("/")[2]


def person(**changes: Any) -> Learner:
    values: dict[str, Any] = {
        "iss": ISS,
        "client_id": "client-a",
        "deployment": "1",
        "sub": "7",
        "roles": ("instructor",),
        "course": "Trade",
        "context": learners.key(ISS, "client-a", "1", "context", "3"),
        "link": "",
        "catalog": "cbec",
        "role": "",
        "opens": "path",
        "subject": "",
        "locale": "",
    }
    return Learner(**{**values, **changes})


def test_what_a_platform_says_is_read() -> None:
    assert read(title=" Trade \n law ", text="One\r\ntwo ", accept_lineitem=False) == request.Request(
        return_url=f"{ISS}/mod/lti/contentitem_return.php?course=3&id=2&sesskey={deep_links.SESSKEY}",
        multiple=True,
        auto_create=True,
        lineitem=False,
        targets=("iframe", "window"),
        title="Trade law",
        text="One\ntwo",
        data="opaque:1",
    )


def test_what_a_platform_does_not_say_is_the_careful_choice() -> None:
    left_out = {"accept_multiple": REMOVE, "auto_create": REMOVE, "data": REMOVE}
    asked = read(accept_presentation_document_targets=["embed"], **left_out)

    assert (asked.multiple, asked.auto_create, asked.lineitem, asked.data) == (False, False, None, None)
    assert (asked.targets, asked.title, asked.text) == ((), "", "")


@pytest.mark.parametrize(("said", "read_as"), [("true", True), ("false", False), (True, True), (False, False)])
def test_a_boolean_may_be_written_as_a_string(said: Any, read_as: bool) -> None:
    assert read(accept_multiple=said).multiple is read_as


def test_the_markup_of_an_editor_is_no_text() -> None:
    assert read(text="<p>One</p>").text == ""


def test_what_somebody_typed_is_cut_to_its_size() -> None:
    asked = read(title="t" * 5000, text="x " * 5000)

    assert (len(asked.title), len(asked.text)) == (request.LONGEST_TITLE, request.LONGEST_TEXT - 1)


NONSENSE: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "no return url": ({"deep_link_return_url": REMOVE}, ("claim_missing", "deep_link_return_url")),
    "no types": ({"accept_types": REMOVE}, ("claim_missing", "accept_types")),
    "no targets": (
        {"accept_presentation_document_targets": REMOVE},
        ("claim_missing", "accept_presentation_document_targets"),
    ),
    "null types": ({"accept_types": None}, ("claim_missing", "accept_types")),
    "types a string": ({"accept_types": "ltiResourceLink"}, ("claim_invalid", "accept_types")),
    "types of numbers": ({"accept_types": [1]}, ("claim_invalid", "accept_types")),
    "too many types": ({"accept_types": ["ltiResourceLink"] * 101}, ("claim_invalid", "accept_types")),
    "files only": ({"accept_types": ["file", "html"]}, ("links_not_taken", "accept_types")),
    "no type": ({"accept_types": []}, ("links_not_taken", "accept_types")),
    "targets an object": (
        {"accept_presentation_document_targets": {"iframe": 1}},
        ("claim_invalid", "accept_presentation_document_targets"),
    ),
    "return url a list": ({"deep_link_return_url": [HOME]}, ("claim_invalid", "deep_link_return_url")),
    "return url an empty string": ({"deep_link_return_url": ""}, ("claim_invalid", "deep_link_return_url")),
    "multiple a number": ({"accept_multiple": 1}, ("claim_invalid", "accept_multiple")),
    "multiple a word": ({"accept_multiple": "yes"}, ("claim_invalid", "accept_multiple")),
    "multiple a list": ({"accept_multiple": []}, ("claim_invalid", "accept_multiple")),
    "auto_create an object": ({"auto_create": {}}, ("claim_invalid", "auto_create")),
    "lineitem a number": ({"accept_lineitem": 0}, ("claim_invalid", "accept_lineitem")),
    "data an object": ({"data": {"a": 1}}, ("claim_invalid", "data")),
    "data too long": ({"data": "x" * (request.LONGEST_DATA + 1)}, ("claim_invalid", "data")),
    "data that UTF-8 cannot write": ({"data": "\ud800"}, ("claim_invalid", "data")),
    "title a list": ({"title": ["a"]}, ("claim_invalid", "title")),
    "text a number": ({"text": 5}, ("claim_invalid", "text")),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_nonsense_is_refused_with_its_place(case: str) -> None:
    changes, expected = NONSENSE[case]

    assert refused(deep_links.settings(ISS, **changes)) == expected


@pytest.mark.parametrize("settings", [None, {}])
def test_no_settings_at_all_are_refused(settings: Any) -> None:
    assert refused(settings) == ("claim_missing", "deep_link_return_url")


FOREIGN = [
    "https://evil.example/return",
    "//evil.example/return",
    "https://moodle.example@evil.example/return",
    "https://moodle.example:pass@evil.example/",
    "https://moodle.example.evil.example/return",
    "https://evil.example/?https://moodle.example/",
    "https://evil.example#https://moodle.example/",
    "https://moodle.example\\.evil.example/",
    "https:\\\\moodle.example\\return",
    "\\\\evil.example",
    "https://moodle.example:8443/return",
    "https://moodle.example\r\nLocation: https://evil.example",
    "https://moodle.example\t.evil.example/",
    "https://evil.example/\u3002moodle.example",
    "https://moodle.example\u3002evil.example/",
    "https://[::ffff:127.0.0.1]/return",
    "https://[moodle.example/return",
    "http://moodle.example/return",
    "javascript:alert(1)//moodle.example",
    "data:text/html,https://moodle.example",
    "blob:https://moodle.example/1",
    "ftp://moodle.example/return",
    "file:///etc/passwd",
    "https:///return",
    "https://",
    "/mod/lti/return",
    "moodle.example/return",
    " https://evil.example",
    "https://xn--moodle-.example/return",
    "https://moodle.example./return",
    "https://MOODLE.example.evil/return",
    "about:blank",
    "https://moodle.example:25/return",
    "https://moodle.example%2eevil.example/",
]


@pytest.mark.parametrize("url", FOREIGN)
def test_an_answer_goes_to_no_address_but_the_platform_s(url: str) -> None:
    code, where = refused(deep_links.settings(ISS, deep_link_return_url=url))

    assert (code in {"return_foreign", "claim_invalid"}, where) == (True, "deep_link_return_url")


@pytest.mark.parametrize(
    "url", ["https://MOODLE.example/r?a=B", "https://moodle.example:443/r", "HTTPS://moodle.example"]
)
def test_another_spelling_of_the_platform_s_address_is_the_platform_s(url: str) -> None:
    assert read(deep_link_return_url=url).return_url == url


def test_an_answer_may_go_where_the_platform_shows_the_tool_or_signs_people_in() -> None:
    canvas = builders.registered(
        "https://canvas.instructure.com",
        auth_url="https://sso.canvaslms.com/api/lti/authorize_redirect",
        jwks_url="https://keys.example/jwks",
        frames=("https://school.instructure.com",),
    )

    for there in (
        "https://school.instructure.com/r",
        "https://sso.canvaslms.com/r",
        "https://canvas.instructure.com/r",
    ):
        settings = deep_links.settings(ISS, deep_link_return_url=there)
        assert request.read(settings, canvas).return_url == there
    for elsewhere in ("https://keys.example/r", "https://other.instructure.com/r"):
        assert refused(deep_links.settings(ISS, deep_link_return_url=elsewhere), canvas)[0] == "return_foreign"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*deep_links.settings(ISS), "accept_lineitem", "title", "text"]), JSON)
def test_whatever_comes_in_one_member_is_read_or_refused(name: str, value: Any) -> None:
    with contextlib.suppress(errors.PageRefused):
        assert read(**{name: value}).return_url.startswith(ISS)


def seal(asked: request.Request, whose: Learner, now: float = 1000.0, token: str = "t") -> str:
    return sealed.seal(asked, whose, KEY, now=now, new_token=lambda: token)


def test_a_sealed_request_opens_as_it_was() -> None:
    asked = read(title="Zöll", data="\u4e2d")

    assert sealed.open_(seal(asked, person()), person(), KEY, 1000.0) == asked


def test_a_sealed_request_shows_nothing() -> None:
    raw = base64.urlsafe_b64decode(seal(read(data="very secret"), person()))

    assert deep_links.SESSKEY.encode() not in raw
    assert b"secret" not in raw


def test_no_two_sealed_requests_are_alike() -> None:
    assert seal(read(), person(), token="a") != seal(read(), person(), token="b")


@pytest.mark.parametrize("name", ["iss", "client_id", "deployment", "context", "sub"])
def test_a_sealed_request_opens_for_its_person_and_course_alone(name: str) -> None:
    with pytest.raises(errors.PageRefused, match="page_not_ours"):
        sealed.open_(seal(read(), person()), dataclasses.replace(person(), **{name: "other"}), KEY, 1000.0)


@pytest.mark.parametrize("text", ["", "x", "AAAA", "a" * 63, "é" * 40, "====", "A" * 400])
def test_what_was_not_sealed_by_us_is_refused(text: str) -> None:
    with pytest.raises(errors.PageRefused, match="page_not_ours"):
        sealed.open_(text, person(), KEY, 1000.0)


@pytest.mark.parametrize("place", [0, 5, 11, 12, 40, -1])
def test_a_changed_byte_is_seen(place: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(seal(read(), person())))
    raw[place] ^= 1

    with pytest.raises(errors.PageRefused, match="page_not_ours"):
        sealed.open_(base64.urlsafe_b64encode(raw).decode(), person(), KEY, 1000.0)


def test_a_sealed_request_lasts_an_hour() -> None:
    text = seal(read(), person(), now=1000.0)

    assert sealed.open_(text, person(), KEY, 1000.0 + sealed.LIFETIME - 1) == read()
    with pytest.raises(errors.PageRefused, match="page_expired"):
        sealed.open_(text, person(), KEY, 1000.0 + sealed.LIFETIME)


def test_a_catalog_offers_the_path_its_parts_lessons_practice_the_class_and_the_consortium() -> None:
    offered = choices.offered(catalogs.load("cbec"))
    count = Counter(choice.activity for choice in offered.values())
    parts = sum(1 + (0 if one.of else len(one.modules)) for one in courses.load().values())

    assert count.keys() == set(choices.GROUPS)
    assert (count["path"], count["module"], count["course"]) == (10, 14, parts)
    assert (count["lesson"], count["quiz"], count["scene"], count["week"], count["team"]) == (143, 143, 2, 1, 12)
    assert (count["case"], count["exam"]) == (len(practice.kinds()), len(practice.plans()))
    assert (count["events"], count["class"], count["consortium"]) == (1, 1, 1)
    assert {"case:cbec:eu_import", "exam:cbec:standard", "course:cbec:operations.orders"} <= offered.keys()
    assert {"lesson:cbec:cus.duty", "quiz:cbec:cus.duty", "course:cbec:operations-amazon"} <= offered.keys()


def test_cases_and_exams_are_offered_by_the_catalog_whose_skills_they_train_alone() -> None:
    assert not {"case", "scene", "exam", "quiz", "lesson", "course"} & {
        one.activity for one in choices.offered(catalogs.load("oulad")).values()
    }


def test_the_custom_parameters_say_all_that_a_launch_needs() -> None:
    for choice in choices.offered(catalogs.load("cbec")).values():
        named = {claim.name: None for claim in claims.TABLE}
        told = {**named, "iss": ISS, "deployment": "1", "sub": "7", "roles": [], "custom": choice.custom}
        opened = learners.from_claims(told, "client-a", families.FAMILIES["moodle"])

        assert (opened.catalog, opened.opens, opened.subject, opened.role) == (
            choice.catalog,
            choice.activity,
            choice.subject,
            choice.role,
        )


def test_an_item_without_a_grade_has_no_line_item() -> None:
    choice = choices.offered(catalogs.load("cbec"))["path:cbec"]

    assert "lineItem" not in answer.content_item(answer.Item(choice, "T", "", graded=False, place=""), HOME, {})


def test_the_class_page_has_no_line_item_whatever_is_asked() -> None:
    choice = choices.offered(catalogs.load("cbec"))["class:cbec"]

    assert "lineItem" not in answer.content_item(answer.Item(choice, "T", "", graded=True, place=""), HOME, {})


@pytest.mark.parametrize(
    ("place", "members"),
    [
        ("iframe", {"iframe": {"width": 1100, "height": 900}}),
        ("window", {"window": {"targetName": "entrepot"}}),
        ("", {}),
    ],
)
def test_an_item_says_where_it_opens(place: str, members: dict[str, Any]) -> None:
    choice = choices.offered(catalogs.load("cbec"))["path:cbec"]
    written = answer.content_item(answer.Item(choice, "T", "About", graded=False, place=place), HOME, {})

    assert {name: written[name] for name in ("iframe", "window") if name in written} == members
    assert written["text"] == "About"


@pytest.mark.parametrize(("key", "custom"), [("path:cbec", {"grade": "none"}), ("class:cbec", {})])
def test_what_has_no_grade_says_so_if_it_could_have_one(key: str, custom: dict[str, str]) -> None:
    choice = choices.offered(catalogs.load("cbec"))[key]
    written = answer.content_item(answer.Item(choice, "T", "", graded=False, place=""), HOME, {})

    assert "lineItem" not in written
    assert written["custom"] == {**choice.custom, **custom}


def test_a_parameter_of_the_platform_never_replaces_one_of_the_choice() -> None:
    choice = choices.offered(catalogs.load("cbec"))["path:cbec:operations"]
    written = answer.content_item(
        answer.Item(choice, "T", "", graded=True, place=""), HOME, {"role": "$Evil", "user": "$U"}
    )

    assert written["custom"] == {"catalog": "cbec", "activity": "path", "role": "operations", "user": "$U"}
