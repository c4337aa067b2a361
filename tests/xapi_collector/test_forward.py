"""Forwarding: every statement arrives, in order, once for all who count by id, and a bad one holds up nothing."""

import hashlib
import json

import pytest

from tests.xapi_collector import lrs as builders
from tests.xapi_collector import offices, targets
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, consent, errors, settings
from xapi_collector.forwarding import forward, forwarders, wire
from xapi_collector.forwarding.wire import Outcome
from xapi_collector.jobs import office as jobs_office

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
URL = "https://lrs.example/xapi"


class Time:
    """A clock that a test moves, in microseconds."""

    def __init__(self):
        self.now = 1_800_000_000_000_000

    def __call__(self):
        return self.now

    def pass_seconds(self, seconds):
        self.now += int(seconds * 1_000_000)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def add(tmp_path):
    """Make a forwarder by the command."""

    def make(lrs, *words, name="target", url="https://target.example/xapi", key="k", secret="s"):
        (tmp_path / "secret").write_text(f"{secret}\nmore")
        code = offices.run(
            lrs, "forward", "add", name, "--url", url, "--key", key, "--secret-file", tmp_path / "secret", *words
        )
        assert code == 0

    return make


def step(lrs, time, target, name="target"):
    collector = jobs_office.collector(offices.office(lrs, clock=time))
    return forward.step(collector, name, URL, target.post)


def drain(lrs, time, target):
    outcomes = []
    while not outcomes or outcomes[-1] == forward.SENT:
        outcomes.append(step(lrs, time, target))
    return outcomes


def send(lrs, *values):
    for value in values:
        assert lrs.post(value).status_code == 200
    return [value["id"] for value in values]


def test_what_is_stored_goes_out_once_and_in_order(lrs, time, add, monkeypatch):
    monkeypatch.setattr(forward, "BATCH", 2)
    add(lrs)
    ids = send(lrs, *(statement() for _ in range(3)))
    target = targets.Scripted()
    first = drain(lrs, time, target)
    later = send(lrs, statement())
    drain(lrs, time, target)

    assert first == [forward.SENT, forward.SENT, forward.IDLE]
    assert target.requests == [ids[:2], ids[2:], later]
    assert forwarders.get(lrs.storage, "target").sent == 4


def test_a_forwarder_may_begin_with_what_comes(lrs, time, add):
    send(lrs, statement())
    add(lrs, "--from-now")
    (last,) = send(lrs, statement())
    target = targets.Scripted()
    drain(lrs, time, target)

    assert target.requests == [[last]]


def test_what_is_stored_arrives_as_it_was_sent(lrs, quick_target, time, add):
    remote, key, secret = quick_target
    add(lrs, key=key, secret=secret)
    sent = [statement(), statement(timestamp=None), statement(result={"score": {"raw": 1.0, "max": 100}})]
    send(lrs, *sent)
    drain(lrs, time, targets.Remote(remote))
    here, there = (each.get(ascending="true").json["statements"] for each in (lrs, remote))
    names = ("stored", "authority")

    assert [{name: one[name] for name in one if name not in names} for one in there] == [
        {name: one[name] for name in one if name not in names} for one in here
    ]


@pytest.fixture
def quick_target(tmp_path):
    """A second collector, with a key and secret of it."""
    (tmp_path / "second").mkdir()
    made = builders.make(f"sqlite:///{tmp_path}/second/store", tmp_path / "second")
    import base64

    key, secret = base64.b64decode(made.headers["Authorization"].removeprefix("Basic ")).decode().split(":")
    yield made, key, secret
    made.storage.close()


