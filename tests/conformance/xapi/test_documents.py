"""Requirements on the document resources (xAPI 1.0.3, Communication 2.2, 2.3, 2.6, 2.7 and 3.1).

Three resources with the same rules: each is a path, the parameters of its context, and the name of its id.
"""

import hashlib

import pytest

from tests.conformance.xapi.client import V1, now
from tests.xapi_collector.lrs import agent, new_id

PATHS = {"state": "/activities/state", "agent": "/agents/profile", "activity": "/activities/profile"}
IDS = {"state": "stateId", "agent": "profileId", "activity": "profileId"}
TEXT = {"Content-Type": "text/plain"}


def _context(resource):
    """A context that no other test has."""
    own = {"activityId": f"https://course.example/{new_id()}", "agent": agent(new_id())}
    return {"state": own, "agent": {"agent": own["agent"]}, "activity": {"activityId": own["activityId"]}}[resource]


class Documents:
    """One of the three resources in a context of its own."""

    def __init__(self, client, resource, **more):
        self.client, self.path, self.id = client, PATHS[resource], IDS[resource]
        self.context = _context(resource) | more

    def send(self, method, name=None, body=None, headers=None, **changes):
        """A request about the document of the name, or about all; a parameter of None is left out."""
        parameters = self.context | ({} if name is None else {self.id: name}) | changes
        chosen = {key: value for key, value in parameters.items() if value is not None}
        return self.client.send(method, self.path, body, headers=headers, **chosen)

    def kept(self, name, body=b'{"a":1,"b":{"c":2}}', headers=None, **changes):
        """Store a document that was not there."""
        answer = self.send("POST", name, body, headers, **changes)
        assert (answer.status_code, answer.data) == (204, b"")
        return self


@pytest.mark.parametrize(
    ("requirement", "resource", "method"),
    [
        ("XAPI-00190", "state", "PUT"), ("XAPI-00189", "state", "POST"), ("XAPI-00231", "state", "POST"),
        ("XAPI-00233", "state", "POST"), ("XAPI-00273", "agent", "PUT"), ("XAPI-00272", "agent", "POST"),
        ("XAPI-00280", "agent", "POST"), ("XAPI-00283", "agent", "POST"), ("XAPI-00287", "activity", "PUT"),
        ("XAPI-00293", "activity", "PUT"), ("XAPI-00286", "activity", "POST"), ("XAPI-00292", "activity", "POST"),
        ("XAPI-00310", "activity", "POST"), ("XAPI-00312", "activity", "POST"),
    ],
)  # fmt: skip
def test_a_document_is_stored_and_answered_204(anywhere, requirement, resource, method):
    documents = Documents(anywhere, resource)
    answer = documents.send(method, "one", b'{"a": 1.0}', {"If-None-Match": "*"})

    assert (answer.status_code, answer.data) == (204, b"")
    assert documents.send("GET", "one").data == b'{"a": 1.0}'


@pytest.mark.parametrize(
    ("requirement", "resource"),
    [
        ("XAPI-00188", "state"), ("XAPI-00192", "state"), ("XAPI-00217", "state"), ("XAPI-00230", "state"),
        ("XAPI-00269", "agent"), ("XAPI-00274", "agent"), ("XAPI-00282", "agent"), ("XAPI-00288", "activity"),
        ("XAPI-00290", "activity"), ("XAPI-00311", "activity"),
    ],
)  # fmt: skip
def test_get_with_an_id_answers_that_document_as_it_was_sent(anywhere, requirement, resource):
    documents = (
        Documents(anywhere, resource).kept("one", b"\x00\xff one", {"Content-Type": "image/x-own; a=b"}).kept("two")
    )
    answer = documents.send("GET", "one")

    assert (answer.status_code, answer.data, answer.content_type) == (200, b"\x00\xff one", "image/x-own; a=b")
    assert documents.send("GET", "three").status_code == 404


@pytest.mark.parametrize(
    ("requirement", "resource"),
    [("XAPI-00193", "state"), ("XAPI-00270", "agent"), ("XAPI-00259", "agent"), ("XAPI-00289", "activity")],
)
def test_get_without_an_id_answers_the_ids(anywhere, requirement, resource):
    documents = Documents(anywhere, resource)
    empty = documents.send("GET")
    answer = documents.kept("one").kept("二 $.").send("GET")

    assert (empty.status_code, empty.json) == (200, [])
    assert (answer.status_code, sorted(answer.json)) == (200, ["one", "二 $."])
    assert answer.content_type == "application/json"


