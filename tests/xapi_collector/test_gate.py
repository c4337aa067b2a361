"""What every request passes: which scope opens which route, and the pace of a credential."""

import pytest

from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import basic
from xapi_collector import settings
from xapi_collector.door import auth, scopes

WRITE, READ, MINE, DEFINE = "statements/write", "statements/read", "statements/read/mine", "define"
STATE, PROFILE, METRICS = "state", "profile", "metrics"

OPEN = None  # to whoever asks
DOORS = {
    ("/xapi/about", "GET"): OPEN,
    ("/xapi/openapi.json", "GET"): OPEN,
    ("/health", "GET"): OPEN,
    ("/ready", "GET"): OPEN,
    ("/metrics", "GET"): {METRICS},
    ("/caliper", "POST"): {WRITE},
    ("/caliper/<token>", "POST"): OPEN,  # its credential is the token: test_caliper.py
    ("/xapi/statements", "GET"): {READ, MINE},
    ("/xapi/statements", "PUT"): {WRITE},
    ("/xapi/statements", "POST"): {WRITE},
    ("/xapi/agents", "GET"): {READ, MINE, PROFILE, STATE},
    ("/xapi/activities", "GET"): {READ, MINE, DEFINE, PROFILE, STATE},
    **{("/xapi/activities/state", method): {STATE} for method in ("GET", "PUT", "POST", "DELETE")},
    **{("/xapi/activities/profile", method): {PROFILE} for method in ("GET", "PUT", "POST", "DELETE")},
    **{("/xapi/agents/profile", method): {PROFILE} for method in ("GET", "PUT", "POST", "DELETE")},
}
"""Every route with its methods, and the scopes of which each is enough."""


def _routes(app):
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            yield rule.rule, method


@pytest.fixture
def granted(quick):
    """The headers of a new credential with these scopes."""

    def make(*its):
        return quick.headers | basic(*auth.create_credential(quick.storage, quick.keys, "scoped", granted=its))

    return make


def test_every_route_and_method_has_its_scopes_written_down(quick):
    assert set(_routes(quick.client.application)) == set(DOORS)


@pytest.mark.parametrize("scope", [*scopes.MEANINGS])
def test_a_scope_opens_its_routes_and_no_other(quick, granted, scope):
    headers = granted(scope)
    for (path, method), enough in DOORS.items():
        if enough is OPEN:
            continue
        reads = scope == "all/read" and method == "GET" and path != "/metrics"
        answer = quick.client.open(path, method=method, headers=headers)
        opened = answer.status_code not in (401, 403)

        assert opened == (scope == "all" or scope in enough or reads), (path, method)
        if method == "GET":
            assert quick.client.head(path, headers=headers).status_code == answer.status_code


def test_a_route_that_is_not_open_wants_a_credential(quick):
    version = {"X-Experience-API-Version": "1.0.3"}
    for (path, method), enough in DOORS.items():
        answer = quick.client.open(path, method=method, headers=version)

        assert (answer.status_code == 401) == (enough is not OPEN or "<" in path), (path, method)
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"] == 'Basic realm="xAPI", charset="UTF-8"'


def test_a_form_needs_the_scope_of_the_request_that_it_means(quick, granted):
    answer = quick.client.post("/xapi/statements?method=GET", data={"limit": "1"}, headers=granted(WRITE))

    assert answer.status_code == 403


def test_what_is_forbidden_says_which_scope_would_do(quick, granted):
    answer = quick.client.get("/xapi/statements", headers=granted(WRITE))

    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    assert READ in answer.json["expected"]


def test_a_credential_of_before_there_were_scopes_may_do_everything(quick, granted):
    headers = granted(WRITE)
    (kept,) = quick.storage.find(settings.CREDENTIALS, {"name": "scoped"})
    quick.storage.replace(settings.CREDENTIALS, {name: kept[name] for name in ("key", "name", "digest")}, expected=kept)

    assert quick.client.get("/xapi/statements", headers=headers).status_code == 200


@pytest.fixture
def paced(tmp_path):
    """A collector whose clock stands, and which lets a credential send 10 requests a second in two workers."""
    made = builders.make(
        f"sqlite:///{tmp_path}/store", tmp_path, {"rate": 10, "workers": 2}, clock=lambda: 1_700_000_000_000_000
    )
    yield made
    made.storage.close()


def test_a_credential_that_floods_is_told_to_wait_and_the_others_are_served(paced):
    other = paced.headers | basic(*auth.create_credential(paced.storage, paced.keys, "other"))
    first = paced.client.get("/xapi/statements", headers=other)
    flood = [paced.get() for _ in range(30)]
    last = paced.client.get("/xapi/statements", headers=other)
    refused = flood[-1]

    assert [each.status_code for each in flood] == [200] * 10 + [429] * 20
    assert (first.status_code, last.status_code) == (200, 200)
    assert (refused.headers["Retry-After"], refused.content_type) == ("1", "application/problem+json")


def test_whoever_is_not_let_in_uses_up_nobodys_pace(paced):
    other = paced.headers | basic(*auth.create_credential(paced.storage, paced.keys, "other"))
    paced.client.get("/xapi/statements", headers=other)
    key = paced.storage.find(settings.CREDENTIALS, {"name": "tests"})[0]["key"]
    refused = [paced.client.get("/xapi/statements", headers=paced.headers | basic(key, "x")) for _ in range(30)]

    assert {each.status_code for each in refused} == {401}
    assert paced.get().status_code == 200
