"""Published models on disk: a manifest in JSON and named arrays as npz, never pickle. Floor 2.

```
DIRECTORY/
  manifest.json        the model that is served: a copy of one of the manifests below
  model-ID.json        the manifest of each model that is kept
  parameters-ID.npz    its arrays
```

A manifest names its file by sha256, declares name, dtype and shape of every array, and carries a checksum of itself;
it replaces the former one in one step, so a reader sees the old model or the new one, never half of one. Anything that
does not fit is an error that names both sides. The last `KEPT` models stay: `rollback` serves an earlier one again, bit
by bit, and `standing` falls back to it where the newest is damaged.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import cells, errors, features
from recommender.parameters import COUNTS, Parameters, of_arrays

SCHEMA = 2
KEPT = 5
MANIFEST = "manifest.json"
# Hex digits of a model's digest that stand for it: in file names, beside recommendations, on the command line.
ID_DIGITS = 16
# What an array may hold; anything else (objects, text, dates) has no business in a model.
DTYPES = ("float64", "float32", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8", "bool")

_NAMED = ("arrays", "file", "model", "sequence", "sha256")

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Entry:
    """A model that is kept.

    Attributes:
        id: `identity` of the model.
        sequence: Its place in the order of publishing, from 1.
        facts: Its whole manifest.
        serving: Whether it is the one that is served.
    """

    id: str
    sequence: int
    facts: Mapping[str, Any]
    serving: bool

    @property
    def withdrawn(self) -> bool:
        """Whether a rollback took it out of service; `standing` does not fall back to it."""
        return bool(self.facts.get("withdrawn", False))


@dataclass(frozen=True, eq=False)
class Standing:
    """The model to use.

    Attributes:
        parameters: The model.
        facts: Its manifest.
        refused: Why each newer one was refused; empty where the served one is whole.
    """

    parameters: Parameters
    facts: Mapping[str, Any]
    refused: tuple[str, ...]


def arrays_of(parameters: Parameters) -> dict[str, Array]:
    """Return a model as named arrays: all that it is, but for the names of what it belongs to."""
    return parameters.arrays()


def assemble(space: features.Space, arrays: Mapping[str, Array]) -> Parameters:
    """Return the model that `arrays_of` took apart.

    Args:
        space: The columns that it belongs to.
        arrays: Its arrays by name.

    Raises:
        errors.MismatchError: Another name, dtype or shape than a model of these columns has, a table that counts
            nothing of this catalog, a spread or a share out of bounds.
    """
    declared: dict[str, tuple[str, tuple[int, ...] | None]] = {
        "weights": ("float64", (features.dimension(space),)),
        "centre": ("float64", (len(features.names(space)),)),
        "spread": ("float64", (len(features.names(space)),)),
        "prior": ("float64", (len(space.combos),)),
        "offset": ("float64", (space.items,)),
    }
    tables = {name.rpartition(".")[0] for name in arrays if "." in name} & {*cells.BASE, *cells.CELLS, cells.SKIPS}
    for name in tables:
        length = arrays[f"{name}.keys"].shape if f"{name}.keys" in arrays else None
        declared |= {f"{name}.{part}": ("int64", length) for part in COUNTS}
    there = {name: (array.dtype.name, array.shape) for name, array in arrays.items()}
    if there != declared:
        wrong = sorted(name for name in there.keys() | declared.keys() if there.get(name) != declared.get(name))
        raise errors.MismatchError(
            "a model's arrays",
            found=", ".join(f"{name} {there.get(name, 'missing')}" for name in wrong),
            needed=", ".join(f"{name} {declared.get(name, 'nothing')}" for name in wrong),
        )
    catalog = space.catalog
    found = of_arrays(catalog.id, catalog.fingerprint, features.VERSION, arrays)
    for name, counts in found.tables.counts.items():
        check(name, counts, space)
    if (found.spread <= 0).any() or (found.tables.prior <= 0).any() or (found.tables.prior >= 1).any():
        what = "a model's spread and prior"
        raise errors.MismatchError(what, found="values out of bounds", needed="spread > 0, 0 < prior < 1")
    return found


def check(name: str, counts: cells.Counts, space: features.Space) -> None:
    """Make sure that a table counts what there is in a catalog.

    Args:
        name: Of the table.
        counts: What is in it.
        space: The catalog by column.

    Raises:
        errors.MismatchError: Keys that do not ascend or that the catalog has not, a cell without an answer or with more
            right answers than answers.
    """
    size, what = _cells_of(name, space), f"table {name}"
    if (np.diff(counts.keys, prepend=-1, append=size) < 1).any():
        told = f"{len(counts.keys)} keys, not ascending or out of range"
        raise errors.MismatchError(what, found=told, needed=f"ascending keys under {size}")
    if (counts.tries < 1).any() or (counts.wins < 0).any() or (counts.wins > counts.tries).any():
        told = "a cell without answers, or with other than 0 to all of them right"
        raise errors.MismatchError(what, found=told, needed="0 <= wins <= tries, 1 <= tries")


def _cells_of(name: str, space: features.Space) -> int:
    """How many cells a table can have."""
    size = cells.sizes(space)
    if name == cells.SKIPS:
        return size["item"] * size["before_item"] * size["last"]
    return math.prod(size[part] for part in (cells.CELLS[name].parts if name in cells.CELLS else (name,)))


def digest(parameters: Parameters) -> str:
    """Return sha256 (64 hex digits) of a model: of what it belongs to, and of each array's name, dtype, shape and bits.

    It does not depend on how the arrays are stored, so both sides of a federation arrive at the same one.

    Args:
        parameters: The model.
    """
    found = hashlib.sha256(f"{parameters.fingerprint} {parameters.version}".encode())
    for name, array in sorted(arrays_of(parameters).items()):
        found.update(f"\n{name} {array.dtype.newbyteorder('<').str} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return found.hexdigest()


def identity(parameters: Parameters) -> str:
    """Return the id of a model, the first `ID_DIGITS` digits of its `digest`: what a recommendation stores."""
    return digest(parameters)[:ID_DIGITS]


def save(directory: Path, parameters: Parameters, manifest: Mapping[str, Any], *, kept: int = KEPT) -> Path:
    """Publish a model: it is served from now on, the former one stays for a rollback.

    Args:
        directory: Where; made if it is missing.
        parameters: The model.
        manifest: Facts to keep beside it, such as `created` (ISO time), `round`, `strength`. JSON values.
        kept: How many models stay, this one included, at least 1; the one served before stays besides.

    Returns:
        Path of the manifest.

    Raises:
        errors.ArtifactError: An array is of a kind that no model holds, or not finite; nothing is written.
    """
    arrays = arrays_of(parameters)
    for name, array in arrays.items():
        _sound(directory, name, array)
    directory.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    data = buffer.getvalue()
    whole = digest(parameters)
    name = whole[:ID_DIGITS]
    before = entries(directory)
    facts = _checked(
        {
            **manifest,
            "schema": SCHEMA,
            "catalog": parameters.catalog,
            "fingerprint": parameters.fingerprint,
            "space": parameters.version,
            "model": whole,
            "sequence": 1 + max((entry.sequence for entry in before), default=0),
            "arrays": {key: [array.dtype.name, list(array.shape)] for key, array in arrays.items()},
            "file": f"parameters-{name}.npz",
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    )
    _replace(directory / f"parameters-{name}.npz", data)
    _replace(_manifest_of(directory, name), facts)
    _replace(directory / MANIFEST, facts)
    others = [entry for entry in before if entry.id != name]
    stay = {name, *(entry.id for entry in others[: kept - 1]), *(entry.id for entry in others if entry.serving)}
    _prune(directory, stay)
    return directory / MANIFEST


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read the manifest of the model that is served.

    Raises:
        errors.ArtifactError: There is none, or it is not a whole manifest of this schema.
    """
    return _read(directory / MANIFEST)


