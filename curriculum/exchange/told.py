"""What an item tells whom: its feedback, tied to the answers that show it. Floor 1.

QTI 3.0 ASI, section "Feedback": a feedback has an outcome and an identifier, and is shown when the outcome holds that
identifier. The outcome CAUSE holds no feedback but the id of a misconception.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from curriculum.exchange import passage, scoring
from curriculum.exchange.item_writer import CAUSE, SCORE
from curriculum.exchange.markup import Node
from curriculum.exchange.scoring import Rule

# The templates CC2_match and CC2_map_response of 1EdTech set it to the response.
MIRROR, CORRECT = "FEEDBACK", "correct"
OUTCOMES = 32
"""Of how many outcomes of an item it is asked whether one is "correct"."""

Place = tuple[str, str]


@dataclass(frozen=True)
class Told:
    """The feedback of an item.

    Attributes:
        shown: Feedback by outcome and identifier.
        hidden: Feedback that is shown unless the outcome holds the identifier.
        rules: Conditions that ask for one value.
        mirrors: Outcomes that are set to the response.
        always: What is set whatever is answered.
        praise: Feedback of a right answer that is tied to it by an outcome, such as FEEDBACKBASIC, and not by a value.
        names: Names of misconceptions by id, as far as they were met.
        used: Places of feedback that were asked for.
    """

    shown: Mapping[Place, Node]
    hidden: Mapping[Place, Node]
    rules: tuple[Rule, ...]
    mirrors: frozenset[str]
    always: frozenset[Place]
    praise: frozenset[Place] = frozenset()
    names: dict[str, str] = field(default_factory=dict)
    used: set[Place] = field(default_factory=set)

    def said(self, rule: Rule) -> tuple[str, str] | None:
        """Cause and text of a condition; None if it tells neither."""
        cause = next((value for outcome, value in rule.sets if outcome == CAUSE), "")
        nodes = [self._node(place) for place in rule.sets]
        found = [node for node in nodes if node is not None]
        if not cause and not found:
            return None
        title = next((node.get("title") for node in found if node.get("title")), "")
        if cause and title:
            self.names[cause] = title
        return cause, "\n".join(map(passage.text, found))

    def of_choice(self, name: str, choice: Node) -> tuple[str, str] | None:
        """Cause and text of a choice that was made, from conditions, mirrors and feedback inside the choice."""
        for rule in self.rules:
            if any(value.text == name and not value.absent for value in rule.values):
                said = self.said(rule)
                if said:
                    return said
        nodes = [self._node((outcome, name)) for outcome in sorted(self.mirrors)]
        nodes += choice.every("qti-feedback-inline", "qti-feedback-block")
        texts = [passage.text(node) for node in nodes if node is not None]
        return ("", "\n".join(texts)) if any(texts) else None

    def missed(self, name: str) -> tuple[str, str] | None:
        """Cause and text of a choice that was left out."""
        for rule in self.rules:
            if any(value.text == name and value.absent for value in rule.values):
                return self.said(rule)
        for place, node in self.hidden.items():
            if place[0] in self.mirrors and place[1] == name:
                self.used.add(place)
                return "", passage.text(node)
        return None

    def solution(self, rights: set[str]) -> dict[str, str]:
        """Explanation, working and basis: what is shown always, or where the answer is right."""
        places = [place for place in self.shown if place in self.always or place in self.praise]
        for rule in self.rules:
            if any(value.text in rights or not value.text for value in rule.values if not value.absent):
                places += [place for place in rule.sets if place in self.shown]
        places += [place for place in self.shown if place[0] in self.mirrors and place[1] in rights]
        made: dict[str, list[str]] = {"explanation": [], "working": [], "basis": []}
        for place in dict.fromkeys(places):
            self.used.add(place)
            _sorted(self.shown[place], made)
        return {name: "\n".join(filter(None, lines)) for name, lines in made.items()}

    def scored(self) -> list[str]:
        """Values that a condition gives points for, where nothing else says what is right."""
        return [
            value.text
            for rule in self.rules
            if any(outcome == SCORE and (scoring.figure(given) or 0) > 0 for outcome, given in rule.sets)
            for value in rule.values
            if value.text and not value.absent
        ]

    def unused(self) -> list[str]:
        """A note for each feedback that belongs to no single answer."""
        return [
            f"the feedback {place[1]!r} of line {node.line} belongs to no single answer and was left out"
            for place, node in {**self.shown, **self.hidden}.items()
            if place not in self.used
        ]

    def _node(self, place: Place) -> Node | None:
        node = self.shown.get(place)
        if node is not None:
            self.used.add(place)
        return node


def of(item: Node, response: str) -> Told:
    """The feedback of an item.

    Args:
        item: The item.
        response: Identifier of its response.
    """
    shown: dict[Place, Node] = {}
    hidden: dict[Place, Node] = {}
    for node in item.every("qti-modal-feedback"):
        place = (node.get("outcome-identifier"), node.get("identifier"))
        (hidden if node.get("show-hide") == "hide" else shown)[place] = node
    processing = item.first("qti-response-processing")
    always = {
        (node.get("identifier"), passage.text(value))
        for node in (processing.elements if processing else ())
        if node.name == "qti-set-outcome-value"
        for value in node.every("qti-base-value")
    }
    rules = tuple(scoring.rules(item, response))
    mirrors = scoring.mirrors(item, response)
    if processing is not None and "CC2_" in processing.get("template"):
        mirrors.add(MIRROR)
    return Told(shown, hidden, rules, frozenset(mirrors), frozenset(always), frozenset(_praise(item, shown)))


def _praise(item: Node, shown: Mapping[Place, Node]) -> Iterator[Place]:
    """Feedback called "correct", and what is set where an outcome is "correct": so banks of questions are written."""
    outcomes = dict.fromkeys(node.get("identifier") for node in item.every("qti-outcome-declaration"))
    yield from (place for place in shown if place[1].lower() == CORRECT)
    for outcome in list(outcomes)[:OUTCOMES]:
        for rule in scoring.rules(item, outcome):
            if any(value.text.lower() == CORRECT and not value.absent for value in rule.values):
                yield from rule.sets


def _sorted(node: Node, made: dict[str, list[str]]) -> None:
    """Put the paragraphs of a solution where their class says; the rest is explanation."""
    body = node.first("qti-content-body") or node
    marked = [child for child in body.elements if child.get("class") in {"working", "basis"}]
    for child in marked:
        made[child.get("class")].append(passage.text(child))
    rest = Node(body.name, children=tuple(child for child in body.children if child not in marked))
    made["explanation"].append(passage.text(rest))
