import contextlib
import functools
import operator
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from federated import (
    answers,
    budget,
    charter,
    errors,
    evidence,
    exact,
    institution,
    ledger,
    messages,
    policy,
    private,
    register,
    rounds,
    task,
)
from federated.exact import Facts
from federated.messages import Place
from federated.privacy import releases
from federated.rounds import Rounds
from recommender import artifact
from storage import connect
from tests.federated import asking, builders
from tests.federated.asking import question
from tests.federated.hall import Hall, channel, lose
from xapi_collector import consent
from xapi_collector import settings as collector_settings

NAMES = asking.NAMES
NOISY = {"epsilon": 4.0, "delta": 1e-5, "cohort": 20}
POLICIES = {"exact": {}, "secagg": {"policy": "secagg", **NOISY}, "source-noise": {"policy": "source-noise", **NOISY}}


@pytest.fixture
def agreed(tmp_path, apart):
    """Make the four a consortium: their settings, and the place of its first run."""

    def under(name, members=apart, **changes):
        found = builders.consortium(tmp_path / "consortium", members, **{**POLICIES[name], **changes})
        return found, Place(charter.load(tmp_path / "consortium" / "charter.json"), "1")

    return under


def tell(member, packet):
    """What becomes of a question at an institution: its answer, noted; or the error, noted."""
    try:
        return answers.send(member, answers.ANSWERS[packet.kind](member, packet))
    except errors.FederatedError as error:
        answers.refuse(member, packet, error)
        raise


def noted(member):
    """What the transfer register says: (kind, reason) of each line, the reason empty where the answer left."""
    return [(one.kind, one.refused) for _, one in register.entries(ledger.read(member.state / evidence.REGISTER))]


def levels(space, place, state=None, **numbers):
    arrays = messages.state(private.asked(state or private.begin(space)))
    return question(space, place, private.LEVELS, arrays=arrays, **numbers)


def train(member):
    records = institution.interactions(member)
    return task.training(records, institution.held_out(records))


# What is asked, and under which charter.


@pytest.mark.parametrize("name", POLICIES)
def test_a_question_of_another_policy_is_refused_and_noted(agreed, space, name):
    members, place = agreed(name)
    foreign = {
        "exact": private.KINDS,
        "secagg": messages.EXACT,
        "source-noise": (*messages.EXACT, *messages.MASKING),
    }[name]

    for kind in foreign:
        with pytest.raises(errors.PolicyError, match=f"under the policy '{name}' no question of kind '{kind}'"):
            tell(members["east"], question(space, place, kind, turn=1))

    assert noted(members["east"]) == [(kind, "policy") for kind in foreign]
    allowed = {*answers.ANSWERS} - {*foreign}
    assert messages.PUBLISH in allowed
    assert allowed >= ({*messages.EXACT} if name == "exact" else {*private.KINDS})


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"charter": "0" * 64}, errors.PolicyError),
        ({"policy": "0" * 64}, errors.PolicyError),
        ({"catalog": "0" * 64}, errors.CatalogError),
        ({"space": "1"}, errors.CatalogError),
        ({"attempt": "one"}, errors.GuardError),
        ({"attempt": None}, errors.GuardError),
        ({"run": "../1"}, errors.GuardError),
        ({"run": None}, errors.GuardError),
    ],
)
def test_what_belongs_to_another_agreement_or_to_none_is_refused_and_noted(agreed, space, change, error):
    members, place = agreed("source-noise")
    asked = levels(space, place)
    names = {name: value for name, value in {**asked.names, **change}.items() if value is not None}

    with pytest.raises(error):
        tell(members["east"], replace(asked, names=names))

    assert noted(members["east"]) == [(private.LEVELS, errors.reason(error.code))]


@pytest.mark.parametrize(
    "numbers", [{"round": float("nan")}, {"round": -1}, {"round": float("inf")}, {"turn": 1}, {"round": 1.5}]
)
def test_numbers_that_were_not_declared_are_refused_and_noted(agreed, space, numbers):
    members, place = agreed("source-noise")

    with pytest.raises(errors.GuardError):
        tell(members["east"], levels(space, place, **numbers))

    assert noted(members["east"]) == [(private.LEVELS, "message")]


