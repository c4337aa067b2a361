"""POST /caliper: what a sensor sends is stored as statements, whoever it is and whatever is among it."""

import base64
import dataclasses
import json

import pytest

from tests.xapi_collector import canvas
from tests.xapi_collector.lrs import basic
from xapi_collector import agents, app, settings
from xapi_collector.door import auth

ITEM = canvas.KINDS[0][0]


def token(lrs):
    """The token that stands for the key and the secret of the tests."""
    return lrs.headers["Authorization"].removeprefix("Basic ")


def send(lrs, envelope, path="/caliper", content_type="application/json", **headers):
    data = envelope if isinstance(envelope, bytes) else json.dumps(envelope).encode()
    authorization = {} if "authorization" in headers else {"Authorization": lrs.headers["Authorization"]}
    return lrs.client.post(path, data=data, content_type=content_type, headers=authorization | headers)


def test_events_of_every_profile_are_stored_as_statements(lrs):
    events = [event for event, _, _ in canvas.KINDS]
    answer = send(lrs, canvas.envelope(*events))

    assert (answer.status_code, answer.json) == (200, {"stored": len(events), "described": 0, "refused": []})
    assert lrs.ids(ascending="true") == [event["id"].removeprefix("urn:uuid:") for event in events]
    assert lrs.ids(verb="http://adlnet.gov/expapi/verbs/answered") == [
        canvas.KINDS[5][0]["id"].removeprefix("urn:uuid:")
    ]


def test_a_learner_of_canvas_is_found_by_the_account_of_the_launch(lrs):
    send(lrs, canvas.envelope(canvas.grade()))
    learner = {"account": {"homePage": "https://canvas.instructure.com", "name": "21070000000000048"}}

    assert len(lrs.ids(agent=learner)) == 1


def test_an_institution_may_have_a_canvas_of_its_own(quick):
    its = settings.Settings("", "", "institution", "https://lrs.example/xapi", canvas="https://canvas.example")
    own = dataclasses.replace(quick, client=app.create_app(its, quick.storage, quick.keys).test_client())
    send(own, canvas.envelope(ITEM))

    assert quick.get().json["statements"][0]["actor"]["account"]["homePage"] == "https://canvas.example"


def test_an_event_that_is_sent_again_is_stored_once(lrs):
    event = canvas.event("ViewEvent", "Viewed", canvas.PAGE)
    first, second = (
        send(lrs, canvas.envelope(event, sendTime=time)) for time in ("2026-11-16T02:09:06Z", "2026-11-17T02:09:06Z")
    )

    assert (first.json["stored"], second.json["stored"]) == (1, 1)
    assert len(lrs.ids()) == 1


def test_bad_events_are_named_by_index_and_the_others_stored(lrs):
    taken = canvas.event("ViewEvent", "Viewed", canvas.PAGE)
    send(lrs, canvas.envelope(taken))
    twice = canvas.event("ViewEvent", "Viewed", canvas.PAGE)
    answer = send(
        lrs,
        canvas.envelope(
            canvas.event("ViewEvent", "Viewed", canvas.PAGE),
            canvas.event("ViewEvent", "Viewed", canvas.PAGE, actor=None),
            taken | {"action": "Downloaded"},
            canvas.person(),
            twice,
            twice | {"action": "Liked"},
            twice,
            "no event",
            canvas.event("ViewEvent", "Viewed", canvas.PAGE, group={"id": "https://a.example/é é", "type": "Group"}),
        ),
    )

    assert answer.status_code == 200
    assert (answer.json["stored"], answer.json["described"]) == (3, 1)
    assert [(each["index"], each["path"]) for each in answer.json["refused"]] == [
        (1, "$.data[1].actor"),
        (2, "$.data[2].id"),
        (5, "$.data[5].id"),
        (7, "$.data[7]"),
    ]
    assert len(lrs.ids()) == 4


def test_an_envelope_without_events_is_taken(quick):
    assert send(quick, canvas.envelope()).json == {"stored": 0, "described": 0, "refused": []}
    assert send(quick, canvas.envelope(canvas.person())).json == {"stored": 0, "described": 1, "refused": []}


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.ims.caliper.v1p2+json"])
def test_the_media_types_of_sensors_are_taken(quick, kind):
    assert send(quick, canvas.envelope(ITEM), content_type=kind).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"eyJhbGciOiJSUzI1NiJ9.e30.x", "application/jwt", 415),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"sensor":"a","sensor":"b"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (json.dumps(canvas.envelope(sensor=None)).encode(), "application/json", 400),
        (json.dumps(canvas.envelope(dataVersion="http://purl.imsglobal.org/ctx/caliper/v2p0")).encode(),
         "application/json", 422),
        (json.dumps(canvas.envelope(*[5] * 501)).encode(), "application/json", 413),
        (b" " * (4 * 1024 * 1024 + 1), "application/json", 413),
    ],
)  # fmt: skip
def test_what_is_no_envelope_is_refused(quick, body, kind, status):
    answer = send(quick, body, content_type=kind)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_a_sensor_may_hold_a_bearer_token(quick):
    assert send(quick, canvas.envelope(ITEM), Authorization=f"Bearer {token(quick)}").status_code == 200


@pytest.mark.parametrize("padding", ["", "="])
def test_canvas_may_have_the_token_in_the_address(quick, padding):
    safe = token(quick).replace("+", "-").replace("/", "_").rstrip("=") + padding
    answer = quick.client.post(
        f"/caliper/{safe}", data=json.dumps(canvas.envelope(ITEM)), content_type="application/json"
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Basic x", "Bearer x", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.x", "Bearer " + base64.b64encode(b"key:no").decode()],
)
def test_who_is_not_known_is_kept_out(quick, header):
    assert send(quick, canvas.envelope(ITEM), Authorization=header).status_code == 401
    assert quick.client.post("/caliper/none", json=canvas.envelope(ITEM)).status_code == 401


def test_who_may_not_write_is_kept_out(quick):
    key, secret = auth.create_credential(quick.storage, quick.keys, "reader", granted=("statements/read",))

    assert send(quick, canvas.envelope(ITEM), **basic(key, secret)).status_code == 403


def test_what_is_kept_in_the_clear_names_nobody(quick, tmp_path):
    learner = canvas.person(777000777)
    send(quick, canvas.envelope(*[event | {"actor": learner} for event, _, _ in canvas.KINDS],
                                canvas.event("Event", "Created", learner)))  # fmt: skip
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").iterdir())
    account = {"account": {"homePage": "https://canvas.instructure.com", "name": "777000777"}}

    assert b"777000777" not in kept
    assert agents.pseudonym(account, quick.keys.pseudonym_key).encode() in kept
