"""What can be handed in: a text, links, and one file; checked before anything is kept. Floor 3, pure.

A file is what its bytes say, never what its name says; its name is not kept, for it may hold a person's. A picture is
taken down to what draws it, and the properties of a PDF that say who made it are blanked, because peers and reviewers
from outside read works without names. Nothing is fetched: a link is a text.
"""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

KINDS = {"csv": "text/csv", "pdf": "application/pdf", "png": "image/png"}
LARGEST = 2 * 1024 * 1024
"""Bytes of a file."""
LONGEST_TEXT, LONGEST_PART, LONGEST_LINK = 20_000, 1_000, 500
MOST_LINKS = 10
MOST_PIXELS = 50_000_000
MOST_INFLATED = 8 * 1024 * 1024
"""Bytes of a PDF's packed objects that are looked at."""
ROWS, COLUMNS = 20, 40
"""Of a table that a page shows."""
WORDS, FILE = "words", "file"
