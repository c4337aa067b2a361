"""What the learner's page shows, as plain data for the template: pure. Floor 3.

Every number comes with its method; parts add up as shown; what is not known is said, never drawn as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from curriculum import graph, practice
from curriculum.catalog import Catalog
from lti_tool import figures, texts
from lti_tool.advice import Advice
from lti_tool.pages import bar, meter, reasons
from lti_tool.pages.bar import Bar
from lti_tool.pages.meter import Meter
from lti_tool.pages.reasons import Sentence
from lti_tool.texts import Say
from recommender.recommend import Recommendation

NEAREST = 6
FIRST_STRETCH = 8
COMFORT = ((0.85, "safe"), (0.6, "reach"), (0.4, "even"), (0.0, "stretch"))


@dataclass(frozen=True)
class Card:
    """One recommendation; `practice` is the kind of case that trains its skill, empty if there is none."""

    area: str
    title: str
    chance: str
    chance_words: str
    comfort: str
    gain: str
    meter: Meter
    reasons: list[Sentence]
    bar: Bar
    basis: str
    own: str
    opens: str
    weight: str
    practice: str


@dataclass(frozen=True)
class Skill:
    """One line of the profile, and its evidence."""

    name: str
    meter: Meter
    answers: int
    right: int
    last: str
    state: str


@dataclass(frozen=True)
class Step:
    """One station of the path."""

    name: str
    words: str
    because: str
    mark: str


@dataclass(frozen=True)
class Choice:
    """A role that a learner may choose."""

    id: str
    name: str
    skills: int
    high: int
    chosen: bool


@dataclass(frozen=True)
class Page:
    """The whole page."""

    today: str
    catalog: str
    role: str
    model: str
    round: int | None
    answers: int
    cards: list[Card]
    near: list[Skill]
    areas: list[tuple[str, list[Skill]]]
    counts: dict[str, int]
    steps: list[Step]
    later: list[Step]
    roles: list[Choice]
    ability: dict[str, str] | None
    least: str
    notice: str


def page(advice: Advice, language: str, now: float) -> Page:
    """Build the page.

    Args:
        advice: What is known and recommended.
        language: "en" or "zh".
        now: Seconds since the epoch.
    """
    say = texts.speaker(language)
    catalog = advice.catalog
    targets = catalog.roles[advice.role].targets if advice.role else {}
    skills = {name: _skill(advice, name, targets.get(name), language, say) for name in catalog.skills}
    steps = _path(advice, language, say)
    return Page(
        today=_today(now, language),
        catalog=catalog.name[language],
        role=catalog.roles[advice.role].name[language] if advice.role else "",
        model=advice.model.state,
        round=advice.model.round,
        answers=advice.answers,
        cards=_cards(advice, language, say),
        near=_near(advice, skills),
        areas=_areas(catalog, skills, advice, language),
        counts={
            state: sum(skills[name].state == state for name in targets) for state in ("there", "on_the_way", "unknown")
        },
        steps=steps[:FIRST_STRETCH],
        later=steps[FIRST_STRETCH:],
        roles=[
            Choice(
                role.id,
                role.name[language],
                len(role.targets),
                sum(level >= 4 for level in role.targets.values()),
                role.id == advice.role,
            )
            for role in catalog.roles.values()
        ],
        ability=_ability(advice),
        least="" if catalog.pass_score is None else figures.share(catalog.pass_score),
        notice=catalog.notice.get(language, ""),
    )


def _cards(advice: Advice, language: str, say: Say) -> list[Card]:
    scale = bar.reach(offer.contributions for offer in advice.recommendations)
    return [_card(offer, advice, scale, language, say) for offer in advice.recommendations]


def _card(offer: Recommendation, advice: Advice, scale: tuple[float, float], language: str, say: Say) -> Card:
    catalog = advice.catalog
    skill, item = catalog.skills[offer.skill], catalog.items[offer.item]
    target = catalog.roles[advice.role].targets.get(offer.skill)
    own, opens = figures.hundredths([offer.own, offer.opens])
    kind = practice.of_skill(offer.skill)
    name = skill.name[language]
    return Card(
        area=catalog.areas[skill.area].name[language],
        title=item.name[language] if item.name else say("card.practice", name=name),
        chance=figures.percent(offer.chance),
        chance_words=_tenths(offer.chance, say),
        comfort=say(f"comfort.{next(word for least, word in COMFORT if offer.chance >= least)}"),
        gain=figures.signed(figures.hundredths([offer.gain])[0]),
        meter=meter.of_skill(advice.profile.knowledge[offer.skill], name, target, say),
        reasons=reasons.sentences(offer.reasons, catalog, language, say),
        bar=bar.of_parts(offer.contributions, scale),
        basis=offer.basis,
        own=figures.decimal(own),
        opens=figures.decimal(opens),
        weight=figures.decimal(own + opens),
        practice="" if kind is None else kind.id,
    )


def _tenths(chance: float, say: Say) -> str:
    tenths = round(10 * chance)
    if tenths < 1:
        return say("card.tenths.low")
    return say("card.tenths.mid", tenths=tenths) if tenths < 10 else say("card.tenths.high")


def _skill(advice: Advice, name: str, target: int | None, language: str, say: Say) -> Skill:
    state = advice.profile.knowledge[name]
    title = advice.catalog.skills[name].name[language]
    reached = state.level is not None and target is not None and state.level >= target
    return Skill(
        name=title,
        meter=meter.of_skill(state, title, target, say),
        answers=state.answers,
        right=state.right,
        last="" if state.last is None else _moment(state.last, language),
        state="unknown" if state.level is None else "there" if reached else "on_the_way",
    )


def _near(advice: Advice, skills: dict[str, Skill]) -> list[Skill]:
    """The skills of the cards, then those of the goal with most answers, then others with answers: six at most."""
    targets = advice.catalog.roles[advice.role].targets if advice.role else {}
    known = advice.profile.knowledge
    answered = sorted(
        (name for name in skills if known[name].answers), key=lambda name: (name not in targets, -known[name].answers)
    )
    wanted = dict.fromkeys([*(offer.skill for offer in advice.recommendations), *answered])
    return [skills[name] for name in list(wanted)[:NEAREST]]


def _areas(catalog: Catalog, skills: dict[str, Skill], advice: Advice, language: str) -> list[tuple[str, list[Skill]]]:
    """Every skill that the goal asks for or that has answers, by area."""
    targets = catalog.roles[advice.role].targets if advice.role else {}
    shown = [name for name in catalog.skills if name in targets or advice.profile.knowledge[name].answers]
    found: list[tuple[str, list[Skill]]] = []
    for area in catalog.areas.values():
        inside = [skills[name] for name in shown if catalog.skills[name].area == area.id]
        if inside:
            found.append((area.name[language], inside))
    return found


def _path(advice: Advice, language: str, say: Say) -> list[Step]:
    if not advice.role:
        return []
    catalog = advice.catalog
    targets = catalog.roles[advice.role].targets
    known = advice.profile.knowledge
    levels = {name: state.level for name, state in known.items() if state.level is not None}
    done = [name for name, level in levels.items() if level >= targets.get(name, 99)]
    return [_step(name, advice, targets[name], language, say) for name in graph.path(catalog, advice.role, done)]


def _step(name: str, advice: Advice, target: int, language: str, say: Say) -> Step:
    catalog = advice.catalog
    targets = catalog.roles[advice.role].targets
    follows = [other for other in graph.dependents(catalog)[name] if other in targets]
    level = advice.profile.knowledge[name].level
    listed = say("list.comma").join(reasons.short(catalog.skills[other].name[language]) for other in follows[:2])
    return Step(
        name=catalog.skills[name].name[language],
        words=say("step.new", target=target)
        if level is None
        else say("step.at", level=figures.level(level), target=target),
        because=say("step.because", names=listed) if follows else say("step.end"),
        mark="" if follows else "goal",
    )


def _ability(advice: Advice) -> dict[str, str] | None:
    ability = advice.profile.ability
    if ability.share is None or ability.low is None or ability.high is None:
        return None
    return {
        name: figures.share(value)
        for name, value in (("share", ability.share), ("low", ability.low), ("high", ability.high))
    }


def _today(now: float, language: str) -> str:
    when = datetime.fromtimestamp(now, UTC)
    if language == "zh":
        weekday = "一二三四五六日"[when.weekday()]
        return f"{when.month}{texts.NBSP}月{texts.NBSP}{when.day}{texts.NBSP}日 星期{weekday}"
    return f"{when:%A} {when.day}{texts.NBSP}{when:%B}"


def _moment(microseconds: int, language: str) -> str:
    return reasons.day(datetime.fromtimestamp(microseconds / 1e6, UTC).date(), language)
