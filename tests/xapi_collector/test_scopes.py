"""What a credential may do."""

import pytest

from xapi_collector.door import scopes


@pytest.mark.parametrize(
    ("granted", "wanted", "method", "may"),
    [
        ({"all"}, ("statements/write",), "POST", True),
        ({"all"}, ("metrics",), "GET", True),
        ({"statements/write"}, ("statements/write",), "POST", True),
        ({"statements/write"}, ("statements/read", "statements/read/mine"), "GET", False),
        ({"statements/read/mine"}, ("statements/read", "statements/read/mine"), "GET", True),
        ({"all/read"}, ("state",), "GET", True),
        ({"all/read"}, ("state",), "HEAD", True),
        ({"all/read"}, ("state",), "DELETE", False),
        ({"all/read"}, ("statements/write",), "PUT", False),
        ({"all/read"}, ("metrics",), "GET", False),
        ({"state", "profile"}, ("profile",), "PUT", True),
        (set(), ("state",), "GET", False),
    ],
)
def test_one_of_the_wanted_scopes_is_enough(granted, wanted, method, may):
    assert scopes.permit(frozenset(granted), wanted, method) is may


def test_a_name_that_is_no_scope_is_found():
    assert scopes.unknown(["all", "statements", "ALL"]) == ["statements", "ALL"]
