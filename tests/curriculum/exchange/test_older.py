"""Items of QTI 2 in the words of QTI 3.0."""

from __future__ import annotations

import pytest

from curriculum.exchange import archive, item_reader, manifest, markup, older, qti

ITEM = """<assessmentItem xmlns="{space}" identifier="q" title="t" adaptive="false" timeDependent="false" xml:lang="en">
<responseDeclaration identifier="R" cardinality="{cardinality}" baseType="{base}"><correctResponse>{right}
</correctResponse></responseDeclaration>
<itemBody>{body}</itemBody>
<responseProcessing><responseCondition><responseIf>
<{test}><variable identifier="R"/><baseValue baseType="{base}">{wrong}</baseValue></{test}>
<setOutcomeValue identifier="F"><baseValue baseType="identifier">w</baseValue></setOutcomeValue>
</responseIf></responseCondition></responseProcessing>
<modalFeedback outcomeIdentifier="F" identifier="w" showHide="show">Not so.</modalFeedback></assessmentItem>"""
CHOICE = """<choiceInteraction responseIdentifier="R" shuffle="true" maxChoices="1"><prompt>Which?</prompt>
<simpleChoice identifier="A">a</simpleChoice><simpleChoice identifier="B">b</simpleChoice>
<simpleChoice identifier="C">c</simpleChoice></choiceInteraction>"""
ENTRY = '<p>How much? <textEntryInteraction responseIdentifier="R" expectedLength="5"/></p>'
MATCH = """<matchInteraction responseIdentifier="R" shuffle="true" maxAssociations="2"><prompt>Join.</prompt>
<simpleMatchSet>
<simpleAssociableChoice identifier="a" matchMax="1">1</simpleAssociableChoice>
<simpleAssociableChoice identifier="b" matchMax="1">2</simpleAssociableChoice></simpleMatchSet><simpleMatchSet>
<simpleAssociableChoice identifier="x" matchMax="1">3</simpleAssociableChoice>
<simpleAssociableChoice identifier="y" matchMax="1">4</simpleAssociableChoice></simpleMatchSet></matchInteraction>"""


def item(body=CHOICE, right="A", wrong="B", **changes):
    values = "".join(f"<value>{value}</value>" for value in right.split(","))
    told = {"test": "match", "cardinality": "single", "base": "identifier", "space": older.SPACES[1], **changes}
    return ITEM.format(body=body, right=values, wrong=wrong, **told).encode()


def read(data):
    return item_reader.read(markup.parse(data, "x.xml"), "x.xml").question


@pytest.mark.parametrize("space", older.SPACES)
def test_a_choice_of_any_2_is_read_with_its_feedback(space):
    found = read(item(space=space))

    assert (found["form"], found["ask"]) == ("choice", {"en": "Which?"})
    assert found["options"][:2] == [
        {"text": {"en": "a"}, "right": True},
        {"text": {"en": "b"}, "cause": "unknown", "why": {"en": "Not so."}},
    ]


def test_a_figure_of_2_is_a_number():
    found = read(item(ENTRY, "12.5", "13", test="equal", base="float"))

    assert (found["form"], found["right"], found["wrong"][0]["value"]) == ("number", "12.5", "13")
    assert found["ask"] == {"en": "How much? ____"}


def test_a_match_of_2_has_its_mixups():
    found = read(item(MATCH, "a x,b y", "a y", test="member", cardinality="multiple", base="directedPair"))

    assert [one["right"]["en"] for one in found["pairs"]] == ["3", "4"]
    assert found["mixups"] == [{"left": 0, "right": 1, "cause": "unknown", "why": {"en": "Not so."}}]


def test_names_of_html_and_of_other_spaces_stay():
    root = markup.parse(
        b'<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1"><itemBody><p class="A"/>'
        b'<m:mRow xmlns:m="urn:m" m:aB="1"/></itemBody></assessmentItem>',
        "x",
    )
    body = older.renewed(root).elements[0]

    assert [(node.name, dict(node.attributes)) for node in body.elements] == [
        ("p", {"class": "A"}),
        ("mRow", {"{urn:m}aB": "1"}),
    ]
    assert body.line == 1


def test_only_an_item_is_older():
    assert not older.is_older(markup.parse(b'<assessmentItem xmlns="urn:x"/>', "x"))
    assert not older.is_older(markup.parse(b'<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1"/>', "x"))


def test_a_package_of_2_is_taken_in():
    resource = '<resource type="imsqti_item_xmlv2p1" href="q.xml"><file href="q.xml"/></resource>'
    listed = f"<manifest><resources>{resource}</resources></manifest>".encode()
    taken = qti.read(archive.pack({manifest.FILE: listed, "q.xml": item()}), "x.zip", skill="cus.duty")

    assert [question["id"] for question in taken.document["questions"]] == ["cus.duty.q"]
