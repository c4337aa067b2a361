"""The roster: 2,000 members read from a platform, and launches meanwhile.

The LMS is a granian process of its own; the tool runs in this one, its reader in a thread beside the launches, as in a
worker. Control, in the same run: the same launches while nothing is read.
"""

import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flask import Flask, jsonify
from flask.testing import FlaskClient

from bench import launch, report
from entrepot import processes
from entrepot.sandbox import tokens
from lti_tool import app, courses, emit, keys, learner, platforms
from lti_tool.courses import Course
from lti_tool.platforms import Platform
from lti_tool.roster import members, sync
from lti_tool.roster.sync import Reader
from lti_tool.settings import MEMBERS, Settings
from lti_tool.tool import Tool
from storage import connect
from xapi_collector import keyring

MANY = 2_000
RUNS = 5
LAUNCHES = 60
TOOL = "http://127.0.0.1:9001"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def main() -> None:
    lms, plain = launch.port(), launch.port()
    signer = tokens.new_signer()
    key_sets = Flask("platform")
    key_sets.add_url_rule("/jwks", "jwks", lambda: jsonify({"keys": [tokens.jwk(signer)]}))
    with tempfile.TemporaryDirectory() as name, processes.fleet(Path(name) / "logs") as start:
        directory = Path(name)
        with tool(directory) as (made, client), launch.serving(key_sets, plain):
            published = launch.port()
            own_keys = Flask("tool")
            own_keys.add_url_rule("/jwks", "jwks", lambda: jsonify({"keys": made.keys.published}))
            issuer, here = f"http://127.0.0.1:{lms}", f"http://127.0.0.1:{plain}"
            config = directory / "sandbox.json"
            config.write_text(json.dumps(document(issuer, f"http://127.0.0.1:{published}/jwks")))
            with launch.serving(own_keys, published):
                program = start("lms", ["sandbox", "--port", str(lms)], {"ENTREPOT_SANDBOX_CONFIG": str(config)})
                processes.wait_until_ready(program, f"{issuer}/health")
                for iss in (issuer, here):
                    record = Platform(iss, "bench", f"{iss}/auth", f"{iss}/token", f"{iss}/jwks", ("1",), "moodle")
                    platforms.register(made.storage, record)
                rows = readings(made, issuer, Launcher(client, here, signer))
    report.write("roster", rows)


def document(issuer: str, jwks: str) -> dict:
    registered = {
        "login_url": f"{TOOL}/lti/login",
        "launch_url": f"{TOOL}/lti/launch",
        "jwks_url": jwks,
        "client_id": "bench",
        "deployment_id": "1",
    }
    course = {
        "id": "large",
        "title": "Large",
        "custom": {"catalog": "cbec"},
        "learners": [{"id": "1", "name": "One"}],
        "members": MANY - 1,
    }
    place = {"id": "b", "name": "B", "profile": "moodle", "tool": registered, "courses": [course]}
    return {"issuer": issuer, "institutions": [place]}


@contextmanager
def tool(directory: Path) -> Iterator[tuple[Tool, FlaskClient]]:
    secrets = keyring.create(directory / "keyring.json")
    storage = connect.connect(f"sqlite:///{directory / 'store'}", *app.COLLECTIONS)
    settings = Settings(
        storage="",
        keyring="",
        institution="bench",
        url=TOOL,
        key="",
        models=str(directory / "models"),
        xapi_url=TOOL,
        xapi_key="key",
        xapi_secret="secret",
        networks="127.0.0.0/8",
    )
    made = app.create_app(
        settings,
        storage,
        secrets,
        keys=keys.only(keys.create(directory / "tool.pem")),
        emitter=emit.Emitter(lambda _statements: True),
    )
    app.warm(made)
    try:
        yield made.extensions["lti_tool"], made.test_client()
    finally:
        storage.close()


