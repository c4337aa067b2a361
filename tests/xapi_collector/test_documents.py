"""States and profiles over HTTP: what is kept, merged, refused and counted, over every store."""

import json
import threading

import pytest

from tests.xapi_collector import exchange
from tests.xapi_collector.exchange import AGENT_PROFILE, STATE, V1, V2, WHOSE, document, ids, send, store
from tests.xapi_collector.lrs import agent, new_id
from xapi_collector.door import body

EVERY = pytest.mark.parametrize("path", WHOSE)
BOTH = pytest.mark.parametrize("version", [V1, V2])


@EVERY
@BOTH
def test_what_was_sent_comes_back_with_its_type_and_tag(lrs, path, version):
    content = bytes(range(256))
    store(lrs, path, content, version=version, headers={"Content-Type": "image/x-odd; a=b", "If-None-Match": "*"})
    answer = document(lrs, "GET", path, version=version)

    assert (answer.status_code, answer.data, answer.content_type) == (200, content, "image/x-odd; a=b")
    assert answer.headers["ETag"] == '"4916d6bdb7f78e6803698cab32d1586ea457dfc8"'
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.headers["X-Experience-API-Version"] == version


@EVERY
def test_a_head_is_a_get_without_the_content(quick, path):
    store(quick, path, {"a": 1})
    got, headed = document(quick, "GET", path), document(quick, "HEAD", path)

    assert (headed.status_code, headed.data) == (200, b"")
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length"):
        assert headed.headers[name] == got.headers[name]
    assert document(quick, "HEAD", path, document_id="other").status_code == 404


@EVERY
def test_a_document_that_the_client_has_is_not_sent_again(quick, path):
    store(quick, path, {"a": 1})
    tag = document(quick, "GET", path).headers["ETag"]
    again = document(quick, "GET", path, headers={"If-None-Match": tag})

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)


def test_an_empty_document_and_an_odd_id_are_kept(lrs):
    for document_id in ("a.b$c\x00\x1f界", " ", "x" * 2_000):
        store(lrs, STATE, b"", document_id)

        assert document(lrs, "GET", STATE, document_id=document_id).data == b""

    assert len(ids(lrs, STATE)) == 3


def test_a_document_without_a_type_is_octets(quick):
    document(quick, "PUT", STATE, b"x", headers={"Content-Type": ""})

    assert document(quick, "GET", STATE).content_type == "application/octet-stream"


@EVERY
def test_posted_properties_are_set_and_others_stay_to_the_last_digit(lrs, path):
    store(lrs, path, b'{ "a" : 1.10, "\\u0062":{"x":1,"y":2}, "big": 123456789012345678901234567890 }')
    document(lrs, "POST", path, b'{"b": {"z": 1e2}, "c": "\\u00e9"}')
    answer = document(lrs, "GET", path)

    assert answer.data == b'{"a":1.10,"b":{"z": 1e2},"big":123456789012345678901234567890,"c":"\\u00e9"}'


@EVERY
@BOTH
def test_a_post_of_what_is_not_there_is_kept_as_it_came(lrs, path, version):
    assert document(lrs, "POST", path, b" [1]", version=version, headers={"Content-Type": "a/b"}).status_code == 204
    assert document(lrs, "GET", path).data == b" [1]"


@EVERY
@pytest.mark.parametrize(
    ("there", "posted"),
    [
        ((b'{"a":1}', "application/json"), (b"abc", "text/plain")),
        ((b'{"a":1}', "application/json"), (b'{"b":1}', "text/plain")),
        ((b'{"a":1}', "text/plain"), (b'{"b":1}', "application/json")),
        ((b"abc", "application/json"), (b'{"b":1}', "application/json")),
        ((b"[1]", "application/json"), (b'{"b":1}', "application/json")),
        ((b"\xff", "application/json"), (b'{"b":1}', "application/json")),
        ((b'{"a":1}', "application/json"), (b'{"b":1}{', "application/json")),
        ((b'{"a":1}', "application/json"), (b"[1]", "application/json")),
        ((b'{"a":1}', "application/json"), (b'{"b":1,"b":2}', "application/json")),
        ((b'{"a":1}', "application/json"), (b'{"b":NaN}', "application/json; charset=utf-8")),
        ((b'{"a":1}', "application/json"), (b"\xff", "application/json")),
    ],
)
def test_what_cannot_be_merged_is_refused_and_changes_nothing(quick, path, there, posted):
    store(quick, path, there[0], headers={"Content-Type": there[1], "If-None-Match": "*"})
    answer = document(quick, "POST", path, posted[0], headers={"Content-Type": posted[1]})

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert document(quick, "GET", path).data == there[0]


