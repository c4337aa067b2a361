"""`entrepot demo`: a consortium on one machine, on real records, through real parts.

A sandbox LMS that signs, an institution per region with its own directory, database, keys, collector and tool, Flower
in separate processes over TLS, and pages to click through. All lies under one directory and stops with the command.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from types import FrameType
from typing import Any

from curriculum import catalog
from entrepot import comparison, errors, ingest, memory, oulad, premises, processes, report, serve
from federated import charter, runtime, settings
from federated import policy as policies
from lti_tool import platforms
from storage import connect
from xapi_collector import consent, keyring
from xapi_collector.door import auth

CATALOG = "oulad"
HELD_OUT_RULE = (
    "a fifth of each institution's learners: those whose pseudonym's SHA-256 (first 8 hex digits) divides by 5"
)
_MARKER = "made-by-entrepot-demo"
_HOST = "127.0.0.1"
_DELTA = 1e-5
_BASIS = "records that The Open University anonymised and published for research (OULAD, CC BY 4.0)"
_FEWEST_LEARNERS = 100  # of an institution: fewer leave a handful to hold out
_COURSE_LEARNERS = 30
_STAFF: list[dict[str, Any]] = [
    {"id": f"staff-{role}", "name": {"en": en, "zh": zh}, "role": role}
    for role, en, zh in (
        ("instructor", "Course lead", "课程负责人"),
        ("assistant", "Course assistant", "课程助理"),
        ("developer", "Course designer", "课程设计者"),
        ("mentor", "Guest expert", "特邀专家"),
        ("observer", "Visitor", "访客"),
        ("administrator", "LMS administrator", "平台管理员"),
    )
]

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to show.

    Attributes:
        directory: everything is written here; what an earlier demo left in it is removed.
        institutions: how many regions of OULAD take part, in the order of their names.
        port: of the sandbox LMS; the institutions take the ports that follow, two each.
        once: stop after the report instead of serving.
        policy: what may leave an institution, see `federated.policy`.
        epsilon: of a private policy.
        learners: so many of each institution at most; 0: all.
    """

    directory: Path
    institutions: int
    port: int
    once: bool
    policy: str = policies.EXACT
    epsilon: float = 1.0
    learners: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """One institution of the demo: its premises, its records, where it listens."""

    name: str
    premises: premises.Premises
    results: list[oulad.Result]
    collector_port: int
    tool_port: int

    @property
    def id(self) -> str:
        """Its id in paths and settings."""
        return self.premises.institution


def run(plan: Plan) -> dict[str, Any]:
    """Run the demo; serve until interrupted unless `plan.once`.

    Returns:
        The report, as written to `report.json`.

    Raises:
        errors.EntrepotError: one line that says what to do.
    """
    began = time.monotonic()
    regions = {name: _some(results, plan.learners) for name, results in oulad.regions().items()}
    fewest = charter.fewest(policies.Policy(plan.policy))
    if not fewest <= plan.institutions <= len(regions):
        message = (
            f"--institutions {plan.institutions}: OULAD has {len(regions)} regions, "
            f"choose {fewest} to {len(regions)} under the policy {plan.policy}"
        )
        raise errors.EntrepotError(message)
    if plan.learners and plan.learners < _FEWEST_LEARNERS:
        message = f"--learners {plan.learners}: too few to learn from; use {_FEWEST_LEARNERS} or more, or 0 for all"
        raise errors.EntrepotError(message)
    _require_ours(plan.directory)
    for port in range(plan.port, plan.port + 1 + 2 * plan.institutions):
        serve.require_free(_HOST, port)
    _clear(plan.directory)
    with _stop_on_signals(), memory.peak() as peak, processes.fleet(plan.directory / "logs") as start:
        _say(f"1/4  Starting a sandbox LMS and {plan.institutions} institutions under {plan.directory}")
        issuer = f"http://{_HOST}:{plan.port}"
        members = [
            _establish(plan, name, results, number, issuer)
            for number, (name, results) in enumerate(list(regions.items())[: plan.institutions])
        ]
        _start(plan, members, issuer, start)
        started = time.monotonic()
        count = sum(len(member.results) for member in members)
        _say(f"2/4  Sending {count:,} real results to their collectors as xAPI statements")
        sent, ingest_seconds = _ingest(members, issuer)
        _say("3/4  Training one model over all institutions with Flower; no record leaves its institution")
        federating = time.monotonic()
        outcome = _federate(plan, members)
        federate_seconds = time.monotonic() - federating
        _say("4/4  Scoring every model on held-out learners")
        compared = comparison.compare(
            catalog.load(CATALOG), {member.name: member.premises.member for member in members}
        )
        found = {
            "institutions": [
                {
                    "name": member.name,
                    "learners": compared.learners[member.name],
                    "statements": len(member.results),
                    "auc": compared.institutions[member.name],
                }
                for member in members
            ],
            "pooled": {"auc": compared.pooled},
            "rounds": sum(one.kind in runtime.STEPS for one in outcome.rounds),
            "bytes_per_round": outcome.bytes_per_round,
            "statements": sent,
            "statements_per_second": sent / ingest_seconds,
            "seconds": {
                "start": started - began,
                "ingest": ingest_seconds,
                "federate": federate_seconds,
                "total": time.monotonic() - began,
            },
            "peak_memory_mb": peak(),
            "policy": plan.policy,
            "epsilon": None if plan.policy == policies.EXACT else plan.epsilon,
            "held_out_rule": HELD_OUT_RULE,
            "dropped": [f"{name}: {reason}" for name, reason in outcome.dropped.items()],
        }
        path = plan.directory / "report.json"
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _say(f"\n{report.table(found)}\nWritten to {path}")
        if not plan.once:
            _serve(members, issuer)
    return found


