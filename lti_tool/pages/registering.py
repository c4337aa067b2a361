"""The pages of a platform's administrator: the address of an invite, and the check of a registration. Floor 3.

One address serves three ways: an LMS opens it with `openid_configuration` and is registered (1EdTech LTI Dynamic
Registration 1.0, section 3.3); a person who opens it reads what to do; a form registers by hand.
"""

from __future__ import annotations

import json
import logging
import shlex
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request

from lti_tool import bearer, errors, families, login, platforms, texts, urls
from lti_tool.pages import answers, gate
from lti_tool.phrasing import phrases
from lti_tool.platforms import Platform
from lti_tool.registration import check, description, dynamic, invites, manual
from lti_tool.registration.invites import Invite
from lti_tool.registration.manual import Entry
from lti_tool.tool import Tool

LOG = logging.getLogger("lti_tool")
DAYS = 30
"""Of how many days the check counts what became of texts of a language model."""


def blueprint(tool: Tool) -> Blueprint:
    """The addresses that an administrator gets."""
    views = Blueprint("registering", __name__)

    @views.get("/lti/register", defaults={"code": ""}, strict_slashes=False)
    @views.get("/lti/register/<code>")
    def begin(code: str) -> Response:
        # HEAD asks what there is; it must not change anything.
        if "openid_configuration" in request.args and request.method == "GET":
            return _dynamic(tool, code)
        return _page(tool, invites.find(tool.storage, code, tool.now()), code, Entry({}))

    @views.post("/lti/register/<code>")
    def enter(code: str) -> Response:
        return _manual(tool, code)

    @views.get("/lti/canvas.json")
    def canvas() -> Response:
        return jsonify(description.canvas(tool.settings.url))

    @views.post("/lti/check")
    def examine() -> Response:
        guest = gate.guest()
        bench = check.Bench(tool.services.exchange, tool.settings.url, tool.keys, tool.now, tool.new_token)
        findings = [*check.platform(bench, guest.platform), *check.tool(bench)]
        language = texts.choose(request.form.get("language"), guest.language)
        return answers.page(
            "checked.html",
            tool,
            language,
            guest.frames,
            lines=check.say(findings, texts.speaker(language)),
            worst=check.worst(findings),
            platform=guest.platform,
            model=tool.writer.model.name if tool.writer else "",
            away=bool(tool.writer and tool.writer.breaker.open),
            tally=phrases.tally(tool.storage, tool.now(), DAYS),
            days=DAYS,
            bearer=bearer.sign(guest.person, language, tool.bearer_key, tool.now),
        )

    return views


def _dynamic(tool: Tool, code: str) -> Response:
    """Register the platform that opened the address in a frame of its own."""
    try:
        platform = dynamic.register(
            tool.storage,
            tool.services.exchange,
            tool.settings.url,
            code,
            request.args,
            now=tool.now,
            new_token=tool.new_token,
        )
    except errors.RegistrationRefused as refused:
        # The page holds nothing to steal or press; who frames it is who sent us here.
        refused.frames = _origins(request.args["openid_configuration"], request.referrer or "")
        raise
    return _registered(tool, platform, platforms.frames(platform), closes=True)


def _manual(tool: Tool, code: str) -> Response:
    """Register what a person typed; a field that cannot be right is said beside it, and nothing is kept."""
    entry = manual.read(request.form, state="pending")
    platform = entry.platform
    if platform is None:
        return _page(tool, invites.find(tool.storage, code, tool.now()), code, entry, status=400)
    with invites.held(tool.storage, code, now=tool.now(), new_token=tool.new_token) as invite:
        # Whose a shared issuer is cannot be told from what was typed: that waits for the tool's administrator.
        if invite.host and platform.iss not in platforms.family(platform).hosted:
            if urls.read(platform.iss).authority != invite.host:
                raise errors.RegistrationRefused("invite_foreign", "iss")
            platform = replace(platform, state="active")
        invites.spend(tool.storage, invite, platform, tool.now())
    return _registered(tool, platform, (), closes=False)


def _registered(tool: Tool, platform: Platform, frames: tuple[str, ...], *, closes: bool) -> Response:
    LOG.info("registered family=%s state=%s", platform.family, platform.state)
    return answers.page(
        "registered.html",
        tool,
        _language(),
        frames,
        scripts=closes,
        closes=closes,
        platform=platform,
        shown_at=platforms.frames(platform),
        # Quoted: a client id is the platform's own words, and these lines are made to be copied into a shell.
        approve=shlex.join(["entrepot", "platform", "approve", platform.iss, platform.client_id]),
        check=shlex.join(["entrepot", "platform", "check", platform.iss]),
    )


def _page(tool: Tool, invite: Invite, code: str, entry: Entry, *, status: int = 200) -> Response:
    """What to do in Moodle, in Canvas, and elsewhere; never in a frame, for it is a form."""
    url = tool.settings.url
    return answers.page(
        "registering.html",
        tool,
        _language(),
        (),
        status=status,
        url=url,
        code=code,
        launch=login.launch_url(url),
        canvas=json.dumps(description.canvas(url), indent=2),
        families=sorted(families.FAMILIES, key=lambda name: name == "spec"),
        invite=invite,
        until=datetime.fromtimestamp(invite.expires, UTC),
        entry=entry,
    )


def _language() -> str:
    return texts.choose(request.values.get("language"), answers.wished_language())


def _origins(*addresses: str) -> tuple[str, ...]:
    """The origins of those addresses that can be read."""
    found: list[str] = []
    for address in addresses:
        try:
            found.append(urls.origin(address))
        except errors.ServiceError:
            continue
    return tuple(dict.fromkeys(found))
