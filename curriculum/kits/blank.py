"""Empty files of a kit, with the heads and one example line each: what an enterprise fills in. Floor 1."""

from __future__ import annotations

import csv
import io

from curriculum.kits import columns
from curriculum.kits.columns import MANIFEST

BOM = "\ufeff"
"""A spreadsheet reads UTF-8 as such by this mark alone."""
_MANIFEST = """\
# What learners see, in both languages. No name of a person anywhere.
title: {en: A shop for household goods, zh: 一家日用品店}
currency: EUR          # of every amount: EUR, USD, GBP or CNY
home: CN               # country that the goods come from
licence: teaching      # teaching, CC-BY-4.0, CC-BY-SA-4.0 or CC0-1.0
permission: Management agreed to the use in teaching on 2026-09-01.
safety_days: 7         # days of demand kept as safety stock
"""


def files() -> dict[str, bytes]:
    """Every file of an empty kit, by its name."""
    made = {MANIFEST: _MANIFEST.encode()}
    for name in columns.FILES:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([one.name for one in columns.COLUMNS[name]])
        writer.writerow([one.example for one in columns.COLUMNS[name]])
        made[f"{name}.csv"] = (BOM + out.getvalue()).encode()
    return made
