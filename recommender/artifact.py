"""A published model on disk: a manifest in JSON and the weights as npz, never pickle. Floor 2.

The manifest names the weights' file by its sha256 and replaces the former manifest in one step, so a reader sees the
old model or the new one, never half of one. Anything that does not fit is an error: the caller falls back to a cold
start and says so.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from curriculum.catalog import Catalog
from recommender import errors, features
from recommender.parameters import Parameters

SCHEMA = 1
MANIFEST = "manifest.json"


def save(directory: Path, parameters: Parameters, manifest: Mapping[str, Any]) -> Path:
    """Publish a model, in place of the former one.

    Args:
        directory: Where; made if it is missing.
        parameters: The model.
        manifest: Facts to keep beside it, such as `created` (ISO time), `round`, `strength`. JSON values.

    Returns:
        Path of the manifest.
    """
    directory.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, weights=parameters.weights)
    data = buffer.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    name = f"parameters-{digest[:16]}.npz"
    facts = {
        **manifest,
        "schema": SCHEMA,
        "catalog": parameters.catalog,
        "fingerprint": parameters.fingerprint,
        "space": parameters.version,
        "weights": len(parameters.weights),
        "file": name,
        "sha256": digest,
    }
    before = _file_of(directory)
    _replace(directory / name, data)
    _replace(directory / MANIFEST, json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False).encode())
    for old in directory.glob("parameters-*.npz"):
        # The former weights stay until the next time: someone may just have read the former manifest.
        if old.name not in {name, before}:
            old.unlink(missing_ok=True)
    return directory / MANIFEST


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read the manifest of a published model.

    Raises:
        errors.ArtifactError: There is none, or it is not a manifest of this schema.
    """
    path = directory / MANIFEST
    try:
        facts = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise _wrong(path, "no such file", "a published model") from error
    except (OSError, ValueError) as error:
        raise _wrong(path, f"unreadable ({type(error).__name__})", "a manifest in JSON") from error
    if not isinstance(facts, dict) or facts.get("schema") != SCHEMA:
        found = facts.get("schema") if isinstance(facts, dict) else type(facts).__name__
        raise _wrong(path, f"schema {found!r}", f"schema {SCHEMA}")
    return facts


def load(directory: Path, catalog: Catalog) -> Parameters:
    """Read a published model, if it is whole and made for this catalog and this code.

    Args:
        directory: Where it was published.
        catalog: The catalog that it will serve.

    Returns:
        The model.

    Raises:
        errors.ArtifactError: Missing, damaged, made for another catalog or another version of the columns.
    """
    facts = read_manifest(directory)
    space = features.Space(catalog)
    expected = {
        "catalog": catalog.id,
        "fingerprint": catalog.fingerprint,
        "space": space.version,
        "weights": space.dimension,
    }
    for key, needed in expected.items():
        if facts.get(key) != needed:
            raise _wrong(directory / MANIFEST, f"{key} {facts.get(key)!r}", f"{key} {needed!r}")
    weights = _weights(directory, facts)
    if weights.shape != (space.dimension,) or weights.dtype != np.float64 or not np.all(np.isfinite(weights)):
        found = f"{weights.dtype} weights of shape {weights.shape}, or not finite"
        raise _wrong(directory / str(facts["file"]), found, f"{space.dimension} finite float64")
    return Parameters(catalog.id, catalog.fingerprint, space.version, weights)


def _weights(directory: Path, facts: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[Any]]:
    name = str(facts.get("file"))
    path = directory / Path(name).name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _wrong(path, f"unreadable ({type(error).__name__})", "the weights that the manifest names") from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != facts.get("sha256"):
        raise _wrong(path, f"sha256 {digest[:16]} of {len(data)} bytes", f"sha256 {str(facts.get('sha256'))[:16]}")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return np.asarray(arrays["weights"])
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        found = f"not the weights ({type(error).__name__})"
        raise _wrong(path, found, "an npz file with the array `weights`") from error


def _file_of(directory: Path) -> str | None:
    try:
        return str(read_manifest(directory).get("file"))
    except errors.ArtifactError:
        return None


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(path.name + ".draft")
    draft.write_bytes(data)
    draft.replace(path)


def _wrong(path: Path, found: str, needed: str) -> errors.ArtifactError:
    return errors.ArtifactError(f"{path}: found {found}; needed {needed}")