def test_void_statements_stay_and_voiding_ones_go(lrs, time, add):
    add(lrs)
    one, two = statement(), statement()
    voiding = statement(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": one["id"]}, context=None)
    ids = send(lrs, one, two, voiding)
    target = targets.Scripted()
    drain(lrs, time, target)

    assert target.requests == [[ids[1], ids[2]]]


def test_what_was_erased_stays(lrs, time, add):
    add(lrs)
    send(lrs, statement(actor=agent("a")))
    kept = send(lrs, statement(actor=agent("b")))
    lrs.storage.delete(settings.DATA_KEYS, (agents.pseudonym(agent("a"), lrs.keys.pseudonym_key),))
    target = targets.Scripted()
    outcomes = drain(lrs, time, target)

    assert target.requests == [kept]
    assert outcomes == [forward.SENT, forward.IDLE]


def test_only_those_go_who_allow_the_purpose(lrs, time, add):
    add(lrs, "--purpose", "analytics")
    denying = agents.pseudonym(agent("a"), lrs.keys.pseudonym_key)
    consent.say(lrs.storage, {denying: ""}, "analytics", "deny", time)
    send(lrs, statement(actor=agent("a")))
    kept = send(lrs, statement(actor=agent("b")))
    target = targets.Scripted()
    drain(lrs, time, target)

    assert target.requests == [kept]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--verb", "https://v.example/1"], [0, 2]),
        (["--verb", "https://v.example/1", "--verb", "https://v.example/2"], [0, 1, 2]),
        (["--activity", "https://a.example/2"], [2]),
        (["--agent", json.dumps(agent("a"))], [0, 1]),
        (["--agent", json.dumps(agent("a")), "--verb", "https://v.example/2"], [1]),
        (["--agent", json.dumps(agent("nobody"))], []),
    ],
)
def test_a_filter_lets_through_what_it_names(lrs, time, add, words, expected):
    add(lrs, *words)
    ids = send(
        lrs,
        statement(actor=agent("a"), verb={"id": "https://v.example/1"}),
        statement(actor=agent("a"), verb={"id": "https://v.example/2"}),
        statement(actor=agent("b"), verb={"id": "https://v.example/1"}, object={"id": "https://a.example/2"}),
        statement(actor=agent("b"), verb={"id": "https://v.example/3"}),
    )
    target = targets.Scripted()
    drain(lrs, time, target)

    assert [each for request in target.requests for each in request] == [ids[index] for index in expected]


def test_a_forwarder_whose_only_agent_was_erased_sends_nothing(lrs, time, add):
    add(lrs, "--agent", json.dumps(agent("a")))
    send(lrs, statement(actor=agent("b")))
    lrs.storage.delete(settings.FORWARD_AGENTS, ("target", agents.pseudonym(agent("a"), lrs.keys.pseudonym_key)))
    target = targets.Scripted()
    drain(lrs, time, target)

    assert target.requests == []


def test_a_bad_statement_is_found_and_set_aside_and_the_others_go(lrs, time, add):
    add(lrs)
    ids = send(lrs, *(statement() for _ in range(9)))
    target = targets.Scripted({ids[3]: 400, ids[8]: 413})
    drain(lrs, time, target)
    taken = [
        each
        for request in target.requests
        for each in request
        if len(request) == 1 or not {ids[3], ids[8]} & {*request}
    ]
    dead = forwarders.dead(lrs.storage, "target")

    assert sorted(set(taken)) == sorted(ids)
    assert [(each.statement, each.status, each.seq) for each in dead] == [(ids[3], 400, 4), (ids[8], 413, 9)]
    assert dead[0].actor == agents.pseudonym(agent(), lrs.keys.pseudonym_key)
    assert forwarders.get(lrs.storage, "target").sent == 7


def test_what_is_there_already_is_done(lrs, time, add):
    add(lrs)
    ids = send(lrs, statement(), statement())
    target = targets.Scripted({ids[0]: 409})
    drain(lrs, time, target)

    assert target.requests == [ids, [ids[0]], [ids[1]]]
    assert forwarders.dead(lrs.storage, "target") == []


def test_a_failure_waits_longer_each_time(lrs, time, add):
    add(lrs)
    send(lrs, statement())
    target = targets.Scripted(failing=Outcome(wire.FAILED, 503, "status 503"))
    waits = []
    for _ in range(12):
        assert step(lrs, time, target) == forward.WAITING
        waits.append((forwarders.get(lrs.storage, "target").next_at - time.now) / 1_000_000)
        assert step(lrs, time, target) == forward.WAITING
        time.pass_seconds(waits[-1] + 0.001)

    assert len(target.requests) == 12
    assert 2.5 <= waits[0] < 7.5
    assert waits[5] > 2 * waits[1]
    assert max(waits) < 1.5 * forward.LONGEST
    assert forwarders.get(lrs.storage, "target").last_error == "status 503"


def test_a_target_may_say_how_long_to_wait(quick, time, add):
    add(quick)
    send(quick, statement())
    step(quick, time, targets.Scripted(failing=Outcome(wire.FAILED, 429, "status 429", retry_after=500)))

    assert forwarders.get(quick.storage, "target").next_at == time.now + 500_000_000


def test_after_a_failure_in_the_middle_what_was_taken_is_not_sent_again(lrs, time, add):
    add(lrs)
    ids = send(lrs, *(statement() for _ in range(4)))
    target = targets.Scripted({ids[0]: 400, ids[2]: 503})
    step(lrs, time, target)
    target.refused = {}
    target.requests.clear()
    time.pass_seconds(60)
    drain(lrs, time, target)

    assert target.requests == [ids[2:]]
    assert forwarders.get(lrs.storage, "target").attempts == 0


