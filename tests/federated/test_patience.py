import pytest
from flwr.supercore.inflatable.inflatable_utils import ObjectPullError, ObjectUnavailableError
from flwr.superlink.grid import http_grid

from federated import patience


def never(_name):
    """Content that was announced and does not come."""
    raise ObjectUnavailableError("announced")


@pytest.mark.parametrize("left", [0.3, 0.0, -5.0])
def test_content_that_does_not_come_is_given_up(left):
    with patience.bounded(lambda: left), pytest.raises(ObjectPullError, match="timeout"):
        http_grid.pull_objects(object_ids=["one"], pull_object_fn=never)


def test_one_answer_is_not_waited_for_as_long_as_a_round_may_last(monkeypatch):
    monkeypatch.setattr(patience, "UPLOAD_SECONDS", 0.2)

    with patience.bounded(lambda: 3600.0), pytest.raises(ObjectPullError, match="timeout"):
        http_grid.pull_objects(object_ids=["one"], pull_object_fn=never)


def test_content_that_is_there_is_taken_in_however_late_it_is():
    with patience.bounded(lambda: -5.0):
        found = http_grid.pull_objects(object_ids=["one", "two"], pull_object_fn=str.encode)

    assert found == {"one": b"one", "two": b"two"}


def test_flower_waits_as_before_outside_the_block():
    before = http_grid.pull_objects

    with pytest.raises(ObjectPullError), patience.bounded(lambda: 0.0):
        http_grid.pull_objects(object_ids=["one"], pull_object_fn=never)

    assert http_grid.pull_objects is before
