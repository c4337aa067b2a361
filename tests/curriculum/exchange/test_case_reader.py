"""Frameworks of CASE as drafts of a catalog."""

from __future__ import annotations

import copy
import json

import pytest

from curriculum import catalog as catalogs
from curriculum import check, errors
from curriculum.exchange import case, case_reader

BASE = "https://x.example/ims/case/v1p1"


def item(name, **changes):
    return {"identifier": name, "fullStatement": f"Can {name}", "uri": f"{BASE}/CFItems/{name}", **changes}


def tie(kind, origin, destination, **changes):
    ends = {"originNodeURI": {"identifier": origin}, "destinationNodeURI": {"identifier": destination}}
    return {"identifier": f"{kind}{origin}{destination}", "associationType": kind, **ends, **changes}


def framework(**changes):
    base = {
        "CFDocument": {"identifier": "doc", "title": "Trade", "language": "en"},
        "CFItems": [item("top"), item("a"), item("b"), item("c")],
        "CFAssociations": [
            tie("isChildOf", "top", "doc"),
            tie("isChildOf", "a", "top"),
            tie("isChildOf", "b", "top"),
            tie("isChildOf", "c", "b"),
            tie("precedes", "a", "b", notes="first this"),
        ],
    }
    return {**copy.deepcopy(base), **changes}


def read(*found):
    return case_reader.read({f"{number}.json": json.dumps(one).encode() for number, one in enumerate(found)})


def refused(*found):
    with pytest.raises(errors.ExchangeRefused) as caught:
        read(*found)
    return str(caught.value).replace("CASE: ", "").split("\n")


def told(catalog):
    fields = ("name", "area", "kind", "difficulty", "half_life_days", "esco", "because", "sources")
    return {name: [getattr(skill, field) for field in fields] for name, skill in catalog.skills.items()}


@pytest.mark.parametrize("name", catalogs.NAMES)
def test_a_shipped_catalog_goes_out_and_comes_back(name):
    catalog = catalogs.load(name)
    drafted = read(*(case.package(catalog, language, BASE) for language in check.LANGUAGES))
    found = catalogs.parse(drafted.document)

    assert drafted.notes == ()
    assert (found.id, found.name, found.areas) == (catalog.id, catalog.name, catalog.areas)
    assert told(found) == told(catalog)
    assert all(set(one.prerequisites) == set(catalog.skills[name].prerequisites) for name, one in found.skills.items())


def test_one_language_alone_is_a_draft_that_says_what_is_missing():
    drafted = read(case.package(catalogs.load("oulad"), "zh", BASE))

    assert drafted.notes == ("26 names are missing in en; write them",)
    assert all(list(skill["name"]) == ["zh"] for skill in drafted.document["skills"])


def test_what_is_at_the_top_with_children_is_an_area():
    drafted = read(framework())

    assert drafted.document == {
        "meta": {"id": "trade", "name": {"en": "Trade"}},
        "areas": [{"id": "can_top", "name": {"en": "Can top"}}],
        "skills": [
            {**skill, "name": {"en": f"Can {skill['id'][4:]}"}, "area": "can_top", "kind": "skill", "difficulty": 3}
            for skill in (
                {"id": "can_a", "prerequisites": []},
                {"id": "can_b", "prerequisites": ["can_a"], "because": {"can_a": {"en": "first this"}}},
                {"id": "can_c", "prerequisites": []},
            )
        ],
    }
    assert drafted.notes == (
        "4 names are missing in zh; write them",
        "3 items say no difficulty; 3 of 5 stands there until somebody judges",
        "1 items lie deeper than areas go; they are skills of the area at their top",
    )


def test_items_without_a_parent_lie_in_an_area_of_their_own():
    drafted = read(framework(CFItems=[item("a"), item("general", humanCodingScheme="general")], CFAssociations=[]))

    assert [area["id"] for area in drafted.document["areas"]] == ["general_area"]
    assert [skill["area"] for skill in drafted.document["skills"]] == ["general_area"] * 2


def test_a_code_names_a_skill_and_names_that_come_twice_are_numbered():
    found = [item("x", humanCodingScheme="K.1-a"), item("y", humanCodingScheme="K 1"), item("z", fullStatement="k 1")]
    last = item("abcdefghij", fullStatement="学")
    drafted = read(framework(CFItems=[*found, last], CFAssociations=[]))

    assert [skill["id"] for skill in drafted.document["skills"]] == ["K.1-a", "k_1", "k_1_2", "item_abcdefgh"]


def test_the_short_statement_is_the_name_and_the_kind_is_kept():
    found = item("a", abbreviatedStatement=" Be\nkind ", CFItemType="Attitude")
    drafted = read(framework(CFItems=[found], CFAssociations=[]))

    assert (drafted.document["skills"][0]["name"], drafted.document["skills"][0]["kind"]) == (
        {"en": "Be kind"},
        "attitude",
    )


