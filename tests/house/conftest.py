"""What every test about the house looks at: the tree, its rooms, the files that git tracks."""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("storage", "xapi_collector", "curriculum", "recommender", "federated", "lti_tool", "entrepot")


@pytest.fixture(scope="session")
def root() -> pathlib.Path:
    return ROOT


@pytest.fixture(scope="session")
def tracked() -> list[pathlib.Path]:
    """Every file of this tree that is, or is about to be, in git; not those that .gitignore names."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


@pytest.fixture(scope="session")
def modules() -> list[pathlib.Path]:
    """Every Python module of the seven rooms."""
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
