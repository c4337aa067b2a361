"""Strict JSON: what is refused, what comes back as it was sent, and that no expression of the room takes long."""

import importlib
import json
import pkgutil
import re
import time

import pytest
from hypothesis import given, strategies

import xapi_collector
from xapi_collector import errors
from xapi_collector.grammar import jsontext

_TEXT = strategies.text(strategies.characters(exclude_categories=["Cs"]), max_size=9)
_NUMBER = strategies.integers() | strategies.floats(allow_nan=False, allow_infinity=False)
_JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | _NUMBER | _TEXT,
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_OBJECT = strategies.dictionaries(_TEXT, _JSON, max_size=4)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{", b"5", b"null", b'"a"', b"[1]", b"[[]]", b"{}{}", b"[{}] x", b"{'a':1}", b'{"a":01}', b"[{},]",
        b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b'{"a":1e400}', b'{"a":-1e400}',
        b'{"a":%s}' % (b"1" * 4_301),
        b'{"a":"\\ud800"}', b'{"\\udfff":1}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xff"}', b'{"a":"\x00"}', b'{"a":"\n"}',
        b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-16-le"), '{"a":1}'.encode("utf-32"),
        b'{"a":1,"a":1}', b'{"a":1,"\\u0061":2}', b'{"b":{"a":1,"a":2}}', b'[{"b":[{"a":1 , "a":2}]}]',
        b'{"a":%s}' % (b"[" * 64 + b"]" * 64), b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"a":%s1%s}' % (b'{"b":' * 64, b"}" * 64), b'{"a":"%s",' % (b"{" * 100),
    ],
)  # fmt: skip
def test_what_is_no_strict_json_of_objects_is_refused(body):
    with pytest.raises(errors.RequestError) as raised:
        jsontext.parse(body, 5)

    assert raised.value.status == 400


def test_an_array_that_is_too_long_is_refused():
    with pytest.raises(errors.RequestError, match="holds 3 statements") as raised:
        jsontext.parse(b"[{},{},{}]", 2)

    assert raised.value.status == 400


@pytest.mark.parametrize(
    "value",
    [
        "-0", "-0.0", "1.10", "1e2", "1E+2", "0.1234567890123456789", "123456789012345678901234567890", "1e308",
        "9" * 300, "1." + "1" * 4_301,
        '"\\u0000"', '"\\/"', '"\\u4e2d"', '"\\ud83d\\ude00"', '{"":{"$where":1,"a.b":[],"__proto__":null}}',
        "[" * 62 + "]" * 62, '"' + "{" * 100 + '"',
    ],
)  # fmt: skip
@pytest.mark.parametrize("space", ["", " ", "\r\n\t"])
def test_a_value_keeps_its_characters(value, space):
    text = f'{{{space}"a"{space}:{space}{value}{space}}}'
    single = jsontext.parse(f"{space}{text}{space}".encode(), 1)
    batch = jsontext.parse(f"[{space}{text}{space},{text},{{}}]".encode(), 3)

    assert (single.single, batch.single) == (True, False)
    assert [*single.values, {}] == batch.values[1:]
    plain = {value, value.replace("\\/", "/")}
    for each in (single.texts[0], *batch.texts[:2]):
        assert json.loads(each) == json.loads(text)
        assert any(form in each.decode() for form in plain)


@given(strategies.lists(_OBJECT, max_size=4), strategies.sampled_from([None, 1]), strategies.booleans())
def test_whatever_a_writer_writes_is_read_and_kept(values, indent, escaped):
    body = json.dumps(values, indent=indent, ensure_ascii=escaped).encode()
    parsed = jsontext.parse(body, 5)

    assert parsed.values == values
    assert [json.loads(text) for text in parsed.texts] == values


@given(_OBJECT, strategies.sampled_from([None, 1]), strategies.booleans())
def test_the_members_of_an_object_are_those_of_its_text(value, indent, escaped):
    found = [*jsontext.members(json.dumps(value, indent=indent, ensure_ascii=escaped))]

    assert [(name, json.loads(text)) for name, _, text in found] == [*value.items()]
    assert [json.loads(key) for _, key, _ in found] == [*value]


def test_a_body_of_many_statements_in_an_unusual_form_is_read_in_one_pass():
    body = b"[" + b",".join([b'{ "a" : 1.10, "b" : "' + b"x" * 4_000 + b'" }'] * 1_000) + b"]"
    began = time.process_time()
    jsontext.parse(body, 1_000)

    assert time.process_time() - began < 5


_PIECES = (
    " ", "a", "1", "-", "a-", "aa-", "aaaaaaaa-", "1234-", "x-a-", "a:", "a:b", "mailto:", "mailto:a@", "a@", "a.",
    "..", "P", "P1", "PT1", "1Y", "0,0", "1.1", "a/b;", "a/b; ", "/", "\\", "\t", "\r\n", "boundary=", 'boundary="a',
    "q=1,", "2026-11-23T08:30:00.1", "T", "+00", "0" * 8 + "-", "\0", "中", "=", ";", ",", '"', "%2e", "{", "[",
)  # fmt: skip
_HOSTILE = [
    form % ((piece * (100_000 // len(piece) + 1))[:100_000])
    for piece in _PIECES
    for form in ("%s", "%s!", "P1%s", "a:%s\n", "mailto:%s@")
]


@pytest.mark.parametrize(
    "module", [each.name for each in pkgutil.walk_packages(xapi_collector.__path__, "xapi_collector.")]
)
def test_no_expression_takes_long_on_hostile_text(module):
    """The whole room is imported here, so that a new expression is tested with the others."""
    expressions = [each for each in vars(importlib.import_module(module)).values() if isinstance(each, re.Pattern)]
    for expression in expressions:
        for text in _HOSTILE:
            subject = text.encode() if isinstance(expression.pattern, bytes) else text
            began = time.process_time()
            expression.fullmatch(subject)
            expression.match(subject)
            assert time.process_time() - began < 0.5, expression.pattern
