"""docs/federation.md names every command, and its calls can be parsed; tests/walks/test_borders.py runs them."""

import argparse
import re
import shlex

from entrepot import cli
from tests.house.conftest import ROOT

PAGE = (ROOT / "docs" / "federation.md").read_text(encoding="utf-8")
RUNNING = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE + RUNNING, re.MULTILINE | re.DOTALL)


def below(parser):
    """The commands below a command, each with its parser."""
    found = [one.choices for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(found[0]) if found else {}


def test_the_page_names_every_command():
    known = below(below(cli._parser(["federation"]))["federation"])

    assert [name for name in known if f"entrepot federation {name}" not in PAGE] == []


def test_every_call_in_the_blocks_can_be_parsed():
    calls = [
        line[line.index("federation ") :].partition("#")[0]
        for block in BLOCKS
        for line in block.replace("\\\n", " ").splitlines()
        if re.search(r"(entrepot|member|coordinator) federation ", line)
    ]
    for call in calls:
        words = shlex.split(call)

        assert cli._parser(words).parse_args(words)

    assert len(calls) > 12


def test_what_is_not_measured_is_said_to_be_so():
    rows = re.findall(r"^\| .+ \| .+ \| (.+) \|$", PAGE.split("### Measured")[1], re.MULTILINE)

    assert all(re.search(r"\d|not measured yet: `\w+`", row) for row in rows if row != "measured")
