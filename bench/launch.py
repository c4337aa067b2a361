"""A launch: the tool's time for login and launch, the recommendation for 500 answers, click to page in a Chromium.

The LMS, the collector and the tool run as the demo runs them, each a granian process. Controls, in the same run: a bare
Flask page of the same length on the same server; verifying one RS256 token; reading the same 500 labels; the same
frame with the bare page in it.
"""

import logging
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import jwt
import requests
from flask import Flask, Response
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from bench import report
from curriculum import catalog as catalogs
from entrepot import premises, processes
from entrepot.sandbox import app as sandbox
from entrepot.sandbox import claims, tokens
from entrepot.sandbox import config as configuration
from entrepot.sandbox.claims import Visit
from entrepot.sandbox.platform import Platform
from lti_tool import advice, app, platforms
from recommender import interactions, recommend, verbs
from storage import connect
from xapi_collector import agents, keyring, label
from xapi_collector import statements as records

LAUNCHES = 60
RUNS = 5
ANSWERS = 500
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FORM = (
    "<form method=get action='/' target=tool><button>open</button></form>"
    "<iframe name=tool width=900 height=700></iframe>"
)


def bare() -> Flask:
    """The control: a page of about the length of the learner's page, and a page that opens it in a frame."""
    control = Flask("bare")
    page = "<!doctype html><title>bare</title><main id=main>" + "<p>A line of a page.</p>" * 1200 + "</main>"
    control.add_url_rule("/", "page", lambda: page, methods=["GET", "POST"])
    control.add_url_rule("/frame", "frame", lambda: Response(f"<!doctype html><title>frame</title>{FORM}"))
    return control


def port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def granian(target: str, at: int):
    program = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", target, "--port", str(at)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(f"http://127.0.0.1:{at}/")
        yield f"http://127.0.0.1:{at}"
    finally:
        program.terminate()
        program.wait()


