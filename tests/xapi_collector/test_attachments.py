"""Multipart bodies in and out, and the bond between an attachment and its part."""

import hashlib
import time

import pytest

from tests.xapi_collector.lrs import statement
from xapi_collector import errors
from xapi_collector.grammar import attachments

_TYPE = "multipart/mixed; boundary=-------314159265358979323846"
_LINE = b"---------314159265358979323846"
_JSON = b'{"actor":1}'
_FIRST = b"Content-Type: application/json\r\n\r\n" + _JSON
_FILE = b"here is\r\na simple attachment\r\n"


def _sha2(content, name="sha256"):
    return hashlib.new(name, content).hexdigest()


def _part(content=_FILE, **header):
    fields = {
        "Content-Type": "text/plain",
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": _sha2(content),
    } | {name.replace("_", "-"): value for name, value in header.items()}
    lines = [f"{name}: {value}\r\n".encode() for name, value in fields.items() if value is not None]
    return b"".join(lines) + b"\r\n" + content


def _body(*parts):
    return b"".join(_LINE + b"\r\n" + part + b"\r\n" for part in parts) + _LINE + b"--\r\n"


def _attachment(content=_FILE, **changes):
    whole = {
        "usageType": "https://usage.example/essay",
        "display": {"en": "an essay"},
        "contentType": "text/plain",
        "length": len(content),
        "sha2": _sha2(content),
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def _files(*contents, content_type="text/plain"):
    return {_sha2(each): attachments.Part(each, content_type) for each in contents}


def _rule(body, content_type=_TYPE):
    with pytest.raises(errors.RequestError) as raised:
        attachments.parse(body, content_type)
    assert raised.value.status == 400
    return raised.value.path, raised.value.rule


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (_body(_FIRST, _part()), _TYPE),
        (b"\r\n" + _body(_FIRST, _part()), _TYPE),
        (b"a preamble\r\n" + _body(_FIRST, _part()) + b"an epilogue", _TYPE),
        (_body(_FIRST, _part())[:-2], _TYPE),
        (_body(_FIRST, _part()).replace(_LINE, b"--a b:c?"), 'Multipart/Mixed;charset=x;  boundary="a b:c?" '),
        (_body(_FIRST.replace(b"/json", b"/json; charset=utf-8"), _part()).replace(b"6\r\nC", b"6 \t\r\nC"), _TYPE),
        (_body(_FIRST, _part(X_Experience_API_Hash=_sha2(_FILE).upper(), Content_Transfer_Encoding="BINARY")), _TYPE),
    ],
)
def test_a_body_is_split_at_its_boundaries(body, content_type):
    statements, files = attachments.parse(body, content_type)

    assert statements == _JSON
    assert files == {_sha2(_FILE): attachments.Part(_FILE, "text/plain")}


def test_a_body_of_statements_alone_has_no_file():
    assert attachments.parse(_body(_FIRST), _TYPE) == (_JSON, {})


@pytest.mark.parametrize("name", ["sha224", "sha256", "sha384", "sha512"])
def test_a_file_is_known_by_any_sha_2(name):
    _, files = attachments.parse(_body(_FIRST, _part(X_Experience_API_Hash=_sha2(_FILE, name))), _TYPE)

    assert files[_sha2(_FILE, name)].content == _FILE


@pytest.mark.parametrize("content", [b"", b"\r\n", b"\0" * 10, b"--\r\n\r\n--", b"x" + _LINE, b"\n" + _LINE])
def test_every_octet_of_a_file_comes_through(content):
    _, files = attachments.parse(_body(_FIRST, _part(content)), _TYPE)

    assert files == _files(content)


def test_a_part_may_leave_its_media_type_out():
    _, files = attachments.parse(_body(_FIRST, _part(Content_Type=None)), _TYPE)

    assert files[_sha2(_FILE)].content_type == ""


@pytest.mark.parametrize(
    "content_type",
    [
        "", "multipart/mixed", "multipart/mixed;", "multipart/mixed; boundary=", "multipart/form-data; boundary=x",
        'multipart/mixed; boundary=""', f"multipart/mixed; boundary={'x' * 71}", "multipart/mixed; boundary=a\r\nb",
        "multipart/mixed; boundary=a; boundary=b", "multipart/mixed; boundary=中", 'multipart/mixed; boundary="a',
    ],
)  # fmt: skip
def test_a_header_names_one_boundary(content_type):
    assert _rule(_body(_FIRST), content_type) == ("Content-Type", "XAPI-00130")


