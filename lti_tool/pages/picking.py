"""The picker: after a deep linking request an instructor chooses what a course has, names it, and sends. Floor 3.

LTI Deep Linking 2.0. No cookie, no script and no store: the request travels sealed in a hidden field, what was chosen
and typed travels beside it. Only the last page leaves the tool: it posts the signed answer to the platform.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from curriculum import catalog as catalogs
from curriculum.catalog import Catalog
from lti_tool import bearer, errors, families, login, permissions, platforms, texts, urls
from lti_tool import learner as learners
from lti_tool.deep_linking import answer, choices, sealed
from lti_tool.deep_linking import request as requests
from lti_tool.deep_linking.choices import Choice
from lti_tool.deep_linking.request import Request
from lti_tool.exercises import EXAM
from lti_tool.launch import Launch
from lti_tool.pages import answers, gate, offering, selection
from lti_tool.pages.gate import Guest
from lti_tool.pages.offering import Sought
from lti_tool.tool import Tool

MOST = 20
TYPED = ("title", "text", "grade", "place", "seen", "tries", "timed")
SOUGHT = ("find", "kind", "area")
"""What a search is made of, to come back to it."""
ENTER, ALL = "enter", "all"
"""Steps: of the enter key, which searches where something new was typed and goes on where nothing was; and out of a
search, back to everything."""

Form = MultiDict[str, str]


def blueprint(tool: Tool) -> Blueprint:
    """The picker's own forms."""
    views = Blueprint("picking", __name__)

    @views.post("/lti/picking")
    def go() -> Response:
        guest = gate.guest()
        asked = sealed.open_(request.form.get("picking", ""), guest.person, _key(tool), tool.now())
        guest = replace(guest, language=texts.choose(request.form.get("language"), guest.language))
        return _go(tool, guest, asked, request.form)

    return views


def show(tool: Tool, guest: Guest, taken: Launch) -> Response:
    """The first page, after a verified deep linking request.

    Args:
        tool: The running tool.
        guest: Whoever came in.
        taken: The launch.

    Raises:
        errors.PageRefused: Their role may not choose for the course, or the request cannot be answered.
    """
    gate.require(guest.person, permissions.Permission.PICK)
    asked = requests.read(taken.named["picking"], taken.platform)
    return _choose(tool, guest, asked, MultiDict())


def _go(tool: Tool, guest: Guest, asked: Request, form: Form) -> Response:
    """The next page: `step` is the button that was pressed, `at` the page that it stood on."""
    step = form.get("step", "")
    if step == "cancel":
        return _send(tool, guest, asked, [])
    chosen = _chosen(tool, form, asked)
    goes_on = step in {"check", "add"} or (step == ENTER and not offering.searched(form))
    if not goes_on and (step or "only" in form or form.get("at") != "check"):
        return _choose(tool, guest, asked, form)
    if not chosen or len(chosen) > MOST:
        return _choose(tool, guest, asked, form, note="picking.none" if not chosen else "picking.many")
    if step == "add":
        return _send(tool, guest, asked, chosen, form)
    return _check(tool, guest, asked, chosen, form)


def _choose(tool: Tool, guest: Guest, asked: Request, form: Form, *, note: str = "") -> Response:
    """What there is to choose from one catalog; what was chosen from the others stays chosen."""
    catalog = _catalog(tool, form, guest)
    offered = choices.offered(catalog)
    # Where one thing is taken, another catalog begins anew.
    chosen = [one for one in _chosen(tool, form, asked) if asked.multiple or one.key in offered]
    keys = [one.key for one in chosen]
    wanted = Sought() if form.get("step") == ALL else offering.sought(form, catalog)
    groups = offering.groups(catalog, offered.values(), keys, wanted, guest.language)
    say = texts.speaker(guest.language)
    return _page(
        tool,
        guest,
        asked,
        "picking.html",
        at="choose",
        note=note and say(note, most=MOST),
        groups=groups,
        found=sum(group.count for group in groups),
        chosen=offering.kept(chosen, guest.language),
        wanted=wanted,
        kinds=[(kind, say(f"picking.group.{kind}")) for kind in choices.GROUPS],
        areas=[(area.id, area.name[guest.language]) for area in catalog.areas.values()],
        kept=_typed(form, keys),
        catalog=catalog,
        others=[one for name in catalogs.NAMES if (one := tool.catalog(name)).id != catalog.id],
    )