@pytest.mark.parametrize(
    ("requirement", "resource"),
    [
        ("XAPI-00141", "state"), ("XAPI-00195", "state"), ("XAPI-00221", "state"), ("XAPI-00222", "state"),
        ("XAPI-00268", "agent"), ("XAPI-00275", "agent"), ("XAPI-00294", "activity"), ("XAPI-00303", "activity"),
    ],
)  # fmt: skip
def test_get_with_since_answers_ids_of_what_was_stored_later(anywhere, requirement, resource):
    documents = Documents(anywhere, resource).kept("early").kept("changed")
    since = now()
    documents.kept("late").kept("changed", b'{"d":4}')

    assert sorted(documents.send("GET", since=since).json) == ["changed", "late"]
    assert documents.send("GET", since=now()).json == []


@pytest.mark.parametrize(
    ("requirement", "resource"),
    [
        ("XAPI-00187", "state"), ("XAPI-00191", "state"), ("XAPI-00216", "state"), ("XAPI-00271", "agent"),
        ("XAPI-00285", "activity"), ("XAPI-00291", "activity"),
    ],
)  # fmt: skip
def test_delete_deletes_that_document_and_answers_204(anywhere, requirement, resource):
    documents = Documents(anywhere, resource).kept("one").kept("two")
    answer = documents.send("DELETE", "one")

    assert (answer.status_code, answer.data) == (204, b"")
    assert documents.send("GET").json == ["two"]
    assert documents.send("GET", "one").status_code == 404


def test_xapi_00194_delete_without_a_state_id_deletes_all_of_the_context(anywhere):
    documents = Documents(anywhere, "state").kept("one").kept("two")
    other = Documents(anywhere, "state").kept("one")

    assert documents.send("DELETE").status_code == 204
    assert documents.send("GET").json == []
    assert other.send("GET").json == ["one"]


def test_xapi_00218_and_00219_and_00220_and_00227_a_registration_is_a_context_of_its_own(anywhere):
    documents = Documents(anywhere, "state")
    first, second = new_id(), new_id()
    assert documents.send("PUT", "one", b'{"a":1}', registration=first).status_code == 204
    documents.kept("one", b'{"a":2}', registration=second).kept("one", b'{"a":3}')

    assert documents.send("GET", "one", registration=first).json == {"a": 1}
    assert documents.send("GET", "one", registration=first.upper()).json == {"a": 1}
    assert documents.send("GET", "one").json == {"a": 3}
    assert documents.send("DELETE", registration=first).status_code == 204
    assert documents.send("GET", "one", registration=first).status_code == 404
    assert documents.send("GET", "one", registration=second).json == {"a": 2}


def test_xapi_00223_a_delete_of_states_is_not_narrowed_by_since(client):
    """Communication 2.3 knows no `since` for DELETE: it is refused, or not acted on."""
    documents = Documents(client, "state").kept("one")
    status = documents.send("DELETE", since="2000-01-01T00:00:00Z").status_code

    assert (status, documents.send("GET").json) in ((204, []), (400, ["one"]))


