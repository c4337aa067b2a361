"""The tables of docs/roles.md: who may do what, and which role of a platform is which; made from the code.

`python -m tests.house.roles_table` writes them.
"""

import pathlib
import re

from lti_tool import permissions, roles
from lti_tool.permissions import Permission
from lti_tool.roles import Role

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "roles.md"
MARK = "<!-- {}: made by `.venv/bin/python -m tests.house.roles_table` -->\n"
NAMES = {
    Role.LEARNER: "learner",
    Role.INSTRUCTOR: "instructor",
    Role.ASSISTANT: "teaching assistant",
    Role.DEVELOPER: "content developer",
    Role.MENTOR: "mentor, guest expert",
    Role.OBSERVER: "observer",
    Role.ADMINISTRATOR: "administrator",
}
WORDS = {
    Permission.LEARN: "open the path, a module, a case or an exam (only what a learner does is recorded and scored)",
    Permission.PICK: "choose what goes into the course",
    Permission.SEE_CLASS: "see the class page, and which scores did not arrive",
    Permission.MEND_SCORES: "send a score again",
    Permission.GUIDE: "put something first for learners, hide or propose it",
    Permission.HOLD: "schedule a session, show its check-in code, note who was there and what was seen of their skills",
    Permission.JUDGE: "decide by its rubric on what learners hand in for a project",
    Permission.PROPOSE: "see rules, skills and versions, and propose changes (who makes them hold: a setting)",
    Permission.SEE_CONSORTIUM: "see what left the institution in training with others",
    Permission.HOST: "register partner enterprises, let their people in, and approve what they offer to learners",
    Permission.VISIT: "come into the room of a partner enterprise by a launch, with the address that was given",
    Permission.ADMINISTER: "see what the check of the platform’s registration says",
}
SHORT = {
    roles.MEMBERSHIP: "membership#",
    roles.SUB: "membership/",
    roles.INSTITUTION: "institution/person#",
    roles.SYSTEM: "system/person#",
    roles.PERSON: "person#",
}


def permissions_table() -> str:
    """Write who may do what: a line a permission, a column a role."""
    lines = [f"| | {' | '.join(NAMES.values())} |\n", f"|---|{':-:|' * len(NAMES)}\n"]
    for permission, words in WORDS.items():
        held = ["yes" if permission in permissions.MATRIX[role] else "–" for role in NAMES]
        lines.append(f"| {words} | {' | '.join(held)} |\n")
    return "".join(lines)


def roles_table() -> str:
    """Write which role of a platform is which here: a line a role."""
    lines = ["| here | what a platform sends |\n|---|---|\n"]
    for role, name in NAMES.items():
        sent = [f"`{_short(uri)}`" for uri, meant in roles.ALLOWED.items() if meant is role and ":" in uri]
        lines.append(f"| {name} | {', '.join(sent)} |\n")
    return "".join(lines)


def _short(uri: str) -> str:
    for prefix, short in SHORT.items():
        if uri.startswith(prefix):
            return short + uri.removeprefix(prefix)
    raise ValueError(uri)


def write(page: pathlib.Path) -> None:
    """Put both tables into `page`, each after its mark, in place of the one that was there."""
    text = page.read_text(encoding="utf-8")
    for name, table in (("permissions", permissions_table()), ("roles", roles_table())):
        before, mark, after = text.partition(MARK.format(name))
        assert mark, name
        rest = re.sub(r"\A\n*(?:\|.*\n)*\n*", "", after)
        text = "".join([before, mark, "\n", table, rest and "\n", rest])
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(PAGE)
