"""XML without entities or document types, with lines; written escaped."""

from __future__ import annotations

import pytest

from curriculum import errors
from curriculum.exchange import markup
from curriculum.exchange.markup import element


def refused(data):
    with pytest.raises(errors.ExchangeRefused) as caught:
        markup.parse(data, "x.xml")
    return str(caught.value)


def test_elements_have_names_namespaces_attributes_and_lines():
    root = markup.parse(b'<a xmlns="urn:a" xmlns:b="urn:b"\n x=" 1 " b:y="2" xml:lang="zh">t<b:c/>\n<d>u</d></a>', "x")

    assert (root.name, root.namespace, root.line) == ("a", "urn:a", 1)
    assert (root.get("x"), root.get("{urn:b}y"), root.get("xml:lang"), root.get("z", "-")) == ("1", "2", "zh", "-")
    assert [(node.name, node.namespace, node.line) for node in root.elements] == [("c", "urn:b", 2), ("d", "urn:a", 3)]
    assert root.children[0] == "t"


def test_elements_below_are_found_at_any_depth():
    root = markup.parse(b"<a><b><c/></b><c/><d/></a>", "x")

    assert [node.name for node in root.every("c", "d")] == ["c", "c", "d"]
    assert (root.first("d"), root.first("e")) == (root.elements[2], None)


def test_what_is_written_is_read_again():
    tree = element(
        "a", {"x": "<\"'&>\n"}, element("b", {}, "1 < 2 & 3"), element("c"), element("d", {}, "t", element("e"))
    )
    text = markup.write(tree)
    root = markup.parse(text, "x")

    assert text.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<a x=')
    assert root.attributes["x"] == "<\"'&>\n"
    assert [node.name for node in root.elements] == ["b", "c", "d"]
    assert root.elements[0].children == ("1 < 2 & 3",)
    assert root.elements[2].children[0] == "t"


def test_letters_that_xml_does_not_have_are_left_out():
    assert markup.write(element("a", {"x": "\x00b"}, "c\x1b")).endswith(b'<a x="b">c</a>\n')


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<!DOCTYPE a><a/>",
        "<!DOCTYPE a><a/>".encode("utf-16"),
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded(data):
    assert "line 1: it has a document type" in refused(data)


def test_an_entity_that_nobody_declared_is_refused():
    assert "x.xml: line 2: not well-formed XML: undefined entity" in refused(b"<a>\n&nbsp;</a>")


@pytest.mark.parametrize("encoding", ["UT4-8", "euc-jp"])
def test_an_encoding_that_is_not_known_is_refused(encoding):
    problem = refused(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode())

    assert (
        problem
        == "x.xml: line 1: it has an encoding that is not known, or not the one that it names; write it in UTF-8"
    )


@pytest.mark.parametrize("encoding", ["GBK", "gb18030", "big5"])
def test_chinese_encodings_are_read(encoding):
    root = markup.parse(f'<?xml version="1.0" encoding="{encoding}"?>\n<a x="中">文</a>'.encode(encoding), "x")

    assert (root.get("x"), root.children, root.line) == ("中", ("文",), 2)


def test_letters_that_an_encoding_does_not_have_are_refused():
    assert "an encoding that is not known" in refused(b'<?xml version="1.0" encoding="gbk"?><a>\xff\xff</a>')


def test_a_document_type_in_a_chinese_encoding_is_refused():
    assert "document type" in refused('<?xml version="1.0" encoding="gbk"?><!DOCTYPE a><a>中</a>'.encode("gbk"))


def test_depth_and_size_are_bounded():
    deep = b"<a>" * markup.DEEPEST + b"</a>" * markup.DEEPEST

    assert markup.parse(deep, "x").name == "a"
    assert "elements lie deeper than 100" in refused(b"<a>" + deep + b"</a>")
    assert "one file may have 4194304" in refused(b" " * (markup.LARGEST + 1))
