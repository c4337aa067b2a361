"""What can be handed in: texts without danger, links of https alone, files that are what their bytes say."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool import enclosures
from lti_tool.enclosures import Enclosure, Span
from tests.lti_tool.working import pdf, png


def codes(text: str = "", links: str = "", part: str = "", content: bytes = b"") -> list[str]:
    return [one.code for one in enclosures.read(text, links, part, content)[1]]


def clean(content: bytes) -> Enclosure:
    found, problems = enclosures.read("", "", "", content)
    assert problems == []
    return found


def test_a_text_is_paragraphs_lists_and_headings() -> None:
    found = enclosures.blocks("# Plan *a*\nWe ship\nsoon.\n- one\n* two\n\n  \nEnd")

    assert [(one.kind, ["".join(span.text for span in line) for line in one.lines]) for one in found] == [
        ("h", ["Plan *a*"]),
        ("p", ["We ship", "soon."]),
        ("ul", ["one", "two"]),
        ("p", ["End"]),
    ]


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        (
            "see https://a.example/b?c=1, please",
            [Span("see "), Span("https://a.example/b?c=1", "https://a.example/b?c=1"), Span(", please")],
        ),
        ("http://a.example and javascript:alert(1)", [Span("http://a.example and javascript:alert(1)")]),
        ("[x](javascript:alert(1)) <a href=x>", [Span("[x](javascript:alert(1)) <a href=x>")]),
        ("https://me:secret@a.example/", [Span("https://me:secret@a.example/")]),
        ("a **b c** d ** e **", [Span("a "), Span("b c", strong=True), Span(" d ** e **")]),
        ("(https://a.example)", [Span("("), Span("https://a.example", "https://a.example"), Span(")")]),
    ],
)
def test_only_an_address_with_https_leads_anywhere(line: str, spans: list[Span]) -> None:
    assert list(enclosures.blocks(line)[0].lines[0]) == spans


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_whatever_is_typed_every_letter_is_shown_and_every_address_is_one(text: str) -> None:
    found, _ = enclosures.read(text, "", "", b"")
    spans = [span for block in enclosures.blocks(found.text) for line in block.lines for span in line]

    assert all(enclosures.is_link(span.url) for span in spans if span.url)
    assert all(span.text == span.url for span in spans if span.url)
    assert not any(letter in found.text for letter in "\x00\x1b\u202e\u2066\u200b")


@pytest.mark.parametrize(
    "text",
    [
        "http://a.example",
        "https://",
        "https://a",
        "https://localhost",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://a.example:8080/",
        "https://a.example:x/",
        "https://me@a.example",
        "https://a.example/\u202e",
        "https://a.example/ b",
        'https://a.example/"x',
        "https://a.example/<x",
        "https://а.example",
        "https://a..example",
        "https://-a.example",
        "ftp://a.example",
        "data:text/html,x",
        "https://a.example/" + "x" * 500,
        "https://[a.example",
    ],
)
def test_what_is_no_safe_address_is_no_link(text: str) -> None:
    assert not enclosures.is_link(text)


def test_what_cannot_be_handed_in_is_named() -> None:
    assert codes() == ["nothing"]
    assert codes(" \n ") == ["nothing"]
    assert codes("x" * 20_001) == ["text"]
    assert codes("x", part="y" * 1_001) == ["part"]
    assert codes("x", links="\n".join(["https://a.example"] * 11)) == ["links"]
    assert codes("x", links="https://a.example\nno\n\nhttps://b.example\nhttp://c") == ["link", "link"]
    assert codes("x", content=b"x" * (2 * 1024 * 1024 + 1)) == ["large"]


def test_what_is_kept_of_the_words_comes_back() -> None:
    given_, _ = enclosures.read("Größe 大小\r\nx", "https://a.example", "mine", png())
    parts = enclosures.parts(given_)

    assert sorted(parts) == ["file", "words"]
    assert enclosures.of_words(parts["words"], "png") == Enclosure(
        "Größe 大小\nx", ("https://a.example",), "mine", "png"
    )
    assert sorted(enclosures.parts(Enclosure("x"))) == ["words"]


# Pictures


def test_a_picture_keeps_what_draws_it_and_nothing_else() -> None:
    found = clean(png(text=b"Ada") + b"trailing bytes")

    assert found.kind == "png"
    assert found.content == png()


@pytest.mark.parametrize(
    "content",
    [
        png()[:-6],
        png()[:20],
        png().replace(b"IHDR", b"iHDR", 1),
        png()[:60] + b"x" + png()[61:] if len(png()) > 61 else b"",
        png(wide=100_000, high=100_000),
        png(wide=0),
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**31) + b"IHDR",
    ],
)
def test_a_picture_that_is_damaged_or_enormous_is_refused(content: bytes) -> None:
    assert codes(content=content) == ["png"]


def test_a_picture_that_does_not_begin_with_its_head_is_refused() -> None:
    body = png()
    head = body[8:33]

    assert codes(content=body[:8] + body[33:] + head) == ["png"]


# PDF


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        (b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>", "pdf_acts"),
        (b"/S /Launch /F (x.exe)", "pdf_acts"),
        (b"/Names << /EmbeddedFiles 2 0 R >>", "pdf_acts"),
        (b"/S /#4Aava#53cript", "pdf_acts"),
        (b"/AcroForm << /XFA 3 0 R >>", "pdf_acts"),
        (b"/Encrypt 4 0 R", "pdf_locked"),
        (
            b"<< /Type /ObjStm /Filter /FlateDecode >> stream\n"
            + zlib.compress(b"1 0 << /S /JavaScript >>")
            + b"\nendstream",
            "pdf_acts",
        ),
    ],
)
def test_a_pdf_that_does_more_than_be_read_is_refused(inside: bytes, code: str) -> None:
    assert codes(content=pdf(inside)) == [code]


def test_a_pdf_of_endless_packed_streams_is_refused_at_once() -> None:
    assert codes(content=pdf(b"/ObjStm stream\n" * 501)) == ["pdf_acts"]


def test_a_pdf_without_its_end_is_refused() -> None:
    assert codes(content=pdf(end=b"")) == ["pdf"]


@pytest.mark.parametrize(
    "inside",
    [
        b"/JSP (a word of its own)",
        b"/Type /ObjStm stream\nnot packed at all",
        b"<< /Type /ObjStm >> stream\n" + zlib.compress(b"0" * 9_000_000)[:2000] + b"\nendstream",
    ],
)
def test_a_pdf_that_can_be_read_is_taken(inside: bytes) -> None:
    assert clean(pdf(inside)).kind == "pdf"


@pytest.mark.parametrize(
    "inside",
    [
        b"/Author (Ada \\(A.\\) L.)",
        b"/Author <FEFF004100640061>",
        b"/Creator (Word of Ada)",
        b"<dc:creator><rdf:Seq><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator>",
        b'<pdf:Author x="1">Ada</pdf:Author>',
    ],
)
def test_a_pdf_says_no_more_who_made_it_and_is_as_long_as_before(inside: bytes) -> None:
    found = clean(pdf(inside))

    assert b"Ada" not in found.content
    assert b"0041" not in found.content
    assert len(found.content) == len(pdf(inside))


# Tables


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        (b"\xef\xbb\xbfa;b\r\n1;2\r\n", [["a", "b"], ["1", "2"]]),
        ("商品\t价格\n灯\t3\n".encode("gb18030"), [["商品", "价格"], ["灯", "3"]]),
        (b'a,b\n"x,y",2\n\n', [["a", "b"], ["x,y", "2"]]),
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(content: bytes, rows: list[list[str]]) -> None:
    found = clean(content)

    assert found.kind == "csv"
    assert enclosures.table(found.content) == rows


def test_of_a_long_or_wide_table_a_page_shows_the_beginning() -> None:
    found = clean(b"\n".join([b",".join([b"x"] * 60)] * 60))

    assert [len(row) for row in enclosures.table(found.content)] == [40] * 20


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02",
        b"no table",
        b"one,line",
        b"MZ\x90\x00,\x01",
        b"\xff\xfe\x00a",
        b"a,b\n\x1b[31m,2\n",
        b"a,b\n" + b'"' + b"x" * 200_000 + b'",1',
    ],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    assert codes(content=content) == ["kind"]


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+49 30", "+49 30"),
        ("-3.5", "-3.5"),
        ("-2+3", "'-2+3"),
        ("-12,5 %", "-12,5 %"),
        ("+cmd|x", "'+cmd|x"),
        (" =x", "' =x"),
        ("text", "text"),
        ("3-4", "3-4"),
    ],
)
def test_a_cell_that_begins_a_formula_is_saved_as_text(cell: str, safe: str) -> None:
    quoted = f'"{cell}"'.encode()
    saved = enclosures.harmless(quoted).decode().strip().strip('"')

    assert saved == safe