def test_a_charter_that_lacks_a_signature_is_not_answered_under(agreed, space):
    members, place = agreed("source-noise")
    signed = {name: value for name, value in place.charter.signatures.items() if name != "west"}
    members["east"].charter.write_text(charter.dump(replace(place.charter, signatures=signed)))

    with pytest.raises(errors.CharterError, match="no valid signature of west"):
        tell(members["east"], levels(space, place))

    assert noted(members["east"]) == [(private.LEVELS, "policy")]


def test_a_charter_of_another_policy_than_the_operator_declared_is_not_answered_under(agreed, space):
    members, place = agreed("source-noise")
    own = replace(members["east"], epsilon=2.0)

    with pytest.raises(errors.PolicyError, match=r"epsilon 4, .*epsilon 2,"):
        tell(own, levels(space, place))

    assert noted(own) == [(private.LEVELS, "policy")]


def test_a_refusal_that_cannot_be_noted_is_said_in_the_log_without_its_text(agreed, space, caplog):
    members, place = agreed("source-noise")
    members["east"].charter.unlink()

    with pytest.raises(errors.FederatedError):
        tell(members["east"], levels(space, place))

    assert "code=refusal_not_" in caplog.text
    assert str(members["east"].charter) not in caplog.text


def test_a_step_that_the_run_has_not_is_refused(agreed, space):
    members, place = agreed("source-noise")

    with pytest.raises(errors.GuardError, match="the run has no step 'private-again'"):
        tell(members["east"], replace(levels(space, place), kind=private.AGAIN))


def test_a_state_that_is_not_one_is_refused_before_anything_is_charged(agreed, space):
    members, place = agreed("source-noise")
    asked = levels(space, place)

    with pytest.raises(errors.GuardError, match="not those of a private run"):
        tell(members["east"], replace(asked, arrays={}))

    assert not (members["east"].state / evidence.BUDGET).exists()


def test_an_answer_that_cannot_be_noted_does_not_leave(agreed, space, monkeypatch):
    members, place = agreed("source-noise")

    def full(*_arguments, **_options):
        raise errors.LedgerError("no space left")

    monkeypatch.setattr(answers.evidence.register, "note", full)
    with pytest.raises(errors.LedgerError):
        answers.send(members["east"], answers.protected(members["east"], levels(space, place)))


def test_a_table_that_nobody_has_room_for_is_not_made(agreed, space):
    members, place = agreed("exact")
    start = task.start(space)
    asked = question(space, place, messages.CELLS, start, base=start, turn=1, rows=1, keys=exact.MOST_KEYS + 1)

    with pytest.raises(errors.GuardError, match="situations is asked for"):
        tell(members["east"], asked)


# Models that exact questions are about.


def test_a_question_may_leave_out_what_an_earlier_one_told(agreed, space):
    members, place = agreed("exact")
    east, start = members["east"], task.start(space)
    first, second, third = (replace(start, weights=start.weights + step) for step in (0.1, 0.2, 0.3))

    def ask(model, base):
        with pytest.raises(errors.MaskError, match="took no part in its set-up"):  # it gets so far: the model is whole
            tell(east, question(space, place, messages.COUNTS, model, base=base, turn=1))

    with pytest.raises(errors.BehindError, match="there is no draft"):
        tell(east, question(space, place, messages.COUNTS, second, base=first, turn=1))
    ask(first, start)
    ask(first, first)
    ask(second, first)
    with pytest.raises(errors.BehindError, match="the draft is"):
        tell(east, question(space, place, messages.COUNTS, third, base=first, turn=1))
    ask(third, None)
    assert [reason for _, reason in noted(east)] == ["behind", "masks", "masks", "masks", "behind", "masks"]


def test_a_question_whose_arrays_make_up_another_model_is_refused(agreed, space):
    members, place = agreed("exact")
    start = task.start(space)
    asked = question(space, place, messages.COUNTS, replace(start, weights=start.weights + 1), base=start, turn=1)

    for arrays, text in (
        ({"weights": start.weights}, "its arrays make up"),
        ({"weights": start.weights[1:]}, "a model's arrays"),
        ({**asked.arrays, "more": start.weights}, "a model's arrays"),
    ):
        with pytest.raises(errors.GuardError, match=text):
            tell(members["east"], replace(asked, arrays=arrays))
    assert not (members["east"].models / "draft").exists()


