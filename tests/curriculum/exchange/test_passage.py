"""Flow content as plain text, and back."""

from __future__ import annotations

import pytest

from curriculum.exchange import markup, passage
from curriculum.exchange.markup import element


def text(inside, gaps=()):
    return passage.text(markup.parse(f"<a>{inside}</a>".encode(), "x"), gaps)


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("one\n  two", "one two"),
        ("<p>one</p> <p> two <em>and</em> three</p>", "one\ntwo and three"),
        ("a<br/>b", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\nc"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td/></tr></table>", "a | b\nc"),
        ("a<qti-feedback-inline>no</qti-feedback-inline>b", "ab"),
        ("a \N{NO-BREAK SPACE}b", "a \N{NO-BREAK SPACE}b"),
        ("  ", ""),
    ],
)
def test_blocks_become_lines_and_cells_are_parted(inside, said):
    assert text(inside) == said


def test_a_gap_is_left_where_an_element_stands():
    assert text("<p>It is <x/>.</p>", ("x",)) == "It is ____."


def test_lines_become_paragraphs():
    assert [node.children for node in passage.paragraphs("a\n\n b ")] == [("a",), (" b ",)]
    assert passage.paragraphs("a", "basis")[0].attributes == {"class": "basis"}
    assert passage.inline("a") == ("a",)
    assert [node.name for node in passage.inline("a\nb")] == ["p", "p"]


def test_what_plain_text_cannot_say_is_named_at_any_depth():
    root = element("a", {}, element("p", {}, element("img")), element("x", {}, element("img")), element("span"))

    assert [line.split(" cannot")[0] for line in passage.strangers(root, frozenset({"x"}))] == ["line 0: <img>"]
