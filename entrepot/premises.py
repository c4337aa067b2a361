"""Make the directory of an institution: its keys, its store, its credential, its settings. What `entrepot init` does.

```
DIRECTORY/
  institution.env   the ENTREPOT_* variables of its collector and its tool (0600)
  member.toml       what its SuperNode reads
  keyring.json      pseudonym, sealing and credential keys (0600)
  tool-key.pem      the LTI tool's signing key (0600)
  supernode.key     the SuperNode's private key (0600); supernode.key.pub is what the coordinator registers
  store/            the database, where the storage is SQLite
  models/           the models that rounds published
```
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from entrepot import errors
from federated import pki
from federated import settings as member_settings
from lti_tool import keys
from lti_tool import settings as tool_settings
from storage import connect
from xapi_collector import keyring
from xapi_collector import settings as collector_settings
from xapi_collector.door import auth

LOOPBACK = "127.0.0.0/8,::1/128"
COLLECTIONS = (*collector_settings.COLLECTIONS, *tool_settings.COLLECTIONS)


@dataclass(frozen=True, slots=True)
class Premises:
    """An institution's directory and the environment that its collector and its tool run in."""

    directory: Path
    institution: str
    environment: dict[str, str]

    @property
    def member(self) -> Path:
        """The settings of its SuperNode."""
        return self.directory / "member.toml"


def establish(
    directory: Path,
    institution: str,
    *,
    xapi_url: str,
    lti_url: str,
    storage_url: str | None = None,
    legal_entity: str | None = None,
    jurisdiction: str = "",
) -> Premises:
    """Make an institution's directory.

    Args:
        directory: must not hold an institution yet.
        institution: its id: letters, digits, hyphens.
        xapi_url: public base of its collector, such as https://lrs.example.org/xapi.
        lti_url: public base of its tool, such as https://learn.example.org.
        legal_entity: the controller that it belongs to (the policy `exact` stays inside one); itself if None.
        jurisdiction: where that is, such as "GB"; empty: to be filled in before it joins a consortium.
        storage_url: sqlite:///directory or mongodb://host/database; SQLite inside the directory if None.

    Raises:
        errors.Unwritable: if the directory cannot be made or written.
        errors.EntrepotError: if it holds an institution already.
    """
    directory = directory.absolute()
    if (directory / "institution.env").exists():
        message = f"{directory} holds an institution already: choose another --directory, or remove that one"
        raise errors.EntrepotError(message)
    try:
        (directory / "models").mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
    except OSError as error:
        raise errors.Unwritable(directory, error.strerror or str(error)) from error
    url = storage_url or f"sqlite:///{directory / 'store'}"
    storage = connect.connect(url, *COLLECTIONS)  # before any key is made: a wrong URL leaves nothing behind
    try:
        key, secret = auth.create_credential(storage, keyring.create(directory / "keyring.json"), "lti_tool")
    finally:
        storage.close()
    keys.create(directory / "tool-key.pem")
    environment = {
        "ENTREPOT_STORAGE": url,
        "ENTREPOT_KEYRING": str(directory / "keyring.json"),
        "ENTREPOT_INSTITUTION": institution,
        "ENTREPOT_XAPI_URL": xapi_url,
        "ENTREPOT_LTI_URL": lti_url,
        "ENTREPOT_LTI_KEY": str(directory / "tool-key.pem"),
        "ENTREPOT_LTI_MODELS": str(directory / "models"),
        "ENTREPOT_LTI_XAPI_URL": xapi_url,
        "ENTREPOT_LTI_XAPI_KEY": key,
        "ENTREPOT_LTI_XAPI_SECRET": secret,
    }
    if urlsplit(lti_url).hostname in {"localhost", "127.0.0.1", "::1"}:
        environment["ENTREPOT_LTI_NETWORKS"] = LOOPBACK  # on one machine the platform is there too
    _write_private(directory / "institution.env", "".join(f"{name}={value}\n" for name, value in environment.items()))
    member = member_settings.Member(
        institution,
        legal_entity=legal_entity or institution,
        jurisdiction=jurisdiction,
        storage=url,
        models=directory / "models",
    )
    member_settings.save(directory / "member.toml", member)
    pki.create_node_key(directory / member.key)
    return Premises(directory, institution, environment)


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
