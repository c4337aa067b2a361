"""Single items of other systems: what each form becomes, and what keeps an item out."""

from __future__ import annotations

import pytest

from curriculum import errors
from curriculum.exchange import item_reader, markup
from tests.curriculum.exchange import items
from tests.curriculum.exchange.items import RIGHT, declared, feedback, item, matches, processing, when


def read(data, **options):
    return item_reader.read(markup.parse(data, "x.xml"), "x.xml", **options)


def refused(data):
    with pytest.raises(errors.ExchangeRefused) as caught:
        read(data)
    return list(caught.value.problems)


def test_feedback_by_choice_says_why_and_that_of_the_right_one_explains():
    copied = (
        '<qti-set-outcome-value identifier="FEEDBACK"><qti-variable identifier="RESPONSE"/></qti-set-outcome-value>'
    )
    found = read(
        item(after=processing(copied) + feedback("A", "<p>It is {knitted}.</p>") + feedback("B", "<p>No.</p>"))
    )

    assert found.question["explanation"] == {"en": "It is {{knitted}}."}
    assert found.question["options"][1] == {"text": {"en": "6110"}, "cause": "unknown", "why": {"en": "No."}}
    assert found.question["options"][2] == {"text": {"en": "6201"}, "cause": "unknown"}
    assert found.notes == ("1 of 2 wrong answers have no feedback; write `cause` and `why`",)


def test_feedback_inside_a_choice_is_no_part_of_its_text():
    inline = (
        '<qti-feedback-inline outcome-identifier="F" identifier="B" show-hide="show">Because.</qti-feedback-inline>'
    )
    found = read(item(items.CHOICE.replace("6110", f"6110 {inline}")))

    assert found.question["options"][1] == {"text": {"en": "6110"}, "cause": "unknown", "why": {"en": "Because."}}


def test_a_condition_names_the_cause_and_the_feedback_its_name():
    rule = when(matches("B"), ("FEEDBACK", "W1"), ("CAUSE", "m.cus.x"))
    found = read(item(after=processing(rule) + feedback("W1", "<p>No.</p>", title="Mixes up")))

    assert found.question["options"][1] == {"text": {"en": "6110"}, "cause": "m.cus.x", "why": {"en": "No."}}
    assert found.names == {"m.cus.x": "Mixes up"}


def test_a_cause_alone_is_kept():
    found = read(item(after=processing(when(matches("B"), ("CAUSE", "m.cus.x")))))

    assert found.question["options"][1] == {"text": {"en": "6110"}, "cause": "m.cus.x"}


def test_feedback_that_belongs_to_no_answer_is_left_out_and_named():
    found = read(item(after=feedback("again", "<p>Try again.</p>")))

    assert found.notes[-1] == "the feedback 'again' of line 7 belongs to no single answer and was left out"


@pytest.mark.parametrize(
    "after",
    [
        processing(when(RIGHT, ("F", "yes"))) + feedback("yes", "Right so.", "F"),
        processing(when(matches("A"), ("F", "yes"))) + feedback("yes", "Right so.", "F"),
        feedback("Correct", "Right so.", "FEEDBACKBASIC"),
        '<qti-response-processing template="https://example.org/CC2_match.xml"/>' + feedback("A", "Right so."),
        '<qti-outcome-declaration identifier="BASIC"/>'
        + processing(when(f"<qti-and>{matches('correct').replace('RESPONSE', 'BASIC')}</qti-and>", ("F", "f1")))
        + feedback("f1", "Right so.", "F"),
        processing(
            '<qti-set-outcome-value identifier="F"><qti-base-value base-type="identifier">all</qti-base-value>'
            "</qti-set-outcome-value>"
        )
        + feedback("all", "Right so.", "F"),
    ],
    ids=["correct", "value", "basic", "template", "chained", "always"],
)
def test_the_feedback_of_a_right_answer_explains_however_it_is_tied(after):
    assert read(item(after=after)).question["explanation"] == {"en": "Right so."}


def test_several_choices_say_what_leaving_one_out_means():
    choices = items.CHOICE.replace('max-choices="1"', 'max-choices="0"')
    right = "<qti-correct-response><qti-value>A</qti-value><qti-value>B</qti-value></qti-correct-response>"
    member = matches("B").replace("qti-match", "qti-member")
    left_out = when(f"<qti-not>{member}</qti-not>", ("F", "w1"))
    data = item(choices, declared(right, "multiple"), processing(left_out) + feedback("w1", "Also.", "F"))

    found = read(data).question
    assert found["form"] == "several"
    assert [one.get("right", False) for one in found["options"]] == [True, True, False]
    assert found["options"][1]["missed"] == {"cause": "unknown", "why": {"en": "Also."}}
    assert "missed" not in found["options"][0]


