"""Who sits at a page of the path, what they want of it, what is known of them, and the frame of their page. Floor 3.

Nobody but a learner is recorded: for whoever teaches or looks, what they press holds for that page alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, request

from curriculum import courses, modules
from curriculum import errors as curriculum_errors
from curriculum.catalog import Catalog
from lti_tool import (
    advice,
    backgrounds,
    bearer,
    errors,
    experiments,
    goals,
    overrides,
    permissions,
    placements,
    plans,
    texts,
    votes,
)
from lti_tool import learner as learners
from lti_tool.advice import Advice, Placed, Wish
from lti_tool.backgrounds import Background
from lti_tool.experiments import Part
from lti_tool.learner import Learner
from lti_tool.pages import answers, gate, teaching, view
from lti_tool.pages.gate import Guest
from lti_tool.permissions import Permission
from lti_tool.placements import Placement
from lti_tool.plans import Plan
from lti_tool.roster import members
from lti_tool.tool import Tool
from recommender import placement, verbs
from recommender.knobs import Knobs
from xapi_collector import agents

TABS = (("today", "page"), ("path", "path"), ("learn", "learn"), ("practice", "cases"), ("profile", "profile"))
"""Name and route of each tab, below /lti."""
ALONE = frozenset({"case", "quiz", "exam", "scene", "project", "discussion", "rule"})
"""What a link opens without the path around it."""


@dataclass(frozen=True)
class Seat:
    """A request's view of the path: who sits there, and what they want of it.

    Attributes:
        tool: The running tool.
        guest: Who asks, in the language of the page.
        catalog: Of the link.
        fixed: The role that the link sets as goal; empty if the learner chooses.
        pseudonym: Theirs.
        plan: What they asked for.
        placement: What they showed of what they know already.
        background: What they say of themselves.
        words: What they said of steps, by item.
    """

    tool: Tool
    guest: Guest
    catalog: Catalog
    fixed: str
    pseudonym: str
    plan: Plan
    placement: Placement = placements.NOTHING
    background: Background = backgrounds.NOTHING
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Learner:
        """Who sits there."""
        return self.guest.person

    @property
    def language(self) -> str:
        """Of the page."""
        return self.guest.language


def of_form(tool: Tool) -> Seat:
    """The seat of whoever posted a form, in the language that the form may ask for."""
    guest = gate.guest()
    return seated(tool, replace(guest, language=texts.choose(request.form.get("language"), guest.language)))


def seated(tool: Tool, guest: Guest) -> Seat:
    """The seat of somebody who came.

    Raises:
        errors.PageRefused: The link names a catalog, a module or a role that does not exist.
    """
    catalog, fixed = _goal(tool, guest.person)
    pseudonym = agents.pseudonym(learners.agent(guest.person), tool.keyring.pseudonym_key)
    plan = plans.find(tool.storage, pseudonym, guest.person.context, tool.now())
    seat = Seat(tool, guest, catalog, fixed, pseudonym, plan)
    if not guest.person.learns:
        return seat
    return replace(
        seat,
        placement=placements.Kept(tool.storage, pseudonym, catalog.id).find(),
        background=backgrounds.find(tool.storage, pseudonym),
        words=votes.of_one(tool.storage, pseudonym, catalog.id),
    )


def changed(seat: Seat, wish: Callable[[Plan], Plan]) -> Seat:
    """The seat with another plan: kept for a learner, for this page alone for anybody else."""
    if not seat.person.learns:
        return replace(seat, plan=wish(seat.plan))
    kept = plans.change(seat.tool.storage, seat.pseudonym, seat.person.context, wish, seat.tool.now())
    return replace(seat, plan=kept)


def advised(seat: Seat) -> Advice:
    """One pass over the answers, for the goal that holds."""
    tool, plan = seat.tool, seat.plan
    role = goal_of(seat)
    wish = Wish(
        role=role,
        hours=float(plan.hours),
        deadline=plan.deadline,
        way=plan.way,
        knobs=_knobs(seat),
        # The role is theirs to tell as well: it counts only where they said something of themselves.
        said={**seat.background.said, backgrounds.ROLE: role} if seat.background.said else {},
    )
    placed = placed_of(seat.placement)
    return advice.advise(
        tool.storage,
        tool.models,
        seat.catalog,
        seat.pseudonym,
        wish=wish,
        now=tool.now(),
        placed=placed,
        arm=part(seat).arm,
    )


def part(seat: Seat) -> Part:
    """Which part they take in the institution's experiment: none unless they learn."""
    return experiments.part(seat.tool.settings.experiment, seat.pseudonym) if seat.person.learns else experiments.NONE