class Launcher:
    """Launches of one platform whose key this process has."""

    def __init__(self, client: FlaskClient, iss: str, signer: tokens.Signer) -> None:
        self.client, self.iss, self.signer = client, iss, signer

    def __call__(self, person: str, role: str, context: str, **custom: str) -> tuple[float, str]:
        """Log in and launch; answer the milliseconds of both and the page."""
        began = time.perf_counter()
        query = {
            "iss": self.iss, "client_id": "bench", "login_hint": person, "target_link_uri": f"{TOOL}/lti/launch"
        }  # fmt: skip
        answer = self.client.post("/lti/login", data=query, headers={"Sec-Fetch-Dest": "document"})
        spent = time.perf_counter() - began
        sent = {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
        now = int(time.time())
        claims = {
            "iss": self.iss, "aud": "bench", "sub": person, "iat": now, "exp": now + 60, "nonce": sent["nonce"],
            LTI + "message_type": "LtiResourceLinkRequest", LTI + "version": "1.3.0", LTI + "deployment_id": "1",
            LTI + "target_link_uri": f"{TOOL}/lti/launch", LTI + "roles": [ROLE + role],
            LTI + "resource_link": {"id": "link"}, LTI + "context": {"id": context, "title": context},
            LTI + "custom": {"catalog": "cbec", "role": "operations", **custom},
        }  # fmt: skip
        token = tokens.sign(self.signer, claims)
        began = time.perf_counter()
        page = self.client.post("/lti/launch", data={"state": sent["state"], "id_token": token})
        if page.status_code != 200:
            raise RuntimeError(page.text)
        return 1e3 * (spent + time.perf_counter() - began), page.text


def readings(made: Tool, issuer: str, launcher: Launcher) -> list[dict]:
    """All members kept for the first time, compared when nothing changed, and launches beside both."""
    found = {"first": [], "again": [], "beside": [], "alone": []}
    for run in range(RUNS):
        course = known(made, issuer)
        for document in made.storage.find(MEMBERS, {"course": course.course}):
            made.storage.delete(MEMBERS, (course.course, document["learner"]))
        reader = Reader(made.storage, made.keyring, made.services, time.time, random.Random(run).random, "bench")
        for name in ("first", "again"):
            began = time.perf_counter()
            sync.read(reader, course)
            found[name].append(time.perf_counter() - began)
        kept = sum(1 for _ in members.of_course(made.storage, course.course))
        if kept != MANY:
            raise RuntimeError("members are missing")
        times = {"alone": [launcher(f"p{number}", "Learner", "other")[0] for number in range(LAUNCHES)]}
        ended = threading.Event()
        thread = threading.Thread(target=forever, args=(reader, course, ended))
        thread.start()
        times["beside"] = [launcher(f"p{number}", "Learner", "other")[0] for number in range(LAUNCHES)]
        ended.set()
        thread.join()
        for name, values in times.items():
            found[name].append(launch.at(values, 0.95))
    return [
        report.row(f"{MANY:,} members, read and kept", found["first"], "s", target="<= 60"),
        report.row(f"{MANY:,} members, read again, nothing changed", found["again"], "s", controls=found["first"]),
        report.row(
            "login and launch p95 while rosters are read without a pause",
            found["beside"],
            "ms",
            controls=found["alone"],
        ),
    ]


def forever(reader: Reader, course: Course, ended: threading.Event) -> None:
    while not ended.is_set():
        sync.read(reader, course)


def known(made: Tool, issuer: str) -> Course:
    """The large course, as a launch from the LMS tells it; its id there is the first number of the institution."""
    context = "2"
    course = Course(
        learner.key(issuer, "bench", "1", "context", context), issuer, "bench", "1", context, "Large",
        f"{issuer}/b/lti/{context}/memberships", launched=int(time.time() // 86_400),
    )  # fmt: skip
    courses.remember(made.storage, course, None)
    return course


if __name__ == "__main__":
    main()
