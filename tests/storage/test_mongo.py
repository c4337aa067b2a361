"""What only the MongoDB adapter promises: its errors, its write concern."""

import pymongo
import pytest

from storage import errors, mongo
from tests.storage import mongo_server, stores


def test_a_server_that_does_not_answer_says_what_to_do(monkeypatch, unused_port):
    monkeypatch.setattr(mongo, "_WAIT_MS", 100)

    with pytest.raises(errors.UnavailableError, match="check that the server of ENTREPOT_STORAGE runs"):
        stores.open_store(f"mongodb://127.0.0.1:{unused_port}/institution")


@pytest.mark.parametrize("url", ["mongodb://127.0.0.1:1/", "mongodb://127.0.0.1:1/?directConnection=true"])
def test_a_url_without_database_says_what_to_do(url):
    with pytest.raises(errors.UrlError, match="names no database"):
        stores.open_store(url)


@pytest.mark.parametrize("url", ["mongodb://", "mongodb://host:port/institution"])
def test_a_malformed_url_says_what_is_right(url):
    with pytest.raises(errors.UrlError, match="mongodb://host/database"):
        stores.open_store(url)


def test_every_write_waits_for_the_majority_and_its_journal(tmp_path):
    store = stores.open_store(stores.url("secantus", tmp_path))

    assert store._database.write_concern == pymongo.WriteConcern("majority", j=True)
    store.close()


def test_a_server_without_transactions_is_refused(monkeypatch):
    class Standalone:
        def __init__(self):
            self.admin = self

        def command(self, name):
            return {"ok": 1, "isWritablePrimary": True}

    with pytest.raises(errors.UnavailableError, match="--replSet"):
        mongo._check_server(Standalone())


def test_two_institutions_on_one_server_do_not_see_each_other():
    one, other = (stores.open_store(mongo_server.url("secantus", name)) for name in ("institution_a", "institution_b"))
    one.insert(stores.TICKETS, {"id": "1"})

    assert other.get(stores.TICKETS, ("1",)) is None
    one.close()
    other.close()
