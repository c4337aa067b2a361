"""Names, mails, ids and pseudonyms planted in institutions' stores, and looked for wherever a run leaves something.

`python -m bench.canaries` plants a thousand learners and runs each policy once, through the real apps in one process.
Looked through are every message, both ways, as Flower would carry it; ledgers, registers, accounts and kept answers;
checkpoints, masks on disk, models and summaries; and what was logged. A canary is looked for as it is, and as UTF-16,
hexadecimal, base64 and reversed, so that one that was encoded on the way is found too.
"""

from __future__ import annotations

import base64
import logging
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from flwr.app import ArrayRecord, Message

from bench import report
from federated import checkpoint, institution, localgrid, rounds, server_app
from federated.localgrid import LocalGrid
from tests.federated import builders

NAMES = ("east", "north", "south")
PRIVATE = {"epsilon": 4.0, "delta": 1e-5, "cohort": 20}
POLICIES: Mapping[str, Mapping[str, Any]] = {
    "exact": {"policy": "exact"},
    "secagg": {"policy": "secagg", **PRIVATE},
    "source-noise": {"policy": "source-noise", **PRIVATE},
}
NUMBERS = {"rounds": 1, "tolerance": 1e-5, "penalty": 1.0, "join-seconds": 1.0, "round-seconds": 600.0}
STORE = ("store", "keyring.json")  # what an institution keeps learners in; everything else is looked through
LEARNERS = 1_000
_PREFIX = 8
_BLOCK = 1 << 22

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Planted:
    """Institutions with canaries in their stores.

    Attributes:
        members: institution -> path of its member.toml.
        needles: what must be found nowhere.
    """

    members: Mapping[str, Path]
    needles: tuple[str, ...]


@dataclass
class Heard:
    """What a run left: where -> bytes."""

    parts: list[tuple[str, bytes]] = field(default_factory=list)

    def add(self, where: str, content: bytes | str) -> None:
        """Keep something to be looked through."""
        self.parts.append((where, content.encode() if isinstance(content, str) else content))


class Recorder(LocalGrid):
    """A grid that keeps every message, both ways."""

    def __init__(self, members: Mapping[str, Path], heard: Heard) -> None:
        """Make a grid whose messages are added to `heard`."""
        super().__init__(members)
        self._heard = heard

    def push_messages(self, messages: Iterable[Message]) -> list[str]:
        """Keep questions, then send them."""
        told = list(messages)
        for one in told:
            _keep(self._heard, "question", one)
        return super().push_messages(told)

    def pull_messages(self, message_ids: Iterable[str]) -> list[Message]:
        """Keep answers as they come."""
        found = super().pull_messages(message_ids)
        for one in found:
            _keep(self._heard, "answer", one)
        return found


def plant(root: Path, number: int, seed: int = 1, each: int = 4) -> Planted:
    """Put so many learners into the stores of institutions; each has a name, a mail and an id of its own.

    Args:
        root: where the institutions' directories are made.
        number: of learners, sixty at least.
        seed: of the canaries.
        each: answers of a learner.
    """
    draw = random.Random(seed)
    members, needles = {}, []
    for place, name in enumerate(NAMES):
        members[name] = builders.institution(root / name, name, [])
        batch = []
        own = len(range(place, number, len(NAMES)))
        results = list(builders.answers(own, seed * 10 + place, prefix=name, each=each))
        learners = {learner: f"{draw.getrandbits(64):016x}" for learner in dict.fromkeys(one[0] for one in results)}
        for learner, item, score, day in results:
            mark = learners[learner]
            one = builders.statement(f"id-{mark}", item, score, day)
            one["actor"]["name"] = f"Name {mark[::-1]} Canary"
            one["context"] = {
                "instructor": {"objectType": "Agent", "mbox": f"mailto:mail.{mark}@uni.example", "name": f"Of {mark}"},
                "extensions": {"https://uni.example/mail": f"mail.{mark}@uni.example"},
            }
            one["result"]["response"] = f"I am {mark[::-1]}, write to mail.{mark}@uni.example"
            batch.append(one)
        builders.ingest(root / name, batch)
        for mark in learners.values():
            needles += [f"id-{mark}", f"Name {mark[::-1]} Canary", f"mail.{mark}@uni.example", mark]
        needles += institution.interactions(institution.load(members[name])).learners
    return Planted(members, tuple(needles))


def run(planted: Planted, root: Path, policy: str) -> Heard:
    """Run a policy once, with charters, keys and models under `root`, and return all that it left."""
    heard = Heard()
    members = builders.apart(root, planted.members)
    directory = root / "consortium"
    builders.consortium(directory, members, **POLICIES[policy])
    with _logged(heard), localgrid.identity(2), _checkpoints(heard):
        server_app.lead(Recorder(members, heard), directory, directory / "runs" / "7", NUMBERS)
    for path in sorted(root.rglob("*")):
        if path.is_file() and not set(path.relative_to(root).parts) & set(STORE):
            heard.add(str(path.relative_to(root)), path.read_bytes())
    return heard


