"""What `entrepot model` says: which models an institution keeps, what one is, and how to serve an earlier one again.

Floor 4. A model belongs to a catalog; the tool reads the one that is served at its next request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curriculum import catalog as catalogs
from curriculum import errors as catalog_errors
from entrepot import errors
from recommender import artifact


def listed(models: Path, catalog: str = "") -> str:
    """The models of each catalog, the newest first, the served one marked.

    Args:
        models: the institution's directory of published models.
        catalog: only this one; all if empty.

    Raises:
        errors.EntrepotError: there is no model.
    """
    names = [catalog] if catalog else catalogs_in(models)
    found = {name: artifact.entries(models / name) for name in names}
    if not any(found.values()):
        which = catalog or "any catalog"
        message = f"{models}: no model of {which} is kept there; a round of the consortium publishes one"
        raise errors.EntrepotError(message)
    return "".join(
        f"{name}\n" + "".join(f"  {_mark(entry)}  {entry.id}  {_origin(entry.facts)}\n" for entry in kept)
        for name, kept in found.items()
        if kept
    )


def shown(models: Path, catalog: str = "", model: str = "") -> str:
    """What is known of a model: its manifest, its arrays, and how it did when it was published last.

    Args:
        models: the institution's directory of published models.
        catalog: of which catalog; may be empty where there are models of one only.
        model: its id or the beginning of it; the served one if empty.

    Raises:
        errors.EntrepotError: there is no such model, or no such catalog.
    """
    name = catalog or only(models)
    kept = artifact.entries(models / name)
    found = [entry for entry in kept if (entry.id.startswith(model) if model else entry.serving)]
    if len(found) != 1:
        ids = ", ".join(entry.id for entry in kept) or "none"
        message = f"{models / name}: {len(found)} kept models match {model or 'served'!r}; kept are: {ids}"
        raise errors.EntrepotError(message)
    (entry,) = found
    arrays = entry.facts["arrays"]
    lines = [f"{key}: {_plain(value)}" for key, value in entry.facts.items() if key not in {"arrays", "checksum"}]
    lines += [f"array {key}: {dtype} {tuple(shape)}" for key, (dtype, shape) in arrays.items()]
    gate = _gate(models / "evaluation" / f"{name}.json")
    if gate.get("candidate") == entry.id:
        lines += [f"gate {key}: {_plain(value)}" for key, value in gate.items()]
    return "".join(f"{line}\n" for line in lines)


def rolled_back(models: Path, catalog: str = "", model: str = "") -> str:
    """Serve an earlier model again.

    Args:
        models: the institution's directory of published models.
        catalog: of which catalog; may be empty where there are models of one only.
        model: its id or the beginning of it; the one before the served one if empty.

    Raises:
        errors.EntrepotError: there is no such catalog.
        recommender.errors.ArtifactError: there is no such model, or it cannot be used; the served one stays.
    """
    name = catalog or only(models)
    try:
        entry = artifact.rollback(models / name, catalogs.load(name), model)
    except catalog_errors.CurriculumError as error:
        raise errors.EntrepotError(str(error)) from error
    return (
        f"{name}: model {entry.id} is served now ({_origin(entry.facts)}). No restart is needed.\n"
        "Newer ones are withdrawn: they stay, and `entrepot model rollback --to ID` serves one of them again.\n"
    )


def catalogs_in(models: Path) -> list[str]:
    """The catalogs of which the directory keeps models, by name."""
    return sorted(path.parent.name for path in models.glob(f"*/{artifact.MANIFEST}"))


def only(models: Path) -> str:
    """The one catalog of which the directory keeps models.

    Raises:
        errors.EntrepotError: there is none, or there are several.
    """
    names = catalogs_in(models)
    if len(names) != 1:
        message = f"{models}: models of {', '.join(names) or 'no catalog'} are kept there; name one with --catalog"
        raise errors.EntrepotError(message)
    return names[0]


def _mark(entry: artifact.Entry) -> str:
    return "served   " if entry.serving else "withdrawn" if entry.withdrawn else "kept     "


def _origin(facts: Mapping[str, Any]) -> str:
    parts = [f"round {facts['round']}"] if "round" in facts else []
    return ", ".join([*parts, *(str(facts[key]) for key in ("created", "kind") if key in facts)]) or "of unknown origin"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _gate(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get("gate", {})
    except (OSError, ValueError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}
