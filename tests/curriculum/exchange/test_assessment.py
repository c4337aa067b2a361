"""Items of QTI 1.2: each form, and each reason to leave one out."""

from __future__ import annotations

import pytest

from curriculum.exchange import assessment, markup
from tests.curriculum.exchange import parcels

SPACE = 'xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"'
LABEL = '<response_label ident="{0}"><material><mattext>{0}</mattext></material></response_label>'
RIGHT = (
    '<respcondition><conditionvar><varequal respident="r">{}</varequal></conditionvar>'
    "<setvar>{}</setvar></respcondition>"
)


def lid(*labels: str, kind: str = "Single") -> str:
    inside = "".join(LABEL.format(one) for one in labels)
    return f'<response_lid ident="r" rcardinality="{kind}"><render_choice>{inside}</render_choice></response_lid>'


def item(presentation: str, rules: str = "", more: str = "", ident: str = "i") -> str:
    asked = f"<presentation>{presentation}</presentation>" if presentation else ""
    return f'<item ident="{ident}">{more}{asked}<resprocessing>{rules}</resprocessing></item>'


ASK = "<material><mattext>Which?</mattext></material>"


def read(*items: str) -> tuple[list[assessment.Asked], list[str]]:
    text = f"<questestinterop {SPACE}><objectbank ident='b'>{''.join(items)}</objectbank></questestinterop>"
    _, asked, unread = assessment.read(markup.parse(text.encode(), "x"), "zh")
    return asked, [one.reason for one in unread]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (item(""), "strange"),
        (item(ASK), "strange"),
        (item(ASK + lid("a", "b") * 2), "strange"),
        (item(ASK + "<response_xy ident='r'/>"), "strange"),
        (item(ASK + lid()), "strange"),
        (item(lid("a", "b")), "unasked"),
        (item("<material><matimage/><mattext>x</mattext></material>" + lid("a", "b")), "lost"),
        (item('<material><mattext texttype="text/html">&lt;img&gt;x</mattext></material>' + lid("a", "b")), "lost"),
        (item(f"<material><mattext>{'x' * 4001}</mattext></material>" + lid("a", "b")), "long"),
        (item(ASK + lid(*map(str, range(13))), RIGHT.format("1", "100")), "many"),
        (item(ASK + lid("a", "a"), RIGHT.format("a", "100")), "twice"),
        (item(ASK + lid("a", ""), RIGHT.format("a", "100")), "twice"),
        (item(ASK + lid("a", "b")), "no_key"),
        (item(ASK + lid("a", "b"), RIGHT.format("a", "0")), "no_key"),
        (item(ASK + lid("a", "b"), RIGHT.format("a", "1") + RIGHT.format("b", "1")), "no_key"),
        (item(ASK + '<response_str ident="r"><render_fib/></response_str>'), "no_key"),
        (item(ASK + '<response_str ident="r"/>', RIGHT.format("a", "1")), "strange"),
    ],
)
def test_an_item_that_cannot_be_asked_is_left_out_with_its_reason(text: str, reason: str) -> None:
    assert read(text) == ([], [reason])


@pytest.mark.parametrize(("profile", "reason"), [("cc.essay.v0p1", "essay"), ("cc.pattern_match.v0p2", "pattern")])
def test_what_a_person_or_a_pattern_decides_is_left_out(profile: str, reason: str) -> None:
    field = (
        f"<qtimetadatafield><fieldlabel>cc_profile</fieldlabel><fieldentry>{profile}</fieldentry></qtimetadatafield>"
    )
    other = "<qtimetadatafield><fieldlabel>x</fieldlabel></qtimetadatafield>"

    assert read(item(ASK + lid("a", "b"), RIGHT.format("a", "1"), other + field))[1] == [reason]


def test_an_option_with_a_picture_leaves_its_item_out() -> None:
    shown = ASK + lid("a", "b").replace("<mattext>b</mattext>", "<matimage/>")

    assert read(item(shown, RIGHT.format("a", "1")))[1] == ["lost"]


def test_several_answers_without_those_of_a_negation() -> None:
    both = "<and><varequal>a</varequal><varequal>b</varequal><not><varequal>c</varequal></not></and>"
    rule = f"<respcondition><conditionvar>{both}</conditionvar><setvar>100</setvar></respcondition>"
    ((one,), _) = read(item(ASK + lid("a", "b", "c", kind="Multiple"), rule))

    assert one.question["form"] == "several"
    assert [option.get("right", False) for option in one.question["options"]] == [True, True, False]
    assert one.question["ask"] == {"zh": "Which?"}


def test_braces_and_tags_in_plain_text_are_what_they_are() -> None:
    shown = "<material><mattext>Is {a} &lt; b?\nSay</mattext></material>" + lid("a", "b")
    ((one,), _) = read(item(shown, RIGHT.format("a", "1")))

    assert one.question["ask"]["zh"] == "Is {{a}} < b?\nSay"


def test_an_identifier_that_stands_twice_and_items_beyond_the_most_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assessment, "MOST_ITEMS", 2)
    sound = [item(ASK + lid("a", "b"), RIGHT.format("a", "1"), ident=name) for name in ("1", "1", "2")]
    asked, reasons = read(*sound)

    assert [one.identifier for one in asked] == ["1"]
    assert reasons == ["twice", "beyond"]


def test_the_title_and_what_is_said_to_every_answer_are_read() -> None:
    title, asked, unread = assessment.read(markup.parse(parcels.QUIZ.encode(), "x"), "en")

    assert (title, [one.identifier for one in asked], [one.reason for one in unread]) == (
        "Check on duty", ["i1", "i3", "i4"], ["essay"],
    )  # fmt: skip
    assert assessment.read(markup.parse(b"<questestinterop/>", "x"), "en") == ("", [], [])
    general = '<itemfeedback ident="general_fb"><material><mattext>So.</mattext></material></itemfeedback>'
    ((one,), _) = read(item(ASK + lid("a", "b"), RIGHT.format("a", "1"), general))
    assert one.question["explanation"] == {"zh": "So."}
