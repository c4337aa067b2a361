from dataclasses import replace
from pathlib import Path

import pytest

from federated import errors, settings
from federated.settings import Coordinator, Member

MEMBER = Member("north", "sqlite:///store", Path("models"), "Example University", "GB")
COORDINATOR = Coordinator("oulad", ("north", "south"), "Example University", "GB")


def saved(tmp_path, one):
    path = tmp_path / "settings.toml"
    settings.save(path, one)
    return path


def test_what_was_saved_is_loaded(tmp_path):
    one = replace(MEMBER, models=tmp_path / "models", superlink="coordinator.example:443", port=9000, least_learners=3)

    found = settings.load_member(saved(tmp_path, one))

    assert (found.institution, found.storage, found.models) == ("north", "sqlite:///store", tmp_path / "models")
    assert (found.superlink, found.port, found.declared) == ("coordinator.example:443", 9000, one.declared)


def test_paths_are_relative_to_the_file(tmp_path):
    found = settings.load_member(saved(tmp_path, MEMBER))

    assert (found.models, found.key) == (tmp_path / "models", tmp_path / "supernode.key")
    assert (found.ca, found.state) == (tmp_path / "consortium-ca.pem", tmp_path / "supernode")


def test_quotes_and_letters_of_any_language_survive(tmp_path):
    one = replace(MEMBER, legal_entity='浙江 "大学" \\ Ülikool')

    assert settings.load_member(saved(tmp_path, one)).legal_entity == one.legal_entity


def test_a_coordinator_is_loaded_as_saved(tmp_path):
    found = settings.load_coordinator(saved(tmp_path, COORDINATOR))

    assert found == COORDINATOR
    assert (
        settings.load_coordinator(saved(tmp_path, replace(COORDINATOR, least_learners=5))).declared.least_learners == 5
    )
    assert found.declared == MEMBER.declared


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("institution = 'a'\nstorage = 'b'\n", r"missing \['models'\]"),
        ("institution = 'a'\nstorage = 'b'\nmodels = 'm'\ndata = 1\n", r"unknown \['data'\]"),
        ("institution = 1\nstorage = 'b'\nmodels = 'm'\n", "institution must be of type str, got 1"),
        ("institution = 'a'\nstorage = 'b'\nmodels = 'm'\nport = true\n", "port must be of type int"),
        ("institution = 'a'\nstorage = 'b'\nmodels = 'm'\nport = 70000\n", "port 70000 is not a port"),
        ("institution =", "not TOML"),
    ],
)
def test_a_wrong_member_file_says_what_is_wrong_and_where(tmp_path, text, message):
    path = tmp_path / "member.toml"
    path.write_text(text)

    with pytest.raises(errors.SettingsError, match=message) as caught:
        settings.load_member(path)
    assert str(path) in str(caught.value)


def test_a_member_without_a_legal_entity_cannot_take_part(tmp_path):
    path = saved(tmp_path, replace(MEMBER, legal_entity=""))

    with pytest.raises(errors.PolicyError, match="needs legal_entity"):
        settings.load_member(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(errors.SettingsError, match=r"member\.toml: No such file"):
        settings.load_member(tmp_path / "member.toml")


@pytest.mark.parametrize("members", [("north", "north"), ("north", "")])
def test_members_must_be_different_ids(tmp_path, members):
    with pytest.raises(errors.SettingsError, match="different institution ids"):
        settings.load_coordinator(saved(tmp_path, replace(COORDINATOR, members=members)))


def test_a_minimum_over_the_number_of_members_is_refused(tmp_path):
    with pytest.raises(errors.SettingsError, match="minimum is 3; use 1 to 2"):
        settings.load_coordinator(saved(tmp_path, replace(COORDINATOR, minimum=3)))


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "occupied").write_text("")

    with pytest.raises(errors.SettingsError, match="occupied"):
        settings.save(tmp_path / "occupied" / "member.toml", MEMBER)


def test_the_coordinators_directory_comes_from_the_environment():
    assert settings.environment({"ENTREPOT_COORDINATOR": "/srv/consortium"}).directory == Path("/srv/consortium")


def test_a_coordinator_without_its_directory_is_told_how_to_start():
    with pytest.raises(errors.SettingsError, match="entrepot coordinator --directory"):
        settings.environment({})


@pytest.mark.parametrize("poll", [0.0, -1.0, 61.0])
def test_a_poll_that_cannot_be_is_refused(tmp_path, poll):
    with pytest.raises(errors.SettingsError, match=r"poll is .* use above 0, at most 60"):
        settings.load_member(saved(tmp_path, replace(MEMBER, poll=poll)))


def test_a_whole_number_is_a_number(tmp_path):
    path = saved(tmp_path, MEMBER)
    path.write_text(path.read_text().replace("poll = 3.0", "poll = 2"))

    assert settings.load_member(path).poll == 2.0
