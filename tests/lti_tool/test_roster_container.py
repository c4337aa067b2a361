from __future__ import annotations

import pytest

from lti_tool import errors
from lti_tool.roster import container
from lti_tool.roster.container import Seen
from tests.lti_tool.builders import INSTRUCTOR, LEARNER

CANARY = "Marguerite Canary"


def member(**changes: object) -> dict[str, object]:
    return {
        "status": "Active",
        "user_id": "11391",
        "roles": [LEARNER],
        "name": CANARY,
        "given_name": "Marguerite",
        "family_name": "Canary",
        "email": "marguerite.canary@example.edu",
        "picture": "https://lms.example/marguerite.png",
        **changes,
    }


def page(*listed: object, context: object = "c") -> dict[str, object]:
    return {"id": "https://lms.example/c", "context": {"id": context}, "members": list(listed)}


def one(**changes: object) -> Seen:
    (seen,) = container.members(page(member(**changes)), "c")
    return seen


def test_a_member_is_an_id_a_state_and_roles_and_nothing_that_names_anybody() -> None:
    assert one() == Seen("11391", "active", ("learner",))
    assert "anary" not in repr(one())


@pytest.mark.parametrize(
    ("said", "state"),
    [("Active", "active"), ("active", "active"), ("Inactive", "inactive"), ("Deleted", "left"), ("Paused", "inactive")],
)
def test_a_status_is_one_of_three(said: str, state: str) -> None:
    assert one(status=said).state == state


def test_who_has_no_status_is_active() -> None:
    raw = member()
    del raw["status"]

    assert container.members(page(raw), "c")[0].state == "active"


@pytest.mark.parametrize(
    ("held", "roles"),
    [
        (["Learner"], ("learner",)),
        ([INSTRUCTOR, LEARNER], ("instructor", "learner")),
        (["urn:elsewhere#Instructor"], ()),
        (["Learner", 7, None], ("learner",)),
        ("Instructor", ()),
        (None, ()),
    ],
)
def test_roles_are_short_names_or_uris_of_the_allow_list(held: object, roles: tuple[str, ...]) -> None:
    assert one(roles=held).roles == roles


@pytest.mark.parametrize("user", [None, "", True, 1.5, [], "x" * 256])
def test_who_has_no_usable_id_is_left_out(user: object) -> None:
    assert container.members(page(member(user_id=user), member()), "c") == [one()]


def test_an_id_may_be_a_number() -> None:
    assert one(user_id=4).user == "4"


def test_who_is_listed_twice_counts_once() -> None:
    assert container.members(page(member(), member(status="Inactive")), "c") == [one(status="Inactive")]


@pytest.mark.parametrize("body", [None, [], {}, {"members": {}}, "members"])
def test_what_is_no_container_is_malformed(body: object) -> None:
    with pytest.raises(errors.ServiceError, match="malformed"):
        container.members(body, "c")


def test_the_members_of_another_course_are_malformed() -> None:
    with pytest.raises(errors.ServiceError, match="malformed"):
        container.members(page(member(), context="other"), "c")


@pytest.mark.parametrize("about", [{}, {"id": 7}])
def test_a_course_may_go_unnamed_or_be_a_number(about: dict[str, object]) -> None:
    body = {**page(member()), "context": about}

    assert len(container.members(body, "7")) == 1


def test_members_that_are_no_objects_are_left_out() -> None:
    assert container.members(page("x", None, member()), "c") == [one()]


def message(**custom: object) -> dict[str, object]:
    return {container.CUSTOM: custom, "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": {"x": CANARY}}


def test_the_message_section_tells_the_name_of_events_and_groups_and_is_dropped() -> None:
    for section in ([message(user="10000000000001", groups="b,a")], message(user=10000000000001, groups="b,a")):
        seen = one(message=section)

        assert (seen.known_as, seen.groups) == ("10000000000001", ("a", "b"))
        assert CANARY not in repr(seen)


@pytest.mark.parametrize(
    "section", [None, [], "x", [None], [{}], [{container.CUSTOM: []}], [message(user="$Canvas.user.globalId")]]
)
def test_a_message_section_without_names_tells_none(section: object) -> None:
    assert one(message=section).known_as == ""


def test_groups_come_with_the_member_where_they_were_asked_for() -> None:
    enrolled = [{"group_id": "b"}, {"group_id": 3}, {"group_id": None}, "x"]

    assert one(group_enrollments=enrolled).groups == ("3", "b")
    assert one(group_enrollments=[]).groups == ()
    assert one().groups is None


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("7, 3,,3", ("3", "7")),
        ("", ()),
        ("$Moodle.Person.userGroupIds", None),
        (None, None),
        (7, None),
        ("x" * 256 + ",y", ("y",)),
    ],
)
def test_a_variable_of_groups_is_a_list_of_ids(text: object, ids: tuple[str, ...] | None) -> None:
    assert container.group_ids(text) == ids


def test_groups_have_names_by_id() -> None:
    body = {"groups": [{"id": 7, "name": " Seminar A "}, {"id": "b"}, {"id": "c", "name": "x", "hidden": True}, 3, {}]}

    assert container.groups(body) == {"7": "Seminar A", "b": "b"}


@pytest.mark.parametrize("body", [None, {}, {"groups": "x"}])
def test_what_is_no_container_of_groups_is_malformed(body: object) -> None:
    with pytest.raises(errors.ServiceError, match="malformed"):
        container.groups(body)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, CANARY),
        ({"name": ""}, CANARY),
        ({"name": None, "family_name": None}, "Marguerite"),
        ({"name": 7, "given_name": 7, "family_name": 7}, None),
        ({"name": "x" * 300}, "x" * 200),
    ],
)
def test_a_name_for_showing_is_the_whole_one_or_its_parts(changes: dict[str, object], name: str | None) -> None:
    assert container.names(page(member(**changes)), "c").get("11391") == name
