"""A page of HTML as plain text: what is read, what is lost, and that no page takes more than its length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.exchange import hypertext


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain\ntext", "plain text"),
        ("<p>a</p><p>b<br>c</p>", "a\nb\nc"),
        ("<ul><li>a<li>b</ul>c", "• a\n• b\nc"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("a &amp; b &lt; c &#169; &#99999999999; &nope;", "a & b < c © &nope;"),
        ("a < b and 1<2", "a < b and 1<2"),
        ("a<!-- <p>no</p> -->b<!doctype x>c<?php x ?>d", "abcd"),
        ("<!-- open <p>no", ""),
        ("<script>if (a < b) x('</p>')</script>y", "y"),
        ("<style>p{}</style><textarea>t</textarea>y", "y"),
        ("<script>never closed", ""),
        ("<select><option>a</select>y", "y"),
        ("<svg><svg>x</svg>x</svg>y<svg/>z", "yz"),
        ("<head><meta charset=utf-8><body>a", "a"),
        ("<noscript>a</body>b", "b"),
        ('<img alt="A > B" src=x>c', "A > B c"),
        ('<p title="it\'s">a</p>', "a"),
        ("<b", "<b"),
        ("</>x</ p>", "x"),
        ("İ<p>x</p>İ", "İ\nx\nİ"),
    ],
)
def test_words_come_out_as_lines(markup: str, text: str) -> None:
    assert hypertext.read(markup).text == text


def test_links_keep_their_words_once_and_what_is_no_address_of_the_web_is_none() -> None:
    page = '<a href="https://a.example/?x=1&amp;y=2">One <b>two</b></a><a href=https://a.example/?x=1&y=2>again</a>'
    page += "<a href='javascript:alert(1)'>no</a><a>no</a>"

    assert hypertext.read(page).links == (("https://a.example/?x=1&y=2", "One two again"),)
    many = "".join(f'<a href="https://a.example/{number}">x</a>' for number in range(300))
    assert len(hypertext.read(many).links) == hypertext.MOST_LINKS


def test_a_title_and_what_is_lost_are_told() -> None:
    found = hypertext.read("<title>A\n b</title><title>c</title><img><iframe src=x>no</iframe><video/>ok")

    assert (found.title, found.lost, found.text) == ("A b", ("img", "iframe", "video"), "ok")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfa", "a"),
        ("税".encode("utf-16"), "税"),
        (b'<meta charset="unicode_escape">\\x41', None),
        (b"\xff", None),
    ],
)
def test_a_file_is_decoded_as_it_says_or_not_at_all(data: bytes, text: str | None) -> None:
    assert hypertext.decoded(data) == text


@given(st.text(alphabet=st.sampled_from("<>/!-&#;'\"= ab1税pimgscript\n"), max_size=300))
def test_whatever_it_is_something_comes_out(markup: str) -> None:
    found = hypertext.read(markup)

    assert "\n\n" not in found.text
    assert hypertext.read(found.text.replace("&", "&amp;").replace("<", "&lt;")).lost == ()


OPEN = ("<", "<a ", "</", "<!--", "<a b='", '<a b="c', "<![", "<?", "&#", "<script>", "<svg>", "<title>", "<a href=x")


@pytest.mark.parametrize("piece", OPEN)
def test_half_open_marks_without_end_are_gone_over_once(piece: str) -> None:
    """The parser of the standard library goes over the rest at each of them: hours, where a test has two minutes."""
    found = hypertext.read(piece * (200_000 // len(piece)))

    assert found.links == ()
