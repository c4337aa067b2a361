"""The pages about learning platforms: every command there can be called, and every refusal there exists."""

import argparse
import re
import shlex

import pytest

from entrepot import cli
from lti_tool import errors, families
from tests.house.conftest import ROOT

PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
CALL = re.compile(r"(?:^|`|/bin/)(entrepot (?:platform|doctor)[^`\n|]*)", re.MULTILINE)


def calls():
    """Every call of `entrepot platform` on a page, in a block or in a sentence; a bare mention is none."""
    for name, text in PAGES.items():
        for found in CALL.findall(text.replace("\\\n", " ")):
            words = shlex.split(found)
            if len(words) > 2 and words[2] not in {"--help", "…"} and not re.match(r"`", found):
                yield pytest.param(words, id=f"{name}: {' '.join(words)[:60]}")


def commands():
    """The commands below `entrepot platform`, each with its parser."""
    action = next(one for one in cli._parser(["platform"])._actions if isinstance(one, argparse._SubParsersAction))
    below = action.choices["platform"]
    return dict(next(one for one in below._actions if isinstance(one, argparse._SubParsersAction)).choices)


# What a page shows in a table is a command without its arguments.
BARE = {f"entrepot platform {name}" for name in commands()}


@pytest.mark.parametrize("words", [one for one in calls() if " ".join(one.values[0]) not in BARE])
def test_every_call_on_a_page_can_be_parsed(words):
    assert cli._parser(words[1:]).parse_args(words[1:]).run


def test_every_command_has_a_row():
    rows = re.findall(r"^\| (`entrepot platform .*?) \| ", PAGES["running.md"], re.MULTILINE)
    told = {word for row in rows for word in re.findall(r"`(?:entrepot platform )?([a-z]+)`", row)}

    assert told >= set(commands())


@pytest.mark.parametrize("page", ["moodle.md", "canvas.md"])
def test_every_refusal_named_on_a_page_exists(page):
    named = set(re.findall(r"^\| \*([a-z_]+)\*|, \*([a-z_]+)\*", PAGES[page], re.MULTILINE))

    assert {one or other for one, other in named} - errors.CODES.keys() == set()
    assert named


def test_the_pages_and_the_code_agree_on_hosted_canvas():
    assert all(issuer in PAGES["canvas.md"] for issuer in list(families.FAMILIES["canvas"].hosted)[:1])