# Who is in the answers.


def test_an_institution_without_learners_says_so(agreed, tmp_path, apart, space):
    path = builders.institution(tmp_path / "none", "east", [])
    members, place = agreed("exact", {**apart, "east": path})

    with pytest.raises(errors.EmptyError, match="east has no learner to train on"):
        tell(
            members["east"], question(space, place, messages.COUNTS, task.start(space), base=task.start(space), turn=1)
        )


@pytest.fixture
def own(tmp_path):
    """Institutions whose stores a test may change."""
    return {
        name: builders.institution(tmp_path / name, name, builders.answers(20, seed, prefix=name, each=6))
        for seed, name in enumerate(NAMES, start=30)
    }


def deny(member):
    """Let a learner of an institution that trains with them withdraw consent."""
    storage = connect.connect(member.storage, *collector_settings.COLLECTIONS)
    consent.say(storage, {train(member).learners[0]: ""}, consent.TRAINING, consent.DENY, lambda: 1)
    storage.close()


@pytest.mark.parametrize("name", ["secagg", "source-noise"])
def test_a_cohort_that_became_too_small_does_not_train_and_is_not_charged(agreed, own, space, name):
    members, place = agreed(name, own)
    turn = {"turn": 1} if name == "secagg" else {}
    deny(members["east"])

    with pytest.raises(errors.EmptyError, match="east has 19 learners who allow training; 20 are needed"):
        tell(members["east"], levels(space, place, **turn))

    assert noted(members["east"]) == [(private.LEVELS, "empty")]
    assert not (members["east"].state / evidence.BUDGET).exists()


def run(directory, hall, space, name="1", turns=6):
    found = Rounds(channel(directory, space, hall, name), 3, NAMES, lambda _one: None)
    found.known = task.start(space)
    if next(iter(hall.members.values())).declared.masked:
        found.begin(turns)
    return found


def test_who_withdraws_leaves_the_next_round_and_what_comes_later_waits_for_the_next_run(agreed, tmp_path, own, space):
    members, _ = agreed("exact", own)
    hall = Hall(own)
    before = {name: train(one) for name, one in members.items()}
    one = run(tmp_path / "consortium", hall, space)
    counted, rows, cells = exact.read_base(
        one.total(messages.COUNTS, exact.base_form(space), parameters=one.known), space
    )
    now = task.counted(messages.COUNTS, [counted], space, one.known)
    one.close(now)
    assert rows == sum(len(part.item) for part in before.values())

    deny(members["east"])
    builders.send(tmp_path / "north", builders.answers(9, 77, prefix="later", each=6))
    rest = {**before, "east": train(members["east"])}
    assert len(rest["east"].learners) == len(before["east"].learners) - 1
    found = asked_cells(one, now, space, rows, cells)

    own_cells = [task.local_counts(messages.CELLS, part, space, now, 1) for part in rest.values()]
    for name, counts in task.phases.add(own_cells).items():
        np.testing.assert_array_equal(found[name].keys, counts.keys)
        np.testing.assert_array_equal(found[name].tries, counts.tries)
    after = run(tmp_path / "consortium", hall, space, "2")
    _, then, _ = exact.read_base(after.total(messages.COUNTS, exact.base_form(space), parameters=after.known), space)
    assert then == sum(len(train(member).item) for member in members.values())
    assert then > rows


def asked_cells(one, now, space, rows, cells):
    seed = rounds.letters.digest("situations", one.channel.place.run, one.number)
    facts = Facts(4, rows, cells, seed)
    numbers = {"rows": rows, "keys": cells}
    words = one.total(messages.CELLS, exact.situations_form(facts), parameters=now, numbers=numbers)
    return exact.read_situations(words, facts)


def test_what_comes_later_waits_in_private_runs_too(agreed, tmp_path, own, space, monkeypatch):
    members, place = agreed("source-noise", own)
    seen = []
    whole = private.contributions

    def contributions(step, records, *rest):
        seen.append(records.learners)
        return whole(step, records, *rest)

    monkeypatch.setattr(private, "contributions", contributions)
    tell(members["east"], levels(space, place))
    builders.send(tmp_path / "east", builders.answers(9, 77, prefix="later", each=6))
    tell(members["east"], replace(levels(space, place, round=2), kind=private.RESIDUALS))

    assert seen[0] == seen[1]
    assert set(train(members["east"]).learners) > set(seen[0])


