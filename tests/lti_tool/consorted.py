"""What a member of a consortium writes for the tool, by the member's own code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from federated import ledger, register, summary
from federated.budget import Account, Limit
from federated.register import Terms, Transfer
from federated.summary import Facts, Fellow

LIMIT = Limit(2.0, 1e-5)
TERMS = Terms("leeds", "Example University", "GB", "Commerce", "Example University", "GB", "secagg", "c0" * 32)
FELLOWS = (Fellow("hangzhou", "CN", "Example Hangzhou"), Fellow("leeds", "GB", "Example University"))


def publish(models: Path, *, transfers: int = 3, refused: int = 1, **changes: Any) -> None:
    """What a member writes, by the member's own code."""
    book, lines = models.parent / "ledger.jsonl", models.parent / "register.jsonl"
    for number in range(transfers):
        sent = Transfer(f"2026-11-26T10:{number:02}:00+00:00", "17", number, "counts", 20_480, "ab" * 32, 0.01)
        register.note(lines, TERMS, sent)
        ledger.append(book, {"kind": "budget"})
    for number in range(refused):
        one = Transfer(f"2026-11-26T11:{number:02}:00+00:00", "18", number, "sums", refused="budget")
        register.note(lines, TERMS, one)
    account = Account("default", 0.2, 0.4, 1.3, LIMIT)
    facts = {
        "catalog": "cbec",
        "terms": TERMS,
        "fellows": FELLOWS,
        "accounts": {"default": account},
        "limit": LIMIT,
        "book": ledger.read(book),
        "register": ledger.read(lines),
        "at": "2026-11-26T12:00:00+00:00",
    }
    summary.publish(models, Facts(**{**facts, **changes}), book, lines)


def measure(models: Path, **changes: Any) -> None:
    """What a member writes when it took up a model."""
    document = {
        "auc": {"local": 0.712, "federated": 0.731, "personalised": 0.744},
        "learners": {"training": 80, "held_out": 20},
        "gate": {"taken": True, "rule": "bootstrap"},
        **changes,
    }
    (models / "evaluation").mkdir(parents=True, exist_ok=True)
    (models / "evaluation" / "cbec.json").write_text(json.dumps(document))