@pytest.mark.parametrize(
    ("requirement", "resource", "method", "changes"),
    [
        ("XAPI-00196", "state", "DELETE", {"agent": "not json"}),
        ("XAPI-00197", "state", "GET", {"agent": "not json"}),
        ("XAPI-00198", "state", "POST", {"agent": "not json"}),
        ("XAPI-00199", "state", "PUT", {"agent": "not json"}),
        ("XAPI-00200", "state", "DELETE", {"registration": "x"}),
        ("XAPI-00201", "state", "GET", {"registration": "x"}),
        ("XAPI-00202", "state", "POST", {"registration": "x"}),
        ("XAPI-00203", "state", "PUT", {"registration": "x"}),
        ("XAPI-00204", "state", "GET", {"since": "yesterday"}),
        ("XAPI-00205", "state", "DELETE", {"since": "yesterday"}),
        ("XAPI-00206", "state", "PUT", {"stateId": None}),
        ("XAPI-00211", "state", "POST", {"stateId": None}),
        ("XAPI-00207", "state", "DELETE", {"activityId": None}),
        ("XAPI-00208", "state", "GET", {"activityId": None}),
        ("XAPI-00209", "state", "POST", {"activityId": None}),
        ("XAPI-00210", "state", "PUT", {"activityId": None}),
        ("XAPI-00212", "state", "DELETE", {"agent": None}),
        ("XAPI-00213", "state", "GET", {"agent": None}),
        ("XAPI-00214", "state", "POST", {"agent": None}),
        ("XAPI-00215", "state", "PUT", {"agent": None}),
        ("XAPI-00255", "agent", "DELETE", {"agent": "not json"}),
        ("XAPI-00256", "agent", "POST", {"agent": "[]"}),
        ("XAPI-00257", "agent", "PUT", {"agent": '{"mbox":"x"}'}),
        ("XAPI-00258", "agent", "GET", {"agent": '{"name":"x"}'}),
        ("XAPI-00260", "agent", "GET", {"since": "yesterday"}),
        ("XAPI-00261", "agent", "GET", {"agent": None}),
        ("XAPI-00262", "agent", "DELETE", {"agent": None}),
        ("XAPI-00263", "agent", "POST", {"agent": None}),
        ("XAPI-00264", "agent", "PUT", {"agent": None}),
        ("XAPI-00265", "agent", "DELETE", {"profileId": None}),
        ("XAPI-00266", "agent", "POST", {"profileId": None}),
        ("XAPI-00267", "agent", "PUT", {"profileId": None}),
        ("XAPI-00295", "activity", "GET", {"since": "yesterday"}),
        ("XAPI-00296", "activity", "GET", {"activityId": None}),
        ("XAPI-00297", "activity", "DELETE", {"activityId": None}),
        ("XAPI-00298", "activity", "POST", {"activityId": None}),
        ("XAPI-00299", "activity", "PUT", {"activityId": None}),
        ("XAPI-00300", "activity", "DELETE", {"profileId": None}),
        ("XAPI-00301", "activity", "POST", {"profileId": None}),
        ("XAPI-00302", "activity", "PUT", {"profileId": None}),
        ("XAPI-00304", "activity", "GET", {"agent": '{"mbox":"mailto:a@example.org"}'}),
    ],
)  # fmt: skip
def test_a_request_that_is_wrong_or_lacks_a_parameter_is_refused(client, requirement, resource, method, changes):
    documents = Documents(client, resource).kept("kept")
    body = b'{"new":1}' if method in ("PUT", "POST") else None
    answer = documents.send(method, None if "since" in changes else "kept", body, **changes)

    assert answer.status_code == 400
    assert documents.send("GET", "kept").data == b'{"a":1,"b":{"c":2}}'


@pytest.mark.parametrize(
    ("requirement", "resource", "method"),
    [
        ("XAPI-00224", "state", "DELETE"), ("XAPI-00225", "state", "GET"), ("XAPI-00226", "state", "POST"),
        ("XAPI-00228", "state", "PUT"), ("XAPI-00276", "agent", "POST"), ("XAPI-00277", "agent", "PUT"),
        ("XAPI-00305", "activity", "DELETE"), ("XAPI-00306", "activity", "POST"), ("XAPI-00307", "activity", "PUT"),
    ],
)  # fmt: skip
def test_an_id_is_any_string_and_no_other_document_is_meant(client, requirement, resource, method):
    strange = ["1", "true", "null", '{"$ne": 1}', "a/b?c#d&e", "../x", "学习 \U0001f600", " ", "x" * 500]
    documents = Documents(client, resource)
    for name in strange:
        put = {"If-None-Match": "*"}
        assert documents.send("POST" if method == "POST" else "PUT", name, name.encode(), TEXT | put).status_code == 204

    assert sorted(documents.send("GET").json) == sorted(strange)
    for name in strange:
        assert documents.send("GET", name).data == name.encode()
        assert documents.send("DELETE", name).status_code == 204
        assert documents.send("GET", name).status_code == 404


@pytest.mark.parametrize(
    ("requirement", "resource"),
    [
        ("XAPI-00183", "state"), ("XAPI-00184", "agent"), ("XAPI-00185", "activity"), ("XAPI-00186", "state"),
        ("XAPI-00234", "state"), ("XAPI-00279", "agent"), ("XAPI-00308", "activity"),
    ],
)  # fmt: skip
def test_post_merges_the_properties_of_the_top_level(anywhere, requirement, resource):
    documents = Documents(anywhere, resource).kept("one", b'{"x":"foo","y":{"a":1,"b":2},"w":[1]}')
    answer = documents.send("POST", "one", b'{"y":{"c":3},"z":null}')
    found = documents.send("GET", "one")

    assert (answer.status_code, answer.data) == (204, b"")
    assert found.json == {"x": "foo", "y": {"c": 3}, "w": [1], "z": None}
    assert found.mimetype == "application/json"


