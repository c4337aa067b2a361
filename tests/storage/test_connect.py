"""Which URL opens what."""

import pytest

from storage import connect, errors, sqlite
from tests.storage import stores


@pytest.mark.parametrize(
    "url", ["", "directory", "sqlite:directory", "sqlite://", "sqlite:///", "postgresql://host/db", "mongo://host/db"]
)
def test_an_unknown_url_says_what_is_right(url):
    with pytest.raises(errors.UrlError, match="use sqlite:///directory or mongodb://host/database"):
        connect.connect(url)


def test_a_password_in_a_wrong_url_is_not_repeated():
    with pytest.raises(errors.UrlError) as caught:
        connect.connect("postgres://person:hunter2@host/db")

    assert "hunter2" not in str(caught.value)


def test_two_declarations_of_one_name_are_refused(tmp_path):
    with pytest.raises(errors.UndeclaredError, match="share a name"):
        connect.connect(f"sqlite:///{tmp_path}", stores.NOTES, stores.NOTES)


def test_an_absolute_and_a_relative_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    connect.connect("sqlite:///here/below").close()
    connect.connect(f"sqlite:///{tmp_path}/there").close()

    assert (tmp_path / "here" / "below" / "entrepot.db").exists()
    assert (tmp_path / "there" / "entrepot.db").exists()


def test_the_sqlite_adapter_is_what_a_sqlite_url_opens(tmp_path):
    store = connect.connect(f"sqlite:///{tmp_path}")

    assert isinstance(store, sqlite.Sqlite)
    store.close()
