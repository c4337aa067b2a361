"""The pages of a class of 200 learners with 200,000 answers.

The brief, as a process shows it first, later, and while answers come in; and Today, Profile and Path of one of them,
with 1,000 answers. The sums are made as the background makes them; the control is the same page of a class of two in
the same run. Beside the time of a page stands the processor time that it took, which a busy machine does not change.
"""

import random
import tempfile
import time
from pathlib import Path

from flask import Flask, jsonify
from flask.testing import FlaskClient

from bench import launch, report, roster
from curriculum import catalog as catalogs
from entrepot.sandbox import tokens
from lti_tool import everybody, learner, platforms, tries
from lti_tool.platforms import Platform
from lti_tool.roster import members, standings
from lti_tool.settings import MEMBERS
from lti_tool.tool import Tool
from lti_tool.tries import Try
from recommender import verbs
from storage.port import Row
from xapi_collector import extract

CLASS = 200
EACH = 1_000
RUNS = 5
PAGES = 20
FRESH = 20
SEED = 20261126
CATALOG = catalogs.load("cbec")
MONTHS = 120 * 86_400
LEARNERS = (("today", "page"), ("profile", "profile"), ("path", "path"))


def main() -> None:
    plain = launch.port()
    signer = tokens.new_signer()
    key_sets = Flask("platform")
    key_sets.add_url_rule("/jwks", "jwks", lambda: jsonify({"keys": [tokens.jwk(signer)]}))
    with (
        tempfile.TemporaryDirectory() as name,
        roster.tool(Path(name)) as (made, client),
        launch.serving(key_sets, plain),
    ):
        here = f"http://127.0.0.1:{plain}"
        platforms.register(
            made.storage, Platform(here, "bench", f"{here}/auth", f"{here}/token", f"{here}/jwks", ("1",), "moodle")
        )
        rows = pages(made, client, here, signer)
    report.write("classroom", rows)


def pages(made: Tool, client: FlaskClient, iss: str, signer: tokens.Signer) -> list[dict]:
    launcher = roster.Launcher(client, iss, signer)
    rng = random.Random(SEED)
    found: dict[str, list[float]] = {}
    controls: list[float] = []
    bearers = {}
    for size in (2, CLASS):
        _, page = launcher("instructor", "Instructor", f"class-{size}", activity="class")
        bearers[size] = page.split('name="bearer" value="', 1)[1].split('"', 1)[0]
        course = learner.key(iss, "bench", "1", "context", f"class-{size}")
        people = [members.pseudonym(made.keyring, iss, f"m{size}-{number}") for number in range(size)]
        documents = [
            members.document(members.Member(course, one, "m", True, "active", ("learner",), (), 0, 0)) for one in people
        ]
        made.storage.insert_missing(MEMBERS, documents)
        fill(made, iss, size, EACH, rng)
        for one in people:
            tries.note(made.storage, course, one, practice(rng))
    found["without sums"] = [show(client, bearers[CLASS], CLASS) for _ in range(RUNS)]
    round_ = standings.Round(made.storage, made.deeds, lambda _now: (), time.time)
    show(client, bearers[2], 2)
    began = time.perf_counter()
    while standings.turn(round_):
        pass
    found["sums"] = [time.perf_counter() - began]
    for _ in range(RUNS):
        found.setdefault("first", []).append(show(client, bearers[CLASS], CLASS))
        found.setdefault("later", []).append(
            launch.at([show(client, bearers[CLASS], CLASS) for _ in range(PAGES)], 0.95)
        )
        controls.append(launch.at([show(client, bearers[2], 2) for _ in range(PAGES)], 0.95))
        busy = []
        for _ in range(PAGES):
            fill(made, iss, CLASS, 1, rng, some=FRESH)
            busy.append(show(client, bearers[CLASS], CLASS))
        found.setdefault("busy", []).append(launch.at(busy, 0.95))
        while standings.turn(round_):
            pass
    together = everybody.Round(made.storage, lambda _now: [(CATALOG, people)], time.time)
    began = time.process_time()
    while everybody.turn(together):
        pass
    found["together"] = [time.process_time() - began]
    _, page = launcher(f"m{CLASS}-0", "Learner", f"class-{CLASS}")
    own = page.split('name="bearer" value="', 1)[1].split('"', 1)[0]
    rows = [row for name, route in LEARNERS for row in learners(client, own, name, route)]
    what = f"class brief of {CLASS} with {CLASS * EACH:,} answers"
    return [
        report.row(f"{what}, p95", found["later"], "ms", target="<= 100", controls=controls),
        report.row(f"{what}, the first of a process", found["first"], "ms", target="<= 100", controls=controls),
        report.row(f"{what}, p95 with {FRESH} new answers before each", found["busy"], "ms", target="<= 100"),
        report.row(f"{what}, before any sums are made", found["without sums"], "ms", target="<= 100"),
        report.row(f"sums of {CLASS} learners made in the background", found["sums"], "s"),
        report.row(f"what {CLASS} learners say together, processor", found["together"], "s"),
        *rows,
    ]


