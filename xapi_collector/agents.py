"""A person's identity: the inverse functional identifier, its canonical form, its pseudonym. Floor 1.

Nowhere else in the product is a name or a mail address touched. xAPI 1.0.3, Data 2.4.2.3 (inverse functional
identifiers).
"""

import base64
import functools
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")


def canonical(agent: Mapping[str, Any]) -> str:
    """One text per identity: agents are the same person exactly if these are equal.

    The domain of a mail address and the hexadecimal digits of its hash are case insensitive; all else is kept as it is.
    A group without identifier is the set of its members.

    Args:
        agent: A valid xAPI Agent or Group.
    """
    account = agent.get("account")
    if account is not None:
        return json.dumps(["account", account["homePage"], account["name"]], ensure_ascii=False)
    if "mbox" in agent:
        local, _, domain = agent["mbox"].rpartition("@")
        return json.dumps(["mbox", f"mailto:{local.partition(':')[2]}@{domain.lower()}"], ensure_ascii=False)
    if "mbox_sha1sum" in agent:
        return json.dumps(["mbox_sha1sum", agent["mbox_sha1sum"].lower()])
    if "openid" in agent:
        return json.dumps(["openid", agent["openid"]], ensure_ascii=False)
    return json.dumps(["group", sorted({canonical(member) for member in agent.get("member", ())})], ensure_ascii=False)


@functools.lru_cache(maxsize=1_000)
def authority(home_page: str, name: str) -> str:
    """The JSON text of the Agent that vouches for what a credential sends (Data 2.4.9).

    Args:
        home_page: The public address of the collector, or the issuer of a token.
        name: The credential's key, or the client of a token.
    """
    agent = {"objectType": "Agent", "account": {"homePage": home_page, "name": name}}
    return json.dumps(agent, ensure_ascii=False, separators=(",", ":"))


def pseudonym(agent: Mapping[str, Any], key: bytes) -> str:
    """The pseudonym of an agent: 32 characters (192 bits) of HMAC-SHA256 over its canonical form, base64url.

    Args:
        agent: A valid xAPI Agent or Group.
        key: The institution's pseudonym key; another institution's pseudonyms of the same person do not match.
    """
    account = agent.get("account")
    if account is not None:  # the form that an LMS sends, and the only one on the hot path
        return _of_account(account["homePage"], account["name"], key)
    return _digest(canonical(agent), key)


def pseudonyms(agent: Mapping[str, Any], keys: Sequence[bytes]) -> tuple[str, ...]:
    """The pseudonyms of an agent under each of `keyring.pseudonym_keys`, the active key's first.

    While pseudonyms are rotated, what is kept of a person stands under one or the other.
    """
    return tuple(pseudonym(agent, key) for key in keys)


@functools.lru_cache(maxsize=20_000)
def _of_account(home_page: str, name: str, key: bytes) -> str:
    return _digest(json.dumps(["account", home_page, name], ensure_ascii=False), key)


def _digest(text: str, key: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()[:24]).decode()
