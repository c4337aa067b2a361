"""The papers of a consortium on disk: read whole, written whole or not at all; and what this machine has. Floor 3."""

import importlib.metadata
from pathlib import Path

from curriculum import catalog as catalogs
from curriculum import errors as catalog_errors
from federated import control, errors, files
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


def keep(path: Path, content: str, mode: int = files.PUBLIC) -> Path:
    """Write a paper durably, whole or not at all, and return its path.

    Raises:
        SettingsError: it cannot be written.
    """
    try:
        return files.keep(path, content.encode(), mode)
    except OSError as error:
        text = f"{path}: {error.strerror}; choose a path that this user may write"
        raise errors.SettingsError(text) from error


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
