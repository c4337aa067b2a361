"""Question banks by QTI 3.0: what goes out comes back, and what cannot be taken in is refused with its place."""

from __future__ import annotations

import os
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from curriculum import catalog as catalogs
from curriculum import errors
from curriculum.bank import shelf, sound
from curriculum.exchange import archive, manifest, plain, qti
from tests.curriculum.exchange import items

CBEC = catalogs.load("cbec")
SOAK = bool(os.environ.get("ENTREPOT_TEST_SOAK"))
ON = date(2026, 11, 26)
NAMES = {"m.cus.a": {"en": "Takes <a> & b", "zh": "误解 a"}, "m.cus.b-2": {"en": "B", "zh": "误解 b"}}
NOW = [f"cus.duty.{number}" for number in range(1, 6)]
BANK = """
misconceptions:
- {id: m.cus.per_piece, skill: cus.duty, name: {en: Counts pieces, zh: 按件数算}}
questions:
- id: cus.duty.1
  skill: cus.duty
  form: number
  bloom: apply
  difficulty: 2
  rule: eu.flat_duty_2026
  unit: pieces
  places: 2
  story: {en: "{pieces} shirts at EUR {price:2}.", zh: "{pieces} 件衬衫，每件 {price:2} 欧元。"}
  ask: {en: "Which duty, at EUR {flat_duty_eur_per_item} an item?", zh: "关税多少？"}
  draw: {pieces: [2, 9, 1], price: [3, 9, 0.5]}
  right: flat_duty_eur_per_item
  wrong:
  - cause: m.cus.per_piece
    value: flat_duty_eur_per_item * pieces
    why: {en: "You took {pieces}.", zh: "你算了 {pieces} 件。"}
  working: ["1 × {right} = {right}"]
  explanation: {en: One line., zh: 一个税号。}
- id: cus.duty.2
  skill: cus.duty
  also: [cus.basics]
  form: text
  bloom: remember
  difficulty: 1
  valid_from: 2026-07-01
  ask: {en: "Which {{code}}?", zh: "哪个代码？"}
  accept: ["6109.10", "610910"]
  digits: true
  wrong: [{accept: ["6110"], cause: unknown, why: {en: No., zh: 不对。}}]
  explanation: {en: Knitted., zh: 针织。}
- id: cus.duty.3
  skill: cus.duty
  form: match
  bloom: analyse
  difficulty: 4
  ask: {en: Join., zh: 连线。}
  pairs:
  - {left: {en: a, zh: 甲}, right: {en: x, zh: 子}}
  - {left: {en: b, zh: 乙}, right: {en: y, zh: 丑}}
  - {left: {en: c, zh: 丙}, right: {en: z, zh: 寅}}
  mixups: [{left: 0, right: 2, cause: m.cus.per_piece, why: {en: No., zh: 不对。}}]
  explanation: {en: So., zh: 是。}
- id: cus.duty.4
  skill: cus.duty
  form: several
  bloom: understand
  difficulty: 3
  ask: {en: Which?, zh: 哪些？}
  options:
  - {text: {en: A, zh: 甲}, right: true, missed: {cause: unknown, why: {en: It counts., zh: 也算。}}}
  - {text: {en: B, zh: 乙}, right: true}
  - {text: {en: C, zh: 丙}, cause: m.cus.per_piece, why: {en: Not C., zh: 不是丙。}}
  explanation: {en: A and B., zh: 甲和乙。}
- id: cus.duty.5
  skill: cus.duty
  form: text
  bloom: remember
  difficulty: 1
  ask: {en: Which?, zh: 哪个？}
  accept: ["6109"]
  explanation: {en: So., zh: 是。}
- id: cus.basics.1
  skill: cus.basics
  form: several
  bloom: understand
  difficulty: 3
  valid_to: 2026-06-30
  ask: {en: Which?, zh: 哪些？}
  options:
  - {text: {en: A, zh: 甲}, right: true, missed: {cause: unknown, why: {en: It counts., zh: 也算。}}}
  - {text: {en: B, zh: 乙}, right: true}
  - {text: {en: C, zh: 丙}, cause: m.cus.per_piece, why: {en: Not C., zh: 不是丙。}}
  explanation: {en: A and B., zh: 甲和乙。}
"""


@pytest.fixture(scope="module")
def bank():
    return shelf.parse_text(BANK, where="bank", among=shelf.known(CBEC))