def goal_of(seat: Seat) -> str:
    """The id of the role that is the goal; empty if none is chosen."""
    chosen = seat.fixed or goals.chosen(seat.tool.storage, seat.pseudonym, seat.person.context)
    return chosen if chosen in seat.catalog.roles else ""


def placed_of(there: Placement) -> Placed | None:
    """What holds of a placement, as advice takes it."""
    answers = there.holding
    if not answers:
        return None
    return Placed(tuple(placement.Answer(one.asked.item, one.right) for one in answers), answers[0].at)


def _knobs(seat: Seat) -> Knobs:
    """What the learner asked for, and what their instructor put first, hid or proposed."""
    tool, plan, context = seat.tool, seat.plan, seat.person.context
    member = members.find(tool.storage, context, seat.pseudonym)
    groups = () if member is None else member.groups
    held = overrides.of(tool.storage, context, seat.pseudonym, groups, tool.now())
    return Knobs(
        challenge=float(plan.challenge),
        review=float(plan.review),
        first=tuple(one.subject for one in held.first),
        proposed=tuple(one.subject for one in held.proposed),
        hidden=frozenset(one.subject for one in held.hidden),
        paused=plan.paused,
        claimed=frozenset(plan.claimed),
        doubted=votes.own(seat.words),
    )


def shown(
    seat: Seat,
    given: Advice,
    template: str,
    tab: str,
    route: str,
    *,
    keep: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """Render a page with everything that stands around its content."""
    tool, person = seat.tool, seat.person
    frame = view.frame(given, seat.language, tool.now())
    return answers.page(
        template,
        tool,
        seat.language,
        seat.guest.frames,
        frame=frame,
        tab=tab,
        tabs=_tabs(seat, practises=frame.practises),
        route=route,
        keep=keep or {},
        person=person,
        fixed=bool(seat.fixed),
        plan=seat.plan,
        ways=verbs.MODES,
        words=seat.words,
        comparing=bool(part(seat).experiment),
        administers=Permission.ADMINISTER in permissions.of(person.roles),
        sees_class=teaching.sees_class(person),
        bearer=bearer.sign(person, seat.language, tool.bearer_key, tool.now),
        **values,
    )


def _tabs(seat: Seat, *, practises: bool) -> list[tuple[str, str]]:
    """The tabs of a page: those that have something behind them; none where the link opens one activity alone."""
    if seat.person.opens in ALONE:
        return []
    empty = {
        "learn": not courses.of_catalog(seat.catalog),
        "practice": not practises,
    }
    return [one for one in TABS if not empty.get(one[0])]


def _goal(tool: Tool, person: Learner) -> tuple[Catalog, str]:
    """The catalog of the link, and the role that the link sets as goal: its module, course or role; empty if none.

    Raises:
        errors.PageRefused: The link names a catalog, a module, a course or a role that does not exist.
    """
    try:
        catalog = tool.catalog(person.catalog)
        if person.opens == "module":
            return modules.goal(catalog, person.subject)
        if person.opens == "course":
            return courses.goal(catalog, person.subject)
    except curriculum_errors.UnknownCatalog as error:
        raise errors.PageRefused("catalog_unknown", "custom.catalog") from error
    except curriculum_errors.UnknownReference as error:
        code = "module_unknown" if person.opens == "module" else "activity_unknown"
        raise errors.PageRefused(code, f"custom.{person.opens}") from error
    if person.role and person.role not in catalog.roles:
        raise errors.PageRefused("role_unknown", "custom.role")
    return catalog, person.role
