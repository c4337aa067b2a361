"""A guided analysis of a shop's books: of the week that was played, or of a learner's own files. Floor 3.

Own files are read, asked about and forgotten: what the questions need lies sealed in the page alone and goes with it.
Nothing of them is kept, logged or told to the record store, and personal data refuse the whole.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from flask import Blueprint, Response, request
from itsdangerous import BadSignature, URLSafeSerializer

from curriculum.practice import figures as amounts
from curriculum.practice import shop, shop_intake, shop_questions
from curriculum.practice.shop_intake import Intake
from curriculum.practice.shop_questions import Question
from lti_tool import bearer, errors, texts
from lti_tool.pages import answers, gate, trade, trading
from lti_tool.texts import NBSP, Say
from lti_tool.tool import Tool

PURPOSE = "lti_tool analysis of a shop"


@dataclass(frozen=True)
class Asked:
    """A question on the page: its id, words, what was typed, and what came of it; `state` is empty before an answer."""

    id: str
    words: str
    unit: str
    typed: str
    state: str
    answer: str
    cause: str
    why: str
    working: str


def blueprint(tool: Tool) -> Blueprint:
    """The forms of the analysis."""
    views = Blueprint("analysing", __name__)

    @views.post("/lti/shop")
    def go() -> Response:
        guest = gate.guest()
        guest = replace(guest, language=texts.choose(request.form.get("language"), guest.language))
        stand = trading.stood(tool, guest)
        say, act = texts.speaker(guest.language), request.form.get("act", "open")
        intake = Intake({})
        if act == "upload":
            intake = shop_intake.read({name: sent.read() for name, sent in request.files.items()})
            asked = shop_questions.questions(intake.tables) if intake.sound else ()
        elif request.form.get("own"):
            asked = _unsealed(tool, request.form["own"])
        else:
            state = trade.played(trading.opened(stand))
            asked = shop_questions.questions(shop.tables(state.market, state.shop, state.reports))
        own = act == "upload" or bool(request.form.get("own"))
        return answers.page(
            "shop.html",
            tool,
            guest.language,
            guest.frames,
            asked=[_asked(one, say, graded=act == "grade") for one in asked],
            own=_sealed(tool, asked) if own else "",
            faults=_faults(intake, say),
            columns=[(name, ",".join(heads)) for name, heads in shop.COLUMNS.items()],
            carried=request.form.get("carried", ""),
            bearer=bearer.sign(guest.person, guest.language, tool.bearer_key, tool.now),
        )

    return views


def _asked(one: Question, say: Say, *, graded: bool) -> Asked:
    typed = request.form.get(one.id, "")[:40]
    found = shop_questions.grade(one, typed) if graded else None
    unit = NBSP + say(f"shop.unit.{one.unit}")
    shown = found is not None and found.state != "unreadable"
    method = found.method if found else ""
    return Asked(
        id=one.id,
        words=say(f"shop.q.{one.id}", product=one.product),
        unit=say(f"shop.unit.{one.unit}"),
        typed=typed,
        state=found.state if found else "",
        answer=f"{amounts.shown(one.right, 1)}{unit}" if shown else "",
        cause="" if not shown else _cause(one, found.state if found else "", method, say),
        why=say(f"shop.why.{one.id}") if shown else "",
        working=one.working if shown else "",
    )


def _cause(one: Question, state: str, method: str, say: Say) -> str:
    if state == "right":
        return say("shop.cause.right")
    return say(f"shop.cause.{one.id}.{method}") if method else say("practice.cause.unknown")


def _faults(intake: Intake, say: Say) -> list[str]:
    """Where something is wrong; never what stood there."""
    found = [
        say("shop.fault.person", file=one.file, line=one.line, column=one.column, kind=say(f"shop.person.{one.kind}"))
        for one in intake.people
    ]
    for fault in intake.faults:
        what = say(f"shop.fault.{fault.kind}", heads=",".join(shop.COLUMNS[fault.file]))
        place = "shop.fault.cell" if fault.column else "shop.fault.line" if fault.line else "shop.fault.file"
        found.append(say(place, file=fault.file, line=fault.line, column=fault.column, what=what))
    return found


def _serializer(tool: Tool) -> URLSafeSerializer:
    return URLSafeSerializer(tool.bearer_key, salt=PURPOSE)


def _sealed(tool: Tool, asked: tuple[Question, ...]) -> str:
    plain = [
        {**asdict(one), "right": str(one.right), "wrong": {name: str(value) for name, value in one.wrong.items()}}
        for one in asked
    ]
    return str(_serializer(tool).dumps(plain)) if plain else ""


def _unsealed(tool: Tool, text: str) -> tuple[Question, ...]:
    try:
        read = _serializer(tool).loads(text)
    except BadSignature as error:
        raise errors.PageRefused("page_not_ours", "own") from error
    return tuple(
        Question(
            **{
                **one,
                "right": Decimal(one["right"]),
                "wrong": {name: Decimal(value) for name, value in one["wrong"].items()},
            }
        )
        for one in read
    )
