"""Files of news are read whole or not at all; the same piece comes in once."""

import json
from datetime import date

import pytest

from curriculum import errors, feeds

DAY = date(2026, 11, 26)
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title>
<item><title>EU duty</title><link>https://example.org/1</link><description>short</description>
<content:encoded><![CDATA[<p>From 1 July 2027<br>EUR 5 &amp; more</p><script>bad()</script>]]></content:encoded>
<pubDate>Tue, 10 Jun 2025 04:00:00 GMT</pubDate></item>
<item><title>Only a title</title></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title><link href="https://example.org/2"/>
<summary>Text</summary><updated>2026-05-06T07:08:09Z</updated></entry></feed>"""


def read(text):
    return feeds.read(text if isinstance(text, bytes) else text.encode(), DAY)


def test_rss_is_read_with_its_longest_text_without_markup():
    first, second = read(RSS)

    assert (first.title, first.source, first.told) == ("EU duty", "https://example.org/1", date(2025, 6, 10))
    assert first.text == "From 1 July 2027\nEUR 5 & more"
    assert (second.title, second.text, second.told) == ("", "Only a title", DAY)


def test_atom_is_read():
    (one,) = read(ATOM)

    assert (one.title, one.text, one.source, one.told) == ("T", "Text", "https://example.org/2", date(2026, 5, 6))


def test_csv_and_json_are_read():
    (one,) = read("\ufeffTitle,Text,URL,Date\nA,B,https://e.org,2026-01-02\n")
    assert (one.title, one.text, one.source, one.told) == ("A", "B", "https://e.org", date(2026, 1, 2))

    (other,) = read(json.dumps({"text": "B", "link": "https://e.org"}))
    assert (other.text, other.source, other.told) == ("B", "https://e.org", DAY)


def test_the_same_piece_comes_in_once():
    assert len(read(json.dumps([{"text": "a b"}, {"text": "a  b"}, {"text": "c"}]))) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<rss><item></rss>", "not well-formed"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><rss><item><title>&x;</title></item></rss>', "DOCTYPE"),
        ("<rss><channel/></rss>", "no piece of news"),
        ("<rss><item><link>x</link></item></rss>", "line 1: no text and no title"),
        ("[1]", "a list of objects"),
        ("[", "not JSON"),
        ("name,other\n1,2\n", "name the columns"),
        ("text,date\nx,soon\n", "line 2: its date cannot be read"),
        ("text\n", "no piece of news"),
        (b"text\n\xff\n", "not UTF-8"),
        (json.dumps([{"text": str(n)} for n in range(501)]), "one file may have 500"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_nothing_is_taken(text, problem):
    with pytest.raises(errors.InvalidNews, match=problem):
        read(text)
