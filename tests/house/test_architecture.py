"""docs/architecture.md names no function that its room has not."""

import re

import pytest

from tests.house.conftest import ROOT, module

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
OFFERS = TEXT.split("## What each room offers the others\n")[1].split("\n## ")[0]
ROOMS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", OFFERS, re.MULTILINE | re.DOTALL))


def named(part: str) -> list[tuple[str, str]]:
    """What the code of a section names as `module.name`, comments left out."""
    code = re.sub(r"#.*$", "", "".join(re.findall(r"```python\n(.*?)```", part, re.DOTALL)), flags=re.MULTILINE)
    return re.findall(r"\b([a-z_]+)\.([A-Za-z_]+)", code)


def test_every_room_says_what_it_offers():
    assert set(ROOMS) == {path.parent.name for path in ROOT.glob("*/__init__.py")}


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_offers_is_there(room):
    missing = []
    for part, name in named(ROOMS[room]):
        files = [*(ROOT / room).rglob(f"{part}.py"), *(ROOT / room).rglob(f"{part}/__init__.py")]
        if not any(name in module(path).tops or (path.parent / f"{name}.py").is_file() for path in files):
            missing.append(f"{part}.{name}")

    assert named(ROOMS[room])
    assert missing == []