def package(files):
    resources = "".join(
        f'<resource identifier="r{number}" type="imsqti_item_xmlv3p0" href="{name}"><file href="{name}"/></resource>'
        for number, name in enumerate(files)
    )
    listed = f'<manifest xmlns="{manifest.PACKAGE}"><resources>{resources}</resources></manifest>'
    return archive.pack({manifest.FILE: listed.encode(), **files})


def refused(data, **options):
    with pytest.raises(errors.ExchangeRefused) as caught:
        qti.read(data, "bank.zip", **options)
    return list(caught.value.problems)


@settings(max_examples=600 if SOAK else 60, deadline=None, suppress_health_check=list(HealthCheck))
@given(items.questions)
def test_a_question_that_goes_out_comes_back_as_it_was(question):
    taken = qti.read(qti.pack([question], CBEC, NAMES), "bank.zip", known=NAMES)

    assert taken.document == {"misconceptions": [], "questions": [question]}
    assert taken.notes == ()


def test_an_entry_goes_out_with_one_draw_and_without_what_does_not_hold(bank):
    taken = qti.read(qti.write(bank, CBEC, seed=5, on=ON), "bank.zip")
    wanted = [plain.entry(bank, bank.entries[name], CBEC, 5, ON) for name in NOW]

    assert taken.document["questions"] == wanted
    assert taken.document["questions"][0]["ask"]["en"] == "Which duty, at EUR 3 an item?"
    assert "draw" not in taken.document["questions"][0]
    assert taken.document["misconceptions"] == [
        {"id": "m.cus.per_piece", "skill": "cus.duty", "name": {"en": "Counts pieces", "zh": "按件数算"}}
    ]


@pytest.mark.parametrize(
    ("on", "there"),
    [
        (date(2026, 6, 30), {"cus.duty.3", "cus.duty.4", "cus.duty.5", "cus.basics.1"}),
        (date(2026, 7, 1), set(NOW)),
    ],
)
def test_a_question_goes_out_on_its_first_and_on_its_last_day(bank, on, there):
    taken = qti.read(qti.write(bank, CBEC, seed=5, on=on), "bank.zip")

    assert {question["id"] for question in taken.document["questions"]} == there


def test_what_comes_back_is_sound_for_the_bank(bank):
    taken = qti.read(qti.write(bank, CBEC, seed=5, on=ON), "bank.zip")

    assert sound.problems(taken.document, shelf.known(CBEC)) == []


def test_the_shipped_bank_goes_out_and_comes_back():
    shipped = shelf.load()
    skills = [name for number, name in enumerate(CBEC.skills) if SOAK or number % 9 == 4]
    data = qti.write(shipped, CBEC, skills, seed=3, on=ON)
    taken = qti.read(data, "bank.zip", known={*CBEC.misconceptions, *shipped.misconceptions})
    found = {question["id"]: question for question in taken.document["questions"]}

    assert found == {name: plain.entry(shipped, shipped.entries[name], CBEC, 3, ON) for name in found}
    assert {shipped.entries[name].skill for name in found} <= set(skills)
    assert (taken.notes, len(found) > 10) == ((), True)


def test_the_same_questions_make_the_same_bytes(bank):
    assert qti.write(bank, CBEC, seed=5, on=ON) == qti.write(bank, CBEC, seed=5, on=ON)
    assert qti.write(bank, CBEC, seed=5, on=ON) != qti.write(bank, CBEC, seed=6, on=ON)


def test_a_skill_that_there_is_not_and_one_without_questions_are_refused(bank):
    with pytest.raises(errors.UnknownReference, match=r"no skill 'cus\.nothing'"):
        qti.write(bank, CBEC, ["cus.nothing"], seed=1, on=ON)
    with pytest.raises(errors.ExchangeRefused, match="none of these skills has a question that holds on 2026-11-26"):
        qti.write(bank, CBEC, ["cus.basics"], seed=1, on=ON)


def test_a_single_item_says_what_it_lacks():
    taken = qti.read(items.item(), "one.xml", skill="cus.duty")

    assert taken.document["questions"] == [
        {
            "id": "cus.duty.q1",
            "skill": "cus.duty",
            "form": "choice",
            "ask": {"en": "Which code?"},
            "options": [
                {"text": {"en": "6109"}, "right": True},
                {"text": {"en": "6110"}, "cause": "unknown"},
                {"text": {"en": "6201"}, "cause": "unknown"},
            ],
        }
    ]
    assert taken.notes == (
        "cus.duty.q1 (en): 2 of 2 wrong answers have no feedback; write `cause` and `why`",
        "cus.duty.q1 (en): no feedback says why the right answer is right; write `explanation`",
        "cus.duty.q1: its texts are in en only; write them in zh too",
        "cus.duty.q1: it does not say bloom, difficulty; add that",
    )