def _some(results: list[oulad.Result], learners: int) -> list[oulad.Result]:
    """The results of the first learners; of all, if there are to be 0."""
    names = list(dict.fromkeys(result.learner for result in results))
    chosen = set(names[: learners or None])
    return [result for result in results if result.learner in chosen]


def _establish(plan: Plan, name: str, results: list[oulad.Result], number: int, issuer: str) -> Member:
    collector_port, tool_port = plan.port + 1 + 2 * number, plan.port + 2 + 2 * number
    identity = name.removesuffix(" Region").lower().replace(" ", "-")
    made = premises.establish(
        plan.directory / "institutions" / identity,
        identity,
        xapi_url=f"http://{_HOST}:{collector_port}/xapi",
        lti_url=f"http://{_HOST}:{tool_port}",
        legal_entity="The Open University",
        jurisdiction="GB",
    )
    if plan.policy != policies.EXACT:
        noisy = replace(settings.load_member(made.member), policy=plan.policy, epsilon=plan.epsilon, delta=_DELTA)
        settings.save(made.member, noisy)
    storage = connect.connect(made.environment["ENTREPOT_STORAGE"], *premises.COLLECTIONS)
    try:
        platforms.register(
            storage,
            platforms.Platform(
                iss=issuer,
                client_id=f"entrepot-{identity}",
                auth_url=f"{issuer}/auth",
                token_url=f"{issuer}/token",
                jwks_url=f"{issuer}/jwks",
                deployments=("1",),
                family="spec",
            ),
        )
        consent.declare(storage, consent.TRAINING, consent.ALLOW, _BASIS, lambda: time.time_ns() // 1000)
    finally:
        storage.close()
    return Member(name, made, results, collector_port, tool_port)


def _start(plan: Plan, members: list[Member], issuer: str, start: processes.Start) -> None:
    configuration = plan.directory / "sandbox.json"
    configuration.write_text(json.dumps(_sandbox(members, issuer), ensure_ascii=False, indent=1), encoding="utf-8")
    waiting = [
        (
            start("sandbox", ["sandbox", "--port", str(plan.port)], {"ENTREPOT_SANDBOX_CONFIG": str(configuration)}),
            f"{issuer}/health",
        )
    ]
    for member in members:
        for room, port in (("collector", member.collector_port), ("tool", member.tool_port)):
            program = start(f"{member.id}-{room}", [room, "--port", str(port)], member.premises.environment)
            waiting.append((program, f"http://{_HOST}:{port}/health"))
    for number, (program, url) in enumerate(waiting, 1):
        processes.wait_until_ready(program, url)
        _progress(f"     {number} of {len(waiting)} programs answer")
    _progress(None)


def _sandbox(members: list[Member], issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "institutions": [
            {
                "id": member.id,
                "name": member.name,
                "tool": {
                    "login_url": f"http://{_HOST}:{member.tool_port}/lti/login",
                    "launch_url": f"http://{_HOST}:{member.tool_port}/lti/launch",
                    "jwks_url": f"http://{_HOST}:{member.tool_port}/lti/jwks",
                    "client_id": f"entrepot-{member.id}",
                    "deployment_id": "1",
                },
                "courses": _courses(member),
            }
            for member in members
        ],
    }


def _courses(member: Member) -> list[dict[str, Any]]:
    """The newcomer's course, then the latest presentation of each module, the one with the most assessments first.

    Learners who are about half-way come first: who has finished has nothing left to be recommended.
    """
    items: dict[str, set[str]] = {}
    done: dict[str, dict[str, int]] = {}
    for result in member.results:
        learners = done.setdefault(result.presentation, {})
        learners[result.learner] = learners.get(result.learner, 0) + 1
        items.setdefault(result.presentation, set()).add(result.item)
    latest = {presentation.partition(".")[0]: presentation for presentation in sorted(done, key=oulad.begins)}
    courses: list[dict[str, Any]] = [
        {
            "id": "cbec",
            "title": {"en": "Cross-border e-commerce operations", "zh": "跨境电商运营"},
            "custom": {"catalog": "cbec"},
            "learners": [{"id": "newcomer", "name": {"en": "Newcomer", "zh": "新学习者"}}, *_STAFF],
        }
    ]
    for module, presentation in sorted(latest.items(), key=lambda one: (-len(items[one[1]]), one[0])):
        counts = done[presentation]
        half = max(counts.values()) / 2
        chosen = sorted(counts, key=lambda one: (abs(counts[one] - half), int(one)))[:_COURSE_LEARNERS]
        term = presentation.partition(".")[2]
        courses.append(
            {
                "id": presentation,
                "title": {"en": f"Module {module}, presentation {term}", "zh": f"{module} 模块，{term} 学期"},
                "custom": {"catalog": CATALOG, "role": module},
                "learners": [
                    *({"id": one, "name": {"en": f"Learner {one}", "zh": f"学习者 {one}"}} for one in chosen),
                    *_STAFF,
                ],
            }
        )
    return courses


def _ingest(members: list[Member], issuer: str) -> tuple[int, float]:
    work = []
    for member in members:
        environment = member.premises.environment
        storage = connect.connect(environment["ENTREPOT_STORAGE"], *premises.COLLECTIONS)
        try:
            secrets = keyring.load(Path(environment["ENTREPOT_KEYRING"]))
            key, secret = auth.create_credential(storage, secrets, "academic-records")
        finally:
            storage.close()
        target = ingest.Target(environment["ENTREPOT_XAPI_URL"], key, secret)
        work.append((target, len(member.results), map(oulad.statement, member.results, repeat(issuer))))

    def show(done: int, total: int, seconds: float) -> None:
        _progress(f"     {done:,} of {total:,} stored, {done / max(seconds, 1e-9):,.0f}/s")

    found = ingest.send_all(work, show)
    _progress(None)
    return found


def _federate(plan: Plan, members: list[Member]) -> runtime.Outcome:
    consortium = runtime.Consortium(
        directory=plan.directory / "consortium",
        catalog=CATALOG,
        members={member.id: member.premises.member for member in members},
    )
    return runtime.run(consortium, progress=lambda text: _say(f"     {text}"))


def showcase(courses: list[dict[str, Any]]) -> dict[str, Any]:
    """The course to show: the first module, with the most assessments, where a profile has the most to say."""
    return next(course for course in courses if course["custom"]["catalog"] == CATALOG)


def _serve(members: list[Member], issuer: str) -> None:
    first = members[0]
    course = showcase(_courses(first))
    learner = course["learners"][0]
    at = f"{issuer}/{first.id}/courses"
    _say(
        "\nServing. Click:\n"
        f"  {issuer}/  the sandbox LMS: every institution and its courses\n"
        f"  {at}/{course['id']}?learner={learner['id']}  as {learner['name']['en']}, {course['title']['en']}\n"
        f"  {at}/cbec?learner=newcomer  as a newcomer: choose a role, see the path\n"
        f"  {at}/cbec?learner=staff-instructor  as whoever teaches: add activities, look at the class\n"
        "Stop with Ctrl-C."
    )
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


def _require_ours(directory: Path) -> None:
    """Refuse a directory with files that no earlier demo wrote."""
    if directory.is_dir() and any(directory.iterdir()) and not (directory / _MARKER).exists():
        message = f"{directory} holds files that are not the demo's: choose an empty --directory"
        raise errors.EntrepotError(message)


def _clear(directory: Path) -> None:
    try:
        if directory.exists():
            shutil.rmtree(directory)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / _MARKER).touch()
    except OSError as error:
        raise errors.Unwritable(directory, error.strerror or str(error)) from error


@contextlib.contextmanager
def _stop_on_signals() -> Iterator[None]:
    """Turn SIGTERM into KeyboardInterrupt, so that everything that was started is stopped."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


_last_shown = [0.0]


def _progress(text: str | None) -> None:
    """Show a line that the next one replaces; None ends it. Where nobody watches, a line every five seconds."""
    if sys.stdout.isatty():
        sys.stdout.write("\n" if text is None else f"\r\x1b[2K{text}")
        sys.stdout.flush()
    elif text is not None and time.monotonic() - _last_shown[0] > 5:
        _last_shown[0] = time.monotonic()
        _say(text)
