"""Somebody else's cartridge: what comes in, what is left out with its place, and what refuses the whole."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog as catalogs
from curriculum import errors, lessons
from curriculum.exchange import archive, cartridge, cartridge_reader, syllabus
from curriculum.exchange.cartridge_reader import Course
from tests.curriculum.exchange import parcels


def read(data: bytes | None = None, **more: Any) -> Course:
    return cartridge_reader.read(parcels.parcel(**more) if data is None else data, "x.imscc", launch=parcels.LAUNCH)


def refused(data: bytes) -> str:
    with pytest.raises(errors.ExchangeRefused) as caught:
        read(data)
    return "\n".join(caught.value.problems)


def left(course: Course) -> list[tuple[str, str, str]]:
    return [(one.element, one.reason, one.more) for one in course.left]


def one(kind: str, path: str, text: str | bytes, **more: Any) -> Course:
    """A cartridge with one resource in one module."""
    tree = '<item identifier="m"><title>M</title><item identifier="i" identifierref="R"><title>T</title></item></item>'
    return read(parcels.parcel(parcels.manifest(tree=tree, resources={"R": (kind, path)}, **more), files={path: text}))


def test_modules_headings_and_parts_keep_their_order():
    course = read()

    assert (course.title, course.language, course.version, course.terms) == ("Trade law", "en", "1.1.0", "CC BY 4.0")
    assert [
        (chapter.title, [(section.title, [piece.kind for piece in section.pieces]) for section in chapter.sections])
        for chapter in course.chapters
    ] == [
        ("Customs", [("", ["page", "link"]), ("Practice", ["link", "quiz", "ours"])]),
        ("Service", [("Returns", ["talk"])]),
        ("", [("", ["event"])]),
    ]


def test_a_page_is_plain_text_with_its_links_and_what_was_lost():
    page, link, *_ = read().pieces

    assert page.text == "Duty\nCustoms duty is taken on the customs value of goods.\nWTO valuation\nA form"
    assert page.lost == ("img",)
    assert (link.title, link.url) == ("WTO valuation", "https://www.wto.org/valuation")


def test_questions_come_with_their_answers_and_what_is_said_to_them():
    quiz = next(piece for piece in read().pieces if piece.kind == "quiz")
    choice, text, several = quiz.questions

    assert choice["ask"] == {"en": "What is customs duty taken on?"}
    assert choice["options"][0] == {"text": {"en": "The customs value"}, "right": True}
    assert choice["options"][1] == {"text": {"en": "The weight"}, "why": {"en": "Weight sets freight."}}
    assert choice["explanation"] == {"en": "Duty is a share of value."}
    assert (text["form"], text["accept"]) == ("text", ["0902"])
    assert [option.get("right", False) for option in several["options"]] == [True, True, False]


def test_a_link_to_us_says_what_it_opens_and_another_tool_is_left_out():
    course = read()
    ours = next(piece for piece in course.pieces if piece.kind == "ours")

    assert ours.custom == {"activity": "case", "case": "freight"}
    assert ("Elsewhere", "tool", "") in left(course)


def test_what_is_left_out_has_its_file_line_and_reason():
    course = read()

    assert left(course) == [
        ("i2", "question", "essay"),
        ("Elsewhere", "tool", ""),
        ("Slides", "file", ""),
        ("Gone", "missing", ""),
    ]
    assert all(one.where in {"quiz/assessment_qti.xml", "imsmanifest.xml"} and one.line > 1 for one in course.left)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.2.0", "1.3.0"])
def test_every_version_is_read(version: str):
    assert read(parcels.parcel(parcels.manifest(version))).version == version


def test_a_thin_cartridge_may_be_a_manifest_alone_with_its_links_inside():
    tree = '<item identifier="m"><title>M</title><item identifier="i" identifierref="R"><title>T</title></item></item>'
    text = parcels.manifest("1.3.0", tree, {}, "IMS Thin Common Cartridge")
    inline = f'<resource identifier="R" type="imswl_xmlv1p3">{parcels.WEB}</resource></resources>'
    course = read(text.replace("</resources>", inline).encode())

    assert [(piece.kind, piece.title) for piece in course.pieces] == [("link", "T")]


@pytest.mark.parametrize(
    ("kind", "path", "text", "expected"),
    [
        ("webcontent", "a.html", b"\xff\xfe\x00", ("T", "encoding", "")),
        ("webcontent", "a.html", '<meta charset="x-nobody">x', ("T", "encoding", "")),
        ("webcontent", "a.html", "<p></p>", ("T", "empty", "")),
        ("webcontent", "a.html", "<p>" + "x" * 12_001, ("T", "long", "")),
        ("webcontent", "a.zip", b"PK\x03\x04", ("T", "packed", "")),
        ("imswl_xmlv1p1", "a.xml", '<webLink><url href="javascript:alert(1)"/></webLink>', ("T", "address", "")),
        ("imswl_xmlv1p1", "a.xml", '<webLink><url href="https://u:p@a.example/"/></webLink>', ("T", "address", "")),
        ("imsdt_xmlv1p1", "a.xml", "<topic", ("T", "broken", "line 1: not well-formed XML: unclosed token")),
        ("imsunknown_v1", "a.xml", "<x/>", ("T", "unknown", "")),
        ("imsqti_xmlv1p2/imscc_xmlv1p1/assessment", "a.xml", "<questestinterop/>", ("T", "empty", "")),
    ],
)
def test_one_part_that_is_wrong_is_left_out_alone(kind: str, path: str, text: str | bytes, expected: tuple[str, ...]):
    assert left(one(kind, path, text)) == [expected]


def test_an_entity_is_never_expanded():
    bomb = '<!DOCTYPE t [<!ENTITY a "aaaa">]><topic><title>&a;</title></topic>'
    ((_, reason, more),) = left(one("imsdt_xmlv1p1", "a.xml", bomb))

    assert reason == "broken"
    assert "document type" in more


def test_an_assignment_of_canvas_is_a_task_and_a_page_in_gbk_is_read():
    tree = '<item identifier="m"><title>M</title><item identifier="i" identifierref="R"><title>T</title></item></item>'
    listed = {"R": ("associatedcontent/imscc_xmlv1p1/learning-application-resource", "g/task.html")}
    text = parcels.manifest(tree=tree, resources=listed).replace(
        '<file href="g/task.html"/>', '<file href="g/task.html"/><file href="g/assignment_settings.xml"/>'
    )
    files = {"g/task.html": '<meta charset="gbk"><p>计算关税</p>'.encode("gbk"), "g/assignment_settings.xml": "<a/>"}
    (task,) = read(parcels.parcel(text, files=files)).pieces

    assert (task.kind, task.title, task.text) == ("task", "T", "计算关税")


def test_an_assignment_of_the_standard_is_a_task_and_its_plain_text_is_text():
    text = '<assignment><title>Own</title><text texttype="text/plain">a &lt; b\nc</text></assignment>'
    (task,) = one("assignment_xmlv1p0", "a.xml", text).pieces

    assert (task.kind, task.title, task.text) == ("task", "T", "a < b\nc")
    assert left(one("assignment_xmlv1p0", "a.xml", "<assignment/>")) == [("T", "empty", "")]


def test_loose_parts_stand_before_modules_and_an_item_may_open_something_and_hold_others():
    tree = (
        '<item identifierref="R_web"><title>First</title></item>'
        '<item identifierref="R_talk"><title>M</title><item identifierref="R_web"><title>Second</title></item>'
        '<item identifierref="R_talk"><title>S</title><item identifierref="R_web"><title>Third</title></item></item>'
        "</item>"
    )
    course = read(parcels.parcel(parcels.manifest(tree=tree)))
    found = [(one.title, [(part.title, [piece.title for piece in part.pieces]) for part in one.sections])
             for one in course.chapters]  # fmt: skip

    assert found[:2] == [("", [("", ["First"])]), ("M", [("", ["M", "Second"]), ("S", ["S", "Third"])])]


def test_what_the_package_does_not_hold_is_missing_and_what_is_ours_by_name_is_passed_over():
    tree = '<item identifierref="R"><title>T</title></item>'
    for kind in ("imswl_xmlv1p1", "webcontent"):
        listed = {"R": (kind, "gone.xml" if kind == "imswl_xmlv1p1" else "gone.html")}
        assert left(read(parcels.parcel(parcels.manifest(tree=tree, resources=listed), files={}))) == [
            ("T", "missing", "")
        ]
    bare = '<resource identifier="R" type="imsdt_xmlv1p1"/>\n</resources>'
    text = parcels.manifest(tree="", resources={}).replace("</resources>", bare)
    assert left(read(parcels.parcel(text, files={}))) == [("R", "missing", "")]
    bare = bare.replace('"/>', '"><file href="course_settings/canvas_export.txt"/></resource>')
    text = parcels.manifest(tree="", resources={}).replace("</resources>", bare)
    assert read(parcels.parcel(text, files={})).left == ()


def test_texts_beyond_what_a_course_may_hold_are_left_out():
    files = {f"{number}.html": f"<p>{'x' * 11_000}</p>" for number in range(40)}
    listed = {f"R{number}": ("webcontent", f"{number}.html") for number in range(40)}
    tree = "".join(f'<item identifierref="R{number}"><title>{number}</title></item>' for number in range(40))
    course = read(parcels.parcel(parcels.manifest(tree=tree, resources=listed), files=files))

    assert sum(len(piece.text) for piece in course.pieces) <= cartridge_reader.LONGEST_ALL
    assert {one.reason for one in course.left} == {"long"}
    quiz = parcels.QUIZ.replace("The customs value", "x" * 3900).replace("The weight", "y" * 3900)
    files = {f"{number}.xml": quiz for number in range(45)}
    listed = {f"R{number}": ("imsqti_xmlv1p2/imscc_xmlv1p1/assessment", f"{number}.xml") for number in range(45)}
    course = read(parcels.parcel(parcels.manifest(tree=tree, resources=listed), files=files))
    assert "long" in {one.reason for one in course.left}


def test_a_path_with_percent_signs_is_that_of_the_file():
    assert one("webcontent", "关税.html", "<p>x</p>").pieces
    tree = '<item identifierref="R"><title>T</title></item>'
    text = parcels.manifest(tree=tree, resources={"R": ("webcontent", "%E5%85%B3.html")})
    assert [piece.text for piece in read(parcels.parcel(text, files={"关.html": "<p>x</p>"})).pieces] == ["x"]
    text = parcels.manifest(tree=tree, resources={"R": ("webcontent", "%FF.html")})
    assert left(read(parcels.parcel(text, files={"关.html": "<p>x</p>"}))) == [("T", "missing", "")]


def test_a_broken_calendar_is_left_out_alone():
    assert ("course_settings/events.xml", "broken") in [
        (element, reason) for element, reason, _ in left(read(**{"course_settings/events.xml": "<events"}))
    ]
    many = "<events>" + "<event><title>A</title></event>" * 1600 + "</events>"
    assert ("A", "many", "") in left(read(**{"course_settings/events.xml": many}))


def test_what_stands_in_no_module_is_taken_where_it_is_something_to_do():
    course = read(parcels.parcel(parcels.manifest(tree="")))

    assert {piece.kind for piece in course.pieces} == {"link", "talk", "quiz", "ours", "event"}
    assert ("wiki_content/duty.html", "unplaced", "") in left(course)
    assert ("web_resources/slides.pdf", "file", "") in left(course)


def test_more_than_can_be_taught_is_left_out_and_counted():
    tree = "".join(f'<item identifier="i{n}" identifierref="R_web"><title>{n}</title></item>' for n in range(1600))
    course = read(parcels.parcel(parcels.manifest(tree=tree)))

    assert sum(one.reason == "many" for one in course.left) >= 100
    deep = "<item><title>d</title>" * 30 + '<item identifierref="R_web"><title>x</title></item>' + "</item>" * 30
    assert "many" in {one.reason for one in read(parcels.parcel(parcels.manifest(tree=deep))).left}


def packed(files: Mapping[str, bytes], mode: int = 0o644) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, mode << 16
            made.writestr(info, content)
    return target.getvalue()


SOUND = parcels.manifest().encode()
BOMB = {f"{n}.html": b"0" * 900_000 for n in range(99)}
ENTITY = b'<!DOCTYPE a [<!ENTITY b "c">]><manifest/>'
DEEP = b"<a>" * 200 + b"</a>" * 200
TWICE = parcels.manifest().replace('identifier="R_web"', 'identifier="R_page"').encode()
OUT = parcels.manifest().replace('href="web/link.xml"', 'href="../../etc/passwd"').encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (packed({"imsmanifest.xml": SOUND, "../x.html": b""}), "'../x.html' leads out of the package"),
        (packed({"imsmanifest.xml": SOUND, "/etc/passwd": b""}), "leads out of the package"),
        (packed({"imsmanifest.xml": SOUND, "a.html": b"x"}, 0o120777), "is a link to another file"),
        (packed({"imsmanifest.xml": SOUND, "a.html": b"0" * 5_000_000}), "'a.html' unpacks to more than"),
        (packed({"imsmanifest.xml": SOUND, **BOMB}), "unpacks to more than"),
        (packed({f"{n}.txt": b"" for n in range(10_001)}), "a package may hold 10000"),
        (packed({"course/imsmanifest.xml": SOUND}), "pack what is in that folder, without the folder"),
        (packed({"inner.imscc": packed({"imsmanifest.xml": SOUND})}), "it holds the package 'inner.imscc'"),
        (packed({"moodle_backup.xml": b"<a/>"}), "choose the format IMS Common Cartridge 1.1"),
        (packed({"imsmanifest.xml": ENTITY}), "imsmanifest.xml: line 1: it has a document type"),
        (packed({"imsmanifest.xml": DEEP}), "elements lie deeper than 100"),
        (packed({"imsmanifest.xml": SOUND.decode().encode("utf-16")[:-1]}), "imsmanifest.xml: line"),
        (packed({"imsmanifest.xml": b'<?xml version="1.0" encoding="latin-99"?><a/>'}), "encoding that is not known"),
        (packed({"imsmanifest.xml": TWICE}), "line 7: the identifier 'R_page' is taken by line 6"),
        (packed({"imsmanifest.xml": OUT}), "line 7: the path '../../etc/passwd' leads out"),
        (packed({"imsmanifest.xml": parcels.manifest("2.0").encode()}), "the version is '2.0'; 1.0 to 1.3 can be read"),
        (packed({"imsmanifest.xml": parcels.manifest(schema="ADL SCORM").encode()}), "the schema is 'ADL SCORM'"),
        (packed({"imsmanifest.xml": b"<html/>"}), "<html> names no schema"),
        (packed({"imsmanifest.xml": parcels.manifest(resources={}).encode()}), "it lists no resource"),
        (packed({"imsmanifest.xml": parcels.manifest(more="<authorizations/>").encode()}), "protects it"),
        (b"PK\x03\x04" + b"x" * 50, "no whole zip file"),
        (b"", "neither a zip nor XML"),
    ],
)  # fmt: skip
def test_a_package_that_is_not_honest_is_refused_as_a_whole_with_its_place(data: bytes, said: str):
    assert said in refused(data)


def test_a_film_in_it_is_never_unpacked():
    film = packed({"imsmanifest.xml": SOUND, "a.mp4": b"0" * 9_000_000})

    assert read(film).title == "Trade law"


def test_a_course_of_ours_comes_in_again_as_it_went_out():
    cbec = catalogs.load("cbec")
    for profile, language in (("1.1", "en"), ("1.3", "zh")):
        parts = syllabus.course(cbec, "etiquette", language, lessons=lessons.load())
        data = cartridge.write("T", "A", parts, launch=parcels.LAUNCH, language=language, profile=profile)
        course = read(data)
        plain = [
            (part.title, [inner.title for inner in part.inside if isinstance(inner, cartridge.Part)]) for part in parts
        ]

        assert course.language == language
        assert course.left == ()
        back = [(chapter.title, [one.title for one in chapter.sections if one.title]) for chapter in course.chapters]
        assert len(back) == len(plain)
        if profile == "1.3":
            assert back == plain
        customs = [dict(one.custom) for part in parts for one in _links(part) if one.custom is not None]
        assert [dict(piece.custom) for piece in course.pieces if piece.kind == "ours"] == customs
        urls = [one.url for part in parts for one in _links(part) if one.custom is None]
        assert [piece.url for piece in course.pieces if piece.kind == "link"] == urls


def _links(part: cartridge.Part | cartridge.Link) -> list[cartridge.Link]:
    if isinstance(part, cartridge.Link):
        return [part]
    return [link for inner in part.inside for link in _links(inner)]


SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_whatever_is_changed_in_a_package_nothing_but_our_own_refusal_comes_of_it(seed: int):
    """Files of a real-looking package are cut, doubled, spliced and overwritten, before and after they are packed."""
    rng = random.Random(seed)
    files = {name: one.encode() for name, one in {"imsmanifest.xml": parcels.manifest(), **parcels.FILES}.items()}
    for _ in range(rng.randint(1, 4)):
        name = rng.choice(list(files))
        files[name] = _mutated(files[name], rng, list(files.values()))
    if rng.random() < 0.2:
        del files[rng.choice(list(files))]
    data = archive.pack(files) if files else b""
    if rng.random() < 0.3:
        data = _mutated(data, rng, [data])
    try:
        course = read(data)
    except errors.ExchangeRefused:
        return
    assert all(one.reason in cartridge_reader.REASONS for one in course.left)
    assert all(len(piece.text) <= cartridge_reader.LONGEST_TEXT for piece in course.pieces)


def _mutated(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    if not data:
        return bytes(rng.randrange(256) for _ in range(10))
    at, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    other, tokens = rng.choice(others), data.split(b"<")
    rng.shuffle(tokens)
    return rng.choice(
        (
            data[:at] + data[end:],
            data[:end] + data[at:end] * rng.choice((1, 3)) + data[end:],
            data[:at] + other[: rng.randrange(len(other) + 1)] + data[at:],
            data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
            data.replace(rng.choice(WORDS), rng.choice(WORDS)),
            b"<".join(tokens),
        )
    )


WORDS = (
    *(
        b"item",
        b"identifierref",
        b"title",
        b"resource",
        b"href",
        b"response_lid",
        b"mattext",
        b"utf-8",
        b"UTF-8",
        b"gbk",
    ),
    *(b"imswl", b"imsdt", b"webcontent", b"text/html", b"varequal", b"ident", b"", b"\x00", b"<![", b"]]>", b"&#x0;"),
    *("税".encode(), b"..", b"%2e%2e/", b"https://", b"1.1.0", b"</", b"<!--"),
)
