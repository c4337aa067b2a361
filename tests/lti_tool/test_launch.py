"""Who is let in, after every check of the token: the browser, the deployment, the person; on both stores."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import pytest

from curriculum import catalog as catalogs
from entrepot.sandbox import tokens
from lti_tool import binding, blocked, keys, learner, platforms
from lti_tool.settings import ACCOUNTS, BLOCKED, COURSES, LOGINS, PLATFORMS, VISITS
from storage.collection import Collection
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse
from tests.storage import mongo_server, stores
from xapi_collector import agents, envelope
from xapi_collector.collector import Collector
from xapi_collector.upkeep import erasure

FRAMED = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture(params=stores.STORES)
def either(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> Iterator[Bench]:
    store = None
    if request.param != "sqlite":
        store = mongo_server.url(request.param, f"launch_{uuid.uuid4().hex}")
    with builders.bench(tmp_path, issuer, tool_key, store=store) as running:
        yield running


def reason(answer: TestResponse) -> str:
    return answer.text.partition('<span class="hash">')[2].partition("<")[0]


def bearer(page: TestResponse) -> str:
    found = re.search(r'name="bearer" value="([^"]+)"', page.text)
    assert found
    return unescape(found[1])


def again(bench: Bench, page: TestResponse) -> TestResponse:
    """The next request of an open page."""
    return bench.client().post("/lti/page", data={"bearer": bearer(page), "language": "zh"})


def person(bench: Bench, name: str = "11391") -> tuple[str, ...]:
    agent = {"objectType": "Agent", "account": {"homePage": bench.issuer.iss, "name": name}}
    return agents.pseudonyms(agent, bench.keyring.pseudonym_keys)


class TestDeployment:
    """A registration whose answer named no deployment."""

    @pytest.fixture
    def open_(self, either: Bench) -> Bench:
        platforms.register(either.storage, builders.registered(either.issuer.iss, deployments=()))
        return either

    def test_the_first_launch_tells_it_and_no_other_holds_after_that(self, open_: Bench) -> None:
        first = builders.launched(open_, deployment_id="9:abc")
        same = builders.launched(open_, deployment_id="9:abc")
        other = builders.launched(open_, deployment_id="9:def")

        assert [first.status_code, same.status_code, other.status_code] == [200, 200, 400]
        assert reason(other) == "deployment_unknown"
        assert "entrepot platform deployment" in other.text

    def test_of_many_first_launches_at_once_one_is_learned(self, open_: Bench) -> None:
        def first(number: int) -> tuple[str, int]:
            deployment = f"d{number % 2}"
            return deployment, builders.launched(open_, deployment_id=deployment).status_code

        with ThreadPoolExecutor(10) as pool:
            found = list(pool.map(first, range(50)))

        kept = platforms.find(open_.storage, open_.issuer.iss, "client-a")
        assert kept is not None
        (learned,) = kept.deployments
        assert sorted(found) == sorted((f"d{n % 2}", 200 if f"d{n % 2}" == learned else 400) for n in range(50))

    @pytest.mark.parametrize("changes", [{"nonce": "another"}, {"aud": "client-b"}, {"roles": "none"}])
    def test_a_launch_that_does_not_hold_tells_nothing(self, open_: Bench, changes: dict[str, str]) -> None:
        assert builders.launched(open_, **changes).status_code == 400

        kept = platforms.find(open_.storage, open_.issuer.iss, "client-a")
        assert kept is not None
        assert kept.deployments == ()

    def test_a_platform_that_is_removed_meanwhile_lets_nobody_in(
        self, open_: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        learn = platforms.learn

        def removed(*given: object) -> platforms.Platform:
            open_.storage.delete(PLATFORMS, (open_.issuer.iss, "client-a"))
            return learn(*given)  # type: ignore[arg-type]  # handed through as they came

        monkeypatch.setattr(platforms, "learn", removed)

        assert reason(builders.launched(open_)) == "deployment_unknown"


class TestPending:
    def test_a_platform_that_waits_for_approval_begins_no_login(self, bench: Bench) -> None:
        platforms.register(bench.storage, builders.registered(bench.issuer.iss, state="pending"))

        answer = builders.login(bench.client(), bench.issuer.iss)

        assert (answer.status_code, reason(answer)) == (403, "platform_pending")
        assert "waiting to be approved" in answer.text
        assert bench.storage.find(LOGINS, {}) == []

    def test_it_takes_no_launch_either_and_learns_nothing_from_it(self, bench: Bench) -> None:
        browser = bench.client()
        begun = builders.begin(browser, bench.issuer.iss)
        waiting = builders.registered(bench.issuer.iss, state="pending", deployments=())
        platforms.register(bench.storage, waiting)
        token = tokens.sign(bench.issuer.signer, builders.claims(bench.issuer.iss, begun.nonce))

        answer = builders.launch(browser, begun.state, token)

        assert (answer.status_code, reason(answer)) == (403, "platform_pending")
        assert platforms.find(bench.storage, bench.issuer.iss, "client-a") == waiting

    def test_a_page_that_was_open_before_is_closed(self, bench: Bench) -> None:
        page = builders.launched(bench)
        platforms.register(bench.storage, builders.registered(bench.issuer.iss, state="pending"))

        assert reason(again(bench, page)) == "platform_pending"


class TestBlocked:
    def test_a_blocked_person_is_not_let_in(self, either: Bench) -> None:
        assert blocked.block(either.storage, person(either)[0], either.clock())

        answer = builders.launched(either)

        assert (answer.status_code, reason(answer)) == (403, "person_blocked")
        assert "Your access is closed" in answer.text
        assert builders.launched(either, sub="28400").status_code == 200

    def test_an_open_page_ends_at_the_next_request_in_its_own_language(self, either: Bench) -> None:
        page = again(either, builders.launched(either))
        blocked.block(either.storage, person(either)[0], either.clock())

        answer = again(either, page)

        assert (answer.status_code, reason(answer)) == (403, "person_blocked")
        assert "你的访问已关闭" in answer.text
        assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {either.issuer.iss}")

    def test_who_is_let_in_again_comes_in(self, either: Bench) -> None:
        blocked.block(either.storage, person(either)[0], either.clock())

        assert blocked.unblock(either.storage, person(either))
        assert builders.launched(either).status_code == 200

    def test_a_block_says_whether_it_changed_anything(self, either: Bench) -> None:
        (pseudonym,) = person(either)

        assert blocked.block(either.storage, pseudonym, 1.0)
        assert not blocked.block(either.storage, pseudonym, 2.0)
        assert [kept["since"] for kept in either.storage.find(BLOCKED, {})] == [1]
        assert blocked.unblock(either.storage, [pseudonym])
        assert not blocked.unblock(either.storage, [pseudonym])

    def test_whoever_is_blocked_by_the_name_of_their_events_or_of_their_launches_is_blocked(self, bench: Bench) -> None:
        platforms.register(bench.storage, builders.registered(bench.issuer.iss, family="canvas"))
        for name in ("11391", "170000000000007"):
            blocked.block(bench.storage, person(bench, name)[0], 0.0)
            answer = builders.launched(bench, custom={"catalog": "oulad", "role": "AAA", "user": "170000000000007"})
            blocked.unblock(bench.storage, person(bench, name))

            assert reason(answer) == "person_blocked"

    def test_nothing_is_kept_of_a_launch_that_is_refused_for_it(self, bench: Bench) -> None:
        blocked.block(bench.storage, person(bench)[0], 0.0)

        builders.launched(bench)

        assert bench.storage.find(VISITS, {}) == bench.storage.find(COURSES, {}) == []


class TestErased:
    def erase(self, bench: Bench) -> None:
        keys_ = envelope.DataKeys(bench.storage, bench.keyring.sealing_key, os.urandom)
        place = Collector(
            bench.storage, bench.keyring, keys_, lambda: int(1e6 * bench.clock()), os.urandom, lambda: str(uuid.uuid4())
        )
        request = erasure.Request(place, builders.tool_app.COLLECTIONS, "https://lrs.example", lambda _: None)
        erasure.erase(request, person(bench))

    def test_the_open_page_of_an_erased_person_ends_at_once(self, bench: Bench) -> None:
        page = builders.launched(bench)
        self.erase(bench)

        assert reason(again(bench, page)) == "page_expired"
        assert bench.storage.find(VISITS, {}) == []

    def test_a_new_launch_is_welcome_and_does_not_wake_the_old_page(self, bench: Bench) -> None:
        old = builders.launched(bench)
        self.erase(bench)
        new = builders.launched(bench)

        assert again(bench, new).status_code == 200
        assert reason(again(bench, old)) == "page_expired"

    def test_pages_of_the_same_person_go_on_while_nobody_is_erased(self, either: Bench) -> None:
        pages = [builders.launched(either) for _ in range(3)]

        assert [again(either, page).status_code for page in pages] == [200] * 3
        assert len(either.storage.find(VISITS, {})) == 1

    def test_the_mark_of_a_person_says_nothing_about_them(self, bench: Bench) -> None:
        builders.launched(bench)

        (kept,) = bench.storage.find(VISITS, {})
        assert kept.keys() == {"learner", "mark"}
        assert kept["learner"] == person(bench)[0]
        assert "11391" not in str(kept)


class TestBearer:
    def test_two_launches_in_the_same_second_have_different_bearers(self, bench: Bench) -> None:
        bench.clock.offset = 0
        found = {bearer(builders.launched(bench)) for _ in range(4)}

        assert len(found) == 4

    def test_a_bearer_of_one_course_says_the_course_and_the_platform(self, bench: Bench) -> None:
        one, two = (builders.launched(bench, context={"id": name, "title": name}) for name in ("first", "second"))

        assert "first" in again(bench, one).text
        assert "second" in again(bench, two).text

    def test_no_page_needs_a_cookie_and_the_login_s_own_is_taken_away(self, bench: Bench) -> None:
        browser = bench.client()
        page = builders.launched(bench, browser)

        assert list(browser._cookies.values()) == []
        assert again(bench, page).status_code == 200

    def test_neither_token_nor_bearer_stands_in_an_address(self, bench: Bench) -> None:
        page = builders.launched(bench)

        addresses = re.findall(r'(?:href|src|action)="([^"]*)"', page.text)
        assert addresses
        assert not any("eyJ" in address or bearer(page)[:20] in address for address in addresses)


class TestLanguage:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"custom": {"catalog": "oulad", "role": "ZZZ"}}, "这个链接没有对应的内容"),
            ({"custom": {"activity": "atlantis"}}, "这个链接没有对应的内容"),
            ({"custom": {"catalog": "atlantis"}}, "这个链接没有对应的内容"),
        ],
    )
    def test_a_link_that_leads_nowhere_is_explained_in_the_language_of_the_launch(
        self, bench: Bench, changes: dict[str, object], words: str
    ) -> None:
        answer = builders.launched(bench, launch_presentation={"locale": "zh-CN"}, **changes)

        assert answer.status_code == 400
        assert words in answer.text

    def test_who_may_not_come_in_reads_it_in_the_language_of_the_launch(self, bench: Bench) -> None:
        blocked.block(bench.storage, person(bench)[0], 0.0)

        assert "你的访问已关闭" in builders.launched(bench, launch_presentation={"locale": "zh"}).text

    def test_without_a_language_of_the_launch_the_browser_s_is_taken(self, bench: Bench) -> None:
        answer = bench.client().post("/lti/launch", headers={"Accept-Language": "zh-CN"})

        assert '<html lang="zh-Hans">' in answer.text


class TestGuest:
    def test_who_has_no_role_that_we_know_is_a_guest_and_an_instructor_is_told_so(self, bench: Bench) -> None:
        guest, instructor = (builders.launched(bench, roles=roles).text for roles in ([], [INSTRUCTOR]))

        assert "You are here as a guest" in guest
        assert "You are here as an instructor" in instructor


class TestBinding:
    """What a browser that does not run our script sees of the ways to bind a launch; the rest is in tests/walks."""

    def test_a_page_of_its_own_window_is_not_sent_round(self, bench: Bench) -> None:
        answer = bench.client().get(
            "/lti/login",
            query_string={"iss": bench.issuer.iss, "login_hint": "1", "target_link_uri": f"{builders.TOOL}/lti/launch"},
            headers={"Sec-Fetch-Dest": "document"},
        )

        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(f"{bench.issuer.iss}/auth?")

    def login(self, bench: Bench, *, kept: bool = False, checked: bool = False, target: str = "") -> TestResponse:
        client = bench.client()
        if kept:
            client.set_cookie(binding.KEPT, "1", domain="localhost", path="/lti/login")
        fields = {"iss": bench.issuer.iss, "login_hint": "1", "target_link_uri": f"{builders.TOOL}/lti/launch"}
        return client.post(
            "/lti/login?checked=1" if checked else "/lti/login",
            data={**fields, **({binding.TARGET: target} if target else {})},
            headers=FRAMED,
        )

    def test_a_frame_is_sent_round_once_with_what_it_posted(self, bench: Bench) -> None:
        answer = self.login(bench)

        assert (answer.status_code, answer.headers["Location"]) == (307, "/lti/login?checked=1")
        assert binding.KEPT in answer.headers["Set-Cookie"]
        assert bench.storage.find(LOGINS, {}) == []

    def test_a_frame_that_kept_the_cookie_goes_on(self, bench: Bench) -> None:
        assert self.login(bench, kept=True).status_code == 302

    def test_a_frame_that_lost_it_is_offered_a_window_before_the_platform_is_asked(self, bench: Bench) -> None:
        answer = self.login(bench, checked=True)

        assert (answer.status_code, reason(answer)) == (400, "state_not_bound")
        assert 'target="_blank"' in answer.text
        assert bench.storage.find(LOGINS, {}) == []

    @pytest.mark.parametrize("target", ["_top.x", "a b", "", "x" * 101, "<script>", "a/b"])
    def test_a_storage_target_that_is_no_name_of_a_frame_is_none(self, bench: Bench, target: str) -> None:
        assert self.login(bench, checked=True, target=target).status_code == 400

    @pytest.mark.parametrize("target", ["_parent", "post_message_forwarding"])
    def test_where_the_platform_keeps_values_a_script_asks_it(self, bench: Bench, target: str) -> None:
        answer = self.login(bench, checked=True, target=target)
        policy = answer.headers["Content-Security-Policy"]

        assert answer.status_code == 200
        assert f'data-frame="{"" if target == "_parent" else target}"' in answer.text
        assert f'data-origin="{bench.issuer.iss}"' in answer.text
        assert "script-src 'self'; " in policy
        assert "unsafe" not in policy
        assert policy.endswith(f"frame-ancestors {bench.issuer.iss}")
        assert "<script src=" in answer.text

    def test_an_older_browser_is_known_to_be_framed_by_the_storage_target(self, bench: Bench) -> None:
        fields = {"iss": bench.issuer.iss, "login_hint": "1", "target_link_uri": f"{builders.TOOL}/lti/launch"}

        answer = bench.client().post("/lti/login", data={**fields, binding.TARGET: "_parent"})

        assert answer.status_code == 307

    def begun(self, bench: Bench) -> tuple[dict[str, str], str]:
        """The form that the platform posts for a login by its storage, and the binding that it keeps."""
        page = self.login(bench, checked=True, target="_parent")
        found = re.search(r'data-value="([^"]+)"', page.text)
        location = re.search(r'data-location="([^"]+)"', page.text)
        assert found
        assert location
        query = dict(part.split("=", 1) for part in unescape(location[1]).partition("?")[2].split("&"))
        token = tokens.sign(bench.issuer.signer, builders.claims(bench.issuer.iss, query["nonce"]))
        return {"state": query["state"], "id_token": token}, found[1]

    def test_the_launch_asks_the_storage_and_is_taken_with_what_it_kept(self, either: Bench) -> None:
        form, kept = self.begun(either)
        browser = either.client()

        asking = browser.post("/lti/launch", data=form)
        taken = browser.post("/lti/launch", data={**form, "binding": kept})

        assert 'id="launch"' in asking.text
        assert form["id_token"] in asking.text
        assert kept not in asking.text
        assert "script-src 'self'" in asking.headers["Content-Security-Policy"]
        assert "Three good next steps" in taken.text
        assert reason(browser.post("/lti/launch", data={**form, "binding": kept})) == "state_unknown"

    @pytest.mark.parametrize("kept", ["", "guessed", "x" * 43])
    def test_without_what_it_kept_the_launch_is_refused_and_used_up(self, bench: Bench, kept: str) -> None:
        form, right = self.begun(bench)
        browser = bench.client()

        refused = browser.post("/lti/launch", data={**form, "binding": kept})

        assert reason(refused) == "state_not_bound"
        assert reason(browser.post("/lti/launch", data={**form, "binding": right})) == "state_unknown"

    def test_an_error_of_the_platform_is_not_asked_about(self, bench: Bench) -> None:
        form, _ = self.begun(bench)

        answer = bench.client().post("/lti/launch", data={"state": form["state"], "error": "access_denied"})

        assert reason(answer) == "platform_error"

    def test_a_platform_that_was_removed_meanwhile_is_not_asked(self, bench: Bench) -> None:
        form, _ = self.begun(bench)
        bench.storage.delete(PLATFORMS, (bench.issuer.iss, "client-a"))

        assert reason(bench.client().post("/lti/launch", data=form)) == "platform_unknown"

    def test_where_the_platform_s_pages_lie_elsewhere_they_are_asked_after_the_frame(self) -> None:
        hosted = builders.registered(
            "https://canvas.example", auth_url="https://sso.example/auth", frames=("https://uni.example",)
        )

        sibling, parent = (binding.keeper(hosted, name) for name in ("post_message_forwarding", "_parent"))

        assert sibling == binding.Keeper("post_message_forwarding", "https://sso.example", ("https://uni.example",))
        assert parent == binding.Keeper("", "https://sso.example", ("https://sso.example", "https://uni.example"))

    def test_a_window_of_its_own_that_loses_cookies_is_not_offered_another(self, bench: Bench) -> None:
        begun = builders.begin(bench.client(), bench.issuer.iss)

        answer = bench.client().post("/lti/launch", data={"state": begun.state}, headers={"Sec-Fetch-Dest": "document"})

        assert reason(answer) == "state_not_bound"
        assert "_blank" not in answer.text
        assert "Allow cookies" in answer.text


class TestKnownAs:
    @pytest.mark.parametrize(
        ("family", "sent", "name"),
        [
            ("canvas", "170000000000007", "170000000000007"),
            ("canvas", 170000000000007, "170000000000007"),
            ("canvas", "$Canvas.user.globalId", "11391"),
            ("canvas", "", "11391"),
            ("canvas", None, "11391"),
            ("canvas", "7; drop", "11391"),
            ("canvas", "٧", "11391"),
            ("canvas", "7" * 33, "11391"),
            ("moodle", "7", "11391"),
            ("spec", "7", "11391"),
        ],
    )
    def test_a_person_is_known_by_the_number_of_their_events_only_where_the_platform_says_it(
        self, bench: Bench, family: str, sent: object, name: str
    ) -> None:
        found = learner.from_claims(
            {
                "iss": bench.issuer.iss,
                "deployment": "1",
                "sub": "11391",
                "roles": [],
                "context": "c",
                "context_title": "",
                "link": "l",
                "locale": "",
                "custom": {"user": sent},
            },
            "client-a",
            platforms.family(builders.registered(bench.issuer.iss, family=family)),
        )

        assert learner.agent(found)["account"] == {"homePage": bench.issuer.iss, "name": name}


class TestAccounts:
    """Canvas: the name of a person in events comes as a custom parameter, which a link may set."""

    @pytest.fixture
    def canvas(self, either: Bench) -> Bench:
        platforms.register(either.storage, builders.registered(either.issuer.iss, family="canvas"))
        return either

    def launched(self, bench: Bench, sub: str, user: str) -> TestResponse:
        return builders.launched(bench, sub=sub, custom={"catalog": "oulad", "role": "AAA", "user": user})

    def test_the_same_person_comes_in_again_and_again(self, canvas: Bench) -> None:
        found = [self.launched(canvas, "a", "7").status_code for _ in range(3)]

        assert found == [200] * 3
        assert len(canvas.storage.find(ACCOUNTS, {})) == 1

    def test_no_link_makes_somebody_another_person(self, canvas: Bench) -> None:
        assert self.launched(canvas, "a", "7").status_code == 200
        assert self.launched(canvas, "b", "8").status_code == 200

        assert reason(self.launched(canvas, "a", "8")) == "person_mismatch"
        assert reason(self.launched(canvas, "c", "8")) == "person_mismatch"
        assert reason(self.launched(canvas, "a", "9")) == "person_mismatch"
        assert [self.launched(canvas, *who).status_code for who in (("a", "7"), ("b", "8"), ("c", "10"))] == [200] * 3

    def test_of_two_who_claim_one_name_at_once_not_both_get_it(
        self, canvas: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        insert = canvas.storage.insert_missing

        def overtaken(collection: Collection, documents: Sequence[dict[str, str]]) -> list[dict[str, object]]:
            if collection is ACCOUNTS:
                monkeypatch.undo()
                insert(ACCOUNTS, [{**documents[0], "account": "another"}])
            return insert(collection, documents)

        monkeypatch.setattr(canvas.storage, "insert_missing", overtaken)

        assert reason(self.launched(canvas, "a", "7")) == "person_mismatch"
        assert [kept["account"] for kept in canvas.storage.find(ACCOUNTS, {})] == ["another"]

    def test_neither_name_is_kept_in_the_clear(self, canvas: Bench) -> None:
        self.launched(canvas, "somebody-1", "170000000000007")

        (kept,) = canvas.storage.find(ACCOUNTS, {})
        assert "somebody-1" not in str(kept)
        assert "170000000000007" not in str(kept)


class TestAddress:
    """What a link opens may stand in its address: an importer of cartridges may keep nothing else."""

    ADDRESS = f"{builders.TOOL}/lti/launch?catalog=cbec&activity=module&module=cus"

    def opened(self, bench: Bench, **changes: object) -> str:
        browser = bench.client()
        begun = builders.begin(browser, bench.issuer.iss, target_link_uri=self.ADDRESS)
        claims = builders.claims(
            bench.issuer.iss, begun.nonce, bench.clock(), **{"target_link_uri": self.ADDRESS, **changes}
        )
        page = builders.launch(browser, begun.state, tokens.sign(bench.issuer.signer, claims))
        assert page.status_code == 200, page.text
        return page.text

    @pytest.mark.parametrize("custom", [builders.REMOVE, {}, {"activity": "", "module": None}])
    def test_without_custom_parameters_the_address_says_it(self, bench: Bench, custom: object) -> None:
        text = self.opened(bench, custom=custom)

        assert catalogs.load("cbec").areas["cus"].name["en"].replace("&", "&amp;") in text

    def test_custom_parameters_win_one_by_one(self, bench: Bench) -> None:
        text = self.opened(bench, custom={"module": "log"})
        areas = catalogs.load("cbec").areas

        assert areas["log"].name["en"].replace("&", "&amp;") in text
        assert areas["cus"].name["en"].replace("&", "&amp;") not in text
