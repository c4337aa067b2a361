"""docs/lrs.md: every command printed there works, and its tables are those of the code."""

import argparse
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from entrepot import cli
from tests.house import warm
from tests.house.conftest import ROOT
from tests.xapi_collector import lrs as builders
from xapi_collector.door import scopes
from xapi_collector.forwarding import forwarders

PAGE = (ROOT / "docs" / "lrs.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def below(parser):
    """The commands below a command, each with its parser."""
    found = [one.choices for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(found[0]) if found else {}


def commands():
    """Each command of `entrepot lrs`, with its parser."""
    return below(below(cli._parser(["lrs"]))["lrs"])


def table(first):
    """The cells of the first column of the table whose head begins with a word."""
    rows = re.search(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)[1]
    return [tuple(cell.strip() for cell in row.strip("|").split(" | ")) for row in rows.splitlines()]


@pytest.fixture
def environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ENTREPOT_")}
    (tmp_path / "warm").mkdir()
    with warm.calls(tmp_path / "warm") as first:
        yield clean | {"PATH": os.pathsep.join([str(first), str(Path(sys.executable).parent), clean["PATH"]])}


@pytest.mark.processes
@pytest.mark.waits
@pytest.mark.timeout(180)
def test_every_command_of_the_page_works_in_the_order_of_the_page(tmp_path, unused_port, environment):
    script = "set -euo pipefail\ntrap 'kill $(jobs -p)' EXIT\n" + "\n".join(BLOCKS).replace(":9001", f":{unused_port}")
    script = script.replace("--port 9001", f"--port {unused_port}")
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert '{"status":"ready"}' in done.stdout
    assert "page=7" in done.stdout
    assert "https://learn.example.org/caliper/" in done.stdout
    assert re.search(r"^entrepot_lrs_last_seq \d+$", done.stdout, re.MULTILINE)
    assert "1 statements in all.jsonl.gz" not in done.stdout  # the person was erased before


def test_every_command_that_a_page_or_a_message_names_can_be_parsed():
    known = commands()
    texts = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "xapi_collector").rglob("*.py"), *(ROOT / "deploy").rglob("*.*")]
    wrong = []
    for text in texts:
        for words in re.findall(r"entrepot lrs ([^`\n]*)", text.read_text(encoding="utf-8")):
            name, *rest = [*words.split(), ""]
            if not re.match(r"[a-z]", name):
                continue
            if name not in known:
                wrong.append((text.name, name))
            elif below(known[name]) and re.fullmatch(r"[a-z]+", rest[0]) and rest[0] not in below(known[name]):
                wrong.append((text.name, name, rest[0]))

    assert wrong == []


def test_the_calls_in_the_blocks_can_be_parsed():
    calls = [
        line
        for block in BLOCKS
        for line in block.replace("\\\n", " ").splitlines()
        if re.match(r"(?:\w+=\S+ )?entrepot lrs ", line)
    ]
    for call in calls:
        words = shlex.split(call.partition(" > ")[0])
        words = words[words.index("entrepot") + 1 :]

        assert cli._parser(words).parse_args(words)

    assert len(calls) > 15


def test_the_page_names_every_command():
    assert [name for name in commands() if f"entrepot lrs {name}" not in PAGE] == []


def test_the_page_says_what_every_scope_allows():
    assert {name.strip("`"): text.strip("| ") for name, text in table("scope")} == scopes.MEANINGS


def test_the_page_says_what_every_figure_is(tmp_path):
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)
    secret = forwarders.seal_secret(made.keys, "region", "x", bytes)
    forwarders.add(made.storage, forwarders.Forwarder("region", "https://r.example/xapi", "1.0.3", "k", secret))
    text = made.client.get("/metrics", headers=made.headers).text
    made.storage.close()

    assert [row[0].strip("`") for row in table("figure")] == re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