def test_two_packages_are_one_by_code_where_nothing_says_translation():
    chinese = framework(
        CFDocument={"identifier": "doc2", "title": "贸易", "language": "zho"},
        CFItems=[item("A", humanCodingScheme="k.1", fullStatement="甲"), item("B", fullStatement="乙")],
        CFAssociations=[tie("isChildOf", "A", "doc2"), tie("precedes", "B", "A", notes="先学")],
    )
    english = framework(CFItems=[item("a", humanCodingScheme="k.1")], CFAssociations=[])
    drafted = read(english, chinese)

    assert [skill["name"] for skill in drafted.document["skills"]] == [{"zh": "甲", "en": "Can a"}, {"zh": "乙"}]
    assert drafted.document["skills"][0]["because"] == {"item_b": {"zh": "先学"}}
    assert drafted.document["meta"] == {"id": "trade", "name": {"en": "Trade", "zh": "贸易"}}


def test_translations_that_name_each_other_are_one_skill():
    ties = [tie("isTranslationOf", "a", "b"), tie("isTranslationOf", "b", "a")]
    drafted = read(framework(CFItems=[item("a"), item("b")], CFAssociations=ties))

    assert len(drafted.document["skills"]) == 1


def test_a_long_chain_is_read():
    count = 5000
    ties = [tie(kind, str(n + 1), str(n)) for kind in ("isChildOf", "precedes") for n in range(count - 1)]
    found = [item(str(n), fullStatement="same", humanCodingScheme="") for n in range(count)]
    drafted = read(framework(CFItems=found, CFAssociations=ties))

    assert [area["id"] for area in drafted.document["areas"]] == ["same"]
    assert drafted.document["skills"][-1]["id"] == f"same_{count}"
    assert {skill["area"] for skill in drafted.document["skills"]} == {"same"}


def test_a_match_with_esco_is_kept_and_one_with_others_is_not():
    there = {"identifier": "1", "uri": case_reader.ESCO + "1", "title": "trade"}
    ties = [
        tie("exactMatchOf", "a", "1", destinationNodeURI=there),
        tie("exactMatchOf", "b", "2", destinationNodeURI={"identifier": "2", "uri": "https://o.example/2"}),
    ]
    drafted = read(framework(CFItems=[item("a"), item("b")], CFAssociations=ties))

    assert [skill.get("esco") for skill in drafted.document["skills"]] == [
        {"uri": there["uri"], "label": "trade"},
        None,
    ]


def test_an_area_that_precedes_is_left_out_and_said():
    ties = [*framework()["CFAssociations"], tie("precedes", "top", "a")]
    drafted = read(framework(CFAssociations=ties))

    assert drafted.document["skills"][0]["prerequisites"] == []
    assert "1 associations say that an area precedes" in drafted.notes[-1]


def with_tie(*more):
    return framework(CFAssociations=[*framework()["CFAssociations"], *more])


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ([], "CFDocument: missing; it must be a CFPackage, as GET /CFPackages/{id} answers"),
        ({"CFDocument": {}, "CFItems": [item("a")]}, "CFDocument.title: missing"),
        (framework(CFItems=[]), "CFItems: there are 0"),
        (framework(CFItems=[item(str(n)) for n in range(10_001)]), "CFItems: there are 10001"),
        (framework(CFItems=["x"]), "CFItems: must be a list of objects"),
        (framework(CFItems=[{"fullStatement": "x"}]), "CFItems[0].identifier: missing"),
        (framework(CFItems=[item("a", fullStatement=" ")]), "CFItems[0].fullStatement: missing"),
        (framework(CFItems=[item("a"), item("a")]), "CFItems[1].identifier: 'a' is taken by another item"),
        (with_tie({"associationType": ""}), "CFAssociations[5].associationType: missing"),
        (with_tie({"associationType": "precedes"}), "CFAssociations[5].originNodeURI.identifier: missing"),
        (with_tie(tie("precedes", "a", "z")), "CFAssociations[5].destinationNodeURI.identifier: no item is called 'z'"),
        (with_tie(tie("isChildOf", "z", "a")), "CFAssociations[5].originNodeURI.identifier: no item is called 'z'"),
        (with_tie(tie("isChildOf", "c", "a")), "CFAssociations[5].originNodeURI.identifier: 'c' is the child of"),
        (with_tie(tie("precedes", "b", "a")), "CFAssociations: precedes forms a cycle: Can a -> Can b -> Can a"),
        (with_tie(tie("isChildOf", "top", "c")), "CFAssociations: isChildOf forms a cycle: Can top -> Can c ->"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_catalog_is_refused_with_its_place(found, problem):
    assert refused(found)[0].startswith(f"0.json: {problem}")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"a":\n}', "x.json: line 2: not JSON"),
        (b"\xff\xfe", "x.json: not JSON in UTF-8"),
        (b"[" * 100_000, "x.json: not JSON in UTF-8, or nested too deeply"),
        (b" " * (32 * 2**20 + 1), "x.json: it has 33554433 bytes"),
    ],
    ids=["json", "letters", "deep", "large"],
)
def test_what_is_no_json_is_refused(data, problem):
    with pytest.raises(errors.ExchangeRefused) as caught:
        case_reader.read({"x.json": data})

    assert str(caught.value).startswith(problem)


def test_no_file_is_refused():
    with pytest.raises(errors.ExchangeRefused, match="give one CFPackage as JSON"):
        case_reader.read({})
