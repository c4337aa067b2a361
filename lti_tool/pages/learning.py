"""The learner's page: shown by the launch, and again when the learner chooses a role or a language. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request

from curriculum import catalog as catalogs
from curriculum import errors as curriculum_errors
from curriculum import modules
from curriculum.catalog import Catalog
from lti_tool import advice, bearer, emit, errors, goals, permissions, texts
from lti_tool import learner as learners
from lti_tool.grades import outbox, paths
from lti_tool.learner import Learner
from lti_tool.pages import answers, gate, scores, teaching, view
from lti_tool.permissions import Permission
from lti_tool.tool import Tool
from xapi_collector import agents


def blueprint(tool: Tool) -> Blueprint:
    """The page's own forms."""
    views = Blueprint("learning", __name__)

    @views.post("/lti/page")
    def again() -> Response:
        guest = gate.guest()
        role = request.form.get("role")
        if role:
            _choose(tool, guest.person, role)
        language = texts.choose(request.form.get("language"), guest.language)
        return show(tool, guest.person, language, guest.frames, tell=[] if role else None)

    return views


def show(
    tool: Tool, person: Learner, language: str, frames: Sequence[str], *, tell: Sequence[dict[str, Any]] | None
) -> Response:
    """Make the advice and its page.

    Args:
        tool: The running tool.
        person: Whose page.
        language: "en" or "zh".
        frames: Origins that may show it.
        tell: Statements that the LRS hears before what was recommended; None: it hears nothing. It hears of
            learners only.

    Raises:
        errors.PageRefused: The link names a catalog, a module or a role that does not exist.
    """
    pseudonym = agents.pseudonym(learners.agent(person), tool.keyring.pseudonym_key)
    catalog, fixed = _goal(person)
    role = fixed or goals.chosen(tool.storage, pseudonym, person.context)
    role = role if role in catalog.roles else ""
    given = advice.advise(tool.storage, tool.models, catalog, pseudonym, role=role, now=tool.now())
    if tell is not None and person.learns:
        told = emit.recommended(
            person, tool.settings.url, catalog, given.recommendations, new_id=tool.new_id, now=tool.now()
        )
        emit.put(tool.emitter, [*tell, *told])
    link = paths.scored(tool.storage, person)
    if link is not None and tell is not None:
        reached = paths.share(given.profile, catalog.roles[role].targets if role else {})
        paths.put(tool.storage, tool.keyring, person, link, pseudonym=pseudonym, reached=reached, now=tool.now())
    return answers.page(
        "learner.html",
        tool,
        language,
        frames,
        page=view.page(given, language, tool.now()),
        administers=Permission.ADMINISTER in permissions.of(person.roles),
        person=person,
        fixed=bool(fixed),
        graded=link is not None,
        score=scores.line(outbox.status(tool.storage, pseudonym, person.link), language),
        own=teaching.own(tool, person, pseudonym, given, language),
        sees_class=teaching.sees_class(person),
        bearer=bearer.sign(person, language, tool.bearer_key, tool.now),
    )


def _choose(tool: Tool, person: Learner, role: str) -> None:
    catalog, fixed = _goal(person)
    if fixed or role not in catalog.roles:
        raise errors.PageRefused("role_unknown", "role")
    pseudonym = agents.pseudonym(learners.agent(person), tool.keyring.pseudonym_key)
    goals.choose(tool.storage, pseudonym, person.context, role, tool.now())


def _goal(person: Learner) -> tuple[Catalog, str]:
    """The catalog of the link, and the role that the link sets as goal: its module or its role; empty if neither.

    Raises:
        errors.PageRefused: The link names a catalog, a module or a role that does not exist.
    """
    try:
        catalog = catalogs.load(person.catalog)
        if person.opens == "module":
            return modules.goal(catalog, person.subject)
    except curriculum_errors.UnknownCatalog as error:
        raise errors.PageRefused("catalog_unknown", "custom.catalog") from error
    except curriculum_errors.UnknownReference as error:
        raise errors.PageRefused("module_unknown", "custom.module") from error
    if person.role and person.role not in catalog.roles:
        raise errors.PageRefused("role_unknown", "custom.role")
    return catalog, person.role
