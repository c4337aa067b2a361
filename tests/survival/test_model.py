"""The collector over HTTP against an oracle of a few lines, step by step, restarts among them."""

import itertools
import shutil
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.conformance.xapi.client import VOIDED, reference
from tests.storage import stores
from tests.survival import processes
from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import agent

EXAMPLES = {"sqlite": (500, 50) if processes.SOAK else (6, 20)}
ELSEWHERE = (25, 30) if processes.SOAK else (2, 15)
CHAIN = 16

WHO = st.sampled_from([agent(name) for name in "abc"])
VERB = st.sampled_from([f"https://verbs.example/{name}" for name in "de"])
WHAT = st.sampled_from([f"https://course.example/{name}" for name in "fgh"])
WHICH = st.sampled_from([f"00000000-0000-4000-8000-00000000000{number}" for number in "12"])
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "agent": WHO,
        "verb": st.one_of(VERB, st.just(VOIDED["id"])),
        "activity": WHAT,
        "registration": WHICH,
        "related_agents": st.sampled_from(["true", "false"]),
        "related_activities": st.sampled_from(["true", "false"]),
    },
)


@dataclass(frozen=True)
class Kept:
    """A statement as the oracle keeps it, in the order of storing."""

    statement: dict

    @property
    def target(self):
        inner = self.statement["object"]
        return inner["id"] if inner.get("objectType") == "StatementRef" else None

    @property
    def voids(self):
        return self.statement["verb"]["id"] == VOIDED["id"]

    def has(self, query):
        """Whether the filters hold for this statement itself."""
        inner, context = self.statement["object"], self.statement.get("context", {})
        who, what = [self.statement["actor"]], [inner["id"]] if "objectType" not in inner else []
        if query.get("related_agents") == "true":
            who += [context[name] for name in ("instructor",) if name in context]
        if query.get("related_activities") == "true":
            what += [each["id"] for each in context.get("contextActivities", {}).get("parent", [])]
        return (
            ("agent" not in query or query["agent"] in who)
            and ("verb" not in query or query["verb"] == self.statement["verb"]["id"])
            and ("activity" not in query or query["activity"] in what)
            and ("registration" not in query or query["registration"] == context.get("registration"))
        )


class Model(RuleBasedStateMachine):
    """What a collector is asked, and what it must say."""

    kind = "sqlite"

    def __init__(self):
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.url = stores.url(self.kind, self.directory / "store")
        self.lrs = builders.make(self.url, self.directory)
        self.kept = {}
        self.numbers = itertools.count(1)

    def teardown(self):
        self.lrs.storage.close()
        shutil.rmtree(self.directory)

    def _new_id(self):
        """An id that is the same when the steps are taken again."""
        return str(uuid.UUID(int=(4 << 76) | (2 << 62) | next(self.numbers)))

    def _known(self, data):
        return data.draw(st.sampled_from(list(self.kept)), label="known")

    def _statement(self, data):
        context = data.draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "registration": WHICH,
                    "instructor": WHO,
                    "contextActivities": WHAT.map(lambda iri: {"parent": [{"id": iri}]}),
                },
            )
        )
        made = {
            "id": self._new_id(),
            "actor": data.draw(WHO),
            "verb": {"id": data.draw(VERB)},
            "object": {"id": data.draw(WHAT)},
            "timestamp": "2026-11-23T08:30:00Z",
        } | ({"context": context} if context else {})
        kind = data.draw(st.sampled_from(["plain", "plain", "plain", "reference", "voiding"]))
        if kind != "plain":
            unknown = not self.kept or data.draw(st.integers(0, 9)) == 0
            made["object"] = reference(self._new_id() if unknown else self._known(data))
            made |= {"verb": VOIDED} if kind == "voiding" else {}
        return made

    def _keep(self, batch):
        self.kept |= {each["id"]: Kept(each) for each in batch}

    def _void(self, statement_id):
        return not self.kept[statement_id].voids and any(
            each.voids and each.target == statement_id for each in self.kept.values()
        )

    def _found(self, statement_id, query):
        """By its own, or by what it targets, directly or not."""
        seen = []
        while statement_id in self.kept and statement_id not in seen and len(seen) <= CHAIN:
            if self.kept[statement_id].has(query):
                return True
            seen.append(statement_id)
            statement_id = self.kept[statement_id].target
        return False

    @rule(data=st.data(), size=st.integers(1, 3))
    def post(self, data, size):
        batch = [self._statement(data) for _ in range(size)]
        answer = self.lrs.post(batch)

        assert (answer.status_code, answer.json) == (200, [each["id"] for each in batch])
        self._keep(batch)

    @rule(data=st.data())
    def put(self, data):
        one = self._statement(data)

        assert self.lrs.put(one).status_code == 204
        self._keep([one])

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def send_again(self, data):
        known = self.kept[self._known(data)].statement
        new = self._statement(data)

        assert self.lrs.post([known, new]).status_code == 200
        self._keep([new])

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def send_another_under_its_id(self, data):
        known, new = self.kept[self._known(data)].statement, self._statement(data)

        assert self.lrs.post([new, known | {"timestamp": "2020-01-01T00:00:00Z"}]).status_code == 409
        assert self.lrs.get(statementId=new["id"]).status_code == 404

    @rule(data=st.data())
    def send_a_bad_batch(self, data):
        good, bad = self._statement(data), self._statement(data) | {"verb": {"id": "no iri"}}

        assert self.lrs.post([good, bad]).status_code == 400
        assert self.lrs.get(statementId=good["id"]).status_code == 404

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def get_one(self, data):
        known = self._known(data)
        right, wrong = (
            ("voidedStatementId", "statementId") if self._void(known) else ("statementId", "voidedStatementId")
        )
        found = self.lrs.get(**{right: known}).json

        assert {name: found[name] for name in self.kept[known].statement} == self.kept[known].statement
        assert self.lrs.get(**{wrong: known}).status_code == 404

    @rule(query=FILTERS, ascending=st.booleans(), limit=st.integers(1, 5))
    def query(self, query, ascending, limit):
        expected = [each for each in self.kept if not self._void(each) and self._found(each, query)]
        page = self.lrs.get(**query, ascending="true" if ascending else "false", limit=str(limit)).json
        found = [each["id"] for each in page["statements"]]
        while page["more"]:
            page = self.lrs.client.get(page["more"], headers=self.lrs.headers).json
            assert len(page["statements"]) <= limit
            found += [each["id"] for each in page["statements"]]

        assert found == (expected if ascending else expected[::-1])

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def query_by_time(self, data):
        order = [each for each in self.kept if not self._void(each)]
        if not order:
            return
        known = data.draw(st.sampled_from(order))
        stored = {each["id"]: each["stored"] for each in self.lrs.get(limit="0", ascending="true").json["statements"]}

        assert self.lrs.ids(since=stored[known], ascending="true") == [
            each for each in order if stored[each] > stored[known]
        ]
        assert self.lrs.ids(until=stored[known], ascending="true") == [
            each for each in order if stored[each] <= stored[known]
        ]

    @rule()
    def restart(self):
        self.lrs.storage.close()
        self.lrs = builders.make(self.url, self.directory)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", stores.STORES)
def test_the_collector_says_what_the_oracle_says(kind):
    machine = type("Machine", (Model,), {"kind": kind})
    examples, steps = EXAMPLES.get(kind, ELSEWHERE)

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