@pytest.mark.parametrize(
    ("body", "path", "rule"),
    [
        (b"", "part 0", "XAPI-00131"),
        (_FIRST, "part 0", "XAPI-00131"),
        (_LINE + b"--\r\n", "part 0", "XAPI-00131"),
        (_LINE + b"\r\n" + _FIRST, "part 1", "XAPI-00131"),
        (_body(_FIRST) + _body(_FIRST), "part 1", "XAPI-00131"),
        (_body(_FIRST)[:-2] + b"x", "part 1", "XAPI-00131"),
        (_FIRST + b"\r\n" + _body(_part()), "part 0", "XAPI-00134"),
        (_body(_part(), _FIRST), "part 0", "XAPI-00134"),
        (_body(_FIRST.replace(b"application/json", b"text/plain"), _part()), "part 0", "XAPI-00134"),
        (_body(b"\r\n" + _JSON, _part()), "part 0", "XAPI-00134"),
        (_body(_FIRST, _FIRST, _part()), "part 1", "XAPI-00132"),
        (_body(_FIRST, _part(X_Experience_API_Hash=None)), "part 1", "XAPI-00132"),
        (_body(_FIRST, _part(X_Experience_API_Hash="x")), "part 1", "XAPI-00132"),
        (_body(_FIRST, _part(X_Experience_API_Hash=_sha2(b""))), "part 1", "XAPI-00132"),
        (_body(_FIRST, _part(), _part()), "part 2", "XAPI-00132"),
        (_body(_FIRST, _part(Content_Transfer_Encoding=None)), "part 1", "XAPI-00135"),
        (_body(_FIRST, _part(Content_Transfer_Encoding="base64")), "part 1", "XAPI-00135"),
        (_body(_FIRST, _part(Content_Type="text")), "part 1", "XAPI-00105"),
        (_body(_FIRST, _FILE), "part 1", "XAPI-00130"),
        (_body(_FIRST, b"x"), "part 1", "XAPI-00130"),
        (_body(_FIRST, _part(_LINE)), "part 1", "XAPI-00130"),
        (_body(_FIRST, _part(b"1\r\n" + _LINE + b"\r\n2")), "part 1", "XAPI-00132"),
        (_body(_FIRST, _part(b"1\r\n" + _LINE + b"--\r\n2")), "part 2", "XAPI-00131"),
        (_body(_FIRST, _part(b"1\r\n" + _LINE + b"0\r\n2")), "part 1", "XAPI-00132"),
        (_body(_FIRST, _part(X="y" * 1_048_576)), "part 1", "XAPI-00130"),
        (_body(_FIRST, b"X: 1\r\nx: 2\r\n" + _part()), "part 1", "RFC 2046, 5.1"),
        (_body(_FIRST, b"X: 1\r\n  folded: 2\r\n" + _part()), "part 1", "RFC 2046, 5.1"),
        (_body(_FIRST, b"no colon\r\n" + _part()), "part 1", "RFC 2046, 5.1"),
        (_body(_FIRST, b"X: \0\r\n" + _part()), "part 1", "RFC 2046, 5.1"),
        (_body(_FIRST, _part(Content_Disposition='attachment; filename="../../etc/x"')), "part 1", "RFC 2183, 2.3"),
        (_body(_FIRST, _part(Content_Disposition="inline; filename*=utf-8''%2e%2e%5cx")), "part 1", "RFC 2183, 2.3"),
        (_body(_FIRST, *[_part(b"%d" % number) for number in range(1_000)]), "part 500", "RFC 2046, 5.1.1"),
        (_body(*[b""] * 100_000), "part 500", "RFC 2046, 5.1.1"),
    ],
)  # fmt: skip
def test_a_body_that_is_not_of_the_form_is_refused(body, path, rule):
    assert _rule(body) == (path, rule)


@pytest.mark.parametrize("piece", [b"\r\n--", b"\r\n", b"\r\n" + _LINE[:-1], b"-", b"\r\n" + _LINE[:-1] + b"\r\n\r\n"])
def test_no_body_takes_long(piece):
    body = _body(_FIRST, _part(piece * (4_000_000 // len(piece))))
    began = time.process_time()
    attachments.parse(body, _TYPE)
    _rule(body[:-20])

    assert time.process_time() - began < 2.5


def _problem(values, files, *, single=False):
    with pytest.raises(errors.InvalidStatementError) as raised:
        attachments.check(values, files, single=single)
    return raised.value.index, raised.value.path, raised.value.rule


def test_statements_and_parts_that_belong_together_are_taken():
    inner = {"objectType": "SubStatement"} | statement(id=None, attachments=[_attachment(b"2")])
    batch = [
        statement(attachments=[_attachment(b"1", sha2=_sha2(b"1").upper()), _attachment(fileUrl="https://f.example")]),
        statement(attachments=[_attachment(b"1")], object=inner),
        statement(),
    ]

    attachments.check(batch, _files(b"1", b"2"), single=False)


def test_the_length_may_be_another_because_the_hash_tells():
    attachments.check([statement(attachments=[_attachment(length=1)])], _files(_FILE), single=True)


def test_an_attachment_without_part_and_fileurl_is_refused():
    batch = [statement(), statement(attachments=[_attachment(b"1"), _attachment(b"2")])]

    assert _problem(batch, _files(b"1")) == (1, "$[1].attachments[1]", "XAPI-00129")


def test_an_attachment_of_a_substatement_needs_its_part_too():
    inner = {"objectType": "SubStatement"} | statement(id=None, attachments=[_attachment()])

    assert _problem([statement(object=inner)], {}, single=True) == (0, "$.object.attachments[0]", "XAPI-00129")


def test_an_attachment_and_its_part_have_one_media_type():
    values = [statement(attachments=[_attachment(contentType="Text/plain; charset=ascii")])]
    attachments.check(values, _files(_FILE), single=True)
    attachments.check(values, _files(_FILE, content_type=""), single=True)

    found = _problem(values, _files(_FILE, content_type="image/png"), single=True)
    assert found == (0, "$.attachments[0].contentType", "Communication 1.5.2")


def test_a_part_of_no_attachment_is_refused():
    with pytest.raises(errors.RequestError) as raised:
        attachments.check([statement(attachments=[_attachment(b"1")])], _files(b"1", b"2"), single=True)

    assert raised.value.rule == "XAPI-00128"


def test_what_is_written_is_read_back():
    files = [(_sha2(each), "text/plain", each) for each in (b"", _FILE, b"\r\n--x\r\n")]
    body = attachments.render(_JSON, files, "x1")

    assert body.startswith(b"--x1\r\nContent-Type: application/json\r\n\r\n")
    assert attachments.parse(body, "multipart/mixed; boundary=x1") == (_JSON, _files(b"", _FILE, b"\r\n--x\r\n"))