def test_feedback_that_is_hidden_by_a_choice_says_what_leaving_it_out_means():
    copied = '<qti-set-outcome-value identifier="F"><qti-variable identifier="RESPONSE"/></qti-set-outcome-value>'
    data = item(
        declaration=declared(items.CORRECT, "multiple"), after=processing(copied) + feedback("A", "Also.", "F", "hide")
    )

    assert read(data).question["options"][0]["missed"] == {"cause": "unknown", "why": {"en": "Also."}}


@pytest.mark.parametrize(
    ("declaration", "after"),
    [
        (declared('<qti-mapping><qti-map-entry map-key="B" mapped-value="2"/></qti-mapping>'), ""),
        (
            declared(""),
            processing(when(matches("B"), ("SCORE", "1"))),
        ),
    ],
    ids=["mapping", "condition"],
)
def test_what_gets_points_is_right_where_no_answer_is_called_so(declaration, after):
    options = read(item(declaration=declaration, after=after)).question["options"]

    assert [one.get("right", False) for one in options] == [False, True, False]


def test_a_choice_inside_the_text_leaves_a_blank():
    inside = (
        '<p>It was <qti-inline-choice-interaction response-identifier="RESPONSE">'
        '<qti-inline-choice identifier="A">in</qti-inline-choice>'
        '<qti-inline-choice identifier="B">out</qti-inline-choice></qti-inline-choice-interaction>.</p>'
    )
    found = read(item(inside)).question

    assert (found["form"], found["ask"]) == ("choice", {"en": "It was ____."})
    assert [one["text"]["en"] for one in found["options"]] == ["in", "out"]


def test_praise_for_a_choice_is_no_word_on_leaving_it_out():
    right = "<qti-correct-response><qti-value>A</qti-value><qti-value>B</qti-value></qti-correct-response>"
    member = matches("B").replace("qti-match", "qti-member")
    data = item(
        declaration=declared(right, "multiple"), after=processing(when(member, ("F", "w"))) + feedback("w", "Yes.", "F")
    )

    assert "missed" not in read(data).question["options"][1]


ENTRY = '<qti-text-entry-interaction response-identifier="RESPONSE"/>'


def test_a_text_entry_accepts_all_that_gets_points():
    mapping = (
        "<qti-correct-response><qti-value>York</qti-value></qti-correct-response><qti-mapping>"
        '<qti-map-entry map-key="York" mapped-value="1" case-sensitive="true"/>'
        '<qti-map-entry map-key="Yorke" mapped-value="0.5"/>'
        '<qti-map-entry map-key="Bath" mapped-value="0"/></qti-mapping>'
    )
    rule = processing(when(matches("Bath", "string").replace("qti-match", "qti-string-match"), ("F", "w")))
    data = item(f"<p>Sun of {ENTRY}.</p>", declared(mapping, base="string"), rule + feedback("w", "No.", "F"))
    found = read(data)

    assert found.question["accept"] == ["York", "Yorke"]
    assert found.question["ask"] == {"en": "Sun of ____."}
    assert found.question["wrong"] == [{"accept": ["Bath"], "cause": "unknown", "why": {"en": "No."}}]
    assert "capital and small letters count in it; the bank compares without them" in found.notes


def test_feedback_to_a_spelling_that_is_right_is_no_wrong_answer():
    value = "<qti-correct-response><qti-value>York</qti-value></qti-correct-response>"
    rule = processing(when(matches("York", "string"), ("F", "w")))
    found = read(item(f"<p>{ENTRY}?</p>", declared(value, base="string"), rule + feedback("w", "Yes.", "F"))).question

    assert ("wrong" in found, found["explanation"]) == (False, {"en": "Yes."})


def number(body=f"<p>How much?</p><p>{ENTRY}</p>", right="12.50", after="", base="float"):
    value = f"<qti-correct-response><qti-value>{right}</qti-value></qti-correct-response>"
    return item(body, declared(value, base=base), after)


def equal(value, **told):
    named = " ".join(f'{name.replace("_", "-")}="{text}"' for name, text in told.items())
    compared = value if value.startswith("<") else f'<qti-base-value base-type="float">{value}</qti-base-value>'
    return f'<qti-equal {named}><qti-variable identifier="RESPONSE"/>{compared}</qti-equal>'


CORRECT = '<qti-correct identifier="RESPONSE"/>'


