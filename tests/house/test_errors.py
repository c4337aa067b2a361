"""The tree drawn in each errors.py is the tree of its classes."""

import importlib
import inspect
import re

import pytest

from tests.house.conftest import ROOMS, ROOT

WITH_ERRORS = [room for room in ROOMS if (ROOT / room / "errors.py").exists()]
BRANCH = re.compile(r"^(?P<depth>[ │├└─]*)(?P<name>[A-Z][A-Za-z]+)(?=$|\s|\()")


def drawn(docstring: str) -> dict[str, str | None]:
    """Read the first block of names that are nothing but a tree: name -> name of the parent."""
    lines = docstring.splitlines()
    root = next(number for number, line in enumerate(lines) if re.fullmatch(r"\s*[A-Z][A-Za-z]+\s*", line))
    parents: dict[str, str | None] = {}
    open_branches: list[tuple[int, str]] = []
    for line in lines[root:]:
        found = BRANCH.match(line)
        if found is None:
            break
        depth, name = len(found["depth"]), found["name"]
        while open_branches and open_branches[-1][0] >= depth:
            open_branches.pop()
        parents[name] = open_branches[-1][1] if open_branches else None
        open_branches.append((depth, name))
    return parents


def declared(room: str) -> dict[str, str | None]:
    module = importlib.import_module(f"{room}.errors")
    own = {
        name: cls
        for name, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__ and issubclass(cls, BaseException)
    }
    return {
        name: next((base.__name__ for base in cls.__bases__ if base in own.values()), None) for name, cls in own.items()
    }


@pytest.mark.parametrize("room", WITH_ERRORS)
def test_the_tree_in_the_docstring_is_the_tree_of_the_classes(room):
    module = importlib.import_module(f"{room}.errors")

    assert drawn(inspect.getdoc(module) or "") == declared(room)


@pytest.mark.parametrize("room", WITH_ERRORS)
def test_a_room_has_one_root_of_its_errors(room):
    roots = [name for name, parent in declared(room).items() if parent is None]

    assert len(roots) == 1, roots


def test_a_room_keeps_its_errors_in_one_place(modules):
    stray = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules
        if path.name != "errors.py" and path.parent.parent == ROOT
        for name in re.findall(
            r"^class (\w+)\((?:\w+\.)*\w*(?:Error|Exception)\)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]

    assert stray == []
