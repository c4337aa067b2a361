"""A URL is read in one way or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool import errors, urls


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "resource"),
    [
        ("https://LMS.Example.org", "https", "lms.example.org", 443, "/"),
        ("https://lms.example.org:8443/a/B?c=%20D#e", "https", "lms.example.org", 8443, "/a/B?c=%20D"),
        ("http://10.1.2.3?x", "http", "10.1.2.3", 80, "/?x"),
        ("https://[2001:DB8:0::1]/x", "https", "2001:db8::1", 443, "/x"),
        ("https://xn--bcher-kva.example/", "https", "xn--bcher-kva.example", 443, "/"),
        ("https://moodle_test.example/", "https", "moodle_test.example", 443, "/"),
        ("https://4.example", "https", "4.example", 443, "/"),
    ],
)
def test_a_url_is_read_part_by_part(url: str, scheme: str, host: str, port: int, resource: str) -> None:
    assert urls.read(url) == urls.Url(scheme, host, port, resource)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://lms.example/a", "https://LMS.EXAMPLE:443/b?c"),
        ("http://lms.example", "http://lms.example:80/"),
        ("https://[::1]:8443/", "https://[0:0:0:0:0:0:0:1]:8443"),
    ],
)
def test_two_urls_of_one_origin_give_the_same_text(one: str, other: str) -> None:
    assert urls.origin(one) == urls.origin(other)


@pytest.mark.parametrize(
    "other", ["http://lms.example", "https://lms.example:8443", "https://www.lms.example", "https://lms.example.org"]
)
def test_another_scheme_port_or_host_is_another_origin(other: str) -> None:
    assert urls.origin(other) != urls.origin("https://lms.example/")


def test_the_authority_leaves_out_the_scheme_s_own_port_and_keeps_brackets() -> None:
    assert urls.read("https://[::1]:8443").authority == "[::1]:8443"
    assert urls.read("https://lms.example:443").authority == "lms.example"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lms.example",
        "//lms.example/",
        "ftp://lms.example/",
        "file:///etc/passwd",
        "gopher://lms.example:70/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https:///x",
        "https://user@lms.example/",
        "https://user:word@lms.example/",
        "https://@lms.example/",
        "https://lms.example:22/",
        "https://lms.example:25/",
        "https://lms.example:0/",
        "https://lms.example:65536/",
        "https://lms.example:x/",
        "https://lms.example:-1/",
        "https://lms.example\\@evil.example/",
        "https://evil.example\\.lms.example/",
        "https://lms.example/\\evil.example",
        "https://lms.example/\r\nHost: evil.example",
        "https://lms.ex\tample/",
        "https://lms.example/a b",
        " https://lms.example/",
        "https://lms.example/\x00",
        "https://lms.example/ü",
        "https://bücher.example/",
        "https://lms。example/",
        "https://①②⑦.⓪.⓪.①/",
        "https://lms.example./",
        "https://.lms.example/",
        "https://lms..example/",
        "https://-lms.example/",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 127}example/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://127.0.0.0x1/",
        "https://127.0.0.01/",
        "https://256.0.0.1/",
        "https://1.2.3.4.5/",
        "https://[::1/",
        "https://[1::2::3]/",
        "https://[::1%25eth0]/",
        "https://[v1.x]/",
        "https://[lms.example]/",
        "https://a[::1]/",
        "https://[::1]a/",
        "https://[::1%eth0]/",
        "https://::1/",
        "https://lms.example/" + "a" * 5000,
    ],
)
def test_what_two_readers_could_read_differently_is_refused(url: str) -> None:
    with pytest.raises(errors.ServiceError) as refused:
        urls.read(url)

    assert refused.value.kind == "unsafe"


@given(st.text(max_size=80).map("https://".__add__) | st.text(max_size=80))
def test_any_text_is_read_or_refused(url: str) -> None:
    try:
        found = urls.read(url)
    except errors.ServiceError:
        return

    assert urls.read(f"{found.origin}{found.resource}") == found
