import pytest

from curriculum import catalog as catalogs
from federated import control, errors, papers


def test_a_paper_is_read_as_it_was_kept(tmp_path):
    path = papers.keep(tmp_path / "new" / "paper.json", "é\n")

    assert papers.read(path) == "é\n"
    assert [each.name for each in path.parent.iterdir()] == ["paper.json"]


def test_a_paper_takes_the_place_of_an_earlier_one(tmp_path):
    papers.keep(tmp_path / "paper.json", "a longer text")
    papers.keep(tmp_path / "paper.json", "short")

    assert papers.read(tmp_path / "paper.json") == "short"


def test_a_secret_paper_is_read_by_its_owner_only(tmp_path):
    path = papers.keep(tmp_path / "paper.json", "code", 0o600)

    assert path.stat().st_mode & 0o077 == 0


def test_a_paper_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(errors.SettingsError, match="paper: File exists; choose a path"):
        papers.keep(tmp_path / "file" / "paper", "")


def test_a_paper_that_is_not_there_is_named(tmp_path):
    with pytest.raises(errors.InvitationError, match="paper: No such file or directory"):
        papers.read(tmp_path / "paper")


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "paper").write_bytes(b"\xff")

    with pytest.raises(errors.InvitationError, match="paper: not a text"):
        papers.read(tmp_path / "paper")


def test_what_is_far_too_long_is_not_taken_in(tmp_path):
    (tmp_path / "paper").write_bytes(b" " * (papers.LARGEST + 1))

    with pytest.raises(errors.InvitationError, match="longer than 4194304 bytes"):
        papers.read(tmp_path / "paper")


def test_what_is_installed_is_named_by_version_catalog_and_bundle():
    has = papers.installed("oulad")

    assert has.fingerprint == catalogs.load("oulad").fingerprint
    assert has.bundle == control.bundle()[1]
    assert has.software[0].isdigit()


def test_an_unknown_catalog_is_named():
    with pytest.raises(errors.SettingsError, match="catalog 'none'"):
        papers.installed("none")