def test_an_item_without_a_skill_is_taken_in_and_says_so():
    taken = qti.read(items.item(), "one.xml")

    assert taken.document["questions"][0]["id"] == "q1"
    assert "it does not say skill, bloom, difficulty" in taken.notes[-1]


def test_every_bad_item_is_named_and_nothing_is_taken_in():
    bad = items.item(head='identifier="q2"')
    problems = refused(package({"a.xml": items.item(), "b.xml": bad, "c.xml": b"<open>"}))

    assert problems == [
        "b.xml: line 1: it says no language: set xml:lang",
        "c.xml: line 1: not well-formed XML: no element found",
    ]


def test_an_identifier_that_stands_twice_is_refused():
    problems = refused(package({"a.xml": items.item(), "b.xml": items.item()}))

    assert problems == ["b.xml: the identifier 'q1' is taken by a.xml; each item needs its own"]


def test_two_items_of_one_question_that_are_not_alike_are_refused(bank):
    files = archive.unpack(qti.write(bank, CBEC, ["cus.duty"], seed=5, on=ON), "bank.zip")
    name = "items/zh/cus.duty.2.xml"
    files[name] = files[name].replace(b"6110", b"6111")

    assert refused(archive.pack(files)) == [
        f"{name}: it is not the same question as its item in the other language; they differ in wrong[0].accept[0]"
    ]


def test_items_of_different_make_are_told_by_their_fields(bank):
    files = archive.unpack(qti.write(bank, CBEC, ["cus.duty"], seed=5, on=ON), "bank.zip")
    name = "items/zh/cus.duty.2.xml"
    files[name] = items.item(head='identifier="x" xml:lang="zh"')

    told = " ".join(refused(archive.pack(files)))
    assert all(field in told for field in ("form", "options", "accept", "digits", "wrong"))


def test_a_package_without_a_manifest_and_a_file_that_is_missing_are_refused(bank):
    assert "it holds no imsmanifest.xml" in refused(archive.pack({"x.xml": b"<a/>"}))[0]
    files = archive.unpack(qti.write(bank, CBEC, ["cus.duty"], seed=5, on=ON), "bank.zip")
    del files["items/en/cus.duty.1.xml"]

    problem = "the file 'items/en/cus.duty.1.xml' is not in the package; add it or remove its resource"
    assert refused(archive.pack(files)) == [f"imsmanifest.xml: line 16: {problem}"]


def test_a_manifest_that_lists_no_item_is_refused_by_its_name():
    problems = refused(archive.pack({manifest.FILE: b"<manifest/>"}))

    assert problems[0].startswith("imsmanifest.xml: line 1: it lists no QTI item")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><lolz>&c;</lolz>"""
OUTSIDE = b'<!DOCTYPE item SYSTEM "https://example.org/item.dtd"><item/>'


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (b"<a>" * 200, "deeper than 100"),
        (b"x" * (4 * 2**20 + 1), "one file may have 4194304"),
        (items.item(namespace="http://www.imsglobal.org/xsd/imsqti_v2p1"), "or an item of QTI 2.x"),
        (items.item(declaration=items.declared("")), "has no right answer"),
        (package({"a.xml": BOMB}), "a.xml: line 1: it has a document type"),
        (package({"a.xml": items.item()})[:-30], "no whole zip"),
        (b"PK\x03\x04", "no whole zip"),
        (b"", "no element found"),
    ],
    ids=["bomb", "dtd", "deep", "large", "old", "no answer", "bomb inside", "cut off", "head only", "empty"],
)
def test_what_is_bad_is_refused_by_one_clear_line(data, problem):
    problems = refused(data)

    assert len(problems) == 1
    assert problem in problems[0]


def test_an_item_of_ten_megabytes_in_a_small_package_is_refused():
    data = package({"a.xml": items.item() + b" " * 10 * 2**20})

    assert len(data) < 20_000
    assert [problem.split(" than ")[0] for problem in refused(data)] == ["'a.xml' unpacks to more"]