def test_large_statements_go_in_smaller_batches(quick, time, add, monkeypatch):
    monkeypatch.setattr(forward, "MOST", 5000)
    add(quick)
    ids = send(quick, *(statement(result={"response": "x" * 2000}) for _ in range(3)))
    target = targets.Scripted()
    drain(quick, time, target)

    assert target.requests == [ids[:2], ids[2:]]


def test_a_paused_forwarder_sends_when_it_is_resumed(quick, time, add, capsys):
    add(quick)
    ids = send(quick, statement())
    target = targets.Scripted()
    offices.run(quick, "forward", "pause", "target")
    paused = step(quick, time, target)
    offices.run(quick, "forward", "list", clock=time)
    listed = capsys.readouterr().out
    offices.run(quick, "forward", "resume", "target")
    drain(quick, time, target)

    assert paused == forward.WAITING
    assert "target  https://target.example/xapi  paused  sent 0  behind 1" in listed
    assert target.requests == [ids]


def test_dead_letters_are_shown_sent_again_or_dropped(lrs, time, add, capsys):
    add(lrs)
    ids = send(lrs, *(statement() for _ in range(3)))
    target = targets.Scripted(dict.fromkeys(ids, 400))
    drain(lrs, time, target)
    capsys.readouterr()
    offices.run(lrs, "forward", "dead", "target")
    shown = capsys.readouterr().out
    del target.refused[ids[0]]
    target.refused[ids[1]] = 409
    collector = jobs_office.collector(offices.office(lrs, clock=time))
    outcome = forward.retry(collector, "target", URL, target.post)
    (left,) = forwarders.dead(lrs.storage, "target")
    offices.run(lrs, "forward", "drop", "target")

    assert [line.split()[0] for line in shown.splitlines()] == sorted(ids)
    assert "status 400  refused as invalid  tried 1x" in shown
    assert outcome == (2, 1)
    assert (left.statement, left.attempts) == (ids[2], 2)
    assert forwarders.dead(lrs.storage, "target") == []


def test_a_dead_letter_that_is_void_by_now_is_dropped(quick, time, add):
    add(quick)
    (first,) = send(quick, statement())
    target = targets.Scripted({first: 400})
    drain(quick, time, target)
    send(quick, statement(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": first}, context=None))
    collector = jobs_office.collector(offices.office(quick, clock=time))

    assert forward.retry(collector, "target", URL, target.post) == (0, 0)
    assert forwarders.dead(quick.storage, "target") == []


def test_attachments_go_along(lrs, quick_target, time, add):
    remote, key, secret = quick_target
    add(lrs, key=key, secret=secret)
    content = b"a file"
    sha2 = hashlib.sha256(content).hexdigest()
    attached = {"usageType": "https://u.example", "display": {"en": "it"}, "contentType": "text/plain",
                "length": len(content), "sha2": sha2}  # fmt: skip
    from xapi_collector.grammar import attachments

    sent = statement(attachments=[attached])
    body = attachments.render(json.dumps(sent).encode(), [(sha2, "text/plain", content)], "b")
    assert (
        lrs.client.post(
            "/xapi/statements", data=body, content_type="multipart/mixed; boundary=b", headers=lrs.headers
        ).status_code
        == 200
    )
    drain(lrs, time, targets.Remote(remote))

    assert content in remote.get(statementId=sent["id"], attachments="true").data
    assert forwarders.dead(lrs.storage, "target") == []


def test_under_a_mask_nobody_is_named(lrs, quick_target, time, add):
    remote, key, secret = quick_target
    add(lrs, "--pseudonymise", "--strip", "responses", key=key, secret=secret)
    send(
        lrs,
        statement(actor=agent("a") | {"name": "A Name"}, result={"response": "secret"}),
        statement(actor=agent("a")),
    )
    drain(lrs, time, targets.Remote(remote))
    found = remote.get().json["statements"]

    assert len(found) == 2
    assert len({each["actor"]["account"]["name"] for each in found}) == 1
    assert found[0]["actor"]["account"]["homePage"] == URL
    assert "A Name" not in json.dumps(found)
    assert "secret" not in json.dumps(found)


def test_the_status_tells_how_far_it_is(quick, time, add):
    add(quick)
    ids = send(quick, statement(), statement())
    (before,) = forward.status(quick.storage, time())
    drain(quick, time, targets.Scripted({ids[0]: 400}))
    (after,) = forward.status(quick.storage, time())

    assert (before.behind, before.dead, before.lag > 0) == (2, 0, True)
    assert (after.behind, after.dead, after.lag) == (0, 1, 0.0)


def test_a_failing_forwarder_is_listed_with_its_reason(quick, time, add, capsys):
    add(quick)
    send(quick, statement())
    step(quick, time, targets.Scripted(failing=Outcome(wire.FAILED, 401, "credential unknown there")))
    offices.run(quick, "forward", "list", clock=time)

    assert "failing (credential unknown there, 1x)" in capsys.readouterr().out


def test_a_removed_forwarder_leaves_nothing(quick, time, add):
    add(quick, "--agent", json.dumps(agent()))
    ids = send(quick, statement())
    drain(quick, time, targets.Scripted({ids[0]: 400}))
    offices.run(quick, "forward", "remove", "target")

    for collection in (settings.FORWARDERS, settings.FORWARD_AGENTS, settings.DEAD_LETTERS):
        assert quick.storage.find(collection) == []
    with pytest.raises(errors.ForwardError, match="no forwarder"):
        step(quick, time, targets.Scripted())


def test_a_secret_is_kept_sealed(quick, add, tmp_path):
    add(quick, secret="a-secret-word")
    forwarder = forwarders.get(quick.storage, "target")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").iterdir())

    assert b"a-secret-word" not in kept
    assert "a-secret-word" not in repr(forwarder)
    assert forwarders.open_secret(quick.keys, forwarder) == "a-secret-word"


@pytest.mark.parametrize(
    "url",
    ["http://target.example/xapi", "ftp://target.example", "https://", "https://a:b@target.example/xapi",
     "https://target.example/xapi?x=1", "https://target.example/#x", "https://target.example:0/", "https://[", "xapi",
     "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_target_is_refused(url):
    with pytest.raises(errors.ForwardError, match="is no target") as caught:
        forwarders.check_url(url)

    assert "a:b" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "insecure", "base"),
    [
        ("https://target.example/xapi/", False, "https://target.example/xapi"),
        ("https://target.example/xapi/statements", False, "https://target.example/xapi"),
        ("http://127.0.0.1:8080/xapi", False, "http://127.0.0.1:8080/xapi"),
        ("http://[::1]:8080/xapi", False, "http://[::1]:8080/xapi"),
        ("http://target.example/xapi", True, "http://target.example/xapi"),
    ],
)
def test_the_base_of_a_target_is_kept(url, insecure, base):
    assert forwarders.check_url(url, insecure=insecure) == base


def test_two_forwarders_have_two_names(quick, add):
    add(quick)

    with pytest.raises(errors.ForwardError, match="There is a forwarder 'target'"):
        add(quick)


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 49])
def test_a_name_that_does_not_do_is_refused(quick, add, name):
    with pytest.raises(errors.ForwardError, match="name of a forwarder"):
        add(quick, name=name)


