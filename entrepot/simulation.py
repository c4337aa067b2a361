"""`entrepot federation simulate`: a consortium of made-up institutions in one process, to see what a run would give.

The shipped records of OULAD are dealt out: each institution gets neighbours in a list that is sorted by region, so that
institutions differ, in sizes that differ too. Each has a store of its own, written by the collector's own path, and
keys; all sign one charter; coordinator and institutions are the apps of a real run. What is not here is the transport:
processes, TLS, waiting (see `federated.localgrid`). Noise and masks come from the system's secure generator, as in a
real run, so that the same seed deals the same records and figures differ by the noise alone.
"""

from __future__ import annotations

import itertools
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from curriculum import catalog
from entrepot import errors, oulad
from federated import errors as federated_errors
from federated import institution, pki, policy, private, runtime, server_app, settings
from federated.localgrid import LocalGrid, identity
from federated.policy import Policy
from federated.privacy import accountant, planning, releases
from federated.privacy.planning import Loss
from recommender import artifact, interactions, metrics, training
from recommender import space as spaces
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space
from storage import connect
from xapi_collector import consent, envelope, keyring, statements
from xapi_collector import settings as collector
from xapi_collector.collector import Collector
from xapi_collector.grammar import jsontext

CATALOG = "oulad"
LEAST = 40  # learners of an institution: about 32 train, 20 must
_SPREAD = 0.6  # of the logarithm of an institution's size
_BATCH = 500
_RUN = 1
_ENTITY, _JURISDICTION = "Simulated University", "GB"
_BASIS = "records that The Open University anonymised and published for research (OULAD, CC BY 4.0)"
_QUIET = 1e-6  # noise multiplier of the control without noise
_NUMBERS = {"rounds": 6, "tolerance": 1e-6, "penalty": 1.0, "join-seconds": 1.0, "round-seconds": 3600.0}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What to simulate.

    Attributes:
        directory: where all is written; must be empty, or not there.
        institutions: how many.
        policy: one of `policy.KNOWN`.
        epsilon: of the run, under a private policy.
        learners: how many in all; 0: all that are shipped.
        seed: of the dealing.
    """

    directory: Path
    institutions: int = 100
    policy: str = policy.SECAGG
    epsilon: float = 1.0
    learners: int = 0
    seed: int = 1


@dataclass(frozen=True)
class Found:
    """What a simulation came to.

    Attributes:
        rounds: lines of outcome.json, one a round.
        dropped: institution -> reason.
        learners: of each institution.
        epsilon: what the run cost each learner; None under `exact`.
        kappa: of the run; None under `exact`.
        predicted: AUC that noise was expected to cost; None under `exact`.
        auc: on the held-out learners of all institutions: "shared"; "quiet", the same steps with next to no noise
            (private policies); "pooled", a fit over all records in one place.
        gains: AUC of what each institution serves above its own fit alone, on its held-out learners.
        seconds: CPU: "founding", "institutions" (their answers, all together), "coordinator", "measuring".
        bytes: payload of all rounds, both directions.
    """

    rounds: Sequence[Mapping[str, Any]]
    dropped: Mapping[str, str]
    learners: Sequence[int]
    epsilon: float | None
    kappa: float | None
    predicted: Loss | None
    auc: Mapping[str, float]
    gains: Sequence[float]
    seconds: Mapping[str, float]
    bytes: int


def run(plan: Plan, say: Say) -> Found:
    """Found a consortium, let it train once, and measure what came of it.

    Args:
        plan: what to simulate.
        say: told one line at every step.

    Raises:
        errors.EntrepotError: there are too few learners for so many institutions, or the directory is in use.
        FederatedError: the run failed.
    """
    began = time.process_time()
    members = found(plan, say)
    founded = time.process_time()
    directory = plan.directory / "consortium"
    grid = LocalGrid(members, asking=_telling(say), run=_RUN)
    with identity(_RUN):
        server_app.lead(grid, directory, directory / "runs" / str(_RUN), _NUMBERS)
    led = time.process_time()
    outcome = json.loads((directory / "runs" / str(_RUN) / "outcome.json").read_text(encoding="utf-8"))
    asked = sum(grid.seconds.values())
    say("measuring on the learners that were held out")
    sizes, rules, auc = _measured(members, directory)
    gains = [gain for path in members.values() if (gain := _gain(path)) is not None]
    kappa = policy.kappa(rules, sizes) if rules.private else None
    return Found(
        rounds=outcome["rounds"],
        dropped=outcome["dropped"],
        learners=list(sizes.values()),
        epsilon=max(one["epsilon"] or 0.0 for one in outcome["rounds"]) if rules.private else None,
        kappa=kappa,
        predicted=planning.loss(kappa, catalog=CATALOG) if kappa is not None else None,
        auc=auc,
        gains=gains,
        seconds={
            "founding": founded - began,
            "institutions": asked,
            "coordinator": led - founded - asked,
            "measuring": time.process_time() - led,
        },
        bytes=sum(one["bytes_down"] + one["bytes_up"] for one in outcome["rounds"]),
    )


def found(plan: Plan, say: Say) -> dict[str, Path]:
    """Make the institutions with their stores and keys, and a charter that all sign.

    Returns:
        institution -> path of its member.toml.

    Raises:
        errors.EntrepotError: as `run`.
    """
    if plan.directory.exists() and any(plan.directory.iterdir()):
        raise errors.InvalidRequest("--directory", f"{plan.directory} is not empty", "name an empty one")
    dealt = deal(plan.institutions, plan.learners, plan.seed)
    sizes = {name: len({one.learner for one in results}) for name, results in dealt.items()}
    private_ = plan.policy in policy.PRIVATE
    say(
        f"{plan.institutions} institutions, {sum(sizes.values()):,} learners ({min(sizes.values())} to "
        f"{max(sizes.values())} each), {plan.policy}" + (f", epsilon {plan.epsilon:g}" if private_ else "")
    )
    rules = Policy(
        plan.policy,
        epsilon=plan.epsilon if private_ else 0.0,
        delta=accountant.delta_for(sum(sizes.values())) if private_ else 0.0,
        cohort=policy.LEAST_COHORT,
    )
    members = {name: _institution(plan.directory / name, name, results, rules) for name, results in dealt.items()}
    consortium = runtime.Consortium(plan.directory / "consortium", CATALOG, members)
    authority = pki.ensure(consortium.directory / "pki", [runtime.LOOPBACK], datetime.now(UTC))
    runtime.prepare(consortium, authority)
    say("stores, keys and a charter that all signed are made")
    return members


def deal(count: int, learners: int, seed: int) -> dict[str, list[oulad.Result]]:
    """Deal the shipped records out to so many institutions: name -> results, learners together.

    Args:
        count: institutions.
        learners: how many learners in all; 0: all that are shipped.
        seed: of who comes where.

    Raises:
        errors.InvalidRequest: there are not so many learners, or fewer than `LEAST` for each.
    """
    random = np.random.default_rng(seed)
    whole: list[list[oulad.Result]] = []
    for results in oulad.regions().values():
        own: dict[str, list[oulad.Result]] = {}
        for one in results:
            own.setdefault(one.learner, []).append(one)
        names = list(own)
        whole += [own[names[place]] for place in random.permutation(len(names))]
    wanted = learners or len(whole)
    if not count >= 1 or not LEAST * count <= wanted <= len(whole):
        needed = f"there are {len(whole):,} learners, and each institution needs {LEAST}"
        raise errors.InvalidRequest("simulate", f"{wanted:,} learners for {count} institutions", needed)
    kept = [whole[place] for place in np.sort(random.choice(len(whole), wanted, replace=False))]
    shares = random.lognormal(0.0, _SPREAD, count)
    free = np.floor(np.cumsum(shares / shares.sum()) * (wanted - LEAST * count) + 1e-9).astype(int)
    ends = [0, *(free + LEAST * np.arange(1, count + 1))]
    ends[-1] = wanted
    return {
        f"u{number:03d}": list(itertools.chain.from_iterable(kept[low:high]))
        for number, (low, high) in enumerate(itertools.pairwise(ends), start=1)
    }


def table(plan: Plan, one: Found) -> list[str]:
    """Return the figures of a simulation in lines."""
    lost = one.auc["pooled"] - one.auc["shared"]
    gains = np.array(one.gains or [0.0])
    rows = [
        ("rounds", f"{len(one.rounds)} ({', '.join(str(each['kind']) for each in one.rounds)})"),
        ("bytes", f"{one.bytes / 1e6:.1f} MB, {one.bytes / 1e3 / plan.institutions:.0f} kB an institution"),
        ("CPU seconds", f"{sum(one.seconds.values()):.0f} " + _parts(one.seconds)),
        ("epsilon", f"{one.epsilon:.2f} of {plan.epsilon:g} spent" if one.epsilon is not None else "none: no noise"),
        ("AUC", ", ".join(f"{kind} {value:.4f}" for kind, value in one.auc.items())),
        ("AUC lost to one fit over all records", f"{lost:+.4f}"),
    ]
    if one.predicted is not None:
        told = one.predicted
        rows += [
            (
                "AUC lost to noise, predicted",
                f"{told.value:.4f} ({told.low:.4f} to {told.high:.4f}) at kappa {one.kappa:.5f}",
            ),
            ("AUC lost to noise, measured", f"{one.auc['quiet'] - one.auc['shared']:+.4f}"),
        ]
    rows += [
        (
            "AUC gained over a fit alone",
            f"{gains.mean():+.4f} in the mean of {len(one.gains)}, {gains.min():+.4f} to {gains.max():+.4f}",
        ),
        ("dropped out", ", ".join(f"{name} ({why})" for name, why in sorted(one.dropped.items())) or "nobody"),
    ]
    width = max(len(name) for name, _ in rows)
    return [f"{name.ljust(width)}  {value}" for name, value in rows]


def _parts(seconds: Mapping[str, float]) -> str:
    return "(" + ", ".join(f"{name} {value:.0f}" for name, value in seconds.items()) + ")"


def _telling(say: Say) -> Callable[[str, str], None]:
    """Say what is asked, once for each question of a run."""
    last: list[str] = []

    def tell(_name: str, question: str) -> None:
        if last[-1:] != [question]:
            last.append(question)
            say(f"asking: {question.removeprefix('query.').replace('_', ' ')}")

    return tell


def _institution(directory: Path, name: str, results: Sequence[oulad.Result], rules: Policy) -> Path:
    exact = not rules.private
    member = settings.Member(
        institution=name,
        storage=_store(directory, f"https://{name}.example.edu", results),
        models=directory / "models",
        legal_entity=_ENTITY if exact else f"{_ENTITY} {name}",
        jurisdiction=_JURISDICTION,
        catalog=CATALOG,
        policy=rules.name,
        epsilon=rules.epsilon,
        delta=rules.delta,
        cohort=rules.cohort,
    )
    settings.save(directory / "member.toml", member)
    return directory / "member.toml"


def _store(directory: Path, issuer: str, results: Sequence[oulad.Result]) -> str:
    """Write results into a new store by the collector's own path; return its URL."""
    directory.mkdir(parents=True)
    url = f"sqlite:///{directory.absolute() / 'store'}"
    keys = keyring.create(directory / "keyring.json")
    storage = connect.connect(url, *collector.COLLECTIONS)
    try:
        consent.declare(storage, consent.TRAINING, consent.ALLOW, _BASIS, _now)
        data = envelope.DataKeys(storage, keys.sealing_key, os.urandom)
        desk = Collector(storage, keys, data, _now, os.urandom, lambda: str(uuid.uuid4()))
        authority = orjson.dumps({"account": {"homePage": issuer, "name": "records"}}).decode()
        for batch in _batches(results):
            body = orjson.dumps([oulad.statement(one, issuer) for one in batch])
            statements.ingest(desk, jsontext.parse(body, len(body)), authority)
    finally:
        storage.close()
    return url