@pytest.mark.parametrize(
    ("test", "tolerance"),
    [
        (RIGHT, 0),
        (equal(CORRECT, tolerance_mode="exact"), 0),
        (equal(CORRECT, tolerance_mode="absolute", tolerance="0.05 0.05"), 0.05),
        (equal("12.5", tolerance_mode="absolute", tolerance="0.1 0.3"), 0.1),
        (equal("12.50", tolerance_mode="relative", tolerance="2 2"), 0.25),
        (equal(CORRECT, rounding_mode="decimalPlaces", figures="1").replace("qti-equal", "qti-equal-rounded"), 0.05),
        (equal(CORRECT, rounding_mode="significantFigures", figures="3").replace("qti-equal", "qti-equal-rounded"), 0),
    ],
    ids=["match", "exact", "absolute", "sides", "relative", "rounded", "significant"],
)
def test_a_figure_keeps_the_tolerance_of_its_response_processing(test, tolerance):
    found = read(number(after=processing(when(test, ("SCORE", "1"))))).question

    assert (found["form"], found["right"], found["places"], found["unit"]) == ("number", "12.50", 2, "")
    assert found["tolerance"] == tolerance


def test_a_wrong_figure_is_a_wrong_way_to_calculate():
    rule = processing(when(equal("15", tolerance_mode="exact"), ("F", "w")))
    data = number(
        f"<p>How much?</p><p>{ENTRY} <span class='unit'>kg</span></p>", after=rule + feedback("w", "Net.", "F")
    )
    found = read(data)

    assert found.question["wrong"] == [{"value": "15", "cause": "unknown", "why": {"en": "Net."}}]
    assert (found.question["unit"], found.question["ask"]) == ("kg", {"en": "How much?"})
    assert not [note for note in found.notes if "wrong way" in note]


def test_a_whole_number_has_no_decimals_and_says_that_no_wrong_way_is_known():
    found = read(number(right="4", base="integer"))

    assert (found.question["places"], found.question["wrong"]) == (0, [])
    assert "it names no wrong way to calculate; write `wrong`, each with cause, value and why" in found.notes


SETS = "".join(
    "<qti-simple-match-set>"
    + "".join(
        f'<qti-simple-associable-choice identifier="{name}" match-max="1">{name}!</qti-simple-associable-choice>'
        for name in names
    )
    + "</qti-simple-match-set>"
    for names in ("abc", "xyz")
)


def match(*pairs, sets=SETS, after=""):
    inside = f"<qti-prompt>Join.</qti-prompt>{sets}"
    body = f'<qti-match-interaction response-identifier="RESPONSE">{inside}</qti-match-interaction>'
    right = "".join(f"<qti-value>{pair}</qti-value>" for pair in pairs)
    return item(
        body, declared(f"<qti-correct-response>{right}</qti-correct-response>", "multiple", "directedPair"), after
    )


def test_a_match_is_read_from_either_side():
    mixed = when(matches("a z", "directedPair").replace("qti-match", "qti-member"), ("F", "w"))
    found = read(match("a x", "z c", "b y", after=processing(mixed) + feedback("w", "No.", "F"))).question

    assert [(one["left"]["en"], one["right"]["en"]) for one in found["pairs"]] == [
        ("a!", "x!"),
        ("b!", "y!"),
        ("c!", "z!"),
    ]
    assert found["mixups"] == [{"left": 0, "right": 2, "cause": "unknown", "why": {"en": "No."}}]
    assert "distractors" not in found
    mixed = mixed.replace("a z", "a z2")
    more = match("a x", "b y", "c z", after=processing(mixed) + feedback("w", "No.", "F"))
    named = '<qti-simple-associable-choice identifier="{0}" match-max="1">{0}!</qti-simple-associable-choice>'
    last = named.format("z").encode()
    assert last in more
    found = read(more.replace(last, last + b"".join(named.format(one).encode() for one in ("z10", "z2")))).question
    assert [one["en"] for one in found["distractors"]] == ["z2!", "z10!"]
    assert [(one["left"], one["right"]) for one in found["mixups"]] == [(0, 3)]


def test_what_stands_around_a_prompt_is_the_story_and_rubrics_for_others_are_not():
    rubric = (
        '<qti-rubric-block use="scoring" view="scorer"><qti-content-body>Key: A</qti-content-body></qti-rubric-block>'
    )
    found = read(item(f"<div><p>A shop\n in  Leeds.</p><p>It sells.</p></div>{rubric}{items.CHOICE}")).question

    assert found["story"] == {"en": "A shop in Leeds.\nIt sells."}
    assert found["ask"] == {"en": "Which code?"}


def test_without_a_prompt_the_text_asks():
    body = items.CHOICE.replace("<qti-prompt>Which code?</qti-prompt>", "")

    assert read(item(f"<p>Which?</p>{body}")).question["ask"] == {"en": "Which?"}
    assert refused(item(body)) == ["line 2: nothing is asked; write a <qti-prompt>"]


