import json
import time
from types import SimpleNamespace

import numpy as np
import pytest
from flwr.app import Error, Message

from curriculum import catalog as catalogs
from federated import checkpoint, errors, institution, ledger, server_app
from federated.localgrid import LocalGrid
from recommender import artifact, features, interactions, training
from recommender.space import Space
from tests.federated import builders

pytestmark = pytest.mark.usefixtures("identity")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(server_app, "_POLL_SECONDS", 0.01)


@pytest.fixture(autouse=True)
def _without_fitting_at_home(request, monkeypatch):
    """What an institution does with a published model costs it a second; only some tests here are about it."""
    if "at_home" not in request.node.name:
        monkeypatch.setattr(institution, "publish", lambda *_arguments, **_more: None)


NUMBERS = {"rounds": 2, "tolerance": 1e-5, "penalty": 1.0, "join-seconds": 0.2, "round-seconds": 1.0}


@pytest.fixture
def members(apart):
    return apart


@pytest.fixture
def directory(tmp_path, members):
    builders.consortium(tmp_path / "consortium", members)
    return tmp_path / "consortium"


def lead(grid, directory, **changes):
    server_app.lead(grid, directory, directory / "runs" / "7", {**NUMBERS, **changes})
    return json.loads((directory / "runs" / "7" / "outcome.json").read_text())


def test_a_run_ends_with_the_model_of_all_records_and_every_institution_publishes_at_home(directory, members):
    outcome = lead(LocalGrid(members), directory, rounds=8, tolerance=1e-9)

    catalog = catalogs.load("oulad")
    records = [institution.interactions(institution.load(path)) for path in members.values()]
    train = [interactions.select(one, ~institution.held_out(one)) for one in records]
    pooled = training.fit(train, Space(catalog))
    found = artifact.load(directory / "models" / "oulad", catalog)
    np.testing.assert_allclose(found.weights, pooled.weights, atol=2e-5)
    assert outcome["converged"]
    assert all((path.parent / "models" / "oulad" / "manifest.json").exists() for path in members.values())


def test_every_round_is_a_line_of_the_ledger(directory, members):
    outcome = lead(LocalGrid(members), directory)

    lines = ledger.read(directory / "ledger.jsonl")
    assert [line.body["kind"] for line in lines] == ["counts", "cells", "moments", "sums", "sums", "publish"]
    assert lines[0].body["policy"] == "exact"
    assert lines[0].body["run"] == "7"
    assert [line.body["model"] for line in lines] == [one["model"] for one in outcome["rounds"]]


def test_an_institution_that_never_answers_is_late_and_the_round_ends(directory, members):
    begun = time.monotonic()
    outcome = lead(LocalGrid(members, {"south": lambda _reply: None}), directory, rounds=1)

    assert outcome["dropped"] == {"south": "timeout"}
    assert outcome["members"] == ["east", "north", "west"]
    assert time.monotonic() - begun < 60  # it ended: far below any wait without a bound


def test_an_institution_that_is_not_there_is_not_waited_for_long(directory, members):
    del members["west"]

    outcome = lead(LocalGrid(members), directory, rounds=1)

    assert outcome["dropped"] == {"west": "unavailable"}


def test_a_late_joiner_is_waited_for(directory, members):
    outcome = lead(LocalGrid(members, joins=2), directory, rounds=1, **{"join-seconds": 20.0})

    assert outcome["dropped"] == {}


def test_a_message_that_cannot_be_sent_drops_its_institution(directory, members):
    outcome = lead(LocalGrid(members, refuse={"north"}), directory, rounds=1)

    assert outcome["dropped"] == {"north": "unavailable"}


def failed(code, text=""):
    """What makes an error of a reply."""

    def of(reply):
        found = Message(Error(code, text), reply_to=reply)
        found.metadata.__dict__["_reply_to_message_id"] = reply.metadata.reply_to_message_id
        return found

    return of


@pytest.mark.parametrize(
    ("code", "reason"),
    [(errors.EMPTY, "empty"), (5, "unavailable"), (2, "internal"), (999, "internal"), (1, "internal")],
)
def test_an_error_is_named_by_its_code_alone(directory, members, code, reason):
    grid = LocalGrid(members, {"south": failed(code)}, refuse={"north"})

    with pytest.raises(errors.RoundError, match=rf"north \(unavailable\), south \({reason}\)"):
        lead(grid, directory)


def test_the_text_of_an_error_is_noted_nowhere(directory, members, caplog, capfd):
    lead(LocalGrid(members, {"south": failed(errors.INTERNAL, "canary alice")}), directory, rounds=1)

    captured = capfd.readouterr()
    noted = (directory / "ledger.jsonl").read_text() + (directory / "runs" / "7" / "outcome.json").read_text()
    assert "canary" not in caplog.text + captured.out + captured.err + noted
    assert "internal" in noted


def test_an_answer_that_was_not_declared_is_refused(directory, members):
    def spoil(reply):
        del reply.content["packet"]
        return reply

    assert lead(LocalGrid(members, {"south": spoil}), directory, rounds=1)["dropped"] == {"south": "refused"}


def test_bytes_are_counted_in_both_directions(directory, members, space):
    outcome = lead(LocalGrid(members), directory)

    count = features.dimension(space)
    weights = 4 * (8 * count + len(f"<f8 {count}\n"))
    told = {one["kind"]: (one["bytes_down"], one["bytes_up"]) for one in outcome["rounds"]}
    assert told["counts"][0] < 4 * 30_000  # where a run starts is known; the set-up of masks
    assert told["publish"][0] == weights
    assert 0 < told["sums"][1] < 4 * 200_000
    assert told["publish"][1] == 0


def test_a_run_that_cannot_go_on_leaves_its_reason(directory, members, monkeypatch):
    monkeypatch.setenv("ENTREPOT_COORDINATOR", str(directory))
    context = SimpleNamespace(run_id=7, run_config=NUMBERS)
    grid = LocalGrid(members, dict.fromkeys(("north", "south"), lambda _reply: None))

    with pytest.raises(errors.RoundError, match="2 members offered keys; a run of 4 needs 3"):
        server_app.app(grid, context)

    assert "a run of 4 needs 3" in json.loads((directory / "runs" / "7" / "outcome.json").read_text())["error"]


class Killed(Exception):
    pass


@pytest.mark.parametrize("late", [False, True])
def test_a_run_that_was_broken_off_is_given_up_only_where_it_cannot_be_gone_on_with(
    directory, members, monkeypatch, late
):
    """It dies in its second phase. What was opened and not kept is opened for nobody again; what was not, waits."""
    whole = checkpoint.save

    def save(where, name, one):
        if one.phase == 2:
            raise Killed
        whole(where, name, one)
        if one.phase == 1 and not late:
            raise Killed

    monkeypatch.setattr(checkpoint, "save", save)
    with pytest.raises(Killed):
        lead(LocalGrid(members), directory)
    assert checkpoint.load(directory)[1].phase == 1

    gone = LocalGrid(members, refuse=() if late else {"east", "north"})
    with pytest.raises(errors.RoundError):
        lead(gone, directory)

    assert (checkpoint.load(directory) is None) == late
