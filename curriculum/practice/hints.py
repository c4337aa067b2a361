"""Hints on a question, from gentle to nearly solved, derived from what the question itself knows. Floor 1.

First where to look: the documents, the rule with its name and its date. Then the method: the calculation with its
figures left open; or one wrong answer less, with the thinking that leads there. Last the calculation but for its
result, or one wrong answer less again. Nothing is written for one question alone, so that every question has its hints,
and no hint before the last one holds the right answer: a part of it that would is left out.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from typing import Any

import yaml

from curriculum.catalog import Rule
from curriculum.practice import answers, book, figures
from curriculum.practice.draft import Fact
from curriculum.practice.task import CHOICE, MATCH, MISSED, SEVERAL, TEXT, Question, Step, Value, Words, Wrong

MOST = 3
OPEN, ASKED = "□", "?"
FIGURE = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
SIGN = re.compile("[=→]")
RESULT = re.compile(r"[=→](?=[^=→]*$)")
ONE = Decimal(1)
FEWEST = 2
"""Answers that stay open after a wrong one is taken out: the right one is never the only one left."""
HEADING = 4
"""Digits of a heading of the Harmonized System."""
HARMONIZED = 6
UNKNOWN = "unknown"
GAP: Words = {"en": " ", "zh": ""}
BETWEEN: Words = {"en": ", ", "zh": ""}


@dataclass(frozen=True)
class Hint:
    """One hint.

    Attributes:
        words: What it says.
        working: Lines of a calculation, by language; empty where it has none.
    """

    words: Words
    working: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Tried = Sequence[Collection[str]]
"""For each hint, in order: the wrong parts that had been tried before it was asked for (`wrong_parts`)."""
Make = Callable[[Question, Collection[str], set[str]], Hint | None]
"""A hint of a question, from what was tried and what earlier hints took out; None: there is none."""


def ladder(question: Question, tried: Tried = ()) -> tuple[Hint, ...]:
    """The hints on a question, in order, at most `MOST`.

    Args:
        question: What is asked, with the documents of its case.
        tried: What had been tried before each hint, so that a hint takes out what is still believed; the last one
            holds for all that follow.
    """
    found: list[Hint] = []
    out: set[str] = set()
    for make in (_where, *_further(question.step)):
        known = tried[min(len(found), len(tried) - 1)] if tried else ()
        hint = make(question, known, out)
        if hint is not None:
            found.append(hint)
    return tuple(found)


def wrong_parts(step: Step, value: Value | None) -> frozenset[str]:
    """The parts of an answer that are not right: options, pairs, or the code.

    >>> from datetime import date
    >>> from curriculum import practice
    >>> step = practice.case("flow_eu", 5, date(2026, 11, 26)).steps[18]
    >>> step.right, sorted(wrong_parts(step, ("a",)))
    (('b',), ['a'])
    """
    if value is None or isinstance(value, Decimal) or isinstance(step.right, Decimal):
        return frozenset()
    return frozenset(value) - frozenset(step.right)


def reveals(question: Question, text: str) -> bool:
    """Whether a text has the right answer in it that the question and its documents do not have themselves."""
    right = question.step.right
    if isinstance(right, Decimal):
        return abs(right) in _figures(text) and abs(right) not in _figures(_given(question))
    if question.step.form == TEXT:
        return any(_holds(text, code) and not _holds(_given(question), code) for code in (*right, *_spelt(question)))
    if question.step.form == MATCH:
        return False
    named = [option.text for option in question.step.options if option.key in right]
    return any(_same(words[language], text) for words in named for language in book.LANGUAGES)


def _further(step: Step) -> tuple[Make, Make]:
    """The second and the third hint, by the form of the question."""
    if step.form == MATCH:
        return _out, _pair
    if step.form == SEVERAL:
        return _out, _count
    if step.form == CHOICE:
        return _out, _out
    if step.digits:
        return _out, _heading
    if step.working:
        return _method, _solved
    return _out, _letters


# The first: where to look.


def _where(question: Question, _tried: Collection[str], _out_of: set[str]) -> Hint | None:
    """The documents and the rule; where neither is named, the slip that is usual in a calculation."""
    parts = [words for words, said in _places(question) if not _revealed(question, said)]
    if not parts and question.step.working:
        parts = [words for words in _slips(question.step) if not _revealed(question, words)][:1]
    return Hint(_joined(parts[:2])) if parts else None


def _places(question: Question) -> Iterator[tuple[Words, Words]]:
    """Where to look, the best first: the sentence, and what of it might say too much (dates of a rule never do)."""
    case, step = question.case, question.step
    titles = [table.title for place, table in enumerate(case.tables) if not step.papers or place in step.papers]
    if titles:
        named = {
            language: BETWEEN[language].join(_quoted(title)[language] for title in titles)
            for language in book.LANGUAGES
        }
        yield _words("where", "papers", papers=named), named
    if step.rule is not None:
        yield _ruled(step.rule), book.same(step.rule.instrument)
    if any(step.basis.values()):
        yield _words("where", "basis", basis=_unstopped(step.basis)), step.basis


def _slips(step: Step) -> Iterator[Words]:
    """What others do wrong there, by its name."""
    for wrong in step.wrong:
        cause = _cause(wrong)
        if all(cause.values()):
            yield _words("where", "slip", cause=_unstopped(cause))


def _ruled(rule: Rule) -> Words:
    facts: dict[str, Fact] = {
        "instrument": rule.instrument,
        "place": _pages()["places"].get(rule.jurisdiction, book.same(rule.jurisdiction)),
        "since": figures.day(rule.valid_from),
    }
    if rule.valid_to is None:
        return _words("where", "rule", **facts)
    return _words("where", "ended", **facts, until=figures.day(rule.valid_to))


# The method, and what is nearly solved.


def _method(question: Question, _tried: Collection[str], _out_of: set[str]) -> Hint:
    lines = {language: _opened(question, language) for language in book.LANGUAGES}
    return Hint(_words("method", "lead"), lines)


def _solved(question: Question, _tried: Collection[str], _out_of: set[str]) -> Hint:
    *before, last = question.step.working
    lines = (*before, _asked(last))
    return Hint(_words("solved", "lead"), dict.fromkeys(book.LANGUAGES, lines))


def _opened(question: Question, language: str) -> tuple[str, ...]:
    """The calculation with each figure open, or called by the line of a document that has it."""
    called = {figure: f"[{words[language]}]" for figure, words in _called(question).items()}
    lines = [_opened_line(line, called, question.step.right) for line in question.step.working]
    result = RESULT.search(lines[-1])
    if result is not None:
        lines[-1] = lines[-1][: result.end()] + lines[-1][result.end() :].replace(OPEN, ASKED)
    return tuple(lines)


def _opened_line(line: str, called: Mapping[Decimal, str], right: Value) -> str:
    def shown(found: re.Match[str]) -> str:
        value, before, after = _figure(found.group()), line[: found.start()], line[found.end() :]
        if value == ONE != right and before.endswith("(") and after.startswith((" −", " +")):
            return found.group()  # "(1 − 5 %)": the whole, and no figure of the case
        # What follows from others has no name: it would tell which of two counts.
        return OPEN if SIGN.search(before) else called.get(value, OPEN)

    return FIGURE.sub(shown, line)


def _asked(line: str) -> str:
    """A line of a calculation with its result open."""
    result = RESULT.search(line)
    return f"{line} = {ASKED}" if result is None else line[: result.end()] + FIGURE.sub(ASKED, line[result.end() :])


def _called(question: Question) -> Mapping[Decimal, Words]:
    """What documents of two columns, and what is settled, call their figures: those that one line alone has."""
    case, step = question.case, question.step
    lines = list(step.given)
    for place, table in enumerate(case.tables):
        if len(table.columns) == FEWEST and (not step.papers or place in step.papers):
            lines += [(row[0], row[1]["en"]) for row in table.rows]
    found: dict[Decimal, list[Words]] = {}
    for name, shown in lines:
        for value in _figures(shown) - {ONE}:
            found.setdefault(value, []).append(name)
    single = {value: names[0] for value, names in found.items() if all(name == names[0] for name in names)}
    # A name with figures in it would put them into the method.
    return {value: name for value, name in single.items() if not any(map(FIGURE.search, name.values()))}


# One wrong answer less.


def _out(question: Question, tried: Collection[str], out: set[str]) -> Hint | None:
    """Take out a wrong answer that was not tried: first those whose thinking has a name."""
    step = question.step
    open_ = _open(step, tried, out)
    if open_ is not None and open_ <= FEWEST:
        return None
    for wrong in sorted(step.wrong, key=lambda one: one.cause == UNKNOWN):
        part = _part(wrong)
        if part and part not in tried and part not in out:
            words = _taken(question, wrong, part)
            if not _revealed(question, words):
                out.add(part)
                return Hint(words)
    return None


def _open(step: Step, tried: Collection[str], out: set[str]) -> int | None:
    """How many options of a choice are still open; None where another form is asked for."""
    return len({option.key for option in step.options} - {*tried, *out}) if step.form == CHOICE else None


def _part(wrong: Wrong) -> str:
    """The wrong option, pair or code; empty where one is missing, or it is a figure."""
    if isinstance(wrong.value, Decimal) or wrong.value[0].startswith(MISSED):
        return ""
    return wrong.value[0]


def _taken(question: Question, wrong: Wrong, part: str) -> Words:
    step = question.step
    options = {option.key: option.text for option in step.options}
    if step.form == MATCH:
        left = next(one.text for one in step.lefts if one.key == part[:-1])
        said = _words("out", "pair", left=_quoted(left), right=_quoted(options[part[-1]]))
    elif step.form == TEXT:
        said = _words("out", "code", option=_code(step, part))
    else:
        said = _words("out", "option", option=_quoted(options[part]))
    cause = _cause(wrong)
    if not all(cause.values()):
        return said
    why = _words("out", "why", cause=_unstopped(cause))
    return said if _revealed(question, why) else _joined([said, why])


def _cause(wrong: Wrong) -> Words:
    """The name of a misconception; empty where it has none."""
    return wrong.title or book.cause(wrong.cause)


# The last ones without a calculation.


def _count(question: Question, _tried: Collection[str], _out_of: set[str]) -> Hint:
    right, options = question.step.right, question.step.options
    count = 0 if isinstance(right, Decimal) else len(right)
    return Hint(_words("count", count=str(count), of=str(len(options))))


def _pair(question: Question, tried: Collection[str], out: set[str]) -> Hint | None:
    """One right pair, of a line that was wrong where one was; none where it would settle the rest."""
    step = question.step
    if len(step.lefts) <= FEWEST or isinstance(step.right, Decimal):
        return None
    missed, named = {part[:-1] for part in tried}, {part[:-1] for part in out}
    pair = min(step.right, key=lambda one: (one[:-1] in named, one[:-1] not in missed))
    left = next(one.text for one in step.lefts if one.key == pair[:-1])
    right = next(one.text for one in step.options if one.key == pair[-1])
    return Hint(_words("pair", left=_quoted(left), right=_quoted(right)))


def _heading(question: Question, _tried: Collection[str], _out_of: set[str]) -> Hint:
    return Hint(_words("heading", start=_first(question)[:HEADING]))


def _letters(question: Question, _tried: Collection[str], _out_of: set[str]) -> Hint | None:
    code = _first(question)
    if len(code) < FEWEST:
        return None
    return Hint(_words("letters", count=str(len(code)), start=code[:1].upper()))


def _first(question: Question) -> str:
    right = question.step.right
    return "" if isinstance(right, Decimal) else right[0]


# Words and figures.


@functools.cache
def _pages() -> Mapping[str, Any]:
    text = resources.files("curriculum").joinpath("data", "hints.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (safe)
    return read


def _words(*keys: str, **facts: Fact) -> Words:
    found: Any = _pages()
    for key in keys:
        found = found[key]
    return book.filled(found, facts)


def _joined(parts: Sequence[Words]) -> Words:
    return {language: GAP[language].join(part[language] for part in parts) for language in book.LANGUAGES}


def _unstopped(words: Words) -> Words:
    """A text without the full stop at its end, for a place inside a sentence."""
    return {language: text.rstrip(".。") for language, text in words.items()}


def _quoted(words: Words) -> Words:
    """A text in quotation marks; one that is speech already has its own."""
    bare = _unstopped(words)
    return {name: text if text.startswith("“") and text.endswith("”") else f"“{text}”" for name, text in bare.items()}


def _revealed(question: Question, words: Words) -> bool:
    return any(reveals(question, text) for text in words.values())


def _code(step: Step, code: str) -> str:
    shown = code.upper()
    return f"{shown[:HEADING]}.{shown[HEADING:]}" if step.digits and len(shown) == HARMONIZED else shown


def _spelt(question: Question) -> tuple[str, ...]:
    return tuple(spelling for spelling in question.step.spellings)


def _holds(text: str, code: str) -> bool:
    """Whether a text has a code in it: a short one as a figure or word of its own."""
    if len(code) > FEWEST:
        return code in answers.plain(text)
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(code)}(?![0-9A-Za-z])", text, re.IGNORECASE) is not None


def _same(right: str, text: str) -> bool:
    return bool(right) and right.rstrip(".。").casefold() in text.casefold()


def _figure(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _figures(text: str) -> set[Decimal]:
    return {_figure(found) for found in FIGURE.findall(text)}


def _given(question: Question) -> str:
    """Everything that a learner sees of a question, in both languages."""
    case, step = question.case, question.step
    words = [case.story, step.question, *(name for name, _ in step.given), *(one.text for one in step.lefts)]
    for table in case.tables:
        words += [table.title, *table.columns, *(cell for row in table.rows for cell in row)]
    shown = [text for one in words for text in one.values()]
    return "\n".join([*shown, *(figure for _, figure in step.given)])
