"""`entrepot lrs doctor` finds what is wrong, and says what would be right."""

import contextlib
import os
import sqlite3

import pytest

from storage import connect
from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import progress, settings
from xapi_collector.door import auth
from xapi_collector.forwarding import forwarders
from xapi_collector.jobs import doctor

NOW = 1_800_000_000_000_000
DAY = 86_400_000_000
_INFO = {"http://lrs.learninglocker.net/define/extensions/info": {"event_name": "\\core\\event\\course_viewed"}}


class Patient:
    """A collector with a clock, and what the doctor says of it."""

    def __init__(self, directory, capsys):
        self.directory, self._capsys = directory, capsys
        self.lrs = builders.make(f"sqlite:///{directory}/store", directory, clock=lambda: NOW)
        self.settings = settings.Settings(
            storage=f"sqlite:///{directory}/store",
            keyring=str(directory / "keyring.json"),
            institution="wales",
            xapi_url="https://lrs.example/xapi",
        )

    def examine(self, now=NOW, **changes):
        """The exit code, and the lines by level."""
        facts = {name: getattr(self.settings, name) for name in ("storage", "keyring", "institution", "xapi_url")}
        code = doctor.run(settings.Settings(**(facts | changes)), settings.COLLECTIONS, lambda: now, os.urandom)
        lines = self._capsys.readouterr().out.splitlines()
        return code, {
            level: [line[7:] for line in lines if line.startswith(level)] for level in ("ok", "note", "wrong")
        }

    def wrong(self, **changes):
        """What is wrong, if anything is; the exit code agrees."""
        code, found = self.examine(**changes)
        assert code == bool(found["wrong"])
        return found["wrong"]


@pytest.fixture
def patient(tmp_path, capsys):
    made = Patient(tmp_path, capsys)
    yield made
    made.lrs.storage.close()


def test_a_healthy_collector_has_nothing_wrong(patient):
    patient.lrs.post(statement(context={"extensions": _INFO}))
    code, found = patient.examine()

    assert (code, found["wrong"]) == (0, [])
    assert "Moodle names people as launches do" in found["ok"]


def test_without_a_keyring_the_rest_is_looked_at_all_the_same(patient, tmp_path):
    (wrong,) = patient.wrong(keyring=str(tmp_path / "missing"))

    assert "make one with `entrepot init`" in wrong


def test_a_keyring_that_others_can_read_is_wrong(patient, tmp_path):
    (tmp_path / "keyring.json").chmod(0o644)

    assert "chmod 600" in patient.wrong()[0]


def test_another_institutions_keyring_is_wrong(patient, tmp_path):
    from xapi_collector import keyring

    patient.lrs.post(statement())
    keyring.create(tmp_path / "other.json")

    assert patient.wrong(keyring=str(tmp_path / "other.json")) == [
        "the keyring is not the one that this store was written with: restore the keyring from its backup"
    ]


def test_a_store_that_does_not_open_is_wrong(patient, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "entrepot.db").write_bytes(b"no database" * 1000)
    (tmp_path / "broken" / "entrepot.db").chmod(0o600)

    assert "restore it from its backup" in patient.wrong(storage=f"sqlite:///{tmp_path}/broken")[-1]


def test_a_store_that_is_not_there_is_wrong_and_is_not_made(patient, tmp_path):
    assert "ENTREPOT_STORAGE" in patient.wrong(storage=f"sqlite:///{tmp_path}/slip")[-1]
    assert not (tmp_path / "slip").exists()


def test_a_store_that_fails_amid_is_wrong(patient, tmp_path):
    patient.lrs.storage.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "store" / "entrepot.db")) as opened:
        opened.execute("DROP TABLE statements")

    assert "entrepot.db" in patient.wrong()[-1]


@pytest.mark.parametrize(("address", "wrong"), [("http://lrs.example/xapi", 1), ("http://localhost:9001/xapi", 0)])
def test_an_address_without_https_is_wrong_but_on_this_machine(patient, address, wrong):
    assert len(patient.wrong(xapi_url=address)) == wrong


def test_an_address_without_its_path_is_noted(patient):
    assert "below /xapi" in patient.examine(xapi_url="https://lrs.example")[1]["note"][0]


def test_a_clock_that_went_back_is_wrong(patient):
    patient.lrs.post(statement())

    assert patient.wrong(now=NOW - 60_000_000) == []
    assert "was stored 61 s from now" in patient.wrong(now=NOW - 61_000_000)[0]


