"""What is logged, and what is not."""

import json
import logging

import pytest

from xapi_collector.watch import logs


@pytest.fixture
def lines():
    """The lines that a configured process writes; Python's own set-up is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = []
    logs.configure("scotland", written.append)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_one_json_object_with_its_time():
    line = logs.line(1_000_001, "info", "request", {"status": 200})

    assert line == b'{"time":"1970-01-01T00:00:01.000001Z","level":"info","event":"request","status":200}\n'


def test_our_own_loggers_say_what_they_say(lines):
    logging.getLogger("xapi_collector.app").error("%s: %s", "FullError", "no room")
    (line,) = map(json.loads, lines)

    assert (line["level"], line["event"], line["institution"]) == ("error", "FullError: no room", "scotland")
    assert line["logger"] == "xapi_collector.app"


def test_of_other_loggers_only_the_template_is_written(lines):
    logging.getLogger("flask.app").error("Exception on %s [%s]", "/xapi/canary", "GET")

    assert json.loads(lines[0])["event"] == "Exception on %s [%s]"
    assert b"canary" not in lines[0]


def test_of_an_error_the_kind_and_the_place_are_written_and_not_its_text(lines):
    def fail():
        raise ValueError("mailto:canary@example.org")

    try:
        fail()
    except ValueError:
        logging.getLogger("xapi_collector").exception("It failed.")
    line = json.loads(lines[0])

    assert line["error"] == "ValueError"
    assert line["where"].startswith("fail:")
    assert b"canary" not in lines[0]


def test_debug_is_not_written(lines):
    logging.getLogger("xapi_collector").debug("details")

    assert lines == []


def test_a_line_to_standard_error_is_written_whole(capfd):
    logs.to_stderr(b"a line\n")

    assert capfd.readouterr().err == "a line\n"
