"""What the pages of kits and own cases show of a case: its documents, questions, answers and causes; pure. Floor 3."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curriculum import errors as curriculum_errors
from curriculum import telling
from curriculum.almanac import names
from curriculum.catalog import Catalog
from curriculum.kits import books, cases, own
from curriculum.kits import kit as kits
from curriculum.kits.kit import OTHER, Kit
from curriculum.kits.own import Blur
from curriculum.practice import answers, book, figures
from curriculum.practice.task import Case, Step
from lti_tool.holdings import Held
from lti_tool.pages import casework
from lti_tool.pages.casework import Paper
from lti_tool.texts import Say


@dataclass(frozen=True)
class Asked:
    """A question in a preview.

    Attributes:
        name: Short.
        skill: What it trains.
        question: What is asked.
        options: To choose from, where there are any.
        right: The answer.
        working: How it comes about.
        explanation: Why.
        wrong: Each wrong method: its answer, its name, what is said to it.
        blurs: What cannot be told apart in it.
    """

    name: str
    skill: str
    question: str
    options: tuple[str, ...]
    right: str
    working: tuple[str, ...]
    explanation: str
    wrong: tuple[tuple[str, str, str], ...]
    blurs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """A case as a learner gets it, with what only whoever teaches may see."""

    name: str
    story: str
    papers: tuple[Paper, ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class Summary:
    """A kit in few words: what it has, and what was done to it."""

    id: str
    title: str
    state: str
    period: str
    orders: str
    articles: int
    markets: str
    licence: str
    permission: str
    asked: tuple[str, ...]
    done: tuple[str, ...]


def preview(made: Case, catalog: Catalog, language: str, say: Say, blurs: tuple[Blur, ...] = ()) -> Preview:
    """A case as a page shows it.

    Args:
        made: The case.
        catalog: Whose skills.
        language: "en" or "zh".
        say: The words.
        blurs: Ways that lead to the same answer.
    """
    return Preview(
        made.name[language],
        made.story[language],
        tuple(casework.paper(table, language) for table in made.tables),
        tuple(_asked(step, catalog, language, say, blurs) for step in made.steps),
    )


def _asked(step: Step, catalog: Catalog, language: str, say: Say, blurs: tuple[Blur, ...]) -> Asked:
    skill = catalog.skills.get(step.skill)
    wrong = tuple(
        (
            casework.written(answers.mistaken(one.value, step), step, language),
            one.title[language] if one.title else _cause(one.cause, catalog, language),
            one.words[language],
        )
        for one in step.wrong
    )
    told = tuple(
        say("owncase.blur" if blur.other else "owncase.blur.right", one=_cause(blur.cause, catalog, language),
            other=_cause(blur.other, catalog, language))
        for blur in blurs if blur.step == step.id
    )  # fmt: skip
    return Asked(
        step.name[language],
        skill.name[language] if skill else step.skill,
        step.question[language],
        tuple(option.text[language] for option in step.options),
        casework.written(step.right, step, language),
        step.working,
        step.explanation[language],
        wrong,
        told,
    )


def _cause(name: str, catalog: Catalog, language: str) -> str:
    known = catalog.misconceptions.get(name)
    return known.name[language] if known else name


def trial(kit: Kit, catalog: Catalog, day: date) -> Case | None:
    """A case of a kit that no catalog has yet; None where nothing of it can be asked."""
    asked = cases.askable(kit, catalog)
    try:
        return cases.case("kit.draft", kit, asked, 1, day, catalog=catalog)
    except curriculum_errors.NoCase:
        return None


def summary(held: Held, catalog: Catalog, language: str, say: Say) -> Summary:
    """A kit in few words.

    Args:
        held: The kit.
        catalog: Whose rules.
        language: "en" or "zh".
        say: The words.
    """
    kit = kits.loaded(held.body)
    found = books.of(kit)
    texts = {raw["id"]: raw for raw in cases.words()["steps"]}
    done = [(name, count) for name, count in json.loads(held.done) if count]
    places = [_place(code, language, say) for code in found.markets]
    return Summary(
        held.id,
        kit.manifest.title[language],
        held.state,
        f"{kit.first.isoformat()} – {kit.last.isoformat()}",
        figures.shown(Decimal(len(kit.orders)), 0),
        len(kit.products),
        say("list.comma").join(places),
        say(f"kit.licence.{kit.manifest.licence}"),
        kit.manifest.permission,
        tuple(texts[name]["name"][language] for name in cases.askable(kit, catalog)),
        tuple(say(f"kit.done.{name}", count=count) for name, count in done),
    )


def _place(code: str, language: str, say: Say) -> str:
    if code == OTHER:
        return say("kit.elsewhere")
    return names.countries().get(code, book.same(code))[language]


def left(catalog: Catalog, language: str) -> list[tuple[str, str]]:
    """Own cases that do not fit any more, each with what is wrong."""
    return [(name, " ".join(telling.say(one, language) for one in why)) for name, why in own.left(catalog).items()]
