"""The institution's part in a consortium, as its member wrote it beside the models; read, never asked for. Floor 3.

The member's process writes <models>/consortium/<catalog>.json and files beside it (`federated/summary.py` says what is
in them). This room does not know that one, so the file is what they share; it is checked here like anything that
another program wrote, and a page that cannot read it says so instead of failing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from recommender import artifact
from recommender.artifact import Entry

FORMAT = 1
UNREADABLE, NEWER = "unreadable", "newer"
# What may be taken along: name in a form -> file beside the summary, media type.
FILES: Mapping[str, tuple[str, str]] = {
    "register-en": ("register.en.md", "text/markdown"),
    "register-zh": ("register.zh.md", "text/markdown"),
    "register": ("register.jsonl", "application/x-ndjson"),
    "ledger": ("ledger.jsonl", "application/x-ndjson"),
}
MODELS = ("local", "federated", "personalised")


@dataclass(frozen=True)
class Fellow:
    """A member as it declared itself."""

    name: str
    jurisdiction: str
    legal_entity: str


@dataclass(frozen=True)
class Cohort:
    """Learners with an account of their own: epsilon spent, and the share of the limit that this is, from 0 to 1."""

    name: str
    epsilon: float
    share: float


@dataclass(frozen=True)
class Sent:
    """What left in one round."""

    run: str
    round: int
    at: datetime
    size: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """A question that was refused, and why."""

    run: str
    round: int
    at: datetime
    kind: str
    reason: str


@dataclass(frozen=True)
class Summary:
    """The institution's part.

    Attributes:
        at: When the member wrote this.
        institution: Its id.
        consortium: The consortium's name.
        policy: What the members declared.
        charter: Digest of what they signed.
        members: All of them.
        limit: The declared epsilon; None where the policy adds no noise.
        delta: The chance that it does not hold.
        cohorts: Who has spent how much.
        answers: Answers that left.
        size: Their bytes.
        refused: How many questions were refused.
        rounds: What left, the newest round first.
        refusals: What was refused, the newest first.
        head: Hash of the last line of the member's ledger.
        lines: How many lines that has.
        signed_by: Which key signs it; empty if none does.
    """

    at: datetime
    institution: str
    consortium: str
    policy: str
    charter: str
    members: tuple[Fellow, ...]
    limit: float | None
    delta: float
    cohorts: tuple[Cohort, ...]
    answers: int
    size: int
    refused: int
    rounds: tuple[Sent, ...]
    refusals: tuple[Refusal, ...]
    head: str
    lines: int
    signed_by: str

    @property
    def countries(self) -> int:
        """In how many jurisdictions the members are."""
        return len({one.jurisdiction for one in self.members})


@dataclass(frozen=True)
class Part:
    """What was found: a summary, or none because the institution is in no consortium, or what is wrong with it."""

    summary: Summary | None = None
    problem: str = ""


@dataclass(frozen=True)
class Measured:
    """How models did on the institution's own held-out learners, when the last round was taken up.

    Attributes:
        auc: By `MODELS`; those that could be measured.
        held_out: On how many learners.
        taken: Whether the new model was taken up; None if no gate stood there.
    """

    auc: Mapping[str, float]
    held_out: int
    taken: bool | None


def find(models: Path, catalog: str) -> Part:
    """Read the summary of a catalog.

    Args:
        models: The institution's directory of models.
        catalog: Id of a catalog that there is.
    """
    try:
        document = json.loads((models / "consortium" / f"{catalog}.json").read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            return Part(problem=NEWER)
        return Part(_summary(document))
    except FileNotFoundError:
        return Part()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Part(problem=UNREADABLE)


def file(models: Path, catalog: str, name: str) -> bytes | None:
    """The content of one of `FILES`; None if it is not there."""
    try:
        return (models / "consortium" / catalog / FILES[name][0]).read_bytes()
    except OSError:
        return None


def measured(models: Path, catalog: str) -> Measured | None:
    """Read what was measured when the last round was taken up; None if nothing was, or it cannot be read."""
    try:
        document = json.loads((models / "evaluation" / f"{catalog}.json").read_text(encoding="utf-8"))
        auc = {kind: float(document["auc"][kind]) for kind in MODELS if document["auc"].get(kind) is not None}
        gate = document.get("gate")
        return Measured(auc, int(document["learners"]["held_out"]), None if gate is None else bool(gate["taken"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def lineage(models: Path, catalog: str) -> Sequence[Entry]:
    """The models that were taken up and are kept, the newest first."""
    return artifact.entries(models / catalog)


def _summary(document: Mapping[str, Any]) -> Summary:
    """Build the summary of a document, or raise what is wrong with it: KeyError, TypeError or ValueError."""
    budget = document["budget"]
    return Summary(
        at=_moment(document["at"]),
        **{name: _text(document[name]) for name in ("institution", "consortium", "policy", "charter")},
        members=tuple(Fellow(*(_text(one[name]) for name in Fellow.__annotations__)) for one in document["members"]),
        limit=None if budget is None else float(budget["epsilon"]),
        delta=0.0 if budget is None else float(budget["delta"]),
        cohorts=()
        if budget is None
        else tuple(
            Cohort(_text(one["cohort"]), float(one["epsilon"]), min(max(float(one["share"]), 0.0), 1.0))
            for one in budget["cohorts"]
        ),
        answers=int(document["totals"]["answers"]),
        size=int(document["totals"]["bytes"]),
        refused=int(document["totals"]["refused"]),
        rounds=tuple(
            Sent(
                _text(one["run"]),
                int(one["round"]),
                _moment(one["at"]),
                int(one["bytes"]),
                tuple(_text(kind) for kind in one["kinds"]),
            )
            for one in document["rounds"]
        ),
        refusals=tuple(
            Refusal(_text(one["run"]), int(one["round"]), _moment(one["at"]), _text(one["kind"]), _text(one["reason"]))
            for one in document["refusals"]
        ),
        head=_text(document["ledger"]["head"]),
        lines=int(document["ledger"]["lines"]),
        signed_by=_text(document["ledger"]["by"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _moment(value: object) -> datetime:
    found = datetime.fromisoformat(_text(value))
    if found.tzinfo is None:
        raise ValueError
    return found
