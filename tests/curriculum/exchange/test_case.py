"""The graph in CASE 1.1: the shape that the specification's OpenAPI wants, and ties that lead somewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from curriculum import catalog as catalogs
from curriculum.exchange import case, names
from tests.curriculum import builders

BASE = "https://learn.example.org/ims/case/v1p1"
CBEC = catalogs.load("cbec")
SHELF = case.shelve([CBEC, catalogs.load("oulad")], BASE + "/")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# imscasev1p1_openapi3_v1p0: what each thing must have, and what it may have besides.
NEEDED = {
    "CFDocuments": {"identifier", "uri", "creator", "title", "lastChangeDateTime", "CFPackageURI"},
    "CFItems": {"identifier", "fullStatement", "uri", "lastChangeDateTime", "CFDocumentURI"},
    "CFAssociations": {
        *("identifier", "associationType", "uri", "originNodeURI", "destinationNodeURI"),
        *("lastChangeDateTime", "CFDocumentURI"),
    },
    "CFLicenses": {"identifier", "uri", "title", "licenseText", "lastChangeDateTime"},
}
ALLOWED = {
    "CFDocuments": {
        *("frameworkType", "caseVersion", "language", "version", "adoptionStatus", "licenseURI"),
        *("description", "extensions"),
    },
    "CFItems": {"CFItemType", "CFItemTypeURI", "humanCodingScheme", "language", "extensions"},
    "CFAssociations": {"sequenceNumber", "notes"},
    "CFLicenses": set(),
}


def package(language="en"):
    return case.package(CBEC, language, BASE)


@pytest.mark.parametrize("kind", NEEDED)
def test_every_thing_has_what_the_specification_wants_and_nothing_else(kind):
    for identifier, thing in SHELF.things[kind].items():
        assert UUID.fullmatch(identifier)
        assert (thing["identifier"], thing["uri"]) == (identifier, f"{BASE}/{kind}/{identifier}")
        assert NEEDED[kind] <= set(thing) <= NEEDED[kind] | ALLOWED[kind]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00\+00:00", thing["lastChangeDateTime"])


def test_a_catalog_is_one_document_a_language():
    told = [(one["title"], one["language"], one["caseVersion"]) for one in SHELF.documents]

    assert told[:2] == [("Cross-border e-commerce operations", "en", "1.1"), ("跨境电商运营", "zh", "1.1")]
    assert len(told) == 4


def test_every_link_inside_leads_to_a_thing_that_is_published():
    def links(thing):
        for value in thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ():
            if isinstance(value, dict) and "uri" in value:
                yield value["uri"]
            yield from links(value)

    missing = {
        uri
        for kind in case.KINDS
        for thing in SHELF.things[kind].values()
        for uri in links(thing)
        if uri.startswith(BASE) and uri.rpartition("/")[2] not in SHELF.things[uri.split("/")[-2]]
    }

    assert missing == set()


def test_a_package_holds_areas_skills_prerequisites_and_their_reasons():
    found = package("zh")
    by_code = {item["humanCodingScheme"]: item for item in found["CFItems"]}
    kinds = {one["associationType"] for one in found["CFAssociations"]}
    one = next(
        tie
        for tie in found["CFAssociations"]
        if tie["associationType"] == "precedes"
        and tie["destinationNodeURI"]["identifier"] == by_code["fnd.cbec_modes"]["identifier"]
    )

    assert len(by_code) == len(CBEC.areas) + len(CBEC.skills)
    assert by_code["cus"]["CFItemType"] == "Area"
    assert by_code["fnd.cbec_modes"]["fullStatement"] == CBEC.skills["fnd.cbec_modes"].name["zh"]
    assert one["originNodeURI"]["title"] == CBEC.skills["fnd.ecom_models"].name["zh"]
    assert one["notes"] == CBEC.skills["fnd.cbec_modes"].because["fnd.ecom_models"]["zh"]
    assert kinds == {"isChildOf", "precedes", "exactMatchOf", "isRelatedTo", "isTranslationOf"}
    assert "isTranslationOf" not in {one["associationType"] for one in package("en")["CFAssociations"]}


def test_a_match_with_esco_is_exact_only_where_one_skill_alone_claims_it():
    ties = [one for one in package()["CFAssociations"] if one["destinationNodeURI"]["targetType"] == "ext:ESCO"]
    exact = [one["destinationNodeURI"]["uri"] for one in ties if one["associationType"] == "exactMatchOf"]
    related = {one["destinationNodeURI"]["uri"] for one in ties if one["associationType"] == "isRelatedTo"}

    assert len(ties) == 71
    assert len(exact) == len(set(exact))
    assert set(exact).isdisjoint(related)


def test_an_item_knows_all_that_it_is_tied_to():
    identifier = names.of("cbec", "skill", "cus.duty")
    found = SHELF.things["CFItemAssociations"][identifier]
    ends = [
        {one["originNodeURI"]["identifier"], one["destinationNodeURI"]["identifier"]} for one in found["CFAssociations"]
    ]

    assert found["CFItem"]["humanCodingScheme"] == "cus.duty"
    assert all(identifier in two for two in ends)
    assert len(ends) >= 1 + len(CBEC.skills["cus.duty"].prerequisites)


def test_an_item_type_is_answered_as_a_set():
    kinds = [one["CFItemTypes"][0] for one in SHELF.things["CFItemTypes"].values()]

    assert {(one["title"], one["hierarchyCode"]) for one in kinds} >= {("Area", "1"), ("Knowledge", "1.1")}


def test_identifiers_stay_when_names_and_edges_change():
    old = catalogs.parse(builders.tiny())
    new = replace(old, skills={name: replace(skill, prerequisites=()) for name, skill in old.skills.items()})

    assert set(case.shelve([old], BASE).things["CFItems"]) == set(case.shelve([new], BASE).things["CFItems"])


def test_the_day_of_the_catalog_is_that_of_everything():
    catalog = replace(catalogs.parse(builders.tiny()), dated=date(2026, 7, 1), version="3")
    found = case.package(catalog, "en", BASE)
    undated = case.package(replace(catalog, dated=None, version=""), "en", BASE)

    assert {one["lastChangeDateTime"] for one in found["CFItems"]} == {"2026-07-01T00:00:00+00:00"}
    assert (found["CFDocument"]["version"], "version" in undated["CFDocument"]) == ("3", False)
    assert undated["CFDocument"]["lastChangeDateTime"] == "1970-01-01T00:00:00+00:00"


def test_a_failure_is_told_as_the_specification_wants():
    assert case.failure("invalid_uuid", "Invalid UUID") == {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": "Invalid UUID",
        "imsx_codeMinor": {
            "imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": "invalid_uuid"}
            ]
        },
    }
