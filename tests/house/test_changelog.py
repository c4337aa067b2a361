"""CHANGELOG.md keeps the form of Keep a Changelog 1.1.0, and its newest version is the package's."""

import datetime as dt
import re
import tomllib

from tests.house.conftest import ROOT

TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_it_begins_with_what_is_not_released_yet():
    assert SECTIONS[0] == "[Unreleased]"


def test_every_release_has_a_version_and_a_day():
    for section in SECTIONS[1:]:
        found = re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})", section)

        assert found, section
        dt.date.fromisoformat(found[2])


def test_releases_stand_newest_first():
    versions = [tuple(map(int, re.findall(r"\d+", section.split("]")[0]))) for section in SECTIONS[1:]]

    assert versions == sorted(versions, reverse=True)


def test_changes_stand_under_the_six_kinds():
    assert set(re.findall(r"^### (.+)$", TEXT, re.MULTILINE)) <= KINDS


def test_no_section_of_a_kind_is_empty():
    assert re.findall(r"^### .+\n\s*(?=#|\Z)", TEXT, re.MULTILINE) == []


def test_a_release_is_not_ahead_of_the_package():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    released = [section[1:].split("]")[0] for section in SECTIONS[1:]]

    assert not released or released[0] == version
