"""What the page of a scene shows, as plain data for the template: every step of it at once; pure. Floor 3.

One form, in words. In three dimensions the same form is pictured: shapes, sizes and paints stand beside the words, and
the picture changes what the form says and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from curriculum.practice.stage import Prop, Scene
from curriculum.practice.task import Step
from lti_tool import texts
from lti_tool.attempts import Attempt
from lti_tool.pages import casework, helping
from lti_tool.pages.casework import Help, Paper
from lti_tool.tasks import Task

NOTHING = Prop("none", (0, 0, 0), "")


@dataclass(frozen=True)
class Thing:
    """Something to choose: its key, its text, whether it is chosen, and what it looks like."""

    key: str
    text: str
    chosen: bool
    shape: str
    size: str
    paint: str


@dataclass(frozen=True)
class Field:
    """A step of the scene.

    Attributes:
        place: From 0.
        name: Short.
        question: What is asked.
        form: "choice" or "several".
        facts: What its own row of the first document says: (column, cell); empty where there is none.
        things: What can be chosen.
        problem: Why what was sent could not be read, in words; empty if nothing.
        own: What it is about, where that can be seen; shape "none" where it cannot.
        help: Its hints, and what the next one costs.
    """

    place: int
    name: str
    question: str
    form: str
    facts: tuple[tuple[str, str], ...]
    things: tuple[Thing, ...]
    problem: str
    own: Thing
    help: Help


@dataclass(frozen=True)
class Board:
    """The page of a scene that is not handed over.

    Attributes:
        activity: "scene:" and a kind.
        kind: Id of the kind.
        number: Of the attempt.
        name: Of the scene.
        over: The line above the heading.
        story: Where one stands, and when.
        papers: The documents; without the first one where its rows stand beside the steps.
        fields: The steps.
        lanes: Whether every step has the same options, so that a picture shows them once.
        open: How many steps could not be read.
    """

    activity: str
    kind: str
    number: int
    name: str
    over: str
    story: str
    papers: tuple[Paper, ...]
    fields: tuple[Field, ...]
    lanes: bool
    open: int


def board(
    scene: Scene,
    made: Task,
    attempt: Attempt,
    language: str,
    *,
    chosen: Mapping[int, str],
    problems: Mapping[int, str],
) -> Board:
    """Lay out a scene.

    Args:
        scene: What it shows.
        made: The same as a task.
        attempt: Not finished.
        language: "en" or "zh".
        chosen: What the form says already: keys with commas between them, by place.
        problems: Why some of it could not be read, by place, as in `task.Verdict`.
    """
    say = texts.speaker(language)
    tables = scene.case.tables[1:] if scene.own else scene.case.tables
    return Board(
        activity=made.activity,
        kind=scene.case.kind,
        number=attempt.number,
        name=scene.case.name[language],
        over=say("practice.over.scene", number=attempt.number),
        story=scene.case.story[language],
        papers=tuple(casework.paper(table, language) for table in tables),
        fields=tuple(
            _field(
                scene,
                place,
                language,
                (chosen.get(place, ""), place in problems),
                helping.of_scene(made, attempt, place, language),
            )
            for place in range(len(scene.case.steps))
        ),
        lanes=bool(scene.own),
        open=len(problems),
    )


def _field(scene: Scene, place: int, language: str, sent: tuple[str, bool], help_: Help) -> Field:
    """A step; `sent` is what was chosen in it, and whether it is open still."""
    chosen, is_open = sent
    step, say = scene.case.steps[place], texts.speaker(language)
    props = scene.props[step.id]
    facts: tuple[tuple[str, str], ...] = ()
    if scene.own:
        cells = scene.case.tables[0].rows[place]
        # The first column is the name of the step itself.
        facts = tuple((column[language], cell[language]) for column, cell in zip(scene.own, cells, strict=True))[1:]
    return Field(
        place=place,
        name=step.name[language],
        question=step.question[language],
        form=step.form,
        facts=facts,
        things=_things(step, props, language, chosen.split(",")),
        problem=say(f"scene.problem.{step.form}") if is_open else "",
        own=_thing("", step.name[language], props.get("", NOTHING), chosen=False),
        help=help_,
    )


def _things(step: Step, props: Mapping[str, Prop], language: str, chosen: list[str]) -> tuple[Thing, ...]:
    return tuple(
        _thing(option.key, option.text[language], props[option.key], chosen=option.key in chosen)
        for option in step.options
    )


def _thing(key: str, text: str, prop: Prop, *, chosen: bool) -> Thing:
    return Thing(key, text, chosen, prop.shape, " ".join(map(str, prop.size)), prop.paint)
