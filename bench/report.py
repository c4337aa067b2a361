"""The one writer of benchmark results: a table on the terminal and var/bench/NAME.json.

The file holds {"rows": [{"name", "value", "unit", "target", "control", "ratio", "runs", "command"}]}; `ratio` is
value / control, `command` what measures that row alone, or null.
"""

import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_COLUMNS = ("name", "value", "unit", "target", "control", "ratio", "runs", "command")


def row(
    name: str,
    values: Sequence[float],
    unit: str,
    *,
    target: str | None = None,
    controls: Sequence[float] = (),
    command: str | None = None,
) -> dict[str, Any]:
    """One row: the median of the runs beside the median of the control's runs.

    Args:
        name: What was measured.
        values: One figure a run.
        unit: Of the figures.
        target: What it must reach, as text such as ">= 1500", or None.
        controls: The same measure of the control, in the same run; empty if there is none.
        command: What measures this row alone, or None.
    """
    value = statistics.median(values)
    control = statistics.median(controls) if controls else None
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "target": target,
        "control": control,
        "ratio": value / control if control else None,
        "runs": list(values),
        "command": command,
    }


def write(name: str, rows: Sequence[dict[str, Any]], directory: Path = Path("var/bench")) -> Path:
    """Print the rows as a table and write them to var/bench/NAME.json; answer the path."""
    table = [
        [_text(each[column]) if column != "runs" else str(len(each["runs"])) for column in _COLUMNS] for each in rows
    ]
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *table, strict=True)]
    for line in (_COLUMNS, *table):
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n")
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.json"
    path.write_text(json.dumps({"rows": list(rows)}, indent=2) + "\n")
    return path


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return (
        f"{value:.4g}"
        if isinstance(value, float) and abs(value) < 1000
        else f"{value:,.0f}"
        if isinstance(value, float)
        else str(value)
    )
