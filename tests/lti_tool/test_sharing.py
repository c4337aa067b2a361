"""What a learner shares, over HTTP: given by choice, seen by who it was given to, ended by one press, and on record."""

from __future__ import annotations

import pytest

from lti_tool import app as tool_app
from lti_tool import cohorts, grants, keys
from lti_tool.partnered import GRANT_LOG, GRANTS
from storage import connect
from tests.lti_tool import allied, builders
from tests.lti_tool.allied import address, came, ended, get, grant, registered, views
from tests.lti_tool.builders import LEARNER, Bench
from tests.lti_tool.working import came as at_project
from tests.lti_tool.working import hand, post, some
from tests.lti_tool.working import keys as buttons
from xapi_collector import consent


def test_nothing_is_ticked_and_nothing_is_shared_before_a_learner_says_so(bench: Bench) -> None:
    partner = registered(bench)
    page = post(bench, "sharing", came(bench))

    assert "None at the moment." in page.text
    assert allied.NAME in page.text
    assert " checked" not in page.text
    assert views(get(bench, f"{address(bench, partner)}/shared")) == []


def test_a_granted_view_shows_what_was_granted_and_no_more(bench: Bench) -> None:
    partner = registered(bench)
    allied.answered(bench, "ada")
    hand(bench, at_project(bench, "ada"), text="the work of ada")
    kept = builders_work(bench)
    page = grant(
        bench, came(bench), partner, scope="skills", skill=["cus.duty"], work=[kept], name="", note="Read this first."
    )
    path = address(bench, partner)
    (view,) = views(get(bench, f"{path}/shared"))
    shown = get(bench, view)

    assert "1 level, 1 work, without a name" in page.text
    assert "Learner 1" in shown.text
    assert "the work of ada" in shown.text
    assert "Read this first." in shown.text
    assert allied.CBEC.skills["cus.duty"].name["en"] in shown.text.replace("&amp;", "&")
    assert shown.text.count('<li class="skill">') == 1
    assert "goal" not in shown.text.partition('<li class="skill">')[2].partition("</li>")[0]
    assert allied.pseudonym(bench, "ada")[:6] not in shown.text
    assert kept not in shown.text


def builders_work(bench: Bench) -> str:
    """The key of the only work."""
    (kept,) = bench.storage.find(tool_app.tool_settings.works.HANDINS, {}, limit=2)
    return str(kept["key"])


def test_an_ended_view_is_gone_at_once_in_every_process_and_what_it_held_is_deleted(
    bench: Bench, tool_key: keys.ToolKey
) -> None:
    partner = registered(bench)
    learner = came(bench)
    grant(bench, learner, partner)
    path = address(bench, partner)
    (view,) = views(get(bench, f"{path}/shared"))
    # Another worker process has the same store and nothing else in common.
    settings = bench.app.extensions["lti_tool"].settings
    storage = connect.connect(settings.storage, *tool_app.COLLECTIONS)
    other = tool_app.create_app(settings, storage, bench.keyring, keys=keys.only(tool_key), now=bench.clock)
    before = other.test_client().get(view).status_code
    page = ended(bench, learner)
    after = (get(bench, view), other.test_client().get(view), bench.client().post(view, data={}))
    storage.close()

    assert before == 200
    assert [one.status_code for one in after] == [404] * 3
    assert "Ended. The partner’s page is gone." in page.text
    (kept,) = bench.storage.find(GRANTS, {})
    assert "blob" not in kept
    assert "One view has ended." in get(bench, f"{path}/shared").text


def test_the_learner_reads_who_looked_and_when(bench: Bench) -> None:
    partner = registered(bench)
    learner = came(bench)
    grant(bench, learner, partner)
    path = address(bench, partner)
    (view,) = views(get(bench, f"{path}/shared"))
    get(bench, view)
    get(bench, view)
    seen = post(bench, "sharing", learner).text
    bench.clock.offset += allied.DAY
    get(bench, view)
    ended(bench, came(bench))
    get(bench, view)
    acts = [one["act"] for one in bench.storage.find(GRANT_LOG, {})]

    assert f"{allied.LABEL} of {allied.NAME} opened your view" in seen
    assert "Last seen on" in seen
    assert sorted(acts) == ["granted", "revoked", "seen", "seen"], "a line a day, and none after the end"


def test_a_grant_ends_by_itself_and_with_the_contract(bench: Bench) -> None:
    partner = registered(bench)
    learner = came(bench)
    grant(bench, learner, partner, days="30")
    grant(bench, learner, partner, days="365", name="Longer")
    path = address(bench, partner)
    assert max(one["until"] for one in bench.storage.find(GRANTS, {})) <= bench.clock() + 201 * allied.DAY
    bench.clock.offset += 31 * allied.DAY

    assert "Longer" in get(bench, f"{path}/shared").text
    assert len(views(get(bench, f"{path}/shared"))) == 1
    post(bench, "sharing", came(bench))
    assert sorted("blob" in one for one in bench.storage.find(GRANTS, {})) == [False, True], "what ran out is deleted"


