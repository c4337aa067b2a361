"""One word a thing: docs/glossary.md in the names of the code."""

import ast
import re
from collections.abc import Iterable

import pytest

from tests.house.conftest import ROOMS, ROOT, module, names, text

# Words that the glossary replaces, as parts of a name. Left out are those that are right elsewhere: `user` of Basic
# credentials and of the sandbox LMS; `epoch`, `event`, `object`, `client`, `server`, which other specs own.
FORBIDDEN = {
    "student": "learner",
    "students": "learners",
    "pupil": "learner",
    "teacher": "instructor",
    "teachers": "instructors",
    "tenant": "institution",
    "tenants": "institutions",
    "organisation": "institution",
    "organization": "institution",
    "suggestion": "recommendation",
    "suggestions": "recommendations",
    "kc": "skill",
}
# The same in texts: people who read our pages and messages are called what they are.
FORBIDDEN_IN_TEXT = re.compile(r"\b(students?|teachers?|tenants?|pupils?)\b", re.IGNORECASE)
# A text may name a word of somebody else's data.
ALLOWED_TEXT = {
    "id_student",  # a column of OULAD
    "studentAssessment",
    "studentInfo",
    'INSTITUTION + "Student"',  # a role of LIS, as Canvas sends it
}


def parts(name: str) -> list[str]:
    """Split snake_case and CamelCase: `getTenantName` -> get, tenant, name."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")


def forbidden(given: Iterable[str]) -> dict[str, str]:
    """Map each name that a module gives and that holds a forbidden word to the right word."""
    return {name: FORBIDDEN[part] for name in given for part in parts(name) if part in FORBIDDEN}


@pytest.mark.parametrize("name", ["student_count", "TeacherPage", "tenantId", "n_students"])
def test_a_forbidden_word_is_found_however_it_is_written(name):
    assert name in forbidden(names(ast.parse(f"{name} = 1")))


def test_no_name_uses_a_word_that_the_glossary_replaces(modules):
    found = {
        f"{path.relative_to(ROOT)}: {name}": f"say {right}"
        for path in modules
        for name, right in forbidden(module(path).names).items()
    }

    assert found == {}


def test_no_module_is_named_by_a_word_that_the_glossary_replaces(modules):
    assert [path for path in modules if set(parts(path.stem)) & FORBIDDEN.keys()] == []


def test_no_text_calls_people_by_a_word_that_the_glossary_replaces(tracked):
    found = []
    for path in tracked:
        if path.suffix not in {".py", ".html", ".po", ".md", ".js"} or path.is_relative_to(ROOT / "tests"):
            continue
        if path.name in {"glossary.md", "NOTICE"}:
            continue
        for number, line in enumerate(text(path).splitlines(), 1):
            cleaned = line
            for allowed in ALLOWED_TEXT:
                cleaned = cleaned.replace(allowed, "")
            if FORBIDDEN_IN_TEXT.search(cleaned):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")

    assert found == []


def test_there_is_no_room_for_leftovers():
    shared = {"common", "core", "utils", "helpers", "util", "misc"}

    assert [path for path in ROOT.iterdir() if path.is_dir() and path.name in shared] == []


def test_every_room_says_what_must_not_be_in_it():
    first = {
        room: ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))) for room in ROOMS
    }
    forbids = re.compile(r"\b(not|never|no|nothing)\b", re.IGNORECASE)

    assert [room for room, docstring in first.items() if not forbids.search(docstring or "")] == []