def load(directory: Path, catalog: Catalog) -> Parameters:
    """Read the model that is served, if it is whole and made for this catalog and this code.

    Args:
        directory: Where it was published.
        catalog: The catalog that it will serve.

    Returns:
        The model.

    Raises:
        errors.ArtifactError: Missing, damaged, made for another catalog or another version of the columns.
    """
    return _open(directory / MANIFEST, read_manifest(directory), catalog)


def standing(directory: Path, catalog: Catalog) -> Standing:
    """Read the model that is served, or the newest earlier one that is whole and fits: the last good one stays.

    Args:
        directory: Where models were published.
        catalog: The catalog that it will serve.

    Raises:
        errors.ArtifactError: None of them can be used; the text says why for each.
    """
    try:
        facts = read_manifest(directory)
        return Standing(_open(directory / MANIFEST, facts, catalog), facts, ())
    except errors.ArtifactError as error:
        refused = [str(error)]
    for entry in entries(directory):
        # Where one is marked as served, those after it were withdrawn by a rollback.
        if entry.serving or entry.withdrawn:
            continue
        try:
            parameters = _open(_manifest_of(directory, entry.id), entry.facts, catalog)
        except errors.ArtifactError as error:
            refused.append(str(error))
        else:
            return Standing(parameters, entry.facts, tuple(refused))
    raise errors.ArtifactError("; ".join(refused))