@pytest.mark.parametrize(
    ("requirement", "resource", "there", "posted"),
    [
        ("XAPI-00229", "state", b'{"a":1}', b"[1]"), ("XAPI-00229", "state", b"[1]", b'{"a":1}'),
        ("XAPI-00235", "state", b'{"a":1}', b"{broken"), ("XAPI-00281", "agent", b'{"a":1}', b'"text"'),
        ("XAPI-00281", "agent", b"5", b'{"a":1}'), ("XAPI-00284", "agent", b'{"a":1}', b'{"a":}'),
        ("XAPI-00313", "activity", b'{"a":1}', b"null"), ("XAPI-00313", "activity", b"[]", b'{"a":1}'),
        ("XAPI-00314", "activity", b'{"a":1}', b"{'a':1}"), ("XAPI-00182", "state", b'{"a":1}', b"\xff"),
    ],
)  # fmt: skip
def test_post_to_or_of_what_is_no_json_object_is_refused_and_changes_nothing(
    client, requirement, resource, there, posted
):
    documents = Documents(client, resource)
    assert documents.send("PUT", "one", there, {"If-None-Match": "*"}).status_code == 204
    answer = documents.send("POST", "one", posted)

    assert answer.status_code == 400
    assert documents.send("GET", "one").data == there


@pytest.mark.parametrize("broken", [b"{broken", b"\xff", b'{"a":NaN}'])
@pytest.mark.parametrize(
    ("requirement", "resource"), [("XAPI-00235", "state"), ("XAPI-00284", "agent"), ("XAPI-00314", "activity")]
)
def test_post_of_broken_json_is_refused_for_a_new_document_too(client, requirement, resource, broken):
    documents = Documents(client, resource)

    assert documents.send("POST", "new", broken).status_code == 400
    assert documents.send("GET").json == []


@pytest.mark.parametrize(
    ("requirement", "resource"), [("XAPI-00232", "state"), ("XAPI-00278", "agent"), ("XAPI-00309", "activity")]
)
@pytest.mark.parametrize(("there", "posted"), [("text/plain", "application/json"), ("application/json", "text/plain")])
def test_post_to_or_of_another_content_type_is_refused(client, requirement, resource, there, posted):
    documents = Documents(client, resource).kept("one", b'{"a":1}', {"Content-Type": there})
    answer = documents.send("POST", "one", b'{"b":2}', {"Content-Type": posted})
    found = documents.send("GET", "one")

    assert answer.status_code == 400
    assert (found.data, found.mimetype) == (b'{"a":1}', there)


@pytest.mark.parametrize("resource", ["state", "agent", "activity"])
def test_xapi_00322_etags_guard_against_lost_updates(anywhere, resource):
    documents = Documents(anywhere, resource).kept("one", b'{"a":1}')
    tag = documents.send("GET", "one").headers["ETag"]
    stale = {"If-Match": '"1234"'}

    assert (tag[0], tag[-1]) == ('"', '"')
    if anywhere.version == V1:
        assert tag.strip('"') == hashlib.sha1(b'{"a":1}').hexdigest()
    assert documents.send("PUT", "one", b'{"a":2}', stale).status_code == 412
    assert documents.send("PUT", "one", b'{"a":2}', {"If-None-Match": "*"}).status_code == 412
    assert documents.send("POST", "one", b'{"a":2}', stale).status_code == 412
    assert documents.send("DELETE", "one", headers=stale).status_code == 412
    assert documents.send("PUT", "none", b'{"a":2}', {"If-Match": tag}).status_code == 412
    assert documents.send("GET", "one").data == b'{"a":1}'
    if resource != "state":
        conflict = documents.send("PUT", "one", b'{"a":2}')
        assert conflict.status_code == 409
        assert b"If-Match" in conflict.data
    assert documents.send("PUT", "one", b'{"a":2}', {"If-Match": tag}).status_code == 204
    assert documents.send("PUT", "one", b'{"a":3}', {"If-Match": tag}).status_code == 412
    new = documents.send("GET", "one").headers["ETag"]
    assert new != tag
    assert documents.send("DELETE", "one", headers={"If-Match": f'"0", {new}'}).status_code == 204


def test_xapi_00140_all_resources_are_there(anywhere):
    for path, parameters in {
        "/statements": {},
        "/activities/state": _context("state"),
        "/activities/profile": _context("activity"),
        "/agents/profile": _context("agent"),
        "/agents": _context("agent"),
        "/activities": _context("activity"),
        "/about": {},
    }.items():
        assert anywhere.send("GET", path, **parameters).status_code == 200, path


def test_documents_of_agents_and_activities_never_heard_of_are_taken(client):
    for resource in PATHS:
        Documents(client, resource).kept("one")


def test_agents_that_are_the_same_person_share_documents(client):
    local = new_id()
    Documents(client, "agent", agent={"mbox": f"mailto:{local}@EXAMPLE.org", "name": "a"}).kept("one")
    same = {"objectType": "Agent", "mbox": f"mailto:{local}@example.org"}

    assert Documents(client, "agent", agent=same).send("GET").json == ["one"]
