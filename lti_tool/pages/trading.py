"""A week of a small shop: ten rounds, each one form, and the books of the shop as files. Floor 3.

Works without a script and without a cookie, as every page of practice: a round counts once, however often its form is
sent. Learners are recorded and scored; whoever teaches sees the same pages, and nothing is kept of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from flask import Blueprint, Response, request

from curriculum import catalog as catalogs
from curriculum.practice import shop, week_market, week_policy, week_score, week_sheet
from lti_tool import attempts, bearer, emit, errors, texts, tries
from lti_tool import learner as learners
from lti_tool.attempts import Answer, Attempt, Carried, Kept, Shelf
from lti_tool.emit import Practised
from lti_tool.grades import outbox
from lti_tool.learner import Learner
from lti_tool.pages import answers, gate, scores, trade
from lti_tool.pages.gate import Guest
from lti_tool.pages.trade import ACTIVITY, Played, Screen
from lti_tool.tool import Tool
from lti_tool.tries import Try

CATALOG = "cbec"
WEEK, STANDARD = ACTIVITY.split(":")


@dataclass(frozen=True)
class Stand:
    """A request's view of a week: who is at it, and where the attempt is kept."""

    tool: Tool
    guest: Guest
    shelf: Shelf

    @property
    def person(self) -> Learner:
        """Who is at it."""
        return self.guest.person


