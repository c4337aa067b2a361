"""A launch, from the posted form to a learner: every check in its order. Floor 3.

1EdTech Security Framework 1.0, section 5.1.1.3. First the login record is taken, once; then the browser must be the
one that began; then the id_token must answer that very login; then the person must not be blocked. Whatever fails, the
record is gone: there is no second guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import (
    accounts,
    binding,
    blocked,
    claims,
    courses,
    errors,
    id_token,
    jwks,
    login,
    message,
    platforms,
    resources,
    texts,
    visits,
)
from lti_tool import learner as learners
from lti_tool.binding import Keeper
from lti_tool.learner import Learner
from lti_tool.message import Message
from lti_tool.platforms import Platform
from storage.port import Storage
from xapi_collector import agents
from xapi_collector.door.jwks import Fetch, KeySets
from xapi_collector.keyring import Keyring


@dataclass(frozen=True)
class Launch:
    """A launch that holds.

    Attributes:
        platform: Who vouches.
        learner: Who came, and what they opened.
        message: As pylti1p3 sees it, for the type of the message and its settings.
        named: The claims by name, as `claims.read` gives them.
    """

    platform: Platform
    learner: Learner
    message: Message
    named: Mapping[str, Any]


@dataclass(frozen=True)
class Door:
    """What it takes to let somebody in.

    Attributes:
        storage: Where login records, platforms and courses are.
        keyring: The institution's secrets: people are blocked and remembered by pseudonym.
        sets: The process's cache of platform keys.
        fetch: How a platform's key set is fetched.
        new_token: Makes an unguessable token.
    """

    storage: Storage
    keyring: Keyring
    sets: KeySets
    fetch: Fetch
    new_token: Callable[[], str]


@dataclass(frozen=True)
class Asking:
    """A launch whose browser sent no cookie, and whose platform keeps our binding: its page has to be asked.

    Attributes:
        keeper: The platform's storage.
        frames: Origins whose pages may show the tool.
        again: The parameters of the login, to begin once more.
    """

    keeper: Keeper
    frames: tuple[str, ...]
    again: Mapping[str, str]


def asking(door: Door, form: Mapping[str, str], cookies: Mapping[str, str], now: float) -> Asking | None:
    """Whether the platform's storage has to be asked before this launch can be taken; None if not.

    Nothing is taken and nothing is believed yet: the page that asks posts the same launch once more, with what it got.

    Args:
        door: Of this process.
        form: The posted fields.
        cookies: Of the browser.
        now: Seconds since the epoch.
    """
    state = form.get("state", "")
    sent = "error" not in form and binding.FIELD not in form and bool(form.get("id_token"))
    if not state or not sent or binding.cookie_name(state) in cookies:
        return None
    record = login.peek(door.storage, state, now)
    platform = None if record is None else platforms.find(door.storage, record["iss"], record["client_id"])
    if record is None or platform is None:
        return None
    keeper = binding.keeper(platform, record["keeper"])
    return None if keeper is None else Asking(keeper, platforms.frames(platform), record["again"])


def take(door: Door, form: Mapping[str, str], cookies: Mapping[str, str], now: float) -> Launch:
    """Take a launch.

    Args:
        door: Of this process.
        form: The posted fields: state and id_token, and what the platform's storage kept; or state and error.
        cookies: Of the browser.
        now: Seconds since the epoch.

    Raises:
        errors.Refused: It does not hold; the error tells who may show it, in which language, and how to begin again.
    """
    state = form.get("state")
    record = login.take(door.storage, state, now)
    platform = platforms.find(door.storage, record["iss"], record["client_id"])
    named: dict[str, Any] = {}
    try:
        if platform is None:
            raise errors.LaunchRefused("platform_unknown", "iss, client_id")
        if platform.state != "active":
            raise errors.LaunchRefused("platform_pending", "iss, client_id")
        if form.get("error"):
            raise errors.LaunchRefused("platform_error", "error")
        if not binding.holds(record, state or "", form, cookies):
            raise errors.LaunchRefused("state_not_bound", "cookie")
        body, named = _verified(door, platform, form.get("id_token"), record, now)
        platform = _deployed(door, platform, named["deployment"])
        wrapped = message.of(body, platform)
        learner = _admitted(door, learners.from_claims(named, platform.client_id, platforms.family(platform)))
    except errors.Refused as refused:
        refused.frames = () if platform is None else platforms.frames(platform)
        refused.again = record["again"]
        refused.language = texts.choose(named["locale"]) if named.get("locale") else ""
        raise
    _remember(door.storage, platform, learner, named, now)
    return Launch(platform, learner, wrapped, named)


def _verified(
    door: Door, platform: Platform, token: str | None, record: Mapping[str, Any], now: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    def find_key(kid: str) -> rsa.RSAPublicKey:
        return jwks.find(door.sets, platform, kid, now, door.fetch)

    target = record["target"]
    body, named = id_token.verify(token, platform, nonce=record["nonce"], target=target, find_key=find_key, now=now)
    custom = {name: value for name, value in (named["custom"] or {}).items() if value not in (None, "")}
    return body, {**named, "custom": {**resources.asked(target), **custom} or None}


def _deployed(door: Door, platform: Platform, deployment: str) -> Platform:
    """The platform with its deployments, the first of which a verified launch may tell."""
    if platform.deployments:
        return platform
    platform = platforms.learn(door.storage, platform, deployment)
    if deployment not in platform.deployments:
        raise errors.LaunchRefused("deployment_unknown", claims.LTI + "deployment_id")
    return platform


def _admitted(door: Door, learner: Learner) -> Learner:
    """The person with the visit that their pages carry, unless they are blocked."""
    pseudonyms = learners.pseudonyms(learner, door.keyring.pseudonym_keys)
    if blocked.is_blocked(door.storage, pseudonyms):
        raise errors.LaunchRefused("person_blocked", "sub")
    if learner.known_as:
        account = accounts.account(learner.iss, learner.sub, door.keyring.derive(accounts.PURPOSE))
        named = agents.pseudonyms(learners.agent(learner), door.keyring.pseudonym_keys)
        if not accounts.agree(door.storage, account, named):
            raise errors.LaunchRefused("person_mismatch", "custom.user")
    return replace(learner, visit=visits.begin(door.storage, pseudonyms, door.new_token))


def _remember(storage: Storage, platform: Platform, learner: Learner, named: Mapping[str, Any], now: float) -> None:
    """Keep the course and the link of a launch, with the services that came with them."""
    scope = (platform.iss, platform.client_id, named["deployment"])
    custom = named["custom"] or {}
    history = courses.copied_from(custom.get("context_history"))
    course = courses.Course(
        course=learner.context,
        iss=platform.iss,
        client_id=platform.client_id,
        deployment=named["deployment"],
        context=named["context"] or "",
        title=learner.course,
        memberships_url=named["memberships"] or "",
        lineitems_url=named["lineitems"] or "",
        groups_url=named["groups"] or "",
        scopes=tuple(sorted(named["scopes"] or ())),
        history=tuple(learners.key(*scope, "context", part) for part in history),
        launched=int(now // 86_400),
    )
    link = None
    if named["link"]:
        opens = {
            key: str(value)
            for key, value in custom.items()
            if key in (*learners.OPENS, "activity", "catalog", "role", "grade")
        }
        title = (named["link_title"] or "").strip()[:200]
        link = courses.Link(learner.link, learner.context, named["link"], title, named["lineitem"] or "", opens)
    courses.remember(storage, course, link)
