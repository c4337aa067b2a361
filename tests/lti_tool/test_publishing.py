"""The graph by CASE: open to anybody, kept until it changes, failures as the specification tells them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from curriculum import catalog as catalogs
from curriculum.editing import Edit
from curriculum.exchange import names
from lti_tool import editions, keys
from lti_tool.pages import publishing
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench

DOCUMENT = names.of("cbec", "document", "en")
SKILL = names.of("cbec", "skill", "cus.duty")


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> Iterator[Bench]:
    """One tool for all that only reads."""
    with builders.bench(tmp_path_factory.mktemp("shared"), issuer, tool_key) as running:
        yield running


def get(bench: Bench, path: str, **headers: str) -> builders.TestResponse:
    return bench.client().get(f"{publishing.BASE}/{path}", headers=headers)


def test_the_documents_are_listed_for_anybody(shared: Bench) -> None:
    answer = get(shared, "CFDocuments")

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert [one["title"] for one in answer.json["CFDocuments"]][:2] == [
        "Cross-border e-commerce operations",
        "跨境电商运营",
    ]
    assert (answer.headers["X-Total-Count"], answer.headers["Access-Control-Allow-Origin"]) == ("4", "*")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "identifier", "field"),
    [
        ("CFDocuments", DOCUMENT, "CFPackageURI"),
        ("CFPackages", DOCUMENT, "CFItems"),
        ("CFItems", SKILL, "fullStatement"),
        ("CFItemAssociations", SKILL, "CFAssociations"),
    ],
)
def test_a_thing_is_answered_under_the_address_that_it_names(
    shared: Bench, path: str, identifier: str, field: str
) -> None:
    found = get(shared, f"{path}/{identifier}").json

    assert field in found
    thing = found.get("CFDocument") or found.get("CFItem") or found
    assert thing["uri"].startswith(f"{builders.TOOL}{publishing.BASE}/")
    assert get(shared, thing["uri"].partition(f"{publishing.BASE}/")[2]).json["identifier"] == identifier


def test_what_did_not_change_is_not_sent_again(shared: Bench) -> None:
    first = get(shared, f"CFPackages/{DOCUMENT}")
    again = get(shared, f"CFPackages/{DOCUMENT}", **{"If-None-Match": first.headers["ETag"]})
    other = get(shared, f"CFPackages/{DOCUMENT}", **{"If-None-Match": '"x"'})

    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (other.status_code, other.data) == (200, first.data)


@pytest.mark.parametrize(
    ("path", "minor", "text"),
    [
        (f"CFItems/{names.of('cbec', 'skill', 'nothing')}", "unknownobject", "Unknown Object"),
        ("CFItems/nonsense", "invalid_uuid", "Invalid UUID"),
        (f"CFOthers/{SKILL}", "unknownobject", "Unknown Object"),
    ],
)
def test_what_is_not_there_is_told_as_the_specification_wants(shared: Bench, path: str, minor: str, text: str) -> None:
    answer = get(shared, path)
    told: dict[str, Any] = answer.json

    assert (answer.status_code, told["imsx_codeMajor"], told["imsx_description"]) == (404, "failure", text)
    assert told["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == minor
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("limit=1", ["en"]),
        ("offset=3", ["zh"]),
        ("limit=2&offset=1", ["zh", "en"]),
        ("offset=9", []),
        ("sort=language", ["en", "en", "zh", "zh"]),
        ("sort=language&orderBy=desc&limit=2", ["zh", "zh"]),
    ],
)
def test_documents_are_cut_and_sorted(shared: Bench, query: str, languages: list[str]) -> None:
    assert [one["language"] for one in get(shared, f"CFDocuments?{query}").json["CFDocuments"]] == languages


def test_only_the_fields_that_are_asked_for_are_sent(shared: Bench) -> None:
    found = get(shared, "CFDocuments?fields=title,uri&fields=language").json["CFDocuments"]

    assert {frozenset(one) for one in found} == {frozenset({"title", "uri", "language"})}


@pytest.mark.parametrize(
    ("query", "minor"),
    [
        ("limit=0", "invalid_selection_field"),
        ("limit=-1", "invalid_selection_field"),
        ("offset=x", "invalid_selection_field"),
        ("limit=99999999999", "invalid_selection_field"),
        ("filter=title='x'", "invalid_selection_field"),
        ("fields=name", "invalid_selection_field"),
        ("sort=creator", "invalid_sort_field"),
    ],
)
def test_a_question_that_is_not_understood_is_400(shared: Bench, query: str, minor: str) -> None:
    answer = get(shared, f"CFDocuments?{query}")

    assert answer.status_code == 400
    assert answer.json["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == minor


def test_nothing_can_be_written(shared: Bench) -> None:
    assert shared.client().post(f"{publishing.BASE}/CFDocuments").status_code == 405


def test_a_change_of_the_institution_is_published_with_its_day(bench: Bench) -> None:
    before = get(bench, f"CFItems/{SKILL}")
    name = {"en": "Duty and its ways", "zh": "关税及其计算"}
    edit = Edit("e" * 32, "skill.change", "cus.duty", {"name": name})
    changed = editions.enter(
        bench.storage, "cbec", [edit], kind=editions.GRAPH, why="w", by="i" * 32, id_="c" * 32, now=bench.clock()
    )
    bench.clock.offset = editions.FRESH + 1
    after = get(bench, f"CFItems/{SKILL}", **{"If-None-Match": before.headers["ETag"]})
    document = get(bench, f"CFDocuments/{DOCUMENT}").json

    assert (after.status_code, after.json["fullStatement"]) == (200, name["en"])
    assert after.json["lastChangeDateTime"][:10] == datetime.fromtimestamp(changed.made, UTC).date().isoformat()
    assert document["version"] == f"{catalogs.load('cbec').version}+1"
