"""Items that go out: conditions that name the cause, and nothing that gives an answer away."""

from __future__ import annotations

from curriculum.exchange import item_writer, markup

WHY = {"cause": "m.x", "why": {"en": "No.", "zh": "不。"}}
HEAD = {
    "id": "cus.duty.1",
    "ask": {"en": "Which?", "zh": "哪个？"},
    "explanation": {"en": "So.", "zh": "是。"},
}
NAMES = {"m.x": {"en": "Mixes up", "zh": "混淆"}}


def words(text):
    return {"en": text, "zh": text}


def written(question, language="en"):
    return markup.parse(markup.write(item_writer.item({**HEAD, **question}, language, NAMES, " A\ttitle ")), "x")


def test_an_item_says_its_language_and_title():
    root = written({"form": "text", "accept": ["A"]}, "zh")

    assert (root.get("identifier"), root.get("xml:lang"), root.get("title")) == ("cus.duty.1.zh", "zh-CN", "A title")
    assert root.first("qti-content-body").elements[0].children == ("是。",)


def test_a_wrong_answer_sets_its_cause_and_shows_why():
    wrong = {"accept": ["B", "C"], **WHY}
    root = written({"form": "text", "accept": ["A"], "wrong": [wrong, {"accept": ["D"], **WHY, "cause": "unknown"}]})
    conditions = list(root.every("qti-response-condition"))

    assert [node.first("qti-or") is not None for node in conditions] == [False, True, False]
    assert [one.get("identifier") for one in conditions[1].every("qti-set-outcome-value")] == ["FEEDBACK", "CAUSE"]
    assert [one.get("identifier") for one in conditions[2].every("qti-set-outcome-value")] == ["FEEDBACK"]
    assert [node.get("title") for node in root.every("qti-modal-feedback")] == ["Mixes up", "", ""]


def test_the_right_column_of_a_match_is_not_in_the_order_of_the_answers():
    pairs = [{"left": words(left), "right": words(right)} for left, right in ("1c", "2a", "3b")]
    root = written({"form": "match", "pairs": pairs})
    sets = list(root.every("qti-simple-match-set"))

    assert [node.get("identifier") for node in sets[0].elements] == ["L1", "L2", "L3"]
    assert [node.get("identifier") for node in sets[1].elements] == ["R2", "R3", "R1"]


def test_one_or_any_number_of_options_may_be_chosen():
    options = [{"text": words("A"), "right": True}, {"text": words("B"), **WHY}]
    most = [
        written({"form": form, "options": options}).first("qti-choice-interaction").get("max-choices")
        for form in ("choice", "several")
    ]

    assert most == ["1", "0"]


def test_a_figure_is_right_within_its_tolerance():
    question = {
        "form": "number",
        "unit": words("单"),
        "tolerance": 0.01,
        "right": "2.50",
        "wrong": [],
        "working": ["1"],
    }
    root = written(question)
    equal = root.first("qti-equal")

    assert (equal.get("tolerance-mode"), equal.get("tolerance")) == ("absolute", "0.01 0.01")
    assert root.first("span").children == ("单",)