def entries(directory: Path) -> tuple[Entry, ...]:
    """Return the models that are kept and whose manifests are whole, the newest first.

    Args:
        directory: Where models were published; none is there if it is missing.
    """
    try:
        serving = str(read_manifest(directory)["model"])
    except errors.ArtifactError:
        serving = ""
    found = []
    for path in directory.glob("model-*.json"):
        try:
            facts = _read(path)
        except errors.ArtifactError:
            continue
        whole = str(facts["model"])
        found.append(Entry(whole[:ID_DIGITS], int(facts["sequence"]), facts, whole == serving))
    return tuple(sorted(found, key=lambda entry: -entry.sequence))


def rollback(directory: Path, catalog: Catalog, to: str = "") -> Entry:
    """Serve an earlier model again, bit by bit, once it is seen to be whole.

    Models published after it are marked as withdrawn: they stay, and can be served again by their id.

    Args:
        directory: Where models were published.
        catalog: The catalog that they serve.
        to: Id of the model, or as much of it as tells it apart; empty: the one published before the served one.

    Returns:
        The model that is served now.

    Raises:
        errors.ArtifactError: There is no such model, or it cannot be used; the served one stays.
    """
    kept = entries(directory)
    target = _named(directory, kept, to) if to else _before(directory, kept)
    parameters = _open(_manifest_of(directory, target.id), target.facts, catalog)
    for entry in kept:
        withdrawn = entry.sequence > target.sequence
        if entry.withdrawn != withdrawn:
            _replace(_manifest_of(directory, entry.id), _checked({**entry.facts, "withdrawn": withdrawn}))
    facts = _checked({**target.facts, "withdrawn": False}) if target.withdrawn else _json(target.facts)
    _replace(directory / MANIFEST, facts)
    return Entry(identity(parameters), target.sequence, json.loads(facts), serving=True)


def _named(directory: Path, kept: tuple[Entry, ...], to: str) -> Entry:
    found = [entry for entry in kept if entry.id.startswith(to)]
    if len(found) != 1:
        ids = ", ".join(entry.id for entry in kept) or "none"
        raise _wrong(directory, f"{len(found)} kept models whose id begins with {to!r}", f"one of: {ids}")
    return found[0]


def _before(directory: Path, kept: tuple[Entry, ...]) -> Entry:
    serving = next((entry.sequence for entry in kept if entry.serving), None)
    earlier = [entry for entry in kept if not entry.withdrawn and (serving is None or entry.sequence < serving)]
    if not earlier:
        raise _wrong(directory, f"{len(kept)} kept models, none before the served one", "an earlier model")
    return earlier[0]


