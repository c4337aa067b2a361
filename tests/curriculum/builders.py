"""Small catalogs, valid by default, as plain data."""

from __future__ import annotations

import copy


def names(text):
    return {"en": text, "zh": f"{text}（中文）"}


def skill(name, /, *prerequisites, area="a", **changes):
    base = {
        "id": name,
        "name": names(name),
        "area": area,
        "kind": "skill",
        "difficulty": 2,
        "prerequisites": list(prerequisites),
        "half_life_days": 30,
    }
    return {**base, **changes}


def rule(name, /, *affects, **changes):
    base = {
        "id": name,
        "jurisdiction": "EU",
        "valid_from": "2026-07-01",
        "valid_to": "2028-06-30",
        "affects": list(affects),
        "statement": names(name),
        "params": {"fee": 3.0},
        "source": ["https://example.org/law"],
        "confidence": "high",
        "caveat": "",
        "instrument": "a regulation",
    }
    return {**base, **changes}


_BASE = {
    "meta": {"id": "tiny", "name": names("Tiny"), "pass_score": None, "practice": {"activity": "urn:tiny:"}},
    "areas": [{"id": "a", "name": names("Area A")}, {"id": "b", "name": names("Area B")}],
    # A diamond with a tail, and one skill beside it.
    "skills": [
        skill("root"),
        skill("left", "root"),
        skill("right", "root", area="b"),
        skill("top", "left", "right"),
        skill("tail", "top"),
        skill("alone", area="b"),
    ],
    "roles": [
        {"id": "all", "name": names("All"), "targets": {"root": 2, "left": 3, "right": 3, "top": 4, "tail": 3}},
        {"id": "short", "name": names("Short"), "targets": {"root": 2, "left": 3}},
    ],
    "rules": [rule("fee", "left"), rule("rumour", "left", confidence="low")],
}


def tiny(**changes):
    """A valid catalog as data; whole sections may be replaced."""
    return {**copy.deepcopy(_BASE), **changes}
