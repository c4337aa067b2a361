"""One question in one language as a QTI 3.0 item. Floor 1.

Each wrong answer with a cause is a condition of the response processing: it adds to FEEDBACK, which shows what that
thinking misses, and to CAUSE, the misconception by its id, so that whoever reads results reads causes. QTI 3.0 ASI,
sections "Response processing" and "Modal feedback". The explanation is shown after every answer (SOLUTION).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from curriculum.bank.entry import UNKNOWN
from curriculum.exchange import passage, plain
from curriculum.exchange.markup import Node, element
from curriculum.practice.task import CHOICE, MATCH, NUMBER, SEVERAL, TEXT, Words

NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
SCHEMA = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0p1_v1p0.xsd"
LETTERS = "ABCDEFGHIJ"
RESPONSE, SCORE, FEEDBACK, CAUSE, SOLUTION = "RESPONSE", "SCORE", "FEEDBACK", "CAUSE", "SOLUTION"
SHOWN = "explanation"
TAGS = {"en": "en", "zh": "zh-CN"}

JSON = Mapping[str, Any]


@dataclass(frozen=True)
class _Wrong:
    """A condition on the response, and what is said where it holds."""

    test: Node
    told: JSON


def item(question: JSON, language: str, causes: Mapping[str, Words], title: str) -> Node:
    """Write one question.

    Args:
        question: As `plain.entry` makes it.
        language: "en" or "zh".
        causes: Names of misconceptions by id, by language.
        title: What a list of items shows.

    Returns:
        The element `qti-assessment-item`, to be written by `markup.write`.
    """
    cardinality, base, right, body, wrong = _FORMS[question["form"]](question, language)
    head = {
        "xmlns": NAMESPACE,
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
        "identifier": f"{question['id']}.{language}",
        "title": " ".join(title.split()),
        "adaptive": "false",
        "time-dependent": "false",
        "xml:lang": TAGS[language],
    }
    declared = {"identifier": RESPONSE, "cardinality": cardinality, "base-type": base}
    return element(
        "qti-assessment-item",
        head,
        element("qti-response-declaration", declared, *right),
        _outcome(SCORE, "single", "float", "0"),
        _outcome(FEEDBACK, "multiple", "identifier"),
        _outcome(CAUSE, "multiple", "identifier"),
        _outcome(SOLUTION, "single", "identifier"),
        element("qti-item-body", {}, *body),
        _processing(question, wrong),
        *(_feedback(position, one, language, causes) for position, one in enumerate(wrong, start=1)),
        _solution(question, language),
    )


def _outcome(name: str, cardinality: str, base: str, default: str = "") -> Node:
    declared = {"identifier": name, "cardinality": cardinality, "base-type": base}
    inside = (element("qti-default-value", {}, element("qti-value", {}, default)),) if default else ()
    return element("qti-outcome-declaration", declared, *inside)


def _said(question: JSON, field: str, language: str) -> str:
    return plain.single(question[field][language]) if field in question else ""


def _correct(*values: str) -> Node:
    return element("qti-correct-response", {}, *(element("qti-value", {}, value) for value in values))


_Made = tuple[str, str, tuple[Node, ...], tuple[Node, ...], list[_Wrong]]


def _chosen(question: JSON, language: str) -> _Made:
    several, options = question["form"] == SEVERAL, list(zip(LETTERS, question["options"], strict=False))
    right = _correct(*(letter for letter, option in options if option.get("right")))
    shown = (
        element("qti-simple-choice", {"identifier": letter}, *passage.inline(option["text"][language]))
        for letter, option in options
    )
    told = {"response-identifier": RESPONSE, "shuffle": "true", "max-choices": "0" if several else "1"}
    prompt = element("qti-prompt", {}, *passage.inline(_said(question, "ask", language)))
    wrong = []
    for letter, option in options:
        chosen = _member("identifier", letter) if several else _equal(letter)
        if option.get("missed"):
            wrong.append(_Wrong(element("qti-not", {}, chosen), option["missed"]))
        elif "cause" in option:
            wrong.append(_Wrong(chosen, option))
    interaction = element("qti-choice-interaction", told, prompt, *shown)
    cardinality = "multiple" if several else "single"
    return cardinality, "identifier", (right,), (*_story(question, language), interaction), wrong


def _matched(question: JSON, language: str) -> _Made:
    pairs = list(enumerate(question["pairs"], start=1))
    right = _correct(*(f"L{place} R{place}" for place, _ in pairs))
    # In the order of the pairs the right column would give the answers away where nothing shuffles.
    rights = [*(pair["right"] for _, pair in pairs), *question.get("distractors", ())]
    ends = sorted(enumerate(rights, start=1), key=lambda end: end[1][language])
    sides = (
        element("qti-simple-match-set", {}, *(_end(f"L{place}", pair["left"][language]) for place, pair in pairs)),
        element("qti-simple-match-set", {}, *(_end(f"R{place}", text[language]) for place, text in ends)),
    )
    told = {"response-identifier": RESPONSE, "shuffle": "true", "max-associations": str(len(pairs))}
    prompt = element("qti-prompt", {}, *passage.inline(_said(question, "ask", language)))
    wrong = [
        _Wrong(_member("directedPair", f"L{mix['left'] + 1} R{mix['right'] + 1}"), mix)
        for mix in question.get("mixups", ())
    ]
    interaction = element("qti-match-interaction", told, prompt, *sides)
    return "multiple", "directedPair", (right,), (*_story(question, language), interaction), wrong


def _end(name: str, text: str) -> Node:
    return element("qti-simple-associable-choice", {"identifier": name, "match-max": "1"}, *passage.inline(text))


def _spelt(question: JSON, language: str) -> _Made:
    accept = question["accept"]
    entries = (
        element("qti-map-entry", {"map-key": code, "mapped-value": "1", "case-sensitive": "false"}) for code in accept
    )
    right = (_correct(accept[0]), element("qti-mapping", {"default-value": "0"}, *entries))
    wrong = [_Wrong(_any([_spelling(code) for code in one["accept"]]), one) for one in question.get("wrong", ())]
    hint = {"class": "digits"} if question.get("digits") else {}
    return "single", "string", right, _entered(question, language, hint, ""), wrong


def _counted(question: JSON, language: str) -> _Made:
    wrong = [_Wrong(_near(question, one["value"]), one) for one in question["wrong"]]
    unit = question["unit"] if isinstance(question["unit"], str) else question["unit"][language]
    return "single", "float", (_correct(question["right"]),), _entered(question, language, {}, unit), wrong


def _entered(question: JSON, language: str, hint: Mapping[str, str], unit: str) -> tuple[Node, ...]:
    field = element("qti-text-entry-interaction", {"response-identifier": RESPONSE, **hint})
    after = (" ", element("span", {"class": "unit"}, unit)) if unit else ()
    asked = passage.paragraphs(_said(question, "ask", language), "ask")
    return *_story(question, language), *asked, element("p", {"class": "answer"}, field, *after)


def _story(question: JSON, language: str) -> tuple[Node, ...]:
    told = passage.paragraphs(_said(question, "story", language))
    return (element("div", {"class": "story"}, *told),) if told else ()


def _variable(name: str = RESPONSE) -> Node:
    return element("qti-variable", {"identifier": name})


def _value(base: str, value: str) -> Node:
    return element("qti-base-value", {"base-type": base}, value)


def _equal(letter: str) -> Node:
    return element("qti-match", {}, _variable(), _value("identifier", letter))


def _member(base: str, value: str) -> Node:
    return element("qti-member", {}, _value(base, value), _variable())


def _spelling(code: str) -> Node:
    return element("qti-string-match", {"case-sensitive": "false"}, _variable(), _value("string", code))


def _near(question: JSON, value: str) -> Node:
    tolerance = f"{Decimal(str(question['tolerance'])):f}"
    told = {"tolerance-mode": "absolute", "tolerance": f"{tolerance} {tolerance}"}
    return element("qti-equal", told, _variable(), _value("float", value))


def _any(tests: list[Node]) -> Node:
    return tests[0] if len(tests) == 1 else element("qti-or", {}, *tests)


def _if(test: Node, *then: Node) -> Node:
    return element("qti-response-condition", {}, element("qti-response-if", {}, test, *then))


def _set(name: str, value: Node) -> Node:
    return element("qti-set-outcome-value", {"identifier": name}, value)


def _add(name: str, value: str) -> Node:
    return _set(name, element("qti-multiple", {}, _variable(name), _value("identifier", value)))


def _processing(question: JSON, wrong: list[_Wrong]) -> Node:
    if question["form"] == NUMBER:
        right = _near(question, question["right"])
    elif question["form"] == TEXT:
        right = _any([_spelling(code) for code in question["accept"]])
    else:
        right = element("qti-match", {}, _variable(), element("qti-correct", {"identifier": RESPONSE}))
    # Each condition stands alone: the checks of the bank keep every wrong answer apart from the right one.
    rules = [_if(right, _set(SCORE, _value("float", "1")))]
    for position, one in enumerate(wrong, start=1):
        cause = one.told["cause"]
        named = () if cause == UNKNOWN else (_add(CAUSE, cause),)
        rules.append(_if(one.test, _add(FEEDBACK, f"W{position}"), *named))
    return element("qti-response-processing", {}, *rules, _set(SOLUTION, _value("identifier", SHOWN)))


def _feedback(position: int, one: _Wrong, language: str, causes: Mapping[str, Words]) -> Node:
    told = {"outcome-identifier": FEEDBACK, "identifier": f"W{position}", "show-hide": "show"}
    name = causes.get(one.told["cause"])
    if name:
        told["title"] = " ".join(name[language].split())
    body = element("qti-content-body", {}, *passage.paragraphs(plain.single(one.told["why"][language])))
    return element("qti-modal-feedback", told, body)


def _solution(question: JSON, language: str) -> Node:
    told = {"outcome-identifier": SOLUTION, "identifier": SHOWN, "show-hide": "show"}
    working = (element("p", {"class": "working"}, plain.single(line)) for line in question.get("working", ()))
    body = element(
        "qti-content-body",
        {},
        *passage.paragraphs(_said(question, "explanation", language)),
        *working,
        *passage.paragraphs(_said(question, "basis", language), "basis"),
    )
    return element("qti-modal-feedback", told, body)


_FORMS: Mapping[str, Callable[[JSON, str], _Made]] = {
    CHOICE: _chosen,
    SEVERAL: _chosen,
    MATCH: _matched,
    TEXT: _spelt,
    NUMBER: _counted,
}
