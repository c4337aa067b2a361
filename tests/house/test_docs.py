"""The documentation names every variable, command and target there is, and none that there is not."""

import argparse
import dataclasses
import os
import re
import subprocess
import sys
import tomllib

import pytest

from entrepot import cli, variables
from federated import settings as federated_settings
from tests.house.conftest import ROOT

RUNNING = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").rglob("*.md"))
# Named by the documentation of the tests, and by the demo for itself.
NOT_FOR_OPERATORS = set(variables.OTHERS)


def commands() -> dict[str, argparse.ArgumentParser]:
    """Give each command of `entrepot` with its parser."""

    def known(*words: str) -> dict[str, argparse.ArgumentParser]:
        action = next(one for one in cli._parser(list(words))._actions if isinstance(one, argparse._SubParsersAction))
        return dict(action.choices)

    return {name: known(name)[name] for name in known()}


def test_running_says_what_every_variable_is():
    rows = set(re.findall(r"^\| `(ENTREPOT_\w+)` \|", RUNNING, re.MULTILINE))

    assert set(variables.known()) - NOT_FOR_OPERATORS == rows


def test_no_page_names_a_variable_that_does_not_exist():
    unknown = {
        (page.name, name)
        for page in PAGES
        for name in re.findall(r"ENTREPOT_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8"))
        if name not in variables.known()
    }

    assert unknown == set()


def test_running_describes_every_command():
    described = set(re.findall(r"^\| `entrepot ([a-z-]+)", RUNNING, re.MULTILINE))

    assert described == set(commands())


def test_every_call_of_the_command_in_docs_and_deploy_can_be_parsed():
    texts = [*PAGES, *(ROOT / "deploy").rglob("*.service"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    known = commands()
    wrong = []
    for text in texts:
        for line in text.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            for name, rest in re.findall(
                r"(?:bin/|^|`|\s)entrepot ([a-z-]+)((?: +--?[a-z-]+(?: +(?!--)[^\s`|;]+)?)*)", line
            ):
                options = set(re.findall(r"(--[a-z-]+)", rest))
                if name not in known:
                    continue
                wrong += [
                    (text.name, name, option) for option in options if option not in known[name]._option_string_actions
                ]

    assert wrong == []


def test_every_target_of_the_makefile_has_a_help_text():
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    helped = set(re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())

    assert targets == helped == phony
    assert targets >= {"help", "setup", "demo", "test", "lint", "bench", "docs", "clean"}


def test_every_target_but_help_and_clean_implies_setup():
    bare = {
        name for name, needs in re.findall(r"^([a-z-]+):([^#\n]*)##", MAKEFILE, re.MULTILINE) if "$(STAMP)" not in needs
    }

    assert bare == {"help", "clean"}


def test_no_page_names_a_target_that_does_not_exist():
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    texts = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    unknown = {
        (text.name, name)
        for text in texts
        for name in re.findall(r"(?:`|^)make ([a-z]+)", text.read_text(encoding="utf-8"), re.MULTILINE)
        if name not in targets
    }

    assert unknown == set()


def test_every_page_is_in_the_navigation():
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    assert [page for page in PAGES if str(page.relative_to(ROOT / "docs")) not in nav] == []


def test_decisions_are_numbered_without_a_gap_and_all_listed():
    folder = ROOT / "docs" / "decisions"
    numbers = [int(page.name[:4]) for page in sorted(folder.glob("0*.md"))]
    index = (folder / "index.md").read_text(encoding="utf-8")

    assert numbers == list(range(1, len(numbers) + 1))
    assert [page for page in folder.glob("0*.md") if f"]({page.name})" not in index] == []


def test_every_link_from_the_front_leads_somewhere():
    """The pages of docs/ are checked by the build of the site, further down."""
    dead = {
        (page, target)
        for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
        for target in re.findall(r"\]\(([^)#\s]+)", (ROOT / page).read_text(encoding="utf-8"))
        if "://" not in target and not (ROOT / target).exists()
    }

    assert dead == set()


def test_every_file_that_a_page_names_exists():
    missing = set()
    for page in [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for name in re.findall(
            r"`((?:storage|xapi_collector|curriculum|recommender|federated|lti_tool|entrepot|tests|deploy|docs|bench|tools)/[\w./-]*\w)`",
            page.read_text(encoding="utf-8"),
        ):
            if not (ROOT / name).exists():
                missing.add((page.name, name))

    assert missing == set()


def keys(cls):
    return {field.name for field in dataclasses.fields(cls)}


def test_running_says_what_every_key_of_a_members_settings_is():
    section = RUNNING.split("## A member of a consortium")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)

    # `port` is for several members on one machine; 0, a free one, is right for everybody else.
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == keys(federated_settings.Member) - {"port"}


def test_running_shows_every_key_of_a_coordinators_settings():
    shown = tomllib.loads(re.search(r"```toml\n(.*?)```", RUNNING, re.DOTALL)[1])

    assert set(shown) == keys(federated_settings.Coordinator)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site; a broken link or a page outside the navigation fails the build."""
    where = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(where)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "true"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stdout + built.stderr
    return where


def test_no_page_of_the_site_loads_anything_from_elsewhere(site):
    loaded = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=["']?(?:https?:)?//[^"'\s>]+""")
    pages = list(site.rglob("*.html"))
    found = {hit for page in pages for hit in loaded.findall(page.read_text(encoding="utf-8"))}

    assert len(pages) > len(PAGES)
    assert found == set()


def test_no_style_of_the_site_loads_anything_from_elsewhere(site):
    found = {
        hit
        for style in site.rglob("*.css")
        for hit in re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^'\")\s]+", style.read_text(encoding="utf-8"))
    }

    assert found == set()
