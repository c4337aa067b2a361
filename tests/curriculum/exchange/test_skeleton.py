"""From a course as it came to a course of the catalog: what is offered, what is chosen, and nothing else."""

from __future__ import annotations

import functools

from curriculum import bank, courses, intake, lessons
from curriculum import catalog as catalogs
from curriculum.courses import own
from curriculum.exchange import cartridge, cartridge_reader, skeleton, syllabus
from tests.curriculum.exchange import parcels

CBEC = catalogs.load("cbec")


@functools.cache
def known() -> intake.Known:
    taught = {
        name: " ".join(text for part in one.text for text in part.values()) for name, one in lessons.load().items()
    }
    return intake.know(catalogs.plain("cbec"), taught)


def draft(data: bytes | None = None) -> skeleton.JSON:
    course = cartridge_reader.read(parcels.parcel() if data is None else data, "x", launch=parcels.LAUNCH)
    return skeleton.draft(course, CBEC, known())


def keys(made: skeleton.JSON) -> list[str]:
    return [unit["key"] for module in made["modules"] for unit in module["units"]]


def test_a_unit_is_offered_the_skills_that_its_texts_are_like() -> None:
    made = draft()
    unit = made["modules"][1]["units"][0]

    assert unit["near"][0] == "svc.returns"
    assert skeleton.ticked(unit) == ["svc.returns"]
    assert len(unit["near"]) == skeleton.OFFERED
    assert made["modules"][0]["units"][1]["practice"] == ["case:freight"]


def test_what_is_chosen_makes_a_sound_course_and_the_rest_is_left_out() -> None:
    made = draft()
    chosen = {keys(made)[0]: ["cus.duty"], keys(made)[2]: ["svc.returns"], keys(made)[1]: []}
    document = skeleton.document(made, "own-abcd", {"en": "A", "zh": "甲"}, chosen)

    assert own.problems(document, CBEC) == []
    assert skeleton.problems(document, CBEC) == []
    course = own.course(document)
    assert [unit.skills for module in course.modules for unit in module.units] == [("cus.duty",), ("svc.returns",)]
    assert [one.kind for one in course.materials.values()] == ["page", "link"]
    assert course.terms == "CC BY 4.0"


def test_questions_are_drafts_of_the_bank_with_a_skill_of_their_unit() -> None:
    made = draft()
    chosen = {keys(made)[1]: ["log.incoterms", "cus.customs_value"]}
    found = list(skeleton.questions(made, "m1", chosen, CBEC, known()))

    assert [one["skill"] for one in found][::2] == ["cus.customs_value", "log.incoterms"]
    assert len({one["id"] for one in found}) == 3
    assert [option["cause"] for option in found[0]["options"] if not option.get("right")] == ["unknown", "unknown"]
    assert found[1]["accept"] == ["0902"]
    assert list(skeleton.questions(made, "m1", {}, CBEC, known())) == []


def test_a_course_of_ours_that_went_out_comes_back_with_its_modules_units_skills_and_cases() -> None:
    shipped = courses.of_catalog(CBEC)["etiquette"]
    parts = syllabus.course(CBEC, "etiquette", "en", lessons=lessons.load())
    made = draft(cartridge.write("T", "A", parts, launch=parcels.LAUNCH, language="en"))
    chosen = {unit["key"]: skeleton.ticked(unit) for module in made["modules"] for unit in module["units"]}
    course = own.course(skeleton.document(made, "own-abcd", {"en": "A", "zh": "A"}, chosen))

    def shape(one: courses.Course) -> list[tuple[str, list[tuple[str, tuple[str, ...], list[str]]]]]:
        return [
            (
                module.name["en"],
                [
                    (unit.name["en"], unit.skills, sorted(name for name in unit.practice if name.startswith("case:")))
                    for unit in module.units
                ],
            )
            for module in one.modules
        ]

    assert all(skill in lessons.load() or bank.has(skill, CBEC) for skill in shipped.skills)
    assert shape(course) == shape(shipped)
    urls = {link.url for skill in shipped.skills for link in lessons.load()[skill].links}
    assert {one.url for one in course.materials.values()} == urls
    assert {one[3] for one in made["left"]} == {skeleton.ELSEWHERE}


def test_a_course_without_titles_has_names_all_the_same() -> None:
    tree = '<item identifier="i" identifierref="R_web"><title>A</title></item>'
    text = parcels.manifest(tree=tree, resources={"R_web": parcels.RESOURCES["R_web"]}).replace("Trade law", "")
    made = draft(parcels.parcel(text, files={"web/link.xml": parcels.WEB}))

    assert [(module["name"], [unit["name"] for unit in module["units"]]) for module in made["modules"]] == [
        ("1", ["1"])
    ]
