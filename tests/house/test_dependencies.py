"""Every dependency is argued in docs/dependencies.md, and nothing that runs is under the GPL."""

import importlib.metadata
import re
import tomllib

import pytest

from tests.house.conftest import ROOT

PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COPYLEFT = re.compile(r"(?<![L])\b(?:A?GPL|AGPL)\b|(?<!Lesser )General Public License|Affero", re.IGNORECASE)


def name_of(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower()


def argued(heading: str) -> list[str]:
    """List the dependencies in the first table below a heading of the page."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| ([a-z0-9-]+) \|", section, re.MULTILINE)[1:]


def licences(name: str) -> str:
    metadata = importlib.metadata.metadata(name)
    classifiers = [one for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")]
    # A whole licence text in the old field quotes other licences: the first line names it.
    stated = (metadata.get("License") or "").partition("\n")[0]
    return " ; ".join([metadata.get("License-Expression") or stated, *classifiers])


def test_every_dependency_that_runs_is_argued_and_no_other():
    assert argued("What runs") == sorted(name_of(one) for one in PROJECT["project"]["dependencies"])


def test_every_dependency_that_develops_is_argued_and_no_other():
    assert argued("What develops") == sorted(name_of(one) for one in PROJECT["dependency-groups"]["dev"])


def test_every_extra_is_argued_and_in_no_lock():
    extras = PROJECT["project"]["optional-dependencies"]
    section = PAGE.split("## What an extra brings\n")[1].split("\n## ")[0]
    locks = "\n".join(one.read_text(encoding="utf-8") for one in ROOT.glob("requirements*.lock"))

    assert re.findall(r"^\| ([a-z0-9-]+) \| ([a-z0-9-]+) \|", section, re.MULTILINE)[1:] == [
        (extra, name_of(one)) for extra, listed in sorted(extras.items()) for one in sorted(listed)
    ]
    assert not [one for listed in extras.values() for one in listed if f"\n{name_of(one)}==" in locks]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("GPL-2.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("GNU Affero General Public License", True),
        ("LGPL-3.0-or-later", False),
        ("GNU Lesser General Public License v3", False),
        ("Apache-2.0 OR BSD-3-Clause", False),
    ],
)
def test_a_copyleft_licence_is_told_from_others(text, refused):
    assert bool(COPYLEFT.search(text)) is refused


def test_nothing_that_runs_is_under_the_gpl():
    locked = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    installed = {re.sub(r"[-_.]+", "-", one.name).lower() for one in importlib.metadata.distributions()}

    found = {name: licences(name) for name in set(locked) if name in installed}

    assert len(found) >= 60
    assert {name: text for name, text in found.items() if COPYLEFT.search(text)} == {}
