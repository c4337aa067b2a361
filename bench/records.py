"""Statements of a usual shape and size, for the benchmarks."""

import random
import uuid
from typing import Any

VERBS = tuple(f"https://verbs.example/{name}" for name in ("answered", "scored", "viewed", "completed"))


def statement(rng: random.Random) -> dict[str, Any]:
    """A statement of about 1.3 KB: one of 2,000 learners, 500 activities in 20 courses, a score, a registration.

    The last verb is never used in an even course: two filters that each match much and never meet.
    """
    unit = rng.randrange(500)
    return {
        "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": "https://lms.example.edu", "name": f"{rng.randrange(2000)}"},
        },
        "verb": {
            "id": rng.choice(VERBS if unit % 2 else VERBS[:-1]),
            "display": {"en-US": "answered", "zh-Hans": "回答"},
        },
        "object": {
            "objectType": "Activity",
            "id": f"https://lms.example.edu/mod/quiz/{unit}",
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/assessment",
                "name": {"en-US": f"Customs declaration, unit {unit}", "zh-Hans": f"报关单填写 第{unit}单元"},
                "description": {"en-US": "Fill in the declaration for a parcel that is sold over a border. " * 3},
            },
        },
        "result": {
            "score": {"scaled": rng.randrange(101) / 100, "raw": rng.randrange(101), "min": 0, "max": 100},
            "success": rng.random() < 0.7,
            "completion": True,
            "duration": f"PT{rng.randrange(1, 60)}M{rng.randrange(60)}S",
        },
        "context": {
            "registration": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "platform": "Moodle",
            "language": "zh-Hans",
            "contextActivities": {
                "parent": [{"id": f"https://lms.example.edu/section/{unit // 5}", "objectType": "Activity"}],
                "grouping": [{"id": f"https://lms.example.edu/course/{unit % 20}", "objectType": "Activity"}],
            },
            "extensions": {
                "https://lms.example.edu/ext/attempt": rng.randrange(5),
                "https://lms.example.edu/ext/ip": None,
            },
        },
        "timestamp": f"2026-{rng.randrange(1, 12):02d}-{rng.randrange(1, 29):02d}T08:30:{rng.randrange(60):02d}.123Z",
    }
