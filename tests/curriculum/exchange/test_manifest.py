"""The manifest of a QTI package: items, and what is said about each."""

from __future__ import annotations

import pytest

from curriculum import errors
from curriculum.exchange import manifest, markup, names

QUESTION = {
    "id": "cus.duty.1",
    "skill": "cus.duty",
    "also": ["cus.basics"],
    "form": "match",
    "bloom": "analyse",
    "difficulty": 5,
    "rule": "eu.flat_duty_2026",
    "valid_from": "2026-07-01",
    "valid_to": "2028-06-30",
}


def listed(*resources):
    return manifest.read(markup.parse(f"<manifest>{''.join(resources)}</manifest>".encode(), manifest.FILE))


def resource(inside="", kind=manifest.ITEM, href="a.xml"):
    return f'<resource type="{kind}" href="{href}">{inside}</resource>'


def test_what_is_written_about_a_question_is_read_again():
    data = manifest.write("cbec", "Bank", [("items/zh/cus.duty.1.xml", "zh", QUESTION, "标题")])
    (found,) = manifest.read(markup.parse(data, manifest.FILE))

    assert (found.path, found.language) == ("items/zh/cus.duty.1.xml", "zh-CN")
    assert found.about == {name: value for name, value in QUESTION.items() if name != "form"}


def test_a_question_without_dates_has_none():
    plain = {name: QUESTION[name] for name in ("id", "skill", "form", "bloom", "difficulty")}
    (found,) = manifest.read(markup.parse(manifest.write("cbec", "B", [("a", "en", plain, "t")]), manifest.FILE))

    assert found.about == {name: value for name, value in plain.items() if name != "form"}


def test_a_skill_is_ours_only_if_its_identifier_says_so():
    def standards(guid):
        inside = f"<labelledGUID><label>cus.duty</label><GUID>{guid}</GUID></labelledGUID>"
        told = f'<curriculumStandardsMetadata providerId="entrepot:cbec"><setOfGUIDs>{inside}</setOfGUIDs>'
        return resource(f"<metadata>{told}</curriculumStandardsMetadata></metadata>")

    ours, theirs = listed(standards(names.of("cbec", "skill", "cus.duty")), standards("0" * 36))
    assert (ours.about, theirs.about) == ({"skill": "cus.duty"}, {})


def test_what_others_say_is_left_out():
    lom = (
        "<metadata><lom><general><identifier><catalog>URI</catalog><entry>x</entry></identifier></general>"
        "<educational><difficulty>hard</difficulty></educational><classification><taxonPath><taxon><id>K.1</id></taxon>"
        "</taxonPath></classification></lom></metadata>"
    )
    (found,) = listed(resource(lom))

    assert (found.about, found.language) == ({}, "")


@pytest.mark.parametrize(
    ("href", "path"),
    [("./items/a.xml", "items/a.xml"), ("a%20b.xml", "a b.xml"), ("%E4%B8%AD.xml", "中.xml"), ("%FF.xml", "ÿ.xml")],
)
def test_a_path_is_that_inside_the_package(href, path):
    assert listed(resource(href=href))[0].path == path


def test_a_resource_without_an_address_names_its_file():
    assert listed(resource('<file href="b.xml"/>', href=""))[0].path == "b.xml"
    assert listed(resource(href=""))[0].path == ""


@pytest.mark.parametrize(
    ("root", "problem"),
    [
        ("<manifest/>", "line 1: it lists no QTI item"),
        (f"<other>{resource()}</other>", "line 1: it lists no QTI item"),
        (
            f"<manifest>{resource(kind='imsqti_item_xmlv1p2')}</manifest>",
            "line 1: an item of the type 'imsqti_item_xmlv1p2'",
        ),
    ],
)
def test_what_is_no_package_of_this_version_is_refused(root, problem):
    with pytest.raises(errors.ExchangeRefused) as caught:
        manifest.read(markup.parse(root.encode(), manifest.FILE))

    assert caught.value.problems[0].startswith(problem)
