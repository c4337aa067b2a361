"""Fixtures of real parts that several rooms use, and the order in which files of tests are run."""

import collections
import itertools
import os
import socket

import coverage
import flask
import jinja2
import pytest
from werkzeug.routing import Rule


class Compiled(jinja2.BytecodeCache):
    """Templates compiled once a run: every test makes an app of its own, and compiling is most of its first page."""

    def __init__(self):
        self._known = {}

    def load_bytecode(self, bucket):
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket):
        self._known[bucket.key] = bucket.bytecode_to_string()


def pytest_ignore_collect(collection_path, config):
    """Who asks for the few tests that run alone does not wait until every other file is imported."""
    if config.option.markexpr == "alone" and collection_path.suffix == ".py":
        return "mark.alone" not in collection_path.read_text(encoding="utf-8") or None
    return None


def pytest_collection_modifyitems(items):
    """Files with tests that mostly wait, for processes or a browser, take turns with the others, most tests first.

    So there is always something to compute while another worker waits, and no worker is the last for long. `make test`
    tells xdist to keep this order: by itself it runs files with few tests last, and those wait longest.
    """
    counts = collections.Counter(item.path for item in items)
    waiting = {item.path for item in items if any(map(item.get_closest_marker, ("waits", "browser")))}
    browsing = {item.path for item in items if item.get_closest_marker("browser")}
    some = sorted(waiting, key=lambda path: (path in browsing, -counts[path], path))
    others = sorted(set(counts) - waiting, key=lambda path: (-counts[path], path))
    turns = itertools.chain.from_iterable(itertools.zip_longest(some, others))
    place = {path: number for number, path in enumerate(filter(None, turns))}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(scope="session", autouse=True)
def compiled_templates():
    made, cache = flask.Flask.create_jinja_environment, Compiled()

    def environment(app):
        found = made(app)
        found.bytecode_cache = cache
        return found

    flask.Flask.create_jinja_environment = environment
    yield
    flask.Flask.create_jinja_environment = made


@pytest.fixture(scope="session", autouse=True)
def compiled_routes():
    """Addresses compiled once a run: an app has over a hundred of them, and Werkzeug compiles two functions each."""
    made, known = Rule._compile_builder, {}

    def builder(rule, append_unknown=True):
        key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown)
        if key not in known:
            known[key] = made(rule, append_unknown)
        return known[key]

    Rule._compile_builder = builder
    yield
    Rule._compile_builder = made


# What runs without coverage, which doubles its time: what these tests run is covered where a room tests itself.
UNCOVERED = ("walks", "house", "platforms", "survival", "bench", "conformance", "test_federation_", "statements_model")


@pytest.fixture(scope="module", autouse=True)
def plain(request):
    """The named tests are not measured, nor are the processes that they start."""
    if not any(f"/{name}" in str(request.path) or f"_{name}" in str(request.path) for name in UNCOVERED):
        yield
        return
    measured = coverage.Coverage.current()
    kept = {name: os.environ.pop(name) for name in ("COVERAGE_PROCESS_CONFIG",) if name in os.environ}
    if measured is not None:
        measured.stop()
    yield
    if measured is not None:
        measured.start()
    os.environ.update(kept)


@pytest.fixture
def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def listener():
    """A port on which something listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]