def test_json_that_is_none_is_refused_by_post_even_if_nothing_is_there(quick):
    assert document(quick, "POST", STATE, b'{"a":1}[').status_code == 400
    assert document(quick, "GET", STATE).status_code == 404


@EVERY
def test_a_deleted_document_is_gone_and_deleting_it_again_is_no_error(lrs, path):
    store(lrs, path, {"a": 1})

    assert document(lrs, "DELETE", path).status_code == 204
    assert document(lrs, "GET", path).status_code == 404
    assert document(lrs, "DELETE", path).status_code == 204
    assert ids(lrs, path) == []


@EVERY
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_wrong_tag_is_412_and_changes_nothing(lrs, path, method):
    store(lrs, path, {"a": 1})
    tag = document(lrs, "GET", path).headers["ETag"]
    content = None if method == "DELETE" else {"a": 2}
    for headers in (
        {"If-Match": '"0000"'},
        {"If-Match": f"W/{tag}"},
        {"If-Match": ""},
        {"If-None-Match": "*"},
        {"If-None-Match": f'"0000", {tag}'},
    ):
        assert document(lrs, method, path, content, headers=headers).status_code == 412

    assert document(lrs, "GET", path).json == {"a": 1}


@EVERY
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize("form", ["{}", '"0000", {}', "*"])
def test_the_right_tag_lets_the_change_through(quick, path, method, form):
    store(quick, path, {"a": 1})
    tag = document(quick, "GET", path).headers["ETag"]
    content = None if method == "DELETE" else {"b": 2}

    assert document(quick, method, path, content, headers={"If-Match": form.format(tag)}).status_code == 204
    assert document(quick, "GET", path).headers.get("ETag") != tag


@EVERY
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_what_is_not_there_matches_nothing(quick, path, method):
    content = None if method == "DELETE" else {"a": 1}

    assert document(quick, method, path, content, headers={"If-Match": "*"}).status_code == 412
    assert document(quick, "GET", path).status_code == 404


@pytest.mark.parametrize(
    ("path", "version", "new", "again"),
    [
        (STATE, V1, 204, 204),
        (STATE, V2, 204, 409),
        (AGENT_PROFILE, V1, 400, 409),
        (AGENT_PROFILE, V2, 204, 409),
        (exchange.ACTIVITY_PROFILE, V1, 400, 409),
        (exchange.ACTIVITY_PROFILE, V2, 204, 409),
    ],
)
def test_a_put_without_a_precondition(quick, path, version, new, again):
    assert document(quick, "PUT", path, {"a": 1}, version=version).status_code == new

    document(quick, "POST", path, {"a": 1}, version=version)
    answer = document(quick, "PUT", path, {"a": 2}, version=version)

    assert answer.status_code == again
    assert document(quick, "GET", path).json == {"a": 2 if again == 204 else 1}
    assert again == 204 or "If-Match" in answer.json["expected"]


@EVERY
def test_ids_are_those_of_the_place_and_of_the_time_since(lrs, path):
    other = {name: agent("other") if name == "agent" else f"{each}/2" for name, each in WHOSE[path].items()}
    store(lrs, path, b"1", "first")
    store(lrs, path, b"2", "second")
    store(lrs, path, b"3", "foreign", **other)
    document(lrs, "POST", path, b"{}", "third")
    found = send(lrs, "GET", path, **WHOSE[path])

    assert found.json == ["first", "second", "third"]
    assert found.headers["ETag"]
    assert found.headers["Last-Modified"] == document(lrs, "GET", path, document_id="third").headers["Last-Modified"]
    assert ids(lrs, path, since="2020-01-01T00:00:00Z") == ["first", "second", "third"]
    assert ids(lrs, path, since="2999-01-01T00:00:00Z") == []
    assert ids(lrs, path, **other) == ["foreign"]


def test_a_changed_document_is_the_newest(quick):
    for document_id in ("a", "b"):
        store(quick, STATE, {"a": 1}, document_id)
    document(quick, "POST", STATE, {"b": 1}, "a")

    assert ids(quick, STATE) == ["b", "a"]


def test_more_documents_than_a_page_are_all_found_and_all_deleted(quick):
    names = [f"{number:03}" for number in range(70)]
    for name in names:
        store(quick, STATE, b"", name)

    assert ids(quick, STATE) == names
    assert send(quick, "DELETE", STATE, **WHOSE[STATE]).status_code == 204
    assert ids(quick, STATE) == []