def _batches(results: Sequence[oulad.Result]) -> Iterator[Sequence[oulad.Result]]:
    for start in range(0, len(results), _BATCH):
        yield results[start : start + _BATCH]


def _now() -> int:
    return time.time_ns() // 1000


def _measured(members: Mapping[str, Path], directory: Path) -> tuple[dict[str, int], Policy, dict[str, float]]:
    """What only a simulation can measure, for all records lie on one machine: registered learners, policy, AUC."""
    space = spaces.of(catalog.load(CATALOG))
    loaded = {name: settings.load_member(path) for name, path in members.items()}
    rules = next(iter(loaded.values())).declared
    records = {name: institution.interactions(one) for name, one in loaded.items()}
    held = {name: institution.held_out(one) for name, one in records.items()}
    parts = [interactions.select(one, ~held[name]) for name, one in records.items()]
    test = interactions.join(interactions.select(one, held[name]) for name, one in records.items())
    sizes = {name: len(one.learners) // 10 * 10 for name, one in records.items()}
    models: dict[str, Parameters] = {"shared": artifact.load(directory / "models" / CATALOG, space.catalog)}
    if rules.private:
        models["quiet"] = quiet(parts, space, single=policy.kappa(rules, sizes) > private.ONE_GRADIENT)
    models["pooled"] = training.fit(parts, space)
    auc = {kind: metrics.auc(test.correct, training.predict(test, one, space)) for kind, one in models.items()}
    return sizes, rules, auc


def quiet(parts: Sequence[Interactions], space: Space, *, single: bool) -> Parameters:
    """Return what the steps of a private run give with next to no noise, without messages and masks: a control.

    Args:
        parts: training records of each institution.
        space: the columns.
        single: as `private.steps`.
    """
    state = private.begin(space)
    for step in private.steps(space, single=single):
        totals = {one.name: np.zeros(one.size, np.int64) for one in step.releases}
        for part in parts:
            rows = private.contributions(step, part, space, state)
            for one in step.releases:
                totals[one.name] += releases.protect(rows[one.name], one, _QUIET, 1.0, os.urandom)
        noise = {one.name: len(parts) * one.deviation(_QUIET) ** 2 for one in step.releases}
        state = private.advance(step, totals, noise, state, space)
    return private.finish(state, space)


def _gain(path: Path) -> float | None:
    """What the model that an institution serves is better than its own fit alone; None where it cannot be told."""
    member = settings.load_member(path)
    try:
        auc = institution.evaluation(member)["auc"]
    except federated_errors.SettingsError:
        return None  # it dropped out
    if auc["personalised"] is None or auc["local"] is None:
        return None
    return float(auc["personalised"] - auc["local"])