@pytest.mark.parametrize(
    ("fields", "words"),
    some(
        ({"agree": ""}, "Tick that you agree"),
        ({"scope": ""}, "Say which levels"),
        ({"scope": "skills"}, "Tick at least one skill"),
        ({"scope": "nothing"}, "a view that shows nothing is none"),
        ({"days": "1"}, "Say how long"),
        ({"partner": "x"}, "Choose a partner"),
    ),
)
def test_what_lacks_something_shares_nothing_and_what_was_typed_stays(
    bench: Bench, fields: dict[str, str], words: str
) -> None:
    partner = registered(bench)
    page = grant(bench, came(bench), **{"partner": partner, "note": "Half a note", **fields})

    assert words in page.text
    assert "Half a note" in page.text
    assert bench.storage.find(GRANTS, {}) == []


def test_a_work_of_somebody_else_cannot_be_shared(bench: Bench) -> None:
    partner = registered(bench)
    hand(bench, at_project(bench, "bo"))
    page = grant(bench, came(bench), partner, scope="nothing", work=[builders_work(bench)])

    assert "a view that shows nothing is none" in page.text
    assert bench.storage.find(GRANTS, {}) == []


def test_a_withdrawn_work_is_in_no_view(bench: Bench) -> None:
    partner = registered(bench)
    mine = hand(bench, at_project(bench, "ada"), text="the work of ada")
    grant(bench, came(bench), partner, scope="nothing", work=[builders_work(bench)])
    (view,) = views(get(bench, f"{address(bench, partner)}/shared"))
    assert "the work of ada" in get(bench, view).text
    post(bench, "project", mine, act="withdraw")

    assert "the work of ada" not in get(bench, view).text
    assert get(bench, f"{view}/0").status_code == 404


def test_whoever_teaches_tries_it_out_and_nothing_is_kept(bench: Bench) -> None:
    partner = registered(bench)
    page = allied.teaches(bench)
    given, counted = grant(bench, page, partner), post(bench, "sharing/keep", page, count="1")

    assert "You are no learner here" in given.text
    assert "You are no learner here" in counted.text
    assert bench.storage.find(GRANTS, {}) == []
    assert "It had ended before." in post(bench, "sharing/keep", page, revoke="x").text


def test_nobody_ends_the_view_of_somebody_else(bench: Bench) -> None:
    partner = registered(bench)
    learner = came(bench)
    grant(bench, learner, partner)
    (key,) = buttons(post(bench, "sharing", learner), "revoke")
    for other in (came(bench, "bo"), came(bench, "ada", context={"id": "course-2"})):
        assert "It had ended before." in post(bench, "sharing/keep", other, revoke=key).text

    assert len(views(get(bench, f"{address(bench, partner)}/shared"))) == 1


def test_being_counted_is_off_until_a_learner_turns_it_on_and_off_again(bench: Bench) -> None:
    learner, person = came(bench), allied.pseudonym(bench, "ada")
    assert person not in consent.allowed(bench.storage, cohorts.ALLOWED)
    on = post(bench, "sharing/keep", learner, count="1")
    assert person in consent.allowed(bench.storage, cohorts.ALLOWED)
    off = post(bench, "sharing/keep", learner, uncount="1")

    assert "On since" in on.text
    assert "Off since" in off.text
    assert person not in consent.allowed(bench.storage, cohorts.ALLOWED)


def test_an_institution_may_declare_that_learners_are_counted_and_each_may_leave(bench: Bench) -> None:
    consent.declare(bench.storage, cohorts.ALLOWED, consent.ALLOW, "Practice agreement of 2026.", lambda: 1)

    assert "because your institution declared it so" in post(bench, "sharing", came(bench)).text


def test_there_are_not_ever_more_views(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "MOST", 1)
    partner = registered(bench)
    learner = came(bench)
    grant(bench, learner, partner)

    assert "as many views open as there can be" in grant(bench, learner, partner).text
    assert len(bench.storage.find(GRANTS, {})) == 1


def test_the_store_holds_nothing_of_a_grant_in_the_clear(bench: Bench) -> None:
    partner = registered(bench)
    grant(bench, came(bench), partner, reach="liis@example.org", note="A note of mine")
    kept = str(
        [bench.storage.find(one, {}) for one in (GRANTS, GRANT_LOG, *tool_app.tool_settings.partnered.COLLECTIONS)]
    )

    for text in ("Tamm", "liis@", "A note", "operations", "Lantern", "desk@"):
        assert text not in kept.replace('"role": "operations"', "")


def test_in_chinese_too(bench: Bench) -> None:
    registered(bench)

    assert "我共享的内容" in post(bench, "sharing", came(bench, roles=[LEARNER]), language="zh").text
    assert builders.heading(post(bench, "sharing", came(bench))) == "What I share"
