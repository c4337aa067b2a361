import importlib.metadata

import pytest
from flwr.app import Error, Message, RecordDict
from flwr.supercore.task_identity import TaskIdentity

from federated import errors, localgrid
from federated.localgrid import LocalGrid

OFFERS = "query.offers"


@pytest.fixture
def nobody(tmp_path):
    """A grid of two whose settings are not there: each answers with the code of that."""
    return {name: tmp_path / name / "member.toml" for name in ("north", "south")}


def asked(grid):
    """The questions that all were asked, and the answers that came."""
    with localgrid.identity(2):
        questions = [Message(RecordDict(), node.node_id, OFFERS) for node in grid.get_nodes()]
        sent = grid.push_messages(questions)
        return sent, grid.pull_messages(sent), grid.pull_messages(sent)


def test_flower_is_one_whose_identity_of_a_task_was_looked_at():
    assert importlib.metadata.version("flwr").startswith("1.41.")


def test_inside_the_block_messages_can_be_made_and_outside_they_cannot():
    with localgrid.identity(7, node=3):
        made = Message(RecordDict(), 12, OFFERS)

    assert (made.metadata.run_id, made.metadata.src_node_id) == (7, 3)
    with pytest.raises(RuntimeError, match="is not set"):
        Message(RecordDict(), 12, OFFERS)


def test_the_identity_before_is_had_back_whatever_happens():
    with localgrid.identity(1, node=4):
        with pytest.raises(ValueError, match="broken"), localgrid.identity(2, node=5):
            raise ValueError("broken")

        assert (TaskIdentity.run_id, TaskIdentity.node_id) == (1, 4)


def test_the_real_client_answers_under_its_own_id_and_each_answer_is_had_once(nobody):
    sent, answers, again = asked(LocalGrid(nobody))

    assert [one.metadata.reply_to_message_id for one in answers] == sent
    assert [one.metadata.src_node_id for one in answers] == [10, 11]
    assert {one.error.code for one in answers} == {errors.SETTINGS}
    assert again == []


def test_it_tells_who_is_asked_what_and_how_long_that_took(nobody):
    told = []
    grid = LocalGrid(nobody, asking=lambda *one: told.append(one))
    asked(grid)

    assert told == [("north", OFFERS), ("south", OFFERS)]
    assert set(grid.seconds) == {OFFERS}
    assert grid.seconds[OFFERS] > 0.0


def test_who_is_refused_gets_no_id_and_gives_no_answer(nobody):
    sent, answers, _ = asked(LocalGrid(nobody, refuse={"north"}))

    assert [bool(one) for one in sent] == [False, True]
    assert [one.metadata.src_node_id for one in answers] == [11]


def test_answers_are_spoilt_or_lost_as_told(nobody):
    def other(reply):
        return Message(Error(errors.EMPTY, ""), reply_to=reply)

    _, answers, _ = asked(LocalGrid(nobody, {"north": lambda _reply: None, "south": other}))

    assert [one.error.code for one in answers] == [errors.EMPTY]


def test_late_joiners_are_seen_after_so_many_looks(nobody):
    grid = LocalGrid(nobody, joins=2)

    assert [len(list(grid.get_nodes())) for _ in range(3)] == [1, 1, 2]


def test_what_no_run_of_ours_calls_is_not_there(nobody):
    grid = LocalGrid(nobody)

    for call in (
        grid.get_node_ids,
        lambda: grid.set_run(None),
        lambda: grid.run,
        grid.create_message,
        lambda: grid.send_and_receive([]),
    ):
        with pytest.raises(NotImplementedError):
            call()
