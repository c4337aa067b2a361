"""Where a run stands, on the coordinator's disk: whole or not at all, never pickled. Floor 3.

A SuperLink that is killed loses its run (flwr 1.41); a new one goes on from here. What lies in a checkpoint was made of
sums that all members let be opened, so it tells no more than they do.
"""

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from federated import errors, files
from federated.rounds import Checkpoint

NAME = "checkpoint.npz"
_FACTS = "facts"


def save(directory: Path, run: str, checkpoint: Checkpoint) -> None:
    """Keep a checkpoint of a run, durably, in place of the one before.

    Raises:
        LedgerError: it cannot be written.
    """
    facts = {
        "run": run,
        "phase": checkpoint.phase,
        "round": checkpoint.round,
        "attempt": checkpoint.attempt,
        "numbers": dict(checkpoint.numbers),
    }
    content = io.BytesIO()
    told = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    np.savez(
        content,
        allow_pickle=False,
        **{f"array.{name}": array for name, array in checkpoint.arrays.items()},
        **{_FACTS: told},
    )
    path = directory / NAME
    try:
        files.keep(path, content.getvalue())
    except OSError as error:
        text = f"{path}: {error.strerror}; a run is not led where it cannot be kept"
        raise errors.LedgerError(text) from error


def load(directory: Path) -> tuple[str, Checkpoint] | None:
    """Return the run that was not ended in `directory` and where it stands; None where there is none."""
    path = directory / NAME
    try:
        # Opened here: what is no archive, NumPy leaves open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            facts = json.loads(found[_FACTS].tobytes())
            arrays = {name.removeprefix("array."): found[name] for name in found.files if name != _FACTS}
        return facts["run"], Checkpoint(facts["phase"], facts["round"], facts["attempt"], arrays, facts["numbers"])
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        text = f"{path}: not a checkpoint; remove it to begin a new run"
        raise errors.SettingsError(text) from error


def clear(directory: Path) -> None:
    """Forget the run that stands in `directory`: it is over."""
    (directory / NAME).unlink(missing_ok=True)