def blueprint(tool: Tool) -> Blueprint:
    """The forms of a week."""
    views = Blueprint("trading", __name__)

    @views.post("/lti/week")
    def go() -> Response:
        guest = gate.guest()
        guest = replace(guest, language=texts.choose(request.form.get("language"), guest.language))
        stand = stood(tool, guest)
        act = "language" if request.form.get("language") else request.form.get("act", "open")
        return _decide(stand) if act == "decide" else _show(stand, act)

    @views.post("/lti/week/books")
    def books() -> Response:
        return _file(stood(tool, gate.guest()), request.form.get("file", ""))

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to a week opens.

    Raises:
        errors.PageRefused: The link names a week that does not exist.
    """
    stand = stood(tool, guest)
    if guest.person.learns:
        emit.put(tool.emitter, [emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())])
    return _show(stand, "open")


def stood(tool: Tool, guest: Guest) -> Stand:
    """The week of whoever came: by a link of its own, or from the practice of their path.

    Raises:
        errors.PageRefused: The link names a week that there is not, or the course teaches another catalog.
    """
    person = guest.person
    if person.catalog != CATALOG or (person.opens == WEEK and person.subject not in {"", STANDARD}):
        raise errors.PageRefused("activity_unknown", "custom.week")
    if person.learns:
        pseudonyms = learners.pseudonyms(person, tool.keyring.pseudonym_keys)
        return Stand(tool, guest, Kept(tool.storage, pseudonyms, person.link, ACTIVITY))
    there = attempts.unseal(request.form.get("carried", ""), tool.bearer_key)
    return Stand(tool, guest, Carried(there if there and there.activity == ACTIVITY else None))


def opened(stand: Stand, *, again: bool = False) -> Attempt:
    """The attempt that is there, or a new one: where none is, its market has changed, or that is asked for."""
    now = stand.tool.now()

    def opening(there: Attempt | None) -> Attempt | None:
        if there is None:
            return _begun(stand.tool, 1, now)
        market = week_market.market(there.seed, date.fromisoformat(there.on))
        if trade.mark(market) != there.mark or (again and there.finished):
            return _begun(stand.tool, there.number + 1, now)
        return None if there.finished else replace(there, since=now)

    attempt, _ = stand.shelf.change(opening)
    if attempt is None:  # pragma: no cover  # `opening` makes one where there is none
        raise errors.PageRefused("activity_unknown", "activity")
    return attempt


def _begun(tool: Tool, number: int, now: float) -> Attempt:
    seed = int.from_bytes(hashlib.sha256(tool.new_token().encode()).digest()[:4], "big") >> 1
    on = datetime.fromtimestamp(now, UTC).date()
    there = week_market.market(seed, on)
    return attempts.begin(
        ACTIVITY, number, seed, on=on.isoformat(), mark=trade.mark(there), total=week_market.ROUNDS, now=now
    )


def _show(stand: Stand, act: str) -> Response:
    attempt = opened(stand, again=act == "again")
    state, language = trade.played(attempt), stand.guest.language
    # The report that was on the screen stays there when its language changes.
    seen = act == "language" and request.form.get("screen") == "report" and state.reports
    return _page(
        stand, attempt, state, trade.reported(state, attempt, language) if seen else _now(attempt, state, language)
    )


def _now(attempt: Attempt, state: Played, language: str) -> Screen:
    if attempt.finished:
        return trade.summary(state, attempt, language)
    return trade.deciding(state, attempt, language)


def _decide(stand: Stand) -> Response:
    """Play a round: once, and only the round that the form showed."""
    now, language, sent = stand.tool.now(), stand.guest.language, request.form.to_dict()
    wanted = (sent.get("number", ""), sent.get("round", ""))
    problems: Mapping[str, str] = {}

    def deciding(there: Attempt | None) -> Attempt | None:
        nonlocal problems
        problems = {}
        if there is None or there.finished or wanted != (str(there.number), str(there.place + 1)):
            return None
        state = trade.played(there)
        sheet = week_sheet.read(state.market, state.shop, sent)
        if sheet.decision is None:
            problems = sheet.problems
            return None
        good = week_policy.behind(state.market, state.shop, sheet.decision) <= Decimal(0)
        answer = Answer(week_sheet.kept(sheet.decision), good, "", now, attempts.took(there, now))
        return attempts.answered(there, answer)

    attempt, fresh = stand.shelf.change(deciding)
    if attempt is None:
        return _show(stand, "open")
    state = trade.played(attempt)
    if problems:
        return _page(stand, attempt, state, trade.deciding(state, attempt, language, typed=sent, problems=problems))
    if fresh:
        _tell(stand, attempt, state)
    if wanted == (str(attempt.number), str(attempt.place)):
        return _page(stand, attempt, state, trade.reported(state, attempt, language))
    return _page(stand, attempt, state, _now(attempt, state, language))


def _file(stand: Stand, name: str) -> Response:
    """One table of the books, for a spreadsheet.

    Raises:
        errors.PageRefused: There is no such table.
    """
    if name not in shop.COLUMNS:
        raise errors.PageRefused("not_found", "file")
    state = trade.played(opened(stand))
    rows = shop.tables(state.market, state.shop, state.reports)[name]
    # The mark says to spreadsheets that it is UTF-8.
    response = Response(f"\N{BYTE ORDER MARK}{shop.written(name, rows)}", mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="shop-{name}.csv"'
    return response


def _tell(stand: Stand, attempt: Attempt, state: Played) -> None:
    """Tell the record store what came of a round, part by part, and of the week at its end."""
    if not stand.person.learns or state.before is None:
        return
    tool, url, last = stand.tool, stand.tool.settings.url, attempt.answers[-1]
    report = state.reports[-1]
    good = trade.good(state.market, state.before, report)
    items, told, noted = catalogs.load(CATALOG).items, [], []
    for part, skill in trade.SKILLS.items():
        step = f"{part}.{report.round}"
        one = Practised(
            item=items[f"practice:{skill}"].activity,
            practice=ACTIVITY,
            case=WEEK,
            seed=attempt.seed,
            step=step,
            right=good[part],
            given=last.given.split(";")[("orders", "prices", "ads", "mode", "forecast").index(part)],
            cause="",
            rules=(),
            seconds=last.seconds,
            at=last.at,
        )
        told.append(emit.answered(stand.person, url, one, new_id=tool.new_id))
        noted.append(Try(ACTIVITY, f"{WEEK}.{part}", skill, good[part], False, "", last.at))
    if attempt.finished:
        score = week_score.result(state.market, state.reports, state.shop).score
        told.append(
            emit.completed(
                stand.person,
                url,
                ACTIVITY,
                words=week_market.NAME,
                right=round(score),
                total=100,
                new_id=tool.new_id,
                now=attempt.finished,
            )
        )
    emit.put(tool.emitter, told)
    pseudonym = learners.pseudonyms(stand.person, tool.keyring.pseudonym_keys)[0]
    tries.note(tool.storage, stand.person.context, pseudonym, noted)


def _score(stand: Stand, attempt: Attempt, state: Played) -> None:
    """Hand the score of a finished week to the outbox, once; after a crash in between, at the next page."""
    if attempt.scored or not attempt.finished or not stand.person.learns or stand.person.opens != WEEK:
        return
    say, result = texts.speaker(stand.guest.language), week_score.result(state.market, state.reports, state.shop)
    outbox.put(
        stand.tool.storage,
        stand.tool.keyring,
        stand.person,
        given=float(result.score),
        maximum=100.0,
        activity_progress="Completed",
        grading_progress=outbox.GRADED,
        comment=say("week.comment", name=week_market.NAME[stand.guest.language], score=result.score),
        now=stand.tool.now(),
    )
    stand.shelf.change(lambda there: replace(there, scored=True) if there and there.number == attempt.number else None)


def _page(stand: Stand, attempt: Attempt, state: Played, screen: Screen) -> Response:
    tool, guest, person = stand.tool, stand.guest, stand.person
    _score(stand, attempt, state)
    status = None
    if screen.kind == "summary" and person.learns and person.opens == WEEK:
        pseudonym = learners.pseudonyms(person, tool.keyring.pseudonym_keys)[0]
        status = scores.line(outbox.status(tool.storage, pseudonym, person.link), guest.language)
    return answers.page(
        "week.html",
        tool,
        guest.language,
        guest.frames,
        screen=screen,
        books=tuple(shop.COLUMNS),
        person=person,
        linked=person.opens == WEEK,
        score=status,
        carried="" if person.learns else attempts.seal(attempt, tool.bearer_key),
        bearer=bearer.sign(person, guest.language, tool.bearer_key, tool.now),
    )
