"""Counters of what the collector did, added up over its worker processes, as Prometheus text. Floor 1.

Each worker counts in a memory-mapped file of its own: no system call, no lock between processes. Whoever is asked adds
all of them up. A worker that starts takes over the file of one that died, so that nothing counted is lost and there
are never more files than workers. Labels are route templates, methods, statuses and names of ours, never user input.
"""

import fcntl
import itertools
import mmap
import os
import struct
import threading
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

Key = tuple[str, ...]

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds (seconds, inclusive) of the classes of durations; the last class has none."""

_INFINITE = len(BUCKETS)
_SUM = _INFINITE + 1
_NUMBERS = 16  # of a slot: the classes, their sum, one spare
_NAME = 128  # bytes of a slot's key
_WIDTH = _NAME + 8 * _NUMBERS
_SLOTS = 512
_SIZE = _SLOTS * _WIDTH


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value that is looked up when somebody asks: its name, what it is, its labels."""

    name: str
    text: str
    value: float
    labels: Mapping[str, str] | None = None


class Counters:
    """What this process counted, in a file that the others can read."""

    def __init__(self, directory: Path | None) -> None:
        """Take a free file in the directory; without one (or if it cannot be written) count for this process alone."""
        self._directory = directory
        self._memory = _claim(directory)
        self._bytes = memoryview(self._memory)
        self._numbers = self._bytes.cast("d")
        self._lock = threading.Lock()
        self._places = {key: place for place, (key, _) in enumerate(_read(self._bytes))}

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        with self._lock:
            start = self._start(("request", route, method, str(status)))
            self._numbers[start + bisect_left(BUCKETS, seconds)] += 1
            self._numbers[start + _SUM] += seconds

    def add(self, *key: str, amount: int = 1) -> None:
        """Count `amount` more of what the key names."""
        with self._lock:
            self._numbers[self._start(key)] += amount

    def totals(self) -> dict[Key, list[float]]:
        """The numbers of each key, added up over all workers, those that died among them."""
        texts: list[bytes | memoryview] = [self._bytes]
        if self._directory is not None:
            texts = [path.read_bytes() for path in sorted(self._directory.glob("*.counters"))] or texts
        totals: dict[Key, list[float]] = {}
        for text in texts:
            for key, numbers in _read(text):
                known = totals.setdefault(key, [0.0] * _NUMBERS)
                totals[key] = [one + other for one, other in zip(known, numbers, strict=True)]
        return totals

    def _start(self, key: Key) -> int:
        """Where the numbers of a key begin; the last slot is for all keys that found no room."""
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = min(len(self._places), _SLOTS - 1)
            name = ("\t".join(key) if place < _SLOTS - 1 else "other").encode()[:_NAME]
            at = place * _WIDTH
            self._bytes[at + 1 : at + len(name)] = name[1:]
            self._bytes[at] = name[0]  # last: a reader sees the whole name or none
        return (place * _WIDTH + _NAME) // 8


def render(counters: Counters, gauges: Iterable[Gauge]) -> str:
    """The Prometheus text (format 0.0.4) of the counters and gauges."""
    totals = counters.totals()
    requests = {key[1:]: numbers for key, numbers in totals.items() if key[0] == "request"}
    lines = _family("requests_total", "counter", "requests answered, by route template, method and status")
    for (route, method, status), numbers in sorted(requests.items()):
        count = sum(numbers[: _INFINITE + 1])
        lines.append(_line("requests_total", {"route": route, "method": method, "status": status}, count))
    lines += _durations(requests)
    lines += _family("statements_total", "counter", "statements acknowledged, those among them that were there before")
    lines.append(_line("statements_total", {}, totals.get(("statements",), [0.0])[0]))
    lines += _family("refused_total", "counter", "requests refused, by kind of error")
    lines += [
        _line("refused_total", {"kind": key[1]}, n[0]) for key, n in sorted(totals.items()) if key[0] == "refused"
    ]
    for name, text, statuses in (
        ("credentials_refused_total", "requests without a credential that may do that", ("401", "403")),
        ("rate_limited_total", "requests refused because their credential sent too many", ("429",)),
    ):
        lines += _family(name, "counter", text)
        refused = [sum(n[: _INFINITE + 1]) for key, n in requests.items() if key[2] in statuses]
        lines.append(_line(name, {}, sum(refused)))
    for (name, text), group in itertools.groupby(gauges, key=lambda gauge: (gauge.name, gauge.text)):
        lines += _family(name, "gauge", text)
        lines += [_line(gauge.name, gauge.labels or {}, gauge.value) for gauge in group]
    return "\n".join(lines) + "\n"


def _durations(requests: Mapping[Key, list[float]]) -> list[str]:
    """The histogram of durations by route and method, each class counting those below it too."""
    merged: dict[Key, list[float]] = {}
    for (route, method, _), numbers in requests.items():
        known = merged.setdefault((route, method), [0.0] * _NUMBERS)
        merged[route, method] = [one + other for one, other in zip(known, numbers, strict=True)]
    lines = _family("request_seconds", "histogram", "time from a request's arrival at a worker to its answer")
    for (route, method), numbers in sorted(merged.items()):
        labels = {"route": route, "method": method}
        below = itertools.accumulate(numbers[: _INFINITE + 1])
        bounds = [*(f"{bound:g}" for bound in BUCKETS), "+Inf"]
        for bound, count in zip(bounds, below, strict=True):
            lines.append(_line("request_seconds_bucket", labels | {"le": bound}, count))
        lines.append(_line("request_seconds_sum", labels, numbers[_SUM]))
        lines.append(_line("request_seconds_count", labels, sum(numbers[: _INFINITE + 1])))
    return lines


def _family(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP entrepot_lrs_{name} {text}", f"# TYPE entrepot_lrs_{name} {kind}"]


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    inner = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"entrepot_lrs_{name}{'{' + inner + '}' if inner else ''} {value:.12g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _claim(directory: Path | None) -> mmap.mmap:
    for number in itertools.count() if directory is not None else ():
        try:
            descriptor = os.open(f"{directory}/{number}.counters", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            break
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held as long as the mapping's process lives
            if os.fstat(descriptor).st_size < _SIZE:
                os.pwrite(descriptor, bytes(_SIZE), 0)  # takes the room now: a hole that finds none later is a SIGBUS
            return mmap.mmap(descriptor, _SIZE)  # keeps a copy of the descriptor, and with it the lock
        except BlockingIOError:
            continue
        except OSError:
            break
        finally:
            os.close(descriptor)
    return mmap.mmap(-1, _SIZE)


def _read(text: bytes | memoryview) -> list[tuple[Key, list[float]]]:
    found = []
    whole = memoryview(text)
    for start in range(0, min(len(whole), _SIZE) // _WIDTH * _WIDTH, _WIDTH):
        if not whole[start]:
            break
        name = bytes(whole[start : start + _NAME]).rstrip(b"\0")
        numbers = [*struct.unpack_from(f"={_NUMBERS}d", whole, start + _NAME)]
        found.append((tuple(name.decode().split("\t")), numbers))
    return found