def _check(tool: Tool, guest: Guest, asked: Request, chosen: Sequence[Choice], form: Form) -> Response:
    """Each chosen thing as the course will have it."""
    return _page(
        tool,
        guest,
        asked,
        "picking_check.html",
        at="check",
        rows=selection.rows(chosen, form, asked, _loaded(tool), guest.language),
        kept=[(name, form[name]) for name in SOUGHT if form.get(name)],
        catalog=_catalog(tool, form, guest),
    )


def _send(
    tool: Tool, guest: Guest, asked: Request, chosen: Sequence[Choice], form: Mapping[str, str] | None = None
) -> Response:
    """The page that posts the signed answer to the platform, by our script or by its button."""
    rows = selection.rows(chosen, form or {}, asked, _loaded(tool), guest.language)
    family = platforms.family(guest.platform)
    variables = families.custom(family)
    items = [
        answer.content_item(
            selection.item(choice, row, asked),
            login.launch_url(tool.settings.url),
            {**variables, **(family.closing if choice.activity == EXAM else {})},
        )
        for choice, row in zip(chosen, rows, strict=True)
    ]
    say = texts.speaker(guest.language)
    body = answer.body(
        guest.platform,
        guest.person.deployment,
        asked,
        items,
        words=say("picking.sent", count=len(items)) if items else say("picking.cancelled"),
        now=tool.now(),
        new_token=tool.new_token,
    )
    return answers.page(
        "picked.html",
        tool,
        guest.language,
        guest.frames,
        scripts=True,
        posts_to=urls.origin(asked.return_url),
        return_url=asked.return_url,
        token=answer.sign(body, tool.keys.signing),
        count=len(items),
    )


def _page(tool: Tool, guest: Guest, asked: Request, template: str, **values: Any) -> Response:
    return answers.page(
        template,
        tool,
        guest.language,
        guest.frames,
        asked=asked,
        person=guest.person,
        bearer=bearer.sign(guest.person, guest.language, tool.bearer_key, tool.now),
        picking=request.form.get("picking")
        or sealed.seal(asked, guest.person, _key(tool), now=tool.now(), new_token=tool.new_token),
        **values,
    )


def _chosen(tool: Tool, form: Form, asked: Request) -> list[Choice]:
    """What the form names, in the order of the catalogs.

    Raises:
        errors.PageRefused: It names something that nobody offers.
    """
    named = set(form.getlist("item"))
    found = [
        choice
        for catalog in _loaded(tool).values()
        for choice in choices.offered(catalog).values()
        if choice.key in named
    ]
    if len(found) < len(named):
        raise errors.PageRefused("activity_unknown", "item")
    return found if asked.multiple else found[:1]


def _typed(form: Form, keys: Sequence[str]) -> list[tuple[str, str]]:
    """What was typed about what is chosen, to come back to it."""
    return [(name, value) for key in keys for what in TYPED if (value := form.get(name := f"{what}:{key}")) is not None]


def _catalog(tool: Tool, form: Form, guest: Guest) -> Catalog:
    """The catalog whose button was pressed, else that of the page, else that of the launch."""
    wished = (form.get("catalog"), form.get("shown"), guest.person.catalog)
    return tool.catalog(next((name for name in wished if name in catalogs.NAMES), learners.CATALOG))


def _loaded(tool: Tool) -> dict[str, Catalog]:
    return {name: tool.catalog(name) for name in catalogs.NAMES}


def _key(tool: Tool) -> bytes:
    return tool.keyring.derive(sealed.PURPOSE)
