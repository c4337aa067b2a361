"""Every requirement of the list has a test, and every test names requirements of the list."""

import importlib
import re
from pathlib import Path

HERE = Path(__file__).parent


def _listed():
    lines = (HERE / "requirements.tsv").read_text().splitlines()
    return [line.split("\t")[0] for line in lines if not line.startswith("#")]


def _named(name):
    """The requirements in the name of a test: test_xapi_00110_and_00154_..., test_ieee_04_..."""
    found = re.match(r"test_(xapi|ieee)_(\d+(?:_(?:and|to)_\d+)*)_", name)
    if found is None:
        return
    kind, numbers = found.groups()
    for several in numbers.split("_and_"):
        first, _, last = several.partition("_to_")
        for number in range(int(first), int(last or first) + 1):
            yield f"{kind.upper()}-{number:0{len(first)}d}"


def _parametrised(function):
    """The requirements that a test takes as parameters."""
    for mark in getattr(function, "pytestmark", ()):
        names, values = mark.args if mark.name == "parametrize" else ("", ())
        first = names.split(",")[0].strip() if isinstance(names, str) else names[0]
        if first == "requirement":
            yield from (value if isinstance(value, str) else value[0] for value in values)


def _tested():
    for path in HERE.glob("test_*.py"):
        module = importlib.import_module(f"tests.conformance.xapi.{path.stem}")
        for name, function in vars(module).items():
            if name.startswith("test_"):
                yield from _named(name)
                yield from _parametrised(function)


def test_the_list_names_each_requirement_once_and_in_order():
    listed = _listed()

    assert listed == sorted(set(listed), key=lambda name: (name[0] == "I", name))
    assert [name for name in listed if name.startswith("XAPI")] == [
        f"XAPI-{number:05d}" for number in range(1, 337) if number != 136
    ]


def test_every_requirement_of_the_list_has_a_test_and_the_reverse():
    assert sorted(set(_tested())) == sorted(_listed())