# What leaves, and what it costs.


def clipped(member, place, space, kind, state):
    """What an institution would say without noise, in steps of the grid, by release; and the releases."""
    rules = place.charter.policy
    single = policy.kappa(rules, {seat.name: seat.learners for seat in place.charter.members}) > private.ONE_GRADIENT
    (step,) = [one for one in private.steps(space, single=single) if one.kind == kind]
    rows = private.contributions(step, train(member), space, state)
    found = {}
    for release in step.releases:
        table = releases.sparse.csr_array(rows[release.name])
        table.sum_duplicates()
        found[release.name] = np.zeros(release.size, np.int64)
        np.add.at(found[release.name], table.indices, releases.clipped(table, release))
    return found, step.releases


def is_noise(difference, deviation):
    """Whether numbers are as far from nought as noise of a deviation is: two-sided, failing one time in 10^9."""
    squares = float(((difference / deviation) ** 2).sum())
    low, high = stats.chi2.ppf((5e-10, 1 - 5e-10), len(difference))
    assert low < squares < high
    assert abs(difference.mean()) < 6.2 * deviation / np.sqrt(len(difference))


def test_what_leaves_differs_from_the_unprotected_numbers_by_the_declared_noise(agreed, space):
    """So many numbers that a variance off by a quarter is seen."""
    members, place = agreed("source-noise")
    sigma, state = policy.multiplier(place.charter.policy), private.begin(space)
    noise = {}
    for number, kind in enumerate([private.LEVELS, private.CURVES, private.RESIDUALS], start=1):
        asked = replace(levels(space, place, round=number), kind=kind)
        for name, member in members.items():
            told = tell(member, asked).arrays
            plain, steps = clipped(member, place, space, kind, state)
            for one in steps:
                noise[name, one.name] = (told[one.name] - plain[one.name]) / (one.deviation(sigma) / one.step)

    assert len({name for _, name in noise}) == 4
    is_noise(np.concatenate(list(noise.values())), 1.0)
    for name in ("levels", "residuals"):
        is_noise((noise["east", name] - noise["west", name]) / np.sqrt(2), 1.0)


@pytest.mark.parametrize("name", ["source-noise", "secagg"])
def test_noise_is_made_for_the_whole_run_by_those_who_are_sure_to_be_there(agreed, tmp_path, space, monkeypatch, name):
    """Alone an institution's noise protects it whole; in a masked sum the noise of as many as may open it does."""
    members, place = agreed(name)
    seen = []
    whole = releases.protect

    def protect(rows, release, sigma, part, draw):
        seen.append((sigma, part))
        return whole(rows, release, sigma, part, draw)

    monkeypatch.setattr(releases, "protect", protect)
    asked = levels(space, place, **({"turn": 1} if name == "secagg" else {}))
    with contextlib.suppress(errors.MaskError):  # no masks were set up: what was made stays here
        tell(members["east"], asked)

    assert seen == [(policy.multiplier(place.charter.policy), 1.0 if name == "source-noise" else 1 / 3)]


def test_a_masked_sum_is_that_of_protected_numbers(agreed, tmp_path, space):
    members, place = agreed("secagg")
    hall = Hall({name: tmp_path / name / "member.toml" for name in NAMES})
    (step,) = [one for one in private.steps(space) if one.kind == private.LEVELS]
    one = run(tmp_path / "consortium", hall, space)
    arrays = messages.state(private.asked(private.begin(space)))
    words = one.total(step.kind, {r.name: ("uint32", r.size) for r in step.releases}, arrays=arrays)

    (release,), rules = step.releases, place.charter.policy
    deviation = release.deviation(policy.multiplier(rules), 1 / policy.parts(rules, 4)) / release.step
    books = [evidence.book(member) for member in members.values()]
    told = [np.frombuffer(budget.kept(book, *budget.read(book)), "<i8") for book in books]
    plain = [clipped(one, place, space, step.kind, private.begin(space))[0]["levels"] for one in members.values()]
    is_noise((np.concatenate(told) - np.concatenate(plain)) / deviation, 1.0)
    np.testing.assert_array_equal(words["levels"].view(np.int32), functools.reduce(operator.add, told))