def found(needles: Iterable[str], heard: Heard) -> list[tuple[str, str]]:
    """Return (where, canary) of each canary that is in something that a run left, however it is encoded."""
    spelled = {form: needle for needle in needles for form in spellings(needle)}
    starts: dict[int, list[bytes]] = {}
    for form in spelled:
        starts.setdefault(int.from_bytes(form[:_PREFIX], "little"), []).append(form)
    known = np.sort(np.array(list(starts), np.uint64))
    hits = []
    for where, content in heard.parts:
        for place in _places(content, known):
            start = int.from_bytes(content[place : place + _PREFIX], "little")
            hits += [(where, spelled[form]) for form in starts[start] if content.startswith(form, place)]
    return sorted(set(hits))


def spellings(needle: str) -> list[bytes]:
    """Return how a text may be written in bytes; each is of eight bytes at least."""
    plain = needle.encode()
    spelled = [plain, plain[::-1], plain.hex().encode(), plain.hex().upper().encode(), needle.encode("utf-16-le")]
    # In base64 a text looks different at each of three places; what surrounds it touches its two ends alone.
    for before in range(3):
        whole = base64.b64encode(bytes(before) + plain).rstrip(b"=")
        spelled.append(whole[-(-before * 4 // 3) : -2])
    if len(needle) % 2 == 0 and not set(needle) - set("0123456789abcdef"):
        spelled.append(bytes.fromhex(needle))
    return [one for one in spelled if len(one) >= _PREFIX]


def count(number: int, seed: int = 1) -> dict[str, list[tuple[str, str]]]:
    """Plant canaries, run each policy once, and return what was found of them, by policy; expected is nothing."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        planted = plant(root / "stores", number, seed)
        return {policy: found(planted.needles, run(planted, root / policy, policy)) for policy in POLICIES}


def _places(content: bytes, known: Words) -> Iterator[int]:
    """Where eight bytes begin that a canary begins with too."""
    for begin in range(0, len(content), _BLOCK):
        block = content[begin : begin + _BLOCK + _PREFIX - 1]
        for offset in range(_PREFIX):
            words = np.frombuffer(block[offset : offset + (len(block) - offset) // _PREFIX * _PREFIX], "<u8")
            near = np.minimum(np.searchsorted(known, words), len(known) - 1)
            yield from (begin + offset + _PREFIX * np.flatnonzero(known[near] == words)).tolist()


def _keep(heard: Heard, what: str, message: Message) -> None:
    where = f"{what} {message.metadata.message_type}"
    heard.add(where, repr(message.metadata))
    if message.has_error():
        heard.add(where, f"{message.error.code} {message.error.reason}")
        return
    for name, record in message.content.items():
        heard.add(where, name)
        if isinstance(record, ArrayRecord):
            for array, content in record.items():
                heard.add(where, array)
                heard.add(where, content.data)
        else:
            heard.add(where, repr(dict(record)))


@contextmanager
def _checkpoints(heard: Heard) -> Iterator[None]:
    """Keep every checkpoint of a run, of which the last one is removed at its end."""
    whole = checkpoint.save

    def save(directory: Path, name: str, one: rounds.Checkpoint) -> None:
        whole(directory, name, one)
        heard.add(checkpoint.NAME, (directory / checkpoint.NAME).read_bytes())

    checkpoint.save = save
    try:
        yield
    finally:
        checkpoint.save = whole


@contextmanager
def _logged(heard: Heard) -> Iterator[None]:
    """Keep what is logged meanwhile, at every level, tracebacks included."""

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.add(f"log {record.name}", self.format(record))

    keeper, logger = Keeper(logging.DEBUG), logging.getLogger()
    level = logger.level
    logger.addHandler(keeper)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(keeper)
        logger.setLevel(level)


def rows(command: str) -> list[dict[str, Any]]:
    """One row a policy for `python -m bench.federation`: how many canaries were found; expected is none.

    Args:
        command: what measures these rows alone.
    """
    return [
        report.row(
            "canaries_found", [len(hits)], f"of {LEARNERS:,} learners planted, {policy}", target="== 0", command=command
        )
        for policy, hits in count(LEARNERS).items()
    ]


def main() -> None:
    """Plant a thousand learners and say what was found of them."""
    for policy, hits in count(LEARNERS).items():
        sys.stdout.write(f"canaries_found {policy}: {len(hits)}\n")
        for where, canary in hits[:20]:
            sys.stdout.write(f"  {where}: {canary}\n")


if __name__ == "__main__":
    main()
