"""Settings of a room from environment variables, by a frozen dataclass whose fields carry their variable. Floor 0.

A field is written `storage: str = field(metadata={"env": "ENTREPOT_STORAGE", "doc": "..."})`; a default makes it
optional.
"""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from storage import errors

Settings = TypeVar("Settings")


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.lower()]


_READERS: Mapping[Any, tuple[Callable[[str], Any], str]] = {
    str: (str, "a text"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    Path: (Path, "a path"),
    bool: (_boolean, "true or false"),
}


def from_environ(cls: type[Settings], environ: Mapping[str, str]) -> Settings:
    """The settings that the environment gives.

    Args:
        cls: A dataclass; each field's metadata has `env` (the variable) and `doc` (a sentence). Types: str, int, float,
            bool, Path, and the same with None.
        environ: Usually os.environ. An empty value counts as missing.

    Raises:
        errors.SettingsError: A variable is missing or has the wrong form; one line that says what to set.
    """
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]  # every caller hands a dataclass; mypy cannot say so
        variable, doc = field.metadata["env"], field.metadata["doc"]
        text = environ.get(variable, "")
        if text:
            values[field.name] = _read(variable, doc, hints[field.name], text)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            msg = f"Set {variable}: {doc}"
            raise errors.SettingsError(msg)
    return cls(**values)


def names(cls: type[Any]) -> dict[str, str]:
    """The variables that the settings read, each with its sentence."""
    return {field.metadata["env"]: field.metadata["doc"] for field in dataclasses.fields(cls)}


def _read(variable: str, doc: str, hint: Any, text: str) -> Any:
    kind = next((kind for kind in (hint, *getattr(hint, "__args__", ())) if kind in _READERS), str)
    reader, wanted = _READERS[kind]
    try:
        return reader(text)
    except (ValueError, KeyError):
        msg = f"{variable} is {text!r}, and must be {wanted}: {doc}"
        raise errors.SettingsError(msg) from None