def test_the_same_question_is_told_the_same_and_another_one_nothing(agreed, space):
    members, place = agreed("source-noise")
    east, asked = members["east"], levels(space, place)
    state = private.begin(space)
    other = private.State({**state.arrays, "weights": state.arrays["weights"] + 0.1})

    first = tell(east, asked)
    again = tell(east, levels(space, replace(place, attempt=2), exchange=9))

    np.testing.assert_array_equal(first.arrays["levels"], again.arrays["levels"])
    with pytest.raises(errors.BudgetError, match="was charged for another question"):
        tell(east, levels(space, place, other))
    assert len(budget.read(evidence.book(east))) == 1
    assert noted(east) == [(private.LEVELS, ""), (private.LEVELS, ""), (private.LEVELS, "budget")]


def test_nothing_leaves_when_the_budget_is_spent(agreed, space):
    """The levels take a part of a run's budget: they are told as often as that goes into the whole, and no more."""
    members, place = agreed("source-noise")
    east = members["east"]
    times = int(1 / sum(release.share for release in private.steps(space)[0].releases))

    for number in range(times):
        tell(east, levels(space, place, round=number + 1))
    for number in (times + 1, times + 2):
        with pytest.raises(errors.BudgetError, match="nothing more is told of these learners"):
            tell(east, levels(space, place, round=number))
    with pytest.raises(errors.BudgetError):
        tell(east, levels(space, replace(place, run="2")))

    spent = budget.remaining(evidence.book(east), budget.Limit(4.0, 1e-5))
    assert spent.epsilon < 4.0
    assert times > 1
    assert [reason for _, reason in noted(east)] == [""] * times + ["budget"] * 3


class Killed(Exception):
    pass


@pytest.mark.parametrize("place_of_death", [("releases", "protect"), ("budget", "keep"), ("evidence", "sent")])
def test_a_process_that_was_killed_after_the_charge_is_not_charged_again(agreed, space, monkeypatch, place_of_death):
    members, place = agreed("source-noise")
    east, asked = members["east"], levels(space, place)
    module, name = place_of_death

    def die(*_arguments, **_options):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(getattr(answers, module), name, die)
        with pytest.raises(Killed):
            tell(east, asked)
    assert noted(east) == []
    first, second = tell(east, asked), tell(east, asked)

    np.testing.assert_array_equal(first.arrays["levels"], second.arrays["levels"])
    assert len(budget.read(evidence.book(east))) == 1


def test_a_sum_whose_opening_was_begun_is_not_masked_again_and_its_charge_stands(agreed, tmp_path, space):
    """All revealed their shares, none came in: a second attempt could open another sum of the same round."""
    members, _ = agreed("secagg")
    paths = {name: tmp_path / name / "member.toml" for name in NAMES}
    (step,) = [one for one in private.steps(space) if one.kind == private.LEVELS]
    form = {release.name: ("uint32", release.size) for release in step.releases}
    arrays = messages.state(private.asked(private.begin(space)))
    dead = Hall(paths, {(name, messages.REVEAL): lose(errors.TIMEOUT) for name in NAMES})
    with pytest.raises(errors.RoundError, match="was not opened"):
        run(tmp_path / "consortium", dead, space).total(step.kind, form, arrays=arrays)
    charges = {name: budget.read(evidence.book(one)) for name, one in members.items()}

    where = channel(tmp_path / "consortium", space, Hall(paths))
    one = Rounds(replace(where, place=replace(where.place, attempt=2)), 3, NAMES, lambda _one: None)
    one.begin(4)
    with pytest.raises(errors.RoundError, match="0 institutions are left"):
        one.total(step.kind, form, arrays=arrays)
    assert {name: budget.read(evidence.book(member)) for name, member in members.items()} == charges


