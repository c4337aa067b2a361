"""deploy/lint/locks.py finds a lock that does not fit; that ours fit is `make lint`."""

import runpy
import shutil

import pytest

from tests.house.conftest import ROOT

NEEDED = ("pyproject.toml", "requirements.lock", "requirements-dev.lock", "deploy/lint/package-lock.json")


@pytest.fixture(scope="module")
def check():
    return runpy.run_path(str(ROOT / "deploy" / "lint" / "locks.py"))["check"]


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "deploy" / "lint").mkdir(parents=True)
    for name in NEEDED:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_locks_that_fit_have_no_problem(check, tree):
    assert check(tree) == []


def test_a_dependency_that_no_lock_pins_is_named(check, tree):
    change(tree / "pyproject.toml", '"flask>=3.1"', '"flask>=3.1",\n  "left-pad>=1"')

    assert any("left-pad" in problem for problem in check(tree))


def test_a_pin_outside_its_range_is_named(check, tree):
    change(tree / "pyproject.toml", '"flask>=3.1"', '"flask>=4"')

    assert any("flask==3" in problem and "outside" in problem for problem in check(tree))


def test_a_pin_without_a_hash_is_named(check, tree):
    change(tree / "requirements.lock", "\naniso8601", "\nleft-pad==1.0.0\naniso8601")

    assert any("left-pad==1.0.0 has no hash" in problem for problem in check(tree))


@pytest.mark.parametrize("line", ["--index-url https://example.org/simple", "--find-links wheels"])
def test_an_address_in_a_lock_is_named(check, tree, line):
    lock = tree / "requirements.lock"
    lock.write_text(f"{line}\n{lock.read_text(encoding='utf-8')}", encoding="utf-8")

    assert any("holds an address" in problem for problem in check(tree))


def test_a_download_address_in_the_npm_lock_is_named(check, tree):
    change(
        tree / "deploy/lint/package-lock.json", '"integrity"', '"resolved": "https://example.org/a.tgz",\n "integrity"'
    )

    assert any("package-lock.json" in problem for problem in check(tree))
