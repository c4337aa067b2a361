"""The papers of a consortium on disk: read whole, written whole or not at all; and what this machine has. Floor 3."""

import importlib.metadata
import os
from pathlib import Path

from curriculum import catalog as catalogs
from curriculum import errors as catalog_errors
from federated import control, errors
from federated.invitation import Installed

LARGEST = 4 * 1024 * 1024  # bytes; a charter of 1,000 members is 1 MB


def read(path: Path) -> str:
    """Return the text of a paper.

    Raises:
        InvitationError: it cannot be read, is no text, or far too long.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            text = f"{path}: longer than {LARGEST} bytes; no paper of a consortium is"
            raise errors.InvitationError(text)
        return content.decode()
    except OSError as error:
        text = f"{path}: {error.strerror}; expected a file that `entrepot federation` wrote"
        raise errors.InvitationError(text) from error
    except UnicodeDecodeError as error:
        text = f"{path}: not a text; expected a file that `entrepot federation` wrote"
        raise errors.InvitationError(text) from error


def keep(path: Path, content: str, mode: int = 0o644) -> Path:
    """Write a paper durably, whole or not at all, and return its path.

    Raises:
        SettingsError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        text = f"{path}: {error.strerror}; choose a path that this user may write"
        raise errors.SettingsError(text) from error
    return path


def installed(catalog: str) -> Installed:
    """Return what this machine has of what all members must have alike.

    Raises:
        SettingsError: there is no such catalog here.
    """
    try:
        fingerprint = catalogs.load(catalog).fingerprint
    except catalog_errors.CurriculumError as error:
        text = f"catalog {catalog!r}: {error}"
        raise errors.SettingsError(text) from error
    return Installed(importlib.metadata.version("entrepot"), fingerprint, control.bundle()[1])
