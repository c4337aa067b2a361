"""Pages in a browser: an allow list of exact origins."""

import pytest

from storage import errors as storage_errors
from tests.xapi_collector import lrs as builders
from xapi_collector.door import cors

ORIGIN = "https://content.example"
ASKED = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
def listed(tmp_path):
    """A collector that talks to pages of one origin, and of one on this machine."""
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path, {"cors_origins": f"{ORIGIN}, http://localhost:8080"})
    yield made
    made.storage.close()


def test_the_list_is_read():
    assert cors.parse(f" {ORIGIN},http://[::1]:80 ,") == {ORIGIN, "http://[::1]:80"}
    assert cors.parse("") == frozenset()


@pytest.mark.parametrize(
    "text", ["*", "null", "https://*.example", f"{ORIGIN}/", "https://Content.example", "content.example", "file://x"]
)
def test_what_is_no_exact_origin_is_refused(text):
    with pytest.raises(storage_errors.SettingsError, match="ENTREPOT_XAPI_CORS_ORIGINS"):
        cors.parse(text)


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:8080"])
def test_a_page_of_the_list_is_let_in_and_may_see_the_headers(listed, origin):
    answer = listed.client.get("/xapi/statements", headers=listed.headers | {"Origin": origin})

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
    for name in ("ETag", "X-Experience-API-Version", "X-Experience-API-Consistent-Through", "Last-Modified"):
        assert name in answer.headers["Access-Control-Expose-Headers"]


def test_a_page_of_the_list_may_read_why_it_is_refused(listed):
    answer = listed.client.get("/xapi/statements", headers={"Origin": ORIGIN})

    assert answer.status_code == 400
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize(
    "origin", ["null", "*", "https://other.example", f"{ORIGIN}.evil.example", f"{ORIGIN}:444", ""]
)
def test_a_page_that_is_not_on_the_list_sees_nothing(listed, origin):
    answer = listed.client.get("/xapi/statements", headers=listed.headers | {"Origin": origin})
    before = listed.client.options("/xapi/statements", headers={"Origin": origin} | ASKED)

    for each in (answer, before):
        assert not [name for name in each.headers if name[0].lower().startswith("access-control")]
        assert "Origin" in each.headers["Vary"]


def test_without_a_list_no_page_is_let_in(quick):
    answer = quick.client.options("/xapi/statements", headers={"Origin": ORIGIN} | ASKED)

    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("path", ["/xapi/statements", "/xapi/activities/state", "/xapi/agents/profile", "/xapi/about"])
def test_a_browser_that_asks_first_needs_no_credential_and_no_version(listed, path):
    answer = listed.client.options(path, headers={"Origin": ORIGIN} | ASKED)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert {"GET", "PUT", "POST", "DELETE"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    for name in ("Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Experience-API-Version"):
        assert name in answer.headers["Access-Control-Allow-Headers"].split(", ")