def _open(path: Path, facts: Mapping[str, Any], catalog: Catalog) -> Parameters:
    """Read the arrays that a manifest at `path` names, if they are made for this catalog and this code."""
    space = features.Space(catalog)
    expected = {"catalog": catalog.id, "fingerprint": catalog.fingerprint, "space": features.VERSION}
    for key, needed in expected.items():
        if facts.get(key) != needed:
            raise _wrong(path, f"{key} {facts.get(key)!r}", f"{key} {needed!r}")
    file = path.parent / Path(str(facts["file"])).name
    arrays = _arrays(file, facts)
    for name, array in arrays.items():
        _sound(file, name, array)
    try:
        return assemble(space, arrays)
    except errors.MismatchError as error:
        text = f"{file}: {error}"
        raise errors.ArtifactError(text) from error


def _arrays(path: Path, facts: Mapping[str, Any]) -> dict[str, Array]:
    """Read an npz file whose bytes and arrays are those that its manifest declares."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _wrong(path, f"unreadable ({type(error).__name__})", "the arrays that the manifest names") from error
    found = hashlib.sha256(data).hexdigest()
    if found != facts["sha256"]:
        raise _wrong(path, f"sha256 {found[:16]} of {len(data)} bytes", f"sha256 {str(facts['sha256'])[:16]}")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in file.files}
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise _wrong(path, f"not arrays ({type(error).__name__})", "an npz file without pickle") from error
    there = {name: [array.dtype.name, list(array.shape)] for name, array in arrays.items()}
    if there != facts["arrays"]:
        raise _wrong(path, f"arrays {there}", f"arrays {facts['arrays']}")
    return arrays


def _sound(path: Path, name: str, array: Array) -> None:
    if array.dtype.name not in DTYPES:
        raise _wrong(path, f"array {name} of {array.dtype.name}", f"one of {', '.join(DTYPES)}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        count = int((~np.isfinite(array)).sum())
        raise _wrong(path, f"array {name} with {count} values that are not finite", "finite values")


def _read(path: Path) -> dict[str, Any]:
    """Read a manifest whose schema and checksum are right."""
    try:
        facts = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise _wrong(path, "no such file", "a published model") from error
    except (OSError, ValueError) as error:
        raise _wrong(path, f"unreadable ({type(error).__name__})", "a manifest in JSON") from error
    if not isinstance(facts, dict) or facts.get("schema") != SCHEMA:
        found = facts.get("schema") if isinstance(facts, dict) else type(facts).__name__
        raise _wrong(path, f"schema {found!r}", f"schema {SCHEMA}")
    right = _checksum(facts)
    if facts.get("checksum") != right:
        raise _wrong(path, f"checksum {str(facts.get('checksum'))[:16]}", f"checksum {right[:16]} of what it says")
    if missing := [name for name in _NAMED if name not in facts]:
        raise _wrong(path, f"a manifest without {', '.join(missing)}", ", ".join(_NAMED))
    return facts


def _checked(facts: Mapping[str, Any]) -> bytes:
    return _json({**facts, "checksum": _checksum(facts)})


def _checksum(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(_json({name: value for name, value in facts.items() if name != "checksum"})).hexdigest()


def _json(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _prune(directory: Path, stay: set[str]) -> None:
    for path in (*directory.glob("parameters-*.npz"), *directory.glob("model-*.json")):
        if path.stem.partition("-")[2] not in stay:
            path.unlink(missing_ok=True)


def _manifest_of(directory: Path, name: str) -> Path:
    return directory / f"model-{name}.json"


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(path.name + ".draft")
    draft.write_bytes(data)
    draft.replace(path)


def _wrong(path: Path, found: str, needed: str) -> errors.ArtifactError:
    return errors.ArtifactError(f"{path}: found {found}; needed {needed}")