def test_a_registration_has_states_of_its_own(lrs):
    one, other = new_id(), new_id()
    store(lrs, STATE, b"none")
    store(lrs, STATE, b"one", registration=one)
    store(lrs, STATE, b"more", "e", registration=other)

    assert document(lrs, "GET", STATE).data == b"none"
    assert document(lrs, "GET", STATE, registration=one.upper()).data == b"one"
    assert ids(lrs, STATE, registration=one) == ["d"]
    assert sorted(ids(lrs, STATE)) == ["d", "e"]

    send(lrs, "DELETE", STATE, **WHOSE[STATE], registration=one)

    assert document(lrs, "GET", STATE, registration=one).status_code == 404
    assert document(lrs, "GET", STATE).data == b"none"

    send(lrs, "DELETE", STATE, **WHOSE[STATE])

    assert document(lrs, "GET", STATE, document_id="e", registration=other).status_code == 404


def test_an_agent_is_who_its_identifier_says(quick):
    store(quick, STATE, b"x", agent={"mbox": "mailto:ann@example.org", "name": "Ann", "objectType": "Agent"})

    assert document(quick, "GET", STATE, agent={"mbox": "mailto:ann@EXAMPLE.org"}).data == b"x"
    assert document(quick, "GET", STATE, agent={"mbox": "mailto:bob@example.org"}).status_code == 404


@EVERY
def test_a_document_beyond_the_limit_is_413(quick, path):
    at_most = b'{"a":"' + b"x" * (body.LIMIT - 8) + b'"}'

    assert document(quick, "POST", path, at_most + b" ").status_code == 413
    assert document(quick, "POST", path, at_most).status_code == 204
    assert document(quick, "POST", path, {"b": 1}).status_code == 413
    assert document(quick, "GET", path).data == at_most


@EVERY
def test_of_many_writers_at_once_none_is_lost(lrs, path):
    document(lrs, "POST", path, {})
    answers = []

    def write(number):
        client = lrs.client.application.test_client()
        for turn in range(5):
            answer = document(lrs, "POST", path, {f"{number}-{turn}": turn}, client=client)
            answers.append(answer.status_code)

    _at_once(write)

    assert answers == [204] * 30
    assert len(document(lrs, "GET", path).json) == 30


def test_of_many_who_count_by_tag_none_counts_for_nothing(lrs):
    store(lrs, AGENT_PROFILE, {"count": 0})

    def count(_):
        client = lrs.client.application.test_client()
        left = 5
        while left:
            seen = document(lrs, "GET", AGENT_PROFILE, client=client)
            new = {"count": seen.json["count"] + 1}
            answer = document(lrs, "PUT", AGENT_PROFILE, new, client=client, headers={"If-Match": seen.headers["ETag"]})
            assert answer.status_code in (204, 412)
            left -= answer.status_code == 204

    _at_once(count)

    assert document(lrs, "GET", AGENT_PROFILE).json == {"count": 30}


def test_of_many_who_delete_what_they_saw_none_deletes_what_came_later(lrs):
    """Each PUT makes a document that was not there, so as many are deleted, or one less."""
    made, deleted = [], []

    def change(number):
        client = lrs.client.application.test_client()
        for turn in range(6):
            new = {"headers": {"If-None-Match": "*"}, "client": client}
            if document(lrs, "PUT", AGENT_PROFILE, {"by": [number, turn]}, **new).status_code == 204:
                made.append((number, turn))
            seen = document(lrs, "GET", AGENT_PROFILE, client=client)
            if seen.status_code == 200:
                tag = {"headers": {"If-Match": seen.headers["ETag"]}, "client": client}
                if document(lrs, "DELETE", AGENT_PROFILE, **tag).status_code == 204:
                    deleted.append(tuple(seen.json["by"]))

    _at_once(change)
    left = document(lrs, "GET", AGENT_PROFILE)

    assert sorted(made) == sorted(deleted + ([tuple(left.json["by"])] if left.status_code == 200 else []))


def _at_once(work):
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_a_merge_of_many_properties_is_quick_enough_to_be_linear(quick):
    document(quick, "POST", STATE, {str(number): number for number in range(20_000)})
    document(quick, "POST", STATE, {"20000": 1})

    assert len(json.loads(document(quick, "GET", STATE).data)) == 20_001
