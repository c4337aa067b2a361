"""`entrepot platform ...` and `entrepot doctor`, over a real store and a real platform."""

from __future__ import annotations

import dataclasses
import json
import time

import pytest

from entrepot import cli, premises, variables
from entrepot.sandbox import tokens
from lti_tool import blocked, courses, hosts, keys, platforms, teams
from lti_tool.registration import description, invites
from lti_tool.settings import INVITES, LINE_ITEMS, MEMBERS, ROSTERS, SCORES, TEAM_SEATS, TEAMS
from storage import connect
from tests.lti_tool import builders, registrar
from xapi_collector import agents, keyring

MOODLE = "https://moodle.example.org"


@pytest.fixture(scope="module")
def place():
    with registrar.running(tokens.new_signer()) as running:
        yield running


@pytest.fixture
def made(tmp_path, monkeypatch):
    """An institution whose variables are set."""
    for name in variables.known():
        monkeypatch.delenv(name, raising=False)
    home = premises.establish(
        tmp_path / "wales", "wales", xapi_url="https://learn.example.org/xapi", lti_url="https://learn.example.org"
    )
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def store(made):
    opened = connect.connect(made.environment["ENTREPOT_STORAGE"], *premises.COLLECTIONS)
    yield opened
    opened.close()


@pytest.fixture
def run(capsys, made):
    def call(*arguments):
        code = cli.main(["platform", *(str(argument) for argument in arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def add(run, iss=MOODLE, client="c1", *more):
    return run("add", "--family", "moodle", "--iss", iss, "--client-id", client, *more)


def test_an_invite_is_one_address_that_registers_once(run, store):
    code, out, _ = run("invite")

    (address,) = out.split()
    assert code == 0
    assert address.startswith("https://learn.example.org/lti/register/")
    assert invites.find(store, address.rpartition("/")[2], time.time()).host == ""


def test_an_invite_may_be_for_one_host_and_some_days(run, store):
    run("invite", "--for", "https://moodle.example.org/site", "--days", 2)

    (kept,) = invites.every(store)
    assert kept.host == "moodle.example.org"
    assert 1.9 < (kept.expires - time.time()) / invites.DAY < 2.1


@pytest.mark.parametrize(("arguments", "words"), [(["--for", "moodle"], "whole address"), (["--days", 0], "1 to 30")])
def test_an_invite_that_makes_no_sense_says_what_would(run, store, arguments, words):
    code, _, err = run("invite", *arguments)

    assert (code, words in err, err.count("\n")) == (1, True, 1)
    assert invites.every(store) == []


def test_of_a_moodle_the_address_and_the_client_id_are_enough(run, store):
    code, out, _ = add(run)

    found = platforms.find(store, MOODLE, "c1")
    assert (code, out) == (0, f"Registered {MOODLE}, client c1.\n")
    assert (found.auth_url, found.state, found.deployments) == (f"{MOODLE}/mod/lti/auth.php", "active", ())


def test_what_is_missing_is_said_by_its_option(run):
    code, _, err = run("add", "--iss", "https://lms.example.org", "--client-id", "c", "--auth-url", "nowhere")

    assert code == 1
    assert err == (
        "entrepot: --auth-url: Write a whole address, such as https://lms.example.org.; "
        "--token-url: This is needed here.; --jwks-url: This is needed here.\n"
    )


def test_a_registration_is_never_overwritten(run, store):
    add(run)
    code, _, err = add(run, MOODLE, "c1", "--deployment", "9")

    assert (code, "registered already" in err) == (1, True)
    assert platforms.find(store, MOODLE, "c1").deployments == ()


def test_the_list_shows_platforms_and_open_invites(run, store):
    add(run, MOODLE, "c1", "--deployment", "3")
    add(run, "https://other.example", "c2")
    run("invite", "--for", "https://third.example")
    run("invite")
    served = dataclasses.replace(invites.every(store)[0], digest="served", host="fourth.example", used=1.0)
    store.insert(INVITES, dataclasses.asdict(served))

    _, out, _ = run("list")

    lines = out.splitlines()
    assert [line.split()[:4] for line in lines[:2]] == [
        ["active", "moodle", MOODLE, "c1"],
        ["active", "moodle", "https://other.example", "c2"],
    ]
    assert "1 deployments" in lines[0]
    assert "deployment not told yet" in lines[1]
    assert {line.split("until")[0].split("invite")[1].strip() for line in lines[2:]} == {
        "third.example",
        "any platform",
    }


def test_a_registration_is_shown_in_full(run):
    add(run, MOODLE, "c1", "--deployment", "3", "--frame", "https://front.example/")

    _, out, _ = run("show", MOODLE)

    told = dict(line.split(maxsplit=1) for line in out.splitlines() if " id " not in line and len(line.split()) > 1)
    assert (told["issuer"], told["deployments"], told["frames"]) == (MOODLE, "3", "https://front.example")
    assert told["keys"] == f"{MOODLE}/mod/lti/certs.php"


def test_a_platform_that_is_named_wrongly_or_twice_says_what_to_do(run):
    add(run)
    add(run, MOODLE, "c2")

    assert "no such platform" in run("show", "https://nobody.example")[2]
    assert "no such platform" in run("show", MOODLE, "c3")[2]
    assert "name one of c1, c2" in run("show", MOODLE)[2]
    assert run("show", MOODLE, "c2")[0] == 0


def test_approving_lets_a_platform_launch_and_may_say_where_people_open_it(run, store):
    platforms.register(store, builders.registered("https://canvas.instructure.com", "1", state="pending"))

    code, out, _ = run("approve", "https://canvas.instructure.com", "--frame", "https://canvas.uni.example/courses")

    found = platforms.find(store, "https://canvas.instructure.com", "1")
    assert (code, out) == (0, "https://canvas.instructure.com, client 1, may launch.\n")
    assert (found.state, found.frames) == ("active", ("https://canvas.uni.example",))


def test_approving_alone_leaves_the_rest_as_it_is(run, store):
    there = builders.registered(MOODLE, "1", state="pending", frames=("https://a.example",))
    platforms.register(store, there)

    run("approve", MOODLE)
    wrong = run("approve", MOODLE, "--frame", "nowhere")

    assert platforms.find(store, MOODLE, "1").frames == ("https://a.example",)
    assert (wrong[0], "whole address" in wrong[2]) == (1, True)


def test_deployments_are_added_and_removed(run, store):
    add(run, MOODLE, "c1", "--deployment", "1")

    run("deployment", MOODLE, "c1", "2", "3", "2")
    assert platforms.find(store, MOODLE, "c1").deployments == ("1", "2", "3")
    _, out, _ = run("deployment", MOODLE, "c1", "1", "2", "3", "--remove")
    assert platforms.find(store, MOODLE, "c1").deployments == ()
    assert "told by the first launch" in out


def test_removing_a_platform_takes_its_courses_links_and_servers_along_and_no_others(run, store):
    for iss in (MOODLE, "https://other.example"):
        add(run, iss)
        course = courses.Course(f"course of {iss}", iss, "c1", "1", "5")
        courses.remember(store, course, courses.Link(f"link of {iss}", course.course, "6"))
        hosts.remember(store, iss, "c1", "https://services.example/x")
        store.insert(LINE_ITEMS, {"link": f"link of {iss}"})
        store.insert(ROSTERS, {"course": course.course, "wanted": False})
        store.insert(MEMBERS, {"course": course.course, "learner": "p", "mark": "m"})
        key = {"learner": "p", "link": f"link of {iss}"}
        store.insert(SCORES, {**key, "course": course.course, "platform": "p", "state": "waiting"})
        team = teams.Team(key["link"], "1", "eu", 2, 1, 1, "2026-11-26", "", 20)
        teams.sit(store, ["p"], teams.found(store, key["link"], lambda _, made=team: made), "seat")

    code, out, _ = run("remove", MOODLE)

    assert (code, out) == (0, f"Removed {MOODLE}, client c1, with 1 courses. Statements stay.\n")
    assert [one.iss for one in platforms.every(store)] == ["https://other.example"]
    assert [one.iss for one in courses.every(store)] == ["https://other.example"]
    assert courses.link(store, f"link of {MOODLE}") is None
    assert courses.link(store, "link of https://other.example") is not None
    kept = (LINE_ITEMS, ROSTERS, MEMBERS, SCORES, TEAMS, TEAM_SEATS)
    assert [len(store.find(each, {})) for each in kept] == [1] * 6
    assert not hosts.known(store, builders.registered(MOODLE, "c1"), "https://services.example")
    assert hosts.known(store, builders.registered("https://other.example", "c1"), "https://services.example")


def test_the_json_of_a_canvas_key_is_printed(run):
    _, out, _ = run("canvas")

    assert json.loads(out) == description.canvas("https://learn.example.org")


def test_a_person_is_blocked_and_let_in_again_by_their_id_at_the_platform(run, store, made):
    agent = {"objectType": "Agent", "account": {"homePage": MOODLE, "name": "4"}}
    names = agents.pseudonyms(agent, keyring.load(made.environment["ENTREPOT_KEYRING"]).pseudonym_keys)

    assert run("block", MOODLE, "4")[1] == "Blocked: the next request is refused.\n"
    assert blocked.is_blocked(store, names)
    assert run("block", MOODLE, "4")[1] == "Was blocked already.\n"
    assert run("unblock", MOODLE, "4")[1] == "May come in again.\n"
    assert run("unblock", MOODLE, "4")[1] == "Was not blocked.\n"
    assert not blocked.is_blocked(store, names)


def test_a_check_says_a_line_each_and_fails_when_something_is_wrong(run, store, place, made, monkeypatch):
    place.reset()
    place.key = keys.load(made.environment["ENTREPOT_LTI_KEY"]).private.public_key()
    monkeypatch.setenv("ENTREPOT_LTI_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("ENTREPOT_LTI_URL", place.base)
    run("add", "--family", "moodle", "--iss", place.base, "--client-id", "client-1", "--deployment", "7")

    code, out, _ = run("check", place.base)

    assert code == 1  # plain http, and the platform of the tests does not serve our keys
    assert f"{place.base}, client client-1\n" in out
    assert "ok     the platform gives the tool tokens for its services\n" in out
    assert "wrong  an address of the platform is not https" in out


def test_a_check_of_everything_says_when_there_is_nothing(run, monkeypatch):
    monkeypatch.setenv("ENTREPOT_LTI_URL", "https://127.0.0.1:1025")

    code, out, _ = run("check")

    assert code == 1
    assert "wrong  the tool’s own address https://127.0.0.1:1025/lti/jwks is inside a private network" in out
    assert "note   no platform is registered: entrepot platform invite\n" in out


def test_the_doctor_looks_at_the_store_and_at_the_platforms(run, made, monkeypatch, capsys):
    monkeypatch.setenv("ENTREPOT_LTI_URL", "https://127.0.0.1:1025")

    code = cli.main(["doctor"])

    out = capsys.readouterr().out
    assert code == 1
    assert "the store opens" in out
    assert "no platform is registered" in out


def test_a_missing_variable_is_one_line(run, monkeypatch):
    monkeypatch.delenv("ENTREPOT_LTI_KEY")

    code, _, err = run("list")

    assert (code, err.count("\n"), "ENTREPOT_LTI_KEY" in err) == (1, 1, True)
