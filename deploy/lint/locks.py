#!/usr/bin/env python3
"""Checks that the locks are what pyproject.toml asks for, and that they say where nothing lies.

Run by `make lint`. Every requirement of pyproject.toml must be pinned with hashes, inside its range, in its lock; the
runtime lock must be a part of the development lock; and no lock may hold an address, for an address binds whoever
installs from it to one registry.
"""

import pathlib
import re
import sys
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = pathlib.Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
ADDRESS = re.compile(r"https?://|git\+|file:|--(?:extra-)?index-url|--find-links|\"resolved\"")


def pins(text: str) -> dict[str, set[str]]:
    """Read a lock: canonical name of each distribution -> the versions that are pinned (several with markers)."""
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall(text):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def unmet(wanted: list[str], locked: dict[str, set[str]], lock: str) -> list[str]:
    """List the requirements that the lock does not pin, or pins outside their range."""
    problems = []
    for text in wanted:
        requirement = Requirement(text)
        versions = locked.get(canonicalize_name(requirement.name), set())
        if not versions:
            problems.append(f"{lock}: {requirement.name} of pyproject.toml is not pinned; run `make lock`")
        problems += [
            f"{lock}: {requirement.name}=={version} is outside {requirement.specifier}; run `make lock`"
            for version in sorted(versions)
            if not requirement.specifier.contains(Version(version), prereleases=True)
        ]
    return problems


def without_hash(text: str, lock: str) -> list[str]:
    """List the pins that no hash follows."""
    blocks = re.split(r"\n(?=\S)", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    return [
        f"{lock}: {block.split()[0]} has no hash; run `make lock`"
        for block in blocks
        if PIN.match(block) and "--hash=sha256:" not in block
    ]


def check(root: pathlib.Path) -> list[str]:
    """Check the locks below `root` and return one line for each problem, none if all is well."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    runtime: list[str] = project["project"]["dependencies"]
    development: list[str] = project["dependency-groups"]["dev"]
    texts = {name: (root / name).read_text(encoding="utf-8") for name in ("requirements.lock", "requirements-dev.lock")}
    locked = {name: pins(text) for name, text in texts.items()}

    problems = unmet(runtime, locked["requirements.lock"], "requirements.lock")
    problems += unmet([*runtime, *development], locked["requirements-dev.lock"], "requirements-dev.lock")
    for name, versions in sorted(locked["requirements.lock"].items()):
        if locked["requirements-dev.lock"].get(name) != versions:
            problems.append(f"requirements-dev.lock: {name} differs from requirements.lock; run `make lock`")
    for name, text in texts.items():
        problems += without_hash(text, name)
    npm = "deploy/lint/package-lock.json"
    texts[npm] = re.sub(r'"(?:url|funding)": "[^"]*"', "", (root / npm).read_text(encoding="utf-8"))
    for name, text in texts.items():
        problems += [
            f"{name}:{number}: holds an address ({line.strip()}); a lock says what, never where"
            for number, line in enumerate(text.splitlines(), 1)
            if ADDRESS.search(line)
        ]
    return problems


if __name__ == "__main__":
    sys.exit("\n".join(check(ROOT)) or None)
