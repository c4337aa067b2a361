"""The table of declared collections in docs/privacy.md; `python -m tests.house.collections_table` writes it."""

import importlib
import importlib.util
import pathlib
import re

from storage.collection import Collection

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("storage", "xapi_collector", "curriculum", "recommender", "federated", "lti_tool", "entrepot")
FACTS = ("purpose", "legal_basis", "residency", "retention", "export", "erase")
PAGE = ROOT / "docs" / "privacy.md"
MARK = "<!-- collections: made by `.venv/bin/python -m tests.house.collections_table` -->\n"
HEAD = "| collection | purpose | legal basis | where | kept | export | erase |\n|---|---|---|---|---|---|---|\n"


def declared(room: str) -> tuple[Collection, ...]:
    """Give what `<room>/settings.py` lists in COLLECTIONS; nothing where there is no such module or list."""
    if importlib.util.find_spec(f"{room}.settings") is None:
        return ()
    return tuple(getattr(importlib.import_module(f"{room}.settings"), "COLLECTIONS", ()))


def table() -> str:
    """Write the declarations as one Markdown table, a line a collection."""
    rows = [
        f"| `{one.name}` | {' | '.join(getattr(one, fact) for fact in FACTS)} |\n"
        for room in ROOMS
        for one in declared(room)
    ]
    return HEAD + "".join(rows)


def write(page: pathlib.Path) -> None:
    """Put the table into `page`, after the mark, in place of the one that was there."""
    text = page.read_text(encoding="utf-8")
    before, _, after = text.partition(MARK)
    rest = re.sub(r"\A\n*(?:\|.*\n)*", "", after)
    page.write_text("".join([before, MARK, "\n", table(), rest and "\n", rest]), encoding="utf-8")


if __name__ == "__main__":
    write(PAGE)
