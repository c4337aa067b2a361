"""Which two names of a person belong together, where events of a platform name people otherwise than launches. Floor 3.

The name in events comes as a custom parameter, and whoever may make a link in a course may write a number of their own
into it (Canvas: the API of resource links). So the first launch of an account decides which name is its own, for good,
and a name that one account has is no other's: nobody becomes somebody else by a link.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from lti_tool.settings import ACCOUNTS
from storage.port import Storage

PURPOSE = "lti_tool account"


def account(iss: str, sub: str, key: bytes) -> str:
    """What the account of a launch is called here: a pseudonym that no rotation changes.

    Args:
        iss: The platform.
        sub: The person's id in launches.
        key: `keyring.derive(PURPOSE)`.
    """
    return hmac.new(key, f"{iss}\x1f{sub}".encode(), hashlib.sha256).hexdigest()


def agree(storage: Storage, account_: str, pseudonyms: Sequence[str]) -> bool:
    """Whether this account and this name belong together; the first launch says so.

    Args:
        storage: The institution's store.
        account_: As `account` makes it.
        pseudonyms: Of the name, under every key of the keyring, the active key's first.
    """
    if _others(storage, account_, pseudonyms):
        return False
    document = {"account": account_, "learner": pseudonyms[0]}
    (kept,) = storage.insert_missing(ACCOUNTS, [document])
    if _others(storage, account_, pseudonyms):  # two accounts at once: neither has it
        storage.delete(ACCOUNTS, (account_,), expected=document)
        return False
    return kept["learner"] in pseudonyms


def _others(storage: Storage, account_: str, pseudonyms: Sequence[str]) -> bool:
    found = (one for name in pseudonyms for one in storage.find(ACCOUNTS, {"learner": name}, limit=2))
    return any(one["account"] != account_ for one in found)