def test_a_round_of_masked_sums_that_is_asked_again_tells_the_same_protected_numbers(agreed, tmp_path, space):
    """The first attempt dies with the answers; the second masks what was kept, and charges nothing."""
    members, _ = agreed("secagg")
    paths = {name: tmp_path / name / "member.toml" for name in NAMES}
    (step,) = [one for one in private.steps(space) if one.kind == private.LEVELS]
    form = {release.name: ("uint32", release.size) for release in step.releases}
    arrays = messages.state(private.asked(private.begin(space)))
    dead = Hall(paths, {(name, private.LEVELS): lose(errors.TIMEOUT) for name in NAMES})
    with pytest.raises(errors.RoundError, match="0 institutions are left"):
        run(tmp_path / "consortium", dead, space).total(step.kind, form, arrays=arrays)
    charges = {name: budget.read(evidence.book(one)) for name, one in members.items()}
    kept = [np.frombuffer(budget.kept(evidence.book(members[name]), *charges[name]), "<i8") for name in NAMES]

    where = channel(tmp_path / "consortium", space, Hall(paths))
    one = Rounds(replace(where, place=replace(where.place, attempt=2)), 3, NAMES, lambda _one: None)
    one.begin(4)
    words = one.total(step.kind, form, arrays=arrays)

    np.testing.assert_array_equal(words["levels"].view(np.int32), functools.reduce(operator.add, kept))
    assert {name: budget.read(evidence.book(member)) for name, member in members.items()} == charges


# The end of a run.


@pytest.mark.parametrize("name", ["exact", "source-noise"])
def test_publishing_says_nothing_and_leaves_a_model_a_summary_and_no_draft(agreed, space, name):
    members, place = agreed(name)
    east = members["east"]
    shared = builders.begin(train(east))
    if name == "source-noise":
        tell(east, levels(space, place))

    reply = tell(east, question(space, place, messages.PUBLISH, shared, base=task.start(space), round=4))

    assert (reply.arrays, dict(reply.numbers)) == ({}, {"round": 4, "exchange": 1})
    assert not (east.models / "draft").exists()
    assert not (east.state / "runs" / "1").exists()
    found = artifact.load(east.models / "shared" / "oulad", space.catalog)
    np.testing.assert_array_equal(found.weights, shared.weights)
    assert artifact.read_manifest(east.models / "oulad")["policy"] == name
    assert institution.evaluation(east)["auc"].keys() == {"local", "federated", "personalised"}
    assert noted(east)[-1] == (messages.PUBLISH, "")
    if name == "source-noise":
        with pytest.raises(errors.BudgetError, match="run 1 is over"):
            tell(east, levels(space, place))


def test_a_storage_that_cannot_be_read_is_an_error_of_records(agreed, space, monkeypatch):
    members, place = agreed("source-noise")

    def broken(*_arguments, **_options):
        raise answers.institution.storage_errors.StorageError("disk")

    monkeypatch.setattr(answers.institution.connect, "connect", broken)
    with pytest.raises(errors.RecordsError):
        tell(members["east"], levels(space, place))
    assert noted(members["east"]) == [(private.LEVELS, "storage")]


def test_a_run_file_that_is_damaged_counts_as_none(agreed, space):
    members, place = agreed("source-noise")
    path = members["east"].state / "runs" / "1" / "run.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")

    assert tell(members["east"], levels(space, place)).arrays


def test_a_new_run_ends_what_was_kept_of_former_ones(agreed, space):
    """One that was broken off is published by nobody; its protected answers need not lie about."""
    members, place = agreed("source-noise")
    east = members["east"]
    tell(east, levels(space, place))
    tell(east, levels(space, replace(place, run="2")))

    with pytest.raises(errors.BudgetError, match="run 1 is over"):
        tell(east, levels(space, place))
    assert len([path for path in (east.state / "budget.answers").iterdir() if path.suffix != ".draft"]) == 1


def test_confirming_is_answered_with_a_signature(agreed, tmp_path, space):
    members, place = agreed("exact")
    paths = {name: tmp_path / name / "member.toml" for name in NAMES}
    one = run(tmp_path / "consortium", Hall(paths), space)
    found = one.total(messages.COUNTS, exact.base_form(space), parameters=one.known)
    told = {messages.SURVIVORS: messages.survivors(NAMES, NAMES)}

    reply = tell(members["east"], question(space, place, messages.CONFIRM, arrays=told, turn=1))

    assert found["rows"].shape == (1,)
    assert reply.arrays[messages.CONFIRMATION].shape == (rounds.letters.OVERHEAD,)
