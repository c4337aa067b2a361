"""One QTI item as a question of the bank in one language, or all that keeps it from being one. Floor 1.

Taken in are one choice, one text entry (a term, a code or a figure) and one match. Every other interaction, more than
one of them, and what plain text cannot say are refused with their line. QTI 3.0 ASI, sections "Interactions" and
"Response declaration".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from curriculum import errors
from curriculum.bank.entry import UNKNOWN
from curriculum.exchange import older, passage, plain, scoring, told
from curriculum.exchange.item_writer import NAMESPACE
from curriculum.exchange.markup import Node
from curriculum.exchange.told import Told
from curriculum.practice.task import CHOICE, MATCH, NUMBER, SEVERAL, TEXT

CHOICES = ("qti-choice-interaction", "qti-inline-choice-interaction")
ENTRY, MATCHING = "qti-text-entry-interaction", "qti-match-interaction"
TAKEN = (*CHOICES, ENTRY, MATCHING)
GAP = "____"
CONDITIONS, CHOICES_MOST = 1000, 40
# Units that are written alike in every language; all others are words.
SIGNS = ("EUR", "USD", "GBP", "CNY", "kg", "%", "")

JSON = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What an item says in its language.

    Attributes:
        identifier: Of the item.
        language: "en" or "zh".
        question: A question of the bank without id, skill, level and difficulty; each text by its one language.
        names: Names of misconceptions, by id.
        notes: What it does not say.
    """

    identifier: str
    language: str
    question: JSON
    names: Mapping[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Item:
    """An item while it is read."""

    root: Node
    body: Node
    asked: Node
    declared: Node
    told: Told
    language: str
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def words(self, text: str) -> JSON:
        """A text of the bank that has no placeholders."""
        return {self.language: text}

    def filled(self, text: str) -> JSON:
        """A text of the bank in which placeholders would be filled."""
        return {self.language: plain.doubled(text)}

    def wrong(self, said: tuple[str, str] | None) -> JSON:
        """Cause and reason of a wrong answer."""
        if said is None:
            return {"cause": UNKNOWN}
        cause, why = said
        return {"cause": cause or UNKNOWN, **({"why": self.filled(why)} if why else {})}


def read(root: Node, where: str, language: str = "") -> Reading:
    """Read an item.

    Args:
        root: The document.
        where: Name of the file, for messages.
        language: Of the item if it does not say so itself.

    Raises:
        errors.ExchangeRefused: It cannot be taken in; all reasons are listed.
    """
    item = _opened(older.renewed(root) if older.is_older(root) else root, where, language)
    made = _FORMS[item.asked.name](item)
    if item.problems:
        raise errors.ExchangeRefused(where, item.problems)
    solution = item.told.solution(_rights(made, item))
    for name in ("explanation", "basis"):
        if solution.get(name):
            made[name] = item.filled(solution[name])
    if made["form"] == NUMBER and solution.get("working"):
        made["working"] = [plain.doubled(line) for line in solution["working"].split("\n")]
    if "explanation" not in made:
        item.notes.append("no feedback says why the right answer is right; write `explanation`")
    item.notes.extend(item.told.unused())
    return Reading(root.get("identifier"), item.language, made, item.told.names, tuple(item.notes))


def _opened(root: Node, where: str, language: str) -> _Item:
    """The parts of an item, or why there are none."""

    def refused(problem: str, line: int = 0) -> errors.ExchangeRefused:
        return errors.ExchangeRefused(where, [f"line {line or root.line}: {problem}"])

    problem = _head(root)
    if problem:
        raise refused(problem)
    whole = next((child for child in root.elements if child.name == "qti-item-body"), None)
    if whole is None:
        raise refused("the item has no <qti-item-body>; that is where the question stands")
    body = _without(whole, _is_for_others)
    inside = _interactions(body)
    if not inside:
        raise refused("the item asks for nothing; it needs one choice, text entry or match", body.line)
    if inside[0].name not in TAKEN:
        problem = f"<{inside[0].name}> is not taken in; choice, text entry (also of a figure) and match are"
        raise refused(problem, inside[0].line)
    if len(inside) > 1:
        raise refused("the item asks for a second thing; make an item of each", inside[1].line)
    asked = inside[0]
    response = asked.get("response-identifier")
    declared = _declared(root, response)
    if declared is None:
        problem = f"no response is declared as {response!r}; add a <qti-response-declaration> with that identifier"
        raise refused(problem, asked.line)
    spoken = _language(root.get("xml:lang") or language)
    if not spoken:
        said = root.get("xml:lang")
        problem = f"its language is {said!r}; the bank has en and zh" if said else "it says no language: set xml:lang"
        raise refused(problem)
    item = _Item(root, body, asked, declared, told.of(root, response), spoken)
    item.problems.extend(passage.strangers(body, frozenset(TAKEN)))
    for feedback in root.every("qti-modal-feedback"):
        item.problems.extend(passage.strangers(feedback))
    return item


def _interactions(node: Node) -> list[Node]:
    found: list[Node] = []
    for child in node.elements:
        if child.name.endswith("-interaction"):
            found.append(child)
        else:
            found.extend(_interactions(child))
    return found


def _head(root: Node) -> str:
    """What keeps an item out before anything of it is read; empty if nothing does."""
    if root.name != "qti-assessment-item" or root.namespace != NAMESPACE:
        found = f"<{root.name}> of the namespace {root.namespace!r} is no QTI item"
        return f"{found}; it must be <qti-assessment-item> of {NAMESPACE!r}, or an item of QTI 2.x"
    if not root.get("identifier"):
        return "the item has no identifier; give it one that no other item has"
    if root.get("adaptive") == "true":
        return "the item is adaptive: what is right depends on the attempts before; make one item of each step"
    if sum(1 for _ in root.every(*scoring.BRANCHES)) > CONDITIONS:
        return f"its response processing has more than {CONDITIONS} conditions; make several items of it"
    return ""


def _is_for_others(node: Node) -> bool:
    """Whether it is a note to scorers or authors and not to the learner."""
    return node.name == "qti-rubric-block" and "candidate" not in node.get("view").split()


def _declared(root: Node, name: str) -> Node | None:
    every = root.every("qti-response-declaration")
    return next((one for one in every if one.get("identifier") == name), None)


def _language(tag: str) -> str:
    """The language of the bank that a tag names (BCP 47); empty if there is none."""
    first = tag.lower().partition("-")[0]
    return first if first in {"en", "zh"} else ""


def _correct(item: _Item) -> list[str]:
    """The right values: those of the correct response, else what the mapping or a condition gives points for."""
    correct = item.declared.first("qti-correct-response")
    values = [] if correct is None else [scoring.text(node) for node in correct.every("qti-value")]
    if not values:
        entries = item.declared.every("qti-map-entry")
        values = [node.get("map-key") for node in entries if (scoring.figure(node.get("mapped-value")) or 0) > 0]
    if not values:
        values = item.told.scored()
    if not values:
        line, name = item.declared.line, item.declared.get("identifier")
        item.problems.append(f"line {line}: {name!r} has no right answer; give it a <qti-correct-response>")
    return values


def _asked(item: _Item) -> JSON:
    """Story and question of an interaction that stands as a block of its own."""
    prompt = item.asked.first("qti-prompt")
    around = passage.text(_without(item.body, lambda node: node is item.asked))
    if prompt is not None:
        item.problems.extend(passage.strangers(prompt))
        made = {"ask": item.filled(passage.text(prompt))}
        return {"story": item.filled(around), **made} if around else made
    if not around:
        item.problems.append(f"line {item.asked.line}: nothing is asked; write a <qti-prompt>")
    return {"ask": item.filled(around)}


def _within(item: _Item) -> tuple[JSON, str]:
    """Story and question of an interaction that stands inside the text, and the unit behind it."""

    def has(name: str) -> Callable[[Node], bool]:
        return lambda node: name in node.get("class").split()

    story = "\n".join(passage.text(node) for node in item.body.every("div") if has("story")(node))
    unit = next((passage.text(node) for node in item.body.every("span") if has("unit")(node)), "")
    rest = _without(item.body, lambda node: has("story")(node) or has("unit")(node))
    lines = passage.text(rest, TAKEN).split("\n")
    if lines[-1] == GAP and len(lines) > 1:
        lines.pop()
    if lines == [GAP]:
        item.problems.append(f"line {item.asked.line}: nothing is asked; write the question before the answer")
    made = {"ask": item.filled("\n".join(lines))}
    return ({"story": item.filled(story), **made} if story else made), unit


def _without(node: Node, drop: Callable[[Node], bool]) -> Node:
    kept = (
        child if isinstance(child, str) else _without(child, drop)
        for child in node.children
        if isinstance(child, str) or not drop(child)
    )
    return replace(node, children=tuple(kept))


def _choices(item: _Item, names: tuple[str, ...], within: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    listed = list(within.every(*names))
    if len(listed) > CHOICES_MOST:
        item.problems.append(
            f"line {within.line}: it has {len(listed)} choices; at most {CHOICES_MOST} can be taken in"
        )
    for node in listed[:CHOICES_MOST]:
        name = node.get("identifier")
        if not name or name in found:
            item.problems.append(
                f"line {node.line}: the identifier {name!r} stands twice or is empty; each choice needs its own"
            )
        item.problems.extend(passage.strangers(node))
        found[name] = node
    return found


def _chosen(item: _Item) -> JSON:
    options = _choices(item, ("qti-simple-choice", "qti-inline-choice"), item.asked)
    rights = _correct(item)
    item.problems.extend(
        f"line {item.declared.line}: the right answer {name!r} is none of the choices"
        for name in rights
        if name not in options
    )
    several = item.declared.get("cardinality") != "single"
    if item.declared.get("cardinality") == "ordered":
        item.problems.append(f"line {item.declared.line}: the order of answers counts; that is not taken in")
    if not several and len(rights) > 1:
        item.problems.append(f"line {item.declared.line}: {len(rights)} answers are right of which one may be given")
    made = _within(item)[0] if item.asked.name == "qti-inline-choice-interaction" else _asked(item)
    listed: list[JSON] = []
    for name, node in options.items():
        option: JSON = {"text": item.words(passage.text(node))}
        if name in rights:
            missed = item.told.missed(name) if several else None
            listed.append(option | {"right": True} | ({"missed": item.wrong(missed)} if missed else {}))
        else:
            listed.append(option | item.wrong(item.told.of_choice(name, node)))
    _count_silent(item, [one for one in listed if "cause" in one])
    return {"form": SEVERAL if several else CHOICE, **made, "options": listed}


def _count_silent(item: _Item, wrong: list[JSON]) -> None:
    silent = sum("why" not in one for one in wrong)
    if silent:
        item.notes.append(f"{silent} of {len(wrong)} wrong answers have no feedback; write `cause` and `why`")


def _matched(item: _Item) -> JSON:
    sets = [node for node in item.asked.elements if node.name == "qti-simple-match-set"]
    if len(sets) != 2:
        item.problems.append(
            f"line {item.asked.line}: a match has two <qti-simple-match-set>; this one has {len(sets)}"
        )
        return {"form": MATCH}
    lefts, rights = (_choices(item, ("qti-simple-associable-choice",), one) for one in sets)
    joined: dict[str, str] = {}
    for value in _correct(item):
        first, _, second = value.partition(" ")
        left, right = (first, second.strip()) if first in lefts else (second.strip(), first)
        if left not in lefts or right not in rights or left in joined or right in joined.values():
            problem = f"the pair {value!r} is not of one left and one right that no other pair has"
            item.problems.append(f"line {item.declared.line}: {problem}; the bank matches each with exactly one")
        joined[left] = right
    for name, node in lefts.items():
        if name not in joined:
            item.problems.append(
                f"line {node.line}: {name!r} belongs to no right pair; the bank matches each with exactly one"
            )
    made: JSON = {"form": MATCH, **_asked(item)}
    if item.problems:
        return made
    # By identifier, which both languages share: each lists its texts in an order of its own.
    others = sorted((name for name in rights if name not in joined.values()), key=lambda name: (len(name), name))
    order, ends = list(lefts), [*(joined[name] for name in lefts), *others]
    made["pairs"] = [
        {"left": item.words(passage.text(lefts[name])), "right": item.words(passage.text(rights[joined[name]]))}
        for name in order
    ]
    if others:
        made["distractors"] = [item.words(passage.text(rights[name])) for name in others]
    mixups: list[JSON] = []
    for rule in item.told.rules:
        left, _, right = rule.values[0].text.partition(" ")
        said = item.told.said(rule)
        if said and left in order and right in ends and joined[left] != right:
            mixups.append({"left": order.index(left), "right": ends.index(right), **item.wrong(said)})
    return made | ({"mixups": mixups} if mixups else {})


def _entered(item: _Item) -> JSON:
    if item.declared.get("cardinality") != "single":
        item.problems.append(f"line {item.declared.line}: a text entry has one answer; its cardinality must be single")
    made, unit = _within(item)
    if item.declared.get("base-type") in {"float", "integer"}:
        return {"form": NUMBER, **made, **_counted(item, unit)}
    accept = list(dict.fromkeys(filter(None, _correct(item))))
    entries = list(item.declared.every("qti-map-entry"))
    positive = [node for node in entries if (scoring.figure(node.get("mapped-value")) or 0) > 0]
    accept = list(dict.fromkeys([*accept, *(node.get("map-key") for node in positive)]))
    if any(node.get("case-sensitive") == "true" for node in positive):
        item.notes.append("capital and small letters count in it; the bank compares without them")
    made |= {"form": TEXT, "accept": accept}
    if "digits" in item.asked.get("class").split():
        made["digits"] = True
    wrong, right = [], set(accept)
    for rule in item.told.rules:
        codes = [value.text for value in rule.values if value.text]
        said = item.told.said(rule)
        if said and codes and right.isdisjoint(codes):
            wrong.append({"accept": codes, **item.wrong(said)})
    return made | ({"wrong": wrong} if wrong else {})


def _counted(item: _Item, unit: str) -> JSON:
    rights = _correct(item)
    right = scoring.figure(rights[0]) if rights else None
    if rights and (right is None or len(rights) > 1):
        item.problems.append(f"line {item.declared.line}: the right answer {rights!r} is not one figure such as 12.50")
    if right is None:
        return {}
    values = [(rule, scoring.figure(rule.values[0].text)) for rule in item.told.rules]
    margin = max((rule.values[0].margin for rule, value in values if value in (None, right)), default=Decimal(0))
    exponent = right.as_tuple().exponent
    wrong = [
        {"value": f"{value:f}", **item.wrong(item.told.said(rule))}
        for rule, value in values
        if value is not None and value != right and item.told.said(rule)
    ]
    if not wrong:
        item.notes.append("it names no wrong way to calculate; write `wrong`, each with cause, value and why")
    return {
        "unit": unit if unit in SIGNS else item.words(unit),
        "places": max(0, -exponent) if isinstance(exponent, int) else 0,
        "tolerance": plain.number(margin),
        "right": f"{right:f}",
        "wrong": wrong,
    }


def _rights(made: Mapping[str, Any], item: _Item) -> set[str]:
    """What the feedback to a right answer may be tied to."""
    if made["form"] in {CHOICE, SEVERAL}:
        options = _choices(item, ("qti-simple-choice", "qti-inline-choice"), item.asked)
        return {name for name, one in zip(options, made["options"], strict=True) if one.get("right")}
    return set(made.get("accept", ())) | {made.get("right", "")}


_FORMS: Mapping[str, Callable[[_Item], JSON]] = {
    **dict.fromkeys(CHOICES, _chosen),
    ENTRY: _entered,
    MATCHING: _matched,
}