def wait(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            requests.get(url, timeout=1)
        except requests.RequestException:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(url)


def answers(homepage: str, name: str, count: int) -> list[dict]:
    """Practice answers of one learner, spread over the skills of cross-border e-commerce."""
    rng = random.Random(7)
    items = list(catalogs.load("cbec").items.values())
    return [
        {
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "actor": {"objectType": "Agent", "account": {"homePage": homepage, "name": name}},
            "verb": {"id": verbs.ANSWERED},
            "object": {"objectType": "Activity", "id": rng.choice(items).activity},
            "result": {"success": rng.random() < 0.6},
            "timestamp": datetime.fromtimestamp(1_780_000_000 + 3600 * number, UTC).isoformat(),
        }
        for number in range(count)
    ]


def main() -> None:
    lms, lrs, tool, plain = (port() for _ in range(4))
    issuer, base = f"http://127.0.0.1:{lms}", f"http://127.0.0.1:{tool}"
    with tempfile.TemporaryDirectory() as name, processes.fleet(Path(name) / "logs") as start:
        place = premises.establish(
            Path(name) / "institution", "bench", xapi_url=f"http://127.0.0.1:{lrs}/xapi", lti_url=base
        )
        environment = place.environment
        signer = tokens.new_signer()
        register(environment, issuer)
        programs = [
            (start("collector", ["collector", "--port", str(lrs)], environment), f"http://127.0.0.1:{lrs}/health"),
            (start("tool", ["tool", "--port", str(tool)], environment), f"{base}/health"),
        ]
        for program, url in programs:
            processes.wait_until_ready(program, url)
        send(environment, answers(issuer, "expert", ANSWERS))
        platform = Platform(configuration.parse(document(issuer, base)), signer)
        with serving(sandbox.serve(platform), lms), granian("bench.launch:bare", plain) as control:
            rows = [
                *over_http(base, platform, control),
                verification(signer),
                *recommendation(environment, issuer),
                *clicks(issuer, control),
            ]
    report.write("launch", rows)


def register(environment: dict, issuer: str) -> None:
    storage = connect.connect(environment["ENTREPOT_STORAGE"], *app.COLLECTIONS)
    platforms.register(
        storage,
        platforms.Platform(issuer, "bench", f"{issuer}/auth", f"{issuer}/token", f"{issuer}/jwks", ("1",)),
    )
    storage.close()


def document(issuer: str, base: str) -> dict:
    people = [{"id": "newcomer", "name": "Newcomer"}, {"id": "expert", "name": "500 answers"}]
    custom = {"catalog": "cbec", "role": "operations"}
    course = {"id": "cbec", "title": "Operations", "custom": custom, "learners": people}
    registered = {
        "login_url": f"{base}/lti/login",
        "launch_url": f"{base}/lti/launch",
        "jwks_url": f"{base}/lti/jwks",
        "client_id": "bench",
        "deployment_id": "1",
    }
    return {"issuer": issuer, "institutions": [{"id": "b", "name": "B", "tool": registered, "courses": [course]}]}


@contextmanager
def serving(lms: Flask, at: int):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", at, lms, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def send(environment: dict, statements: list[dict]) -> None:
    for begin in range(0, len(statements), 100):
        requests.post(
            f"{environment['ENTREPOT_XAPI_URL']}/statements",
            json=statements[begin : begin + 100],
            auth=(environment["ENTREPOT_LTI_XAPI_KEY"], environment["ENTREPOT_LTI_XAPI_SECRET"]),
            headers={"X-Experience-API-Version": "1.0.3"},
            timeout=30,
        ).raise_for_status()


def over_http(base: str, platform: Platform, control: str) -> list[dict]:
    """Login and launch of both learners, and the bare page, in turn: the median and the 95th percentile a run."""
    found: dict[str, list[list[float]]] = {}
    for _ in range(RUNS):
        times: dict[str, list[float]] = {}
        for who in ("newcomer", "expert"):
            for _ in range(LAUNCHES):
                for step, spent in one_launch(base, platform, who).items():
                    times.setdefault(step, []).append(spent)
                with requests.Session() as session:
                    began = time.perf_counter()
                    session.post(control, data={"id_token": "x" * 1500}, timeout=10)
                    times.setdefault("bare", []).append(1e3 * (time.perf_counter() - began))
        for step, values in times.items():
            found.setdefault(step, []).append(values)
    rows = []
    for step, title, share, target in (
        ("login", "p50", 0.5, None),
        ("login", "p95", 0.95, "<= 25"),
        ("launch newcomer", "p50", 0.5, None),
        ("launch newcomer", "p95", 0.95, "<= 25"),
        ("launch expert", "p50", 0.5, None),
        ("launch expert", "p95", 0.95, None),
    ):
        values, controls = ([at(run, share) for run in found[key]] for key in (step, "bare"))
        rows.append(report.row(f"{step}, {title}", values, "ms", target=target, controls=controls))
    return rows


def at(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def one_launch(base: str, platform: Platform, who: str) -> dict[str, float]:
    with requests.Session() as session:
        began = time.perf_counter()
        answer = session.get(
            f"{base}/lti/login",
            params={
                "iss": platform.base,
                "client_id": "bench",
                "login_hint": who,
                "target_link_uri": f"{base}/lti/launch",
            },
            allow_redirects=False,
            timeout=10,
        )
        login = time.perf_counter() - began
        query = requests.models.PreparedRequest()
        query.prepare_url(answer.headers["Location"], None)
        sent = dict(part.split("=", 1) for part in str(query.url).partition("?")[2].split("&"))
        (course,) = platform.courses.values()
        (link,) = course.links.values()
        visit = Visit(course, course.members[who].person, "en", "bench")
        token = tokens.sign(platform.signer, claims.launch(platform, visit, link, sent["nonce"]))
        began = time.perf_counter()
        page = session.post(f"{base}/lti/launch", data={"state": sent["state"], "id_token": token}, timeout=10)
        launch = time.perf_counter() - began
    page.raise_for_status()
    return {"login": 1e3 * login, f"launch {who}": 1e3 * launch}


def verification(signer: tokens.Signer) -> dict:
    token, public = tokens.sign(signer, {"sub": "1"}), signer.private.public_key()
    runs = []
    for _ in range(RUNS):
        began = time.perf_counter()
        for _ in range(200):
            jwt.decode(token, public, algorithms=["RS256"])
        runs.append(1e3 * (time.perf_counter() - began) / 200)
    return report.row("verify one RS256 token", runs, "ms")


def recommendation(environment: dict, issuer: str) -> list[dict]:
    """The recommendation itself, and with the profile; the control: from the labels to the interactions alone."""
    catalog = catalogs.load("cbec")
    storage = connect.connect(environment["ENTREPOT_STORAGE"], *app.COLLECTIONS)
    key = keyring.load(environment["ENTREPOT_KEYRING"]).pseudonym_key
    who = agents.pseudonym({"account": {"homePage": issuer, "name": "expert"}}, key)
    labels: list[label.Label] = [
        one for one in records.labels(storage, purpose="service", actor=who) if one.verb == verbs.ANSWERED
    ]
    storage.close()
    now, goal, model = datetime.now(UTC), recommend.Goal("operations"), advice.Model("missing")
    chosen, advised, controls = [], [], []
    for _ in range(RUNS * 3):
        began = time.perf_counter()
        history = interactions.from_labels(labels, catalog)
        controls.append(1e3 * (time.perf_counter() - began))
        began = time.perf_counter()
        recommend.recommend(catalog, history, None, goal, now)
        chosen.append(1e3 * (time.perf_counter() - began))
        began = time.perf_counter()
        advice.of_history(catalog, history, model, role="operations", now=now)
        advised.append(1e3 * (time.perf_counter() - began))
    return [
        report.row(f"recommendation, {len(labels)} answers", chosen, "ms", target="<= 50", controls=controls),
        report.row(f"recommendation and profile, {len(labels)} answers", advised, "ms", controls=controls),
    ]


def clicks(issuer: str, control: str) -> list[dict]:
    """From the click in the course to the page in the frame."""
    program = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if program is None:
        sys.stdout.write("no Chromium on the PATH: click to page is not measured\n")
        return []
    values, controls = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        for _ in range(RUNS):
            for times, url, button in (
                (values, f"{issuer}/b/courses/cbec?learner=expert&lang=en", ".open button"),
                (controls, f"{control}/frame", "button"),
            ):
                page = browser.new_page()
                page.goto(url)
                began = time.perf_counter()
                page.locator(button).click()
                page.frame_locator("iframe").locator("#main").wait_for()
                times.append(time.perf_counter() - began)
                page.close()
        browser.close()
    return [report.row("click to page in a Chromium", values, "s", target="<= 1", controls=controls)]


if __name__ == "__main__":
    main()
