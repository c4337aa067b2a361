"""An institution's variables for commands at a terminal that need its store alone."""

from pathlib import Path

import pytest


def set_variables(monkeypatch: pytest.MonkeyPatch, directory: Path) -> str:
    """Set what an institution's commands ask for; return the URL of its store in the directory."""
    url = f"sqlite:///{directory / 'store'}"
    for name, value in {
        "STORAGE": url, "KEYRING": "k", "INSTITUTION": "i", "LTI_URL": "https://t.example", "LTI_KEY": "k",
        "LTI_MODELS": "m", "LTI_XAPI_URL": "https://l.example", "LTI_XAPI_KEY": "k", "LTI_XAPI_SECRET": "s",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"ENTREPOT_{name}", value)
    return url
