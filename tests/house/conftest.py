"""What every test about the house looks at: the tree, its rooms, the files that git tracks."""

import ast
import dataclasses
import functools
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("storage", "xapi_collector", "curriculum", "recommender", "federated", "lti_tool", "entrepot")


@functools.cache
def text(path: pathlib.Path) -> str:
    """What a file of the tree holds, read once a run."""
    return path.read_text(encoding="utf-8")


@dataclasses.dataclass(frozen=True)
class Module:
    """What a module says of itself: kept in place of its syntax tree, which would slow down every collection."""

    docstring: str | None
    names: frozenset[str]
    tops: frozenset[str]


def names(tree: ast.AST) -> frozenset[str]:
    """Every name that a module itself gives: functions, classes, arguments, variables, attributes of self."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
    return frozenset(found)


@functools.cache
def module(path: pathlib.Path) -> Module:
    """Read a module, once a run."""
    tree = ast.parse(text(path))
    tops: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            tops.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        tops |= {one.id for one in targets if isinstance(one, ast.Name)}
    return Module(ast.get_docstring(tree), names(tree), frozenset(tops))


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