def learners(client: FlaskClient, bearer: str, name: str, route: str) -> list[dict]:
    """A page of one learner: the time of the server, and of the processor."""
    spent: dict[str, list[float]] = {"time": [], "processor": []}
    for _ in range(RUNS):
        times, processor = [], []
        for _ in range(PAGES):
            began, worked = time.perf_counter(), time.process_time()
            answer = client.post(f"/lti/{route}", data={"bearer": bearer})
            times.append(1e3 * (time.perf_counter() - began))
            processor.append(1e3 * (time.process_time() - worked))
            if answer.status_code != 200:
                raise RuntimeError(answer.text)
        spent["time"].append(launch.at(times, 0.95))
        spent["processor"].append(launch.at(processor, 0.5))
    what = f"{name} of a learner with {EACH:,} answers"
    return [
        report.row(f"{what}, p95", spent["time"], "ms", target="<= 100"),
        report.row(f"{what}, processor, median", spent["processor"], "ms"),
    ]


def show(client: FlaskClient, bearer: str, size: int) -> float:
    """Milliseconds of one page."""
    began = time.perf_counter()
    answer = client.post("/lti/class", data={"bearer": bearer})
    spent = 1e3 * (time.perf_counter() - began)
    if f"{size} learners" not in answer.text:
        raise RuntimeError(answer.text)
    return spent


def practice(rng: random.Random) -> list[Try]:
    """A week of practice of one learner, some of its answers with a cause."""
    causes = [*CATALOG.misconceptions.values()]
    listed = []
    for back in range(7):
        for step in range(4):
            cause = rng.choice(causes)
            named = rng.choice(("", cause.id, tries.UNKNOWN))
            at = time.time() - 86_400 * back - step
            listed.append(Try("case:eu_import", f"eu_import.{step}", cause.skill, not named, False, named, at))
    return listed


def fill(made: Tool, iss: str, size: int, each: int, rng: random.Random, *, some: int = 0) -> None:
    """So many answers of each learner, or of some, on every item, over four months; of some: now."""
    items = [item.activity for item in CATALOG.items.values()]
    rows = []
    now = time.time()
    chosen = rng.sample(range(size), some) if some else range(size)
    for number in chosen:
        for _ in range(each):
            at = now if some else now - rng.random() * MONTHS
            statement = {
                "actor": {"objectType": "Agent", "account": {"homePage": iss, "name": f"m{size}-{number}"}},
                "verb": {"id": verbs.ANSWERED},
                "object": {"objectType": "Activity", "id": rng.choice(items)},
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
                "result": {"success": rng.random() < 0.6},
            }
            label = extract.extract(statement, made.keyring.pseudonym_key)
            rows.append(
                Row(rng.getrandbits(128).to_bytes(16, "big"), label.verb, "bench", label.label, b"x" * 200, label.terms)
            )
    for begin in range(0, len(rows), 1000):
        made.storage.statements.append(rows[begin : begin + 1000], lambda: int(time.time() * 1e6))


if __name__ == "__main__":
    main()
