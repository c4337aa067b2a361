"""Grants as they are kept: what is sealed, what an end leaves, and what erasure, export and a new key make of them."""

from __future__ import annotations

import threading

from lti_tool import app as tool_app
from lti_tool import cohorts, grants, openings, partners
from lti_tool.cohorts import Cohort
from lti_tool.grants import Grant, Terms
from lti_tool.partnered import COHORTS, DECISIONS, GRANT_LOG, GRANTS, OPENINGS, PARTNER_LOG, PARTNERS
from tests.lti_tool import allied, builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_projects import _statement, collector, erase, names, vault
from xapi_collector.upkeep import holdings, rotation

TERMS = Terms("cbec", grants.SKILLS, skills=("cus.duty",), works=("w",), name="Tamm, Liis", note="A note")


def give(bench: Bench, sub: str = "ada", *, opening: str = "", course: str = "c", now: float = 10.0) -> Grant:
    return grants.give(
        vault(bench), names(bench, sub)[0], course, "p", TERMS, until=now + 100.0, now=now,
        id_=tool_app.new_token(), opening=opening,
    )  # fmt: skip


def test_what_is_granted_reads_as_it_was_given_and_not_after_its_end(bench: Bench) -> None:
    grant = give(bench)
    assert grants.terms(vault(bench), grant) == TERMS
    ended = grants.revoke(bench.storage, names(bench, "ada"), "c", grant.key, 20.0)

    assert ended is not None
    assert grants.terms(vault(bench), ended) is None
    assert grants.of_partner(bench.storage, "c", "p", 20.0) == []
    assert grants.ended(bench.storage, "c", "p", 20.0) == 1
    assert grants.revoke(bench.storage, names(bench, "ada"), "c", grant.key, 21.0) is None


def test_a_grant_runs_out_by_its_day(bench: Bench) -> None:
    grant = give(bench)

    assert [one.holds(moment) for one in [grant] for moment in (10.0, 109.9, 110.0)] == [True, True, False]
    grants.sweep(bench.storage, 109.0)
    assert "blob" in bench.storage.find(GRANTS, {})[0]
    grants.sweep(bench.storage, 110.0)
    assert "blob" not in bench.storage.find(GRANTS, {})[0]


def test_of_two_ends_at_once_one_counts(bench: Bench) -> None:
    grant = give(bench)
    found: list[Grant | None] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(grants.revoke(bench.storage, names(bench, "ada"), "c", grant.key, 20.0))
        )
        for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sum(one is not None for one in found) == 1
    assert [one.act for one in grants.record(bench.storage, names(bench, "ada"), "c")] == ["revoked", "granted"]


def test_an_erased_learner_leaves_no_grant_no_record_and_no_decision(bench: Bench) -> None:
    mine, theirs = give(bench, opening="o"), give(bench, "bo", opening="o")
    for one in (mine, theirs):
        openings.decide(vault(bench), one, openings.TALK, "A", "B", now=11.0, id_=tool_app.new_token())
    erase(bench, "ada")

    for collection in (GRANTS, GRANT_LOG, DECISIONS):
        assert {one["learner"] for one in bench.storage.find(collection, {})} == {names(bench, "bo")[0]}
    assert grants.terms(vault(bench), mine) is None
    assert grants.terms(vault(bench), theirs) == TERMS


def test_an_export_shows_what_was_granted_and_what_has_ended(bench: Bench) -> None:
    give(bench)
    ended = give(bench)
    grants.revoke(bench.storage, names(bench, "ada"), "c", ended.key, 20.0)
    shown = [holdings.shown(collector(bench), GRANTS, one) for one in bench.storage.find(GRANTS, {})]

    assert sorted("content" in one for one in shown) == [False, True]
    assert {one["content"]["name"] for one in shown if "content" in one} == {"Tamm, Liis"}


def test_a_new_pseudonym_key_loses_no_grant(bench: Bench) -> None:
    builders.stored(bench, [_statement("ada")])
    grant = give(bench, opening="o")
    openings.decide(vault(bench), grant, openings.TALK, "A", "B", now=11.0, id_=tool_app.new_token())
    before = names(bench, "ada")[0]
    rotation.run(
        rotation.Rotation(collector(bench), tool_app.COLLECTIONS, lambda _: bench.keyring.look(), lambda _: None)
    )
    (kept,) = grants.of_partner(bench.storage, "c", "p", 20.0)

    assert (kept.key, kept.learner) == (grant.key, names(bench, "ada")[0])
    assert kept.learner != before
    assert grants.terms(vault(bench), kept) == TERMS
    assert [one.who for one in openings.decisions(vault(bench), kept)] == ["A"]
    assert [one.act for one in grants.record(bench.storage, names(bench, "ada"), "c")] == ["granted"]


def test_a_removed_platform_leaves_nothing_of_its_courses_and_all_of_others(bench: Bench) -> None:
    for context in ("course-1", "course-2"):
        partner, course = allied.registered(bench, context=context), allied.course(bench, context)
        there = partners.find(bench.storage, course, partner)
        assert there is not None
        text = openings.Text("T", "", "", "X", "")
        openings.write(
            bench.storage, bench.keyring, there, text, kind="job", role="operations", targets={}, begins=0.0,
            closes=9e9, now=1.0, new_token=tool_app.new_token,
        )  # fmt: skip
        grant = give(bench, opening="o", course=course)
        openings.decide(vault(bench), grant, openings.TALK, "A", "B", now=1.0, id_=tool_app.new_token())
        partners.log(bench.storage, course, partner, partners.REGISTERED, by="x", now=1.0, id_=tool_app.new_token())
        bench.storage.insert(COHORTS, cohorts._document(Cohort(course)))
    gone, stays = allied.course(bench), allied.course(bench, "course-2")
    for one in (openings, grants, partners, cohorts):
        one.remove(bench.storage, gone)

    for collection in (PARTNERS, PARTNER_LOG, GRANTS, GRANT_LOG, OPENINGS, COHORTS):
        assert {one["course"] for one in bench.storage.find(collection, {})} == {stays}
    assert len(bench.storage.find(DECISIONS, {})) == 1
