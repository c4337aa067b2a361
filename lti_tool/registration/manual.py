"""Registration by hand: the few facts that a person copies from an LMS, made into a record. Floor 3.

What the family of the platform lets us know is not asked for: of a Moodle its address, the client id and the deployment
are enough; of a hosted Canvas the client id and the address at which people open it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lti_tool import claims, errors, families, urls
from lti_tool.platforms import Platform

ADDRESSES = ("iss", "auth_url", "token_url", "jwks_url")
FIELDS = ("family", "iss", "client_id", "deployments", "frames", "auth_url", "token_url", "jwks_url")


@dataclass(frozen=True)
class Entry:
    """What was entered, and what is made of it.

    Attributes:
        values: Each field as it was entered.
        problems: For each field that cannot stay so, what it needs: "missing", "address", "text" or "family".
        platform: The record, if there is no problem.
    """

    values: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)
    platform: Platform | None = None


def read(entered: Mapping[str, str], *, state: str = "active") -> Entry:
    """Make a record of what was entered; empty endpoints are filled in where the family lets us know them.

    Args:
        entered: The fields of `FIELDS`; deployments and frames are separated by spaces, commas or lines.
        state: Of the record.
    """
    values = {name: entered.get(name, "").strip()[: urls.LONGEST] for name in FIELDS}
    family = families.FAMILIES.get(values["family"] or "spec")
    if family is None:
        return Entry(values, {"family": "family"})
    filled = dict(values)
    if not filled["iss"] and family.hosted:
        filled["iss"] = next(iter(family.hosted))
    filled["iss"] = filled["iss"].rstrip("/") if family.endpoints else filled["iss"]
    known = families.endpoints(family, filled["iss"])
    if known is not None:
        for name, value in (("auth_url", known.auth), ("token_url", known.token), ("jwks_url", known.jwks)):
            filled[name] = filled[name] or value
    deployments = tuple(dict.fromkeys(_split(values["deployments"])))
    frames = tuple(dict.fromkeys(_split(values["frames"])))
    problems = {name: _address(filled[name]) for name in ADDRESSES}
    problems["client_id"] = _text(filled["client_id"], 1024)
    problems["deployments"] = next((found for one in deployments if (found := _text(one, 255))), "")
    problems["frames"] = next((found for one in frames if (found := _address(one))), "")
    if filled["iss"] in family.hosted and not frames:
        problems["frames"] = "missing"  # its pages are at the institution's own address, which no issuer tells
    problems = {name: problem for name, problem in problems.items() if problem}
    if "iss" in problems:
        # What is derived from an issuer that cannot be is not the fault of whoever left it empty.
        problems = {name: problem for name, problem in problems.items() if values[name] or name not in ADDRESSES[1:]}
    if problems:
        return Entry(values, problems)
    return Entry(
        values,
        platform=Platform(
            iss=filled["iss"],
            client_id=filled["client_id"],
            auth_url=filled["auth_url"],
            token_url=filled["token_url"],
            jwks_url=filled["jwks_url"],
            deployments=deployments,
            family=family.name,
            frames=tuple(urls.origin(frame) for frame in frames),
            state=state,
            name=urls.read(frames[0]).authority if filled["iss"] in family.hosted else "",
        ),
    )


def _split(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,]+", text) if part]


def _address(value: str) -> str:
    if not value:
        return "missing"
    try:
        urls.read(value)
    except errors.ServiceError:
        return "address"
    return ""


def _text(value: str, longest: int) -> str:
    if not value:
        return "missing"
    return "" if claims.text(longest)(value) else "text"
