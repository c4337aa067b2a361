"""What no file in git may hold: paths of one machine, addresses of registries, secrets, oversize."""

import re

from tests.house.conftest import ROOT, module, text

# Written so that this file does not find itself.
MACHINE = re.compile(r"(?<![\w.$}])/(?:work|tmp|root|home)/(?:[a-z])")
REGISTRY = re.compile(r"https?://[^\s\"')]*(?:pypi|pythonhosted|npmjs|registry\.)[^\s\"')]*", re.IGNORECASE)
PRIVATE_KEY = re.compile("-----BEGIN (?:[A-Z]+ )*" + "PRIVATE KEY-----")
BINARY = {".png", ".db", ".gz", ".npz", ".mo", ".ico", ".woff2", ".jpg"}
LINES = 500  # 300 is where we look for a second room; beyond this nobody reads on


def texts(tracked):
    for path in tracked:
        if path.suffix not in BINARY and path != ROOT / "tests" / "house" / "test_tree.py":
            yield path, text(path)


def hits(tracked, pattern, allowed=()):
    return [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path, text in texts(tracked)
        for number, line in enumerate(text.splitlines(), 1)
        if (found := pattern.search(line)) and not any(one in line for one in allowed)
    ]


def test_no_file_names_a_path_of_somebodys_machine(tracked):
    # nginx may write to /tmp alone, as every read-only container.
    assert hits(tracked, MACHINE, allowed=("/tmp/nginx.pid", "_temp_path /tmp/")) == []


def test_no_file_holds_the_address_of_a_registry(tracked):
    assert hits(tracked, REGISTRY) == []


def test_no_file_holds_a_private_key(tracked):
    assert hits(tracked, PRIVATE_KEY) == []


def test_no_module_grows_beyond_reading(modules):
    assert [f"{path.relative_to(ROOT)}" for path in modules if len(text(path).splitlines()) > LINES] == []


def test_every_module_begins_with_what_it_is_for(modules):
    assert [path for path in modules if not module(path).docstring] == []


def test_every_suppression_gives_its_reason(tracked):
    """A linter or type checker is told to look away only with a reason after it, on the same line."""
    bare = re.compile(r"#\s*(?:noqa(?::\s*[A-Z0-9, ]+)?|type:\s*ignore(?:\[[\w, -]+\])?|pragma: no cover)\s*$")

    assert hits([path for path in tracked if path.suffix == ".py"], bare) == []


def test_no_test_is_skipped_or_expected_to_fail(tracked):
    given_up = re.compile(r"pytest\.(?:skip|xfail|importorskip)\b|mark\.(?:skip|skipif|xfail)\b")

    assert hits([path for path in tracked if path.is_relative_to(ROOT / "tests")], given_up) == []
