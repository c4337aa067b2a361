"""A packet as Flower's records and back. Floor 3; with the two apps and `control`, all that knows Flower."""

from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from federated import errors
from federated.messages import Packet

_ARRAYS, _NUMBERS, _NAMES = "arrays", "numbers", "names"


def action(kind: str) -> str:
    """Return a kind as Flower names what a message asks for: letters, digits and underscores."""
    return kind.replace("-", "_")


def content(packet: Packet) -> RecordDict:
    """Return `packet` as the content of a Flower message."""
    return RecordDict(
        {
            _ARRAYS: ArrayRecord({name: Array(array) for name, array in packet.arrays.items()}),
            _NUMBERS: MetricRecord(dict(packet.numbers)),
            _NAMES: ConfigRecord(dict(packet.names)),
        }
    )


def packet(found: RecordDict, kind: str) -> Packet:
    """Return what a Flower message of `kind` holds.

    Raises:
        GuardError: it is not one record each of arrays, numbers and names, or an array cannot be read.
    """
    if set(found) != {_ARRAYS, _NUMBERS, _NAMES}:
        text = f"records {sorted(found)} came, declared are {[_ARRAYS, _NAMES, _NUMBERS]}"
        raise errors.GuardError(text)
    arrays, numbers, names = found[_ARRAYS], found[_NUMBERS], found[_NAMES]
    if not (isinstance(arrays, ArrayRecord) and isinstance(numbers, MetricRecord) and isinstance(names, ConfigRecord)):
        raise errors.GuardError("arrays, numbers and names must be an array, a metric and a config record")
    single = {name: value for name, value in numbers.items() if not isinstance(value, list)}
    if len(single) != len(numbers):
        raise errors.GuardError("a number must not be a list")
    try:
        # Never pickled: Flower loads with allow_pickle=False.
        loaded = {name: array.numpy() for name, array in arrays.items()}
    except (ValueError, EOFError, OSError) as error:
        raise errors.GuardError("an array is not in NumPy's own format") from error
    return Packet(kind, loaded, single, {name: str(value) for name, value in names.items()})


def size(found: RecordDict) -> int:
    """Return the bytes of the arrays in a message as they travel (NumPy's format with its headers), before TLS."""
    arrays = found.get(_ARRAYS)
    return sum(len(array.data) for array in arrays.values()) if isinstance(arrays, ArrayRecord) else 0