@pytest.mark.parametrize(("tag", "language"), [("en-GB", "en"), ("zh-CN", "zh"), ("ZH", "zh")])
def test_the_language_is_that_of_the_item(tag, language):
    found = read(item(head=f'identifier="q" xml:lang="{tag}"'))

    assert (found.language, list(found.question["ask"])) == (language, [language])


def test_an_item_that_says_no_language_has_that_of_its_package():
    assert read(item(head='identifier="q"'), language="zh-CN").language == "zh"


OTHER = '<qti-order-interaction response-identifier="RESPONSE"/>'
TWICE = items.CHOICE.replace('identifier="B"', 'identifier="A"')


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (item(namespace="urn:other"), "line 1: <qti-assessment-item> of the namespace 'urn:other' is no QTI item"),
        (b"<qti-assessment-test/>", "line 1: <qti-assessment-test> of the namespace ''"),
        (item(head='xml:lang="en"'), "line 1: the item has no identifier"),
        (item(head='identifier="q" xml:lang="fr"'), "line 1: its language is 'fr'; the bank has en and zh"),
        (item(head='identifier="q" adaptive="true"'), "line 1: the item is adaptive"),
        (item().replace(b"qti-item-body", b"p"), "line 1: the item has no <qti-item-body>"),
        (item("<p>Hello</p>"), "line 2: the item asks for nothing"),
        (item(OTHER), "line 2: <qti-order-interaction> is not taken in"),
        (item(items.CHOICE + items.CHOICE), "line 7: the item asks for a second thing"),
        (item(declaration=""), "line 2: no response is declared as 'RESPONSE'"),
        (item(declaration=declared("")), "line 1: 'RESPONSE' has no right answer"),
        (item(declaration=declared(items.CORRECT.replace("A", "Z"))), "line 1: the right answer 'Z' is none of"),
        (item(declaration=declared(items.CORRECT, "ordered")), "line 1: the order of answers counts"),
        (item(TWICE), "line 5: the identifier 'A' stands twice"),
        (item(f"<p>See <img src='x.png'/></p>{items.CHOICE}"), "line 2: <img> cannot be taken in"),
        (item(items.CHOICE.replace("6109", "<math/>")), "line 4: <math> cannot be taken in"),
        (item(items.CHOICE.replace("Which code?", "<video/>")), "line 3: <video> cannot be taken in"),
        (item(after=feedback("A", "<object/>")), "line 7: <object> cannot be taken in"),
        (number(right="twelve"), "line 1: the right answer ['twelve'] is not one figure such as 12.50"),
        (number(right="1e999999"), "is not one figure such as 12.50"),
        (number(right="1</qti-value><qti-value>2"), "line 1: the right answer ['1', '2'] is not one figure"),
        (number(f"<p>{ENTRY}</p>"), "line 2: nothing is asked; write the question before the answer"),
        (item(f"<p>x</p>{ENTRY}", declared(items.CORRECT, "multiple", "string")), "a text entry has one answer"),
        (match("a x", "b y"), "line 2: 'c' belongs to no right pair"),
        (match("a x", "b x", "c z"), "the pair 'b x' is not of one left and one right that no other pair has"),
        (match("a x", "a y", "c z"), "the pair 'a y' is not of one left and one right"),
        (match("a b", "b y", "c z"), "the pair 'a b' is not of one left and one right"),
        (match("a x", sets=""), "line 2: a match has two <qti-simple-match-set>; this one has 0"),
    ],
)  # fmt: skip
def test_what_keeps_an_item_out_is_named_with_its_line(data, problem):
    assert problem in refused(data)[0]


def test_more_choices_and_conditions_than_anybody_needs_are_refused():
    many = "".join(f'<qti-simple-choice identifier="c{number}">x</qti-simple-choice>' for number in range(40))
    choices = items.CHOICE.replace("</qti-choice", f"{many}</qti-choice")

    assert refused(item(choices)) == ["line 2: it has 43 choices; at most 40 can be taken in"]
    assert "more than 1000 conditions" in refused(item(after=processing(when(matches("B"), ("F", "x")) * 1001)))[0]


def test_two_right_answers_of_which_one_may_be_given_are_refused():
    right = "<qti-correct-response><qti-value>A</qti-value><qti-value>B</qti-value></qti-correct-response>"

    assert refused(item(declaration=declared(right))) == ["line 1: 2 answers are right of which one may be given"]


def test_all_reasons_are_listed_at_once():
    found = refused(item(TWICE.replace("6201", "<img/>"), declared("")))

    assert len(found) == 3
