"""Write the index of the lessons: `python -m tests.house.lessons_index`. A test fails while it is not what they say."""

from __future__ import annotations

import json
from pathlib import Path

from curriculum import lessons

INDEX = Path(__file__).parents[2] / "curriculum" / "data" / "lessons" / "index.json"


def made() -> str:
    """The index as the lessons are now, one a line."""
    lines = [
        f"{json.dumps(skill)}: {json.dumps([one.minutes, one.checked.isoformat()])}"
        for skill, one in sorted(lessons.load().items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    INDEX.write_text(made(), encoding="utf-8")
