"""`entrepot lrs backup` and `restore`."""

import pytest

from tests.xapi_collector import lrs as builders
from tests.xapi_collector import offices
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import errors


@pytest.fixture
def empty(quick, tmp_path):
    made = builders.make(f"sqlite:///{tmp_path}/empty", tmp_path)
    yield made
    made.storage.close()


def test_a_store_is_copied_and_comes_back(quick, empty, tmp_path, capsys):
    quick.post([statement(), statement()])
    assert offices.run(quick, "backup", tmp_path / "b") == 0
    assert "2 statements, 1 data keys, made 2027-01-15T08:00:00" in capsys.readouterr().out
    assert offices.run(empty, "restore", tmp_path / "b") == 0

    assert empty.ids() == quick.ids()
    assert "2 statements and " in capsys.readouterr().out


def test_an_older_backup_is_named_and_warned_of(quick, empty, tmp_path, capsys):
    quick.post([statement(actor=agent("a")), statement(actor=agent("b"))])
    offices.run(quick, "backup", tmp_path / "b")
    offices.run(quick, "erase", "--agent", '{"account":{"homePage":"https://lms.example","name":"a"}}')
    offices.run(quick, "backup", tmp_path / "b")
    capsys.readouterr()
    offices.run(empty, "restore", tmp_path / "b", "--set", "records-000001")
    out = capsys.readouterr().out

    assert "1 were dropped: their persons were erased since." in out
    assert "Erase again." in out
    assert empty.ids() == quick.ids()


def test_a_backup_that_is_not_there_is_refused_with_those_that_are(quick, tmp_path):
    with pytest.raises(errors.JobError, match="there are none"):
        offices.run(quick, "restore", tmp_path)
    offices.run(quick, "backup", tmp_path / "b")
    with pytest.raises(errors.JobError, match="there are records-000001"):
        offices.run(quick, "restore", tmp_path / "b", "--set", "records-000009")


def test_at_least_one_backup_is_kept(quick, tmp_path):
    with pytest.raises(errors.JobError, match="At least one"):
        offices.run(quick, "backup", tmp_path / "b", "--keep", "0")
