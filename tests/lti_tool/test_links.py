"""The next page is found however the platform writes it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.services import links

BASE = "https://lms.example/mod/lti/services.php/5/lineitems?limit=2"
NEXT = "https://lms.example/p?page=2"


@pytest.mark.parametrize(
    "header",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=next",
        f"<{NEXT}>;rel=next",
        f"<{NEXT}> ; REL = Next",
        f'<{NEXT}>; title="a, b; c"; rel="next"',
        f'<{NEXT}>; rel="next"; title="x"',
        f'<{NEXT}>; title="a \\" <https://evil.example> \\\\"; rel="next"',
        f'<{NEXT}>; rel="last next"',
        f'<{NEXT}>; rel="next"; rel="prev"',
        f'<https://lms.example/p?page=1>; rel="current", <{NEXT}>; rel="next", <x>; rel="last"',
        f'<https://lms.example/p?page=1>; rel="current",<{NEXT}>; rel="next",<x>; rel="last"',
        f'<a>; anchor="#other"; rel="next", <{NEXT}>; rel="next"',
        f'<a>; rel="prev"\r\n <{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=“next”",
        f"<{NEXT}>; rel=“next”".encode().decode("latin-1"),
        f'<{NEXT}>; ; x; rel="next"',
        f'garbage <{NEXT}>; rel="next',
        f'< {NEXT} >; rel="next"',
    ],
)
def test_the_next_page_is_found(header: str) -> None:
    assert links.following(header, BASE) == NEXT


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("?limit=2&amp;from=2", "https://lms.example/mod/lti/services.php/5/lineitems?limit=2&from=2"),
        ("/p?A=Bc%2F", "https://lms.example/p?A=Bc%2F"),
        ("//other.example/p", "https://other.example/p"),
        ("https://lms.example/OPAQUE?Cursor=eyJhIjoiQiJ9", "https://lms.example/OPAQUE?Cursor=eyJhIjoiQiJ9"),
    ],
)
def test_an_address_keeps_its_letters_and_a_relative_one_is_resolved(target: str, found: str) -> None:
    assert links.following(f'<{target}>; rel="next"', BASE) == found


def test_moodle_s_header_as_it_comes_over_the_wire() -> None:
    """Measured on Moodle 4.5.6: curly quotes in UTF-8, which HTTP libraries decode as Latin-1, and `&amp;`."""
    sent = (
        "<https://lms.example/mod/lti/services.php/5/lineitems?type_id=1&amp;limit=2&amp;from=0>; rel=“first”,"
        "<https://lms.example/mod/lti/services.php/5/lineitems?type_id=1&amp;limit=2&amp;from=2>; rel=“next”"
    )

    found = links.following(sent.encode().decode("latin-1"), BASE)

    assert found == "https://lms.example/mod/lti/services.php/5/lineitems?type_id=1&limit=2&from=2"


def test_another_relation_can_be_asked_for() -> None:
    header = f'<{NEXT}>; rel="next", <https://lms.example/d?since=1>; rel="differences"'

    assert links.following(header, BASE, "differences") == "https://lms.example/d?since=1"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "next",
        f"<{NEXT}>",
        f"<{NEXT}>; rel",
        f'<{NEXT}>; rel="prev"',
        f'<{NEXT}>; rel="nextpage"',
        f'<{NEXT}>; rel="prev"; rel="next"',
        f'<{NEXT}; rel="next"',
        f'{NEXT}>; rel="next"',
        f'<{NEXT}>; title="; rel=next"',
        f'<{NEXT}>, rel="next"',
        f'<{NEXT}>; anchor="/other"; rel="next"',
        '<http://[bad>; rel="next"',
        "<>;=;=;;,",
    ],
)
def test_what_names_no_next_page_gives_none(header: str) -> None:
    assert links.following(header, BASE) is None


@given(st.text(alphabet='<>;,="\\ relnxtabc“”&\r\n', max_size=200))
def test_garbage_gives_an_address_or_none(header: str) -> None:
    found = links.following(header, BASE)

    assert found is None or isinstance(found, str)


@pytest.mark.parametrize("piece", ["<", "<a>;", '<a>;b="', "<a>,", ";", "<a>; rel=“next", " ", '\\"', "<a>;x=y "])
def test_a_long_header_takes_time_in_proportion(piece: str) -> None:
    def cost(length: int) -> float:
        header = (piece * length)[:length]
        best = float("inf")
        for _ in range(3):
            begin = time.process_time()
            links.following(header, BASE)
            best = min(best, time.process_time() - begin)
        return best

    assert cost(100_000) < 40 * max(cost(10_000), 0.0005)
