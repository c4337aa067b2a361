import doctest
from datetime import date

import pytest

from curriculum import catalog, check, errors, graph
from tests.curriculum import builders


def test_docs_are_true():
    assert doctest.testmod(check).failed == 0


@pytest.mark.parametrize("name", catalog.NAMES)
def test_a_shipped_catalog_is_read_once_per_process(name):
    assert catalog.load(name) is catalog.load(name)


def test_an_unknown_catalog_is_refused_with_the_known_ones():
    with pytest.raises(errors.UnknownCatalog, match=r"'law'; known: cbec, oulad|'law'.*cbec, oulad"):
        catalog.load("law")


def test_cross_border_e_commerce_has_its_published_size():
    cbec = catalog.load("cbec")
    edges = sum(len(skill.prerequisites) for skill in cbec.skills.values())

    sizes = (len(cbec.areas), len(cbec.skills), edges, len(cbec.roles), len(cbec.rules))

    assert sizes == (14, 143, 216, 9, 52)


def test_cross_border_e_commerce_has_a_practice_item_for_every_skill():
    cbec = catalog.load("cbec")

    assert {item.skills for item in cbec.items.values()} == {(name,) for name in cbec.skills}
    assert all(item.repeatable for item in cbec.items.values())
    assert cbec.items["practice:cus.duty"].difficulty == cbec.skills["cus.duty"].difficulty


def test_an_oulad_item_is_module_type_and_rank():
    oulad = catalog.load("oulad")

    item = oulad.items["AAA.TMA.1"]

    assert item.activity == "https://analyse.kmi.open.ac.uk/open_dataset#AAA.TMA.1"
    assert item.skills == ("AAA.TMA",)
    assert not item.repeatable


def test_an_oulad_exam_needs_the_assessments_and_comes_last():
    oulad = catalog.load("oulad")
    module = [item for item in oulad.items.values() if item.skills[0].startswith("BBB.")]

    assert oulad.skills["BBB.Exam"].prerequisites == ("BBB.CMA", "BBB.TMA")
    assert max(module, key=lambda item: item.order).id == "BBB.Exam.1"


def test_oulad_assessments_of_a_type_follow_their_rank():
    oulad = catalog.load("oulad")
    for skill in oulad.skills:
        orders = [item.order for item in oulad.items.values() if item.skills == (skill,)]

        assert orders == sorted(orders)


def test_oulad_has_a_role_for_each_module_with_all_its_skills():
    oulad = catalog.load("oulad")

    assert set(oulad.roles) == set(oulad.areas)
    assert all(set(role.targets) == {s for s in oulad.skills if s.startswith(role.id)} for role in oulad.roles.values())


def test_oulad_counts_three_quarters_as_correct_and_names_its_source():
    oulad = catalog.load("oulad")

    assert oulad.pass_score == 0.75
    assert "CC BY 4.0" in oulad.notice["en"]
    assert "CC BY 4.0" in oulad.notice["zh"]


def test_the_esco_sentence_stands_in_the_notice():
    expected = "This service uses the ESCO classification of the European Commission."

    assert catalog.load("cbec").notice["en"] == expected


def test_dates_are_read_as_text_and_as_yaml_dates():
    quoted = catalog.parse(builders.tiny()).rules["fee"]
    plain = catalog.parse(builders.tiny(rules=[builders.rule("fee", valid_from=date(2026, 7, 1))])).rules["fee"]

    assert quoted.valid_from == plain.valid_from == date(2026, 7, 1)


def test_own_items_follow_the_practice_items():
    item = {
        "id": "exam",
        "activity": "urn:exam",
        "skills": ["top", "left"],
        "difficulty": 4.5,
        "name": builders.names("Exam"),
    }

    made = catalog.parse(builders.tiny(items=[item]))

    assert made.item_index["exam"] == len(made.items) - 1
    assert made.items["exam"].name["en"] == "Exam"
    assert made.activities["urn:exam"] == "exam"


def test_a_catalog_cannot_be_changed():
    made = catalog.parse(builders.tiny())

    with pytest.raises(TypeError):
        made.skills["new"] = made.skills["root"]


def fingerprint(**changes):
    return catalog.parse(builders.tiny(**changes)).fingerprint


def test_a_better_wording_keeps_the_fingerprint():
    renamed = [{**entry, "name": builders.names("new")} for entry in builders.tiny()["skills"]]

    assert fingerprint(skills=renamed) == fingerprint()


def test_rules_and_roles_keep_the_fingerprint():
    assert fingerprint(rules=[], roles=[]) == fingerprint()


def test_the_order_of_skills_changes_the_fingerprint():
    assert fingerprint(skills=builders.tiny()["skills"][::-1]) != fingerprint()


def test_a_prerequisite_changes_the_fingerprint():
    entries = [*builders.tiny()["skills"][:-1], builders.skill("alone", "root", area="b")]

    assert fingerprint(skills=entries) != fingerprint()


def test_the_pass_score_changes_the_fingerprint():
    meta = {**builders.tiny()["meta"], "pass_score": 0.5}

    assert fingerprint(meta=meta) != fingerprint()


def test_every_edge_of_the_shipped_graphs_is_needed():
    for name in catalog.NAMES:
        loaded = catalog.load(name)
        for skill in loaded.skills.values():
            for needed in skill.prerequisites:
                others = set(skill.prerequisites) - {needed}

                assert not any(needed in graph.ancestors(loaded, other) for other in others), (skill.id, needed)


def test_the_error_tree_is_drawn_as_it_is():
    drawn = {line.split("── ")[1].split()[0] for line in errors.__doc__.splitlines() if "── " in line}
    made = {
        cls.__name__
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.CurriculumError)
    }

    assert drawn == made - {"CurriculumError"}


def test_what_teaches_without_a_grade_is_no_matter_of_the_model():
    page = {
        "id": "page",
        "activity": "urn:tiny:page",
        "skills": ["left"],
        "name": builders.names("Page"),
        "valid_from": "2026-07-01",
        "valid_to": "2028-06-30",
        "minutes": 7,
    }

    with_page = catalog.parse(builders.tiny(resources=[page]))

    assert with_page.fingerprint == catalog.parse(builders.tiny()).fingerprint
    assert with_page.resources["page"].valid_from.isoformat() == "2026-07-01"
    assert (with_page.resources["page"].minutes, with_page.resources["page"].mode) == (7.0, "reading")


def test_every_edge_of_cross_border_e_commerce_says_why_it_is_there_in_both_languages() -> None:
    cbec = catalog.load("cbec")
    told = [because for skill in cbec.skills.values() for because in skill.because.values()]

    assert [
        (skill.id, name) for skill in cbec.skills.values() for name in skill.prerequisites if name not in skill.because
    ] == []
    assert len({because["en"] for because in told}) > 0.9 * len(told)
    assert [one for one in told if not one["en"].strip() or not one["zh"].strip()] == []
    assert [
        one["en"]
        for one in told
        if one["en"][0].isupper() and not one["en"].startswith(("AI ", "IOSS", "VAT", "Incoterms"))
    ] == []
    assert [one for one in told if one["en"].endswith(".") or one["zh"].endswith("。")] == [], "they end a sentence"