@pytest.mark.parametrize(("secret", "text"), [("", "is empty"), (None, "cannot be read")])
def test_without_a_secret_there_is_no_forwarder(quick, tmp_path, secret, text):
    if secret is not None:
        (tmp_path / "none").write_text(secret)

    with pytest.raises(errors.ForwardError, match=text):
        offices.run(
            quick,
            "forward",
            "add",
            "target",
            "--url",
            "https://t.example",
            "--key",
            "k",
            "--secret-file",
            tmp_path / "none",
        )


def test_the_secret_may_come_by_standard_input(quick, monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO("from-input\n"))
    offices.run(quick, "forward", "add", "target", "--url", "https://t.example", "--key", "k", "--secret-file", "-")

    assert forwarders.open_secret(quick.keys, forwarders.get(quick.storage, "target")) == "from-input"


def test_a_place_in_the_log_is_never_moved_back(quick, add):
    add(quick)
    forwarders.advance(quick.storage, "target", 7, 7)
    forwarders.advance(quick.storage, "target", 3, 0)

    assert forwarders.get(quick.storage, "target").cursor == 7


class Racing:
    """A store in which somebody else writes just before the first replacement."""

    def __init__(self, storage, other):
        self._storage, self._other = storage, other

    def __getattr__(self, name):
        return getattr(self._storage, name)

    def replace(self, *words, **more):
        """As the store does, after the other."""
        other, self._other = self._other, lambda: None
        other()
        return self._storage.replace(*words, **more)


def test_a_change_and_an_advance_at_once_both_count(lrs, add):
    add(lrs)
    racing = Racing(lrs.storage, lambda: forwarders.change(lrs.storage, "target", paused=True))
    forwarders.advance(racing, "target", 7, 7)

    found = forwarders.get(lrs.storage, "target")
    assert (found.cursor, found.paused) == (7, True)


def test_two_who_set_aside_one_statement_both_count(lrs):
    letter = forwarders.DeadLetter("target", "a", "actor", 1, 400, "refused as invalid", 0)
    forwarders.bury(Racing(lrs.storage, lambda: forwarders.bury(lrs.storage, letter)), letter)

    assert [each.attempts for each in forwarders.dead(lrs.storage, "target")] == [2]