def test_a_store_that_others_can_read_is_wrong(patient, tmp_path):
    (tmp_path / "store" / "entrepot.db").chmod(0o640)

    assert patient.wrong()[0].startswith("entrepot.db can be read by others: chmod -R go= ")


def test_a_full_disk_is_wrong_and_a_log_that_only_grows_too(patient, monkeypatch):
    from xapi_collector.watch import disk

    monkeypatch.setattr(disk, "room", lambda _path: disk.Room(2**30, 2**29, 2**20, 2**40))
    wrong = patient.wrong()

    assert "refused with 507" in wrong[0]
    assert "512 MiB" in wrong[1]


def test_a_store_larger_than_what_is_free_is_noted(patient, monkeypatch):
    from xapi_collector.watch import disk

    monkeypatch.setattr(disk, "room", lambda _path: disk.Room(2**34, 0, 2**33, 2**35))

    assert "keep it on another disk" in patient.examine()[1]["note"][0]


@pytest.mark.parametrize("job", [progress.ROTATION, progress.RESTORE])
def test_a_job_that_has_not_ended_is_wrong(patient, job):
    progress.write(patient.lrs.storage, job, records="records-000001")

    assert patient.wrong() == [f"a {job} has not ended: start it again; it goes on where it was"]


def test_an_index_of_an_older_version_is_wrong(patient):
    progress.write(patient.lrs.storage, progress.REINDEX, revision=0)

    assert "run `entrepot lrs reindex`" in patient.wrong()[0]


def test_a_credential_that_nobody_uses_is_noted(patient):
    auth.create_credential(patient.lrs.storage, patient.lrs.keys, "old", granted=["state"])
    patient.lrs.post(statement())
    _, found = patient.examine(now=NOW + 91 * DAY)

    assert any("(tests) was not used for 91 days" in note for note in found["note"])
    assert "2 credentials, 1 of them never used" in found["ok"]


def test_a_credential_that_may_do_everything_is_noted_but_the_tools_own(patient):
    auth.create_credential(patient.lrs.storage, patient.lrs.keys, "lti_tool")
    notes = [note for note in patient.examine()[1]["note"] if "may do everything" in note]

    assert len(notes) == 1
    assert "(tests)" in notes[0]


def test_a_store_without_a_credential_is_noted(patient, tmp_path):
    connect.connect(f"sqlite:///{tmp_path}/empty", *settings.COLLECTIONS).close()

    assert any(
        "nobody has a credential" in note for note in patient.examine(storage=f"sqlite:///{tmp_path}/empty")[1]["note"]
    )


def test_forwarders_that_lag_or_were_refused_are_wrong_and_a_paused_one_is_noted(patient):
    patient.lrs.post(statement())
    for name in ("late", "idle"):
        secret = forwarders.seal_secret(patient.lrs.keys, name, "x", bytes)
        made = forwarders.Forwarder(name, "https://r.example/xapi", "1.0.3", "k", secret, paused=name == "idle")
        forwarders.add(patient.lrs.storage, made)
    _, found = patient.examine(now=NOW + 2 * 3_600_000_000)

    assert any("the forwarder late is 2.0 hours behind" in wrong for wrong in found["wrong"])
    assert "the forwarder idle is paused, 1 statements behind" in found["note"]
    assert any("the forwarder late has sent 0 statements" in ok for ok in patient.examine()[1]["ok"])

    letter = forwarders.DeadLetter("late", builders.new_id(), "p", 1, 400, "refused", NOW)
    forwarders.bury(patient.lrs.storage, letter)

    assert any("late has 1 dead letters" in wrong for wrong in patient.wrong())


@pytest.mark.parametrize(
    ("actor", "setting"),
    [({"mbox": "mailto:a@example.org"}, "(`mbox`)"), (agent("anna"), "(`send_username`)")],
)
def test_a_moodle_that_names_people_otherwise_than_launches_is_wrong(patient, actor, setting):
    patient.lrs.post([statement(actor=actor, context={"extensions": _INFO}), statement(actor=actor)])
    (wrong,) = patient.wrong()

    assert wrong.startswith("1 of the last 1 statements from Moodle name people by ")
    assert setting in wrong
    assert "anna" not in wrong


def test_other_senders_may_name_people_by_mail(patient):
    patient.lrs.post(
        statement(actor={"mbox": "mailto:a@example.org"}, context={"extensions": {"https://e.example": 1}})
    )

    assert patient.wrong() == []
