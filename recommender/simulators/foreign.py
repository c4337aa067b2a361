"""Simulators that others wrote, driven as worlds of ours where the operator has installed them. Floor 2.

EduSim (github.com/bigdata-ustc/EduSim, MIT): KSS, in version 0.0.2; TMS, in the later one (github.com/tswsxk/EduSim).
Its luck comes from the module `random`, which is seeded here through its own modules, so that runs repeat. edmine 1.0
(on PyPI, MIT) puts a trained model of knowledge tracing in the learner's place: there is no true state there, and its
gain is what that model believes.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from curriculum.catalog import Catalog
from recommender import errors
from recommender.simulators import worlds
from recommender.simulators.worlds import Problem, Simulator, Trial, World

Goal = Callable[[np.random.Generator], Mapping[int, int]]

_KSS_SPAN = (-3.0, 5.0)  # abilities of a learner of KSS
_WARM = 20  # answers that KSS makes visible before the first step
_SEED = 2**31


class KnowledgeTracing(Protocol):
    """The part of edmine's `KTEnv` that is called."""

    def step(self, data: dict[str, Any]) -> tuple[Any, Any]:
        """Chances of a right answer [batch] and mastery of every concept [batch, concepts] after the histories."""


def _module(name: str, package: str, where: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise errors.MissingSimulator(package, where, error) from error


def _kss_module() -> Any:
    return _module("EduSim.Envs.KSS.Env", "EduSim 0.0.2", "github.com/bigdata-ustc/EduSim")


def _tms_module() -> Any:
    return _module("EduSim.Envs.TMS.Env", "EduSim with TMS", "github.com/tswsxk/EduSim")


def _learners(env: Any, learner_num: int, step: int = _WARM) -> list[Any]:
    """What `KSS.generate_learners` does, without its progress bar and on Python 3.11, where a set has no sample."""
    module = _kss_module()
    nodes = sorted(env.ks.nodes)
    made = []
    for ability in env._get_learner_ability(learner_num):  # noqa: SLF001  (KSS has no public door to it)
        target = set(module.random.sample(nodes, module.random.randint(3, len(nodes))))
        learner = module.Learner(initial_state=ability, knowledge_structure=env.ks, learning_target=target)
        env._learner_warm_up(learner, step)  # noqa: SLF001  (nor to this)
        made.append(learner)
    return made


class _KssLearner:
    def __init__(self, env: Any, drawn: Any) -> None:
        self._env = env
        self._learner = copy.copy(drawn)
        self._learner._state = list(drawn._state)  # noqa: SLF001  (a learner of KSS keeps it here alone)
        self._learner.learning_history = list(drawn.learning_history)
        self._learner.exercise_history = list(drawn.exercise_history)

    def practise(self, skill: int, rng: np.random.Generator) -> bool:
        self._learner.learn(skill)
        return self.answer(skill, rng)

    def answer(self, skill: int, rng: np.random.Generator) -> bool:
        del rng
        self._env.tester.begin_episode(self._learner)  # it asks the learner that it was given last
        return bool(self._env.tester.test(skill) == 1)

    def achieved(self) -> float:
        self._env.tester.begin_episode(self._learner)
        return float(self._env.tester.exam())

    def mastery(self, skill: int) -> float:
        low, high = _KSS_SPAN
        return max(0.0, (float(self._learner.test(skill)) - low) / (high - low))


def _kss(rng: np.random.Generator) -> World:
    module = _kss_module()
    kind = type("KSS", (module.KSS,), {"generate_learners": _learners})
    env = kind(learner_num=0, seed=int(rng.integers(_SEED)))
    parents: list[list[int]] = [[] for _ in env.ks.nodes]
    for before, after in env.ks.edges:
        parents[after].append(before)
    catalog = worlds.catalog_of(tuple(tuple(sorted(before)) for before in parents), "edusim-kss")

    def trial(luck: np.random.Generator) -> Trial:
        module.random.seed(int(luck.integers(_SEED)))
        (drawn,) = env.generate_learners(1)
        history = tuple((int(skill), right == 1) for skill, right in drawn.exercise_history)
        targets = dict.fromkeys(sorted(drawn.target), worlds.TARGET)
        return Trial(Problem(catalog, targets, history), float(len(targets)), lambda: _KssLearner(env, drawn))

    return World(catalog, lambda luck: worlds.until_useful(lambda: trial(luck)))


class _TmsLearner:
    def __init__(self, env: Any, module: Any, state: int, seed: int) -> None:
        self._env = env
        self._learner = env._learner  # noqa: SLF001  (TMS has one learner, and no public door to it)
        self._random = module.random
        self._state = state
        self._random.seed(seed)

    def practise(self, skill: int, rng: np.random.Generator) -> bool:
        self._enter()
        seen, _, _, _ = self._env.step(skill)
        self._state = self._learner._state  # noqa: SLF001  (see above)
        return bool(rng.random() < seen[skill][int(rng.integers(len(seen[skill])))])

    def answer(self, skill: int, rng: np.random.Generator) -> bool:
        self._enter()
        items = self._env.exercise_bank[skill]
        guess, slip = items[int(rng.integers(len(items)))]
        return bool(rng.random() < (1.0 - slip if self._learner.test(skill) else guess))

    def achieved(self) -> float:
        self._enter()
        return float(sum(self._learner.state))

    def mastery(self, skill: int) -> float:
        self._enter()
        return float(self._learner.state[skill])

    def _enter(self) -> None:
        self._learner._state = self._state  # noqa: SLF001  (see above)


def _tms(rng: np.random.Generator) -> World:
    module = _tms_module()
    source = _module("EduSim.Envs.TMS.Learner", "EduSim with TMS", "github.com/tswsxk/EduSim")
    source.random.seed(int(rng.integers(_SEED)))
    env = module.TMSEnv("tree")
    parents: list[list[int]] = [[] for _ in range(env.action_num)]
    for before, after in env.ks:
        parents[int(after)].append(int(before))
    catalog = worlds.catalog_of(tuple(map(tuple, parents)), "edusim-tms")
    targets = dict.fromkeys(range(env.action_num), worlds.TARGET)

    def trial(luck: np.random.Generator) -> Trial:
        source.random.seed(int(luck.integers(_SEED)))
        env.begin_episode()
        state, seed = env._learner._state, int(luck.integers(_SEED))  # noqa: SLF001  (see above)
        return Trial(Problem(catalog, targets), float(len(targets)), lambda: _TmsLearner(env, source, state, seed))

    return World(catalog, lambda luck: worlds.until_useful(lambda: trial(luck)))


class _TracedLearner:
    def __init__(
        self, env: KnowledgeTracing, questions: Sequence[Sequence[int]], targets: tuple[int, ...], history: _History
    ) -> None:
        self._env = env
        self._questions = questions
        self._targets = targets
        self._history = list(history)
        self._mastery = self._look()

    def practise(self, skill: int, rng: np.random.Generator) -> bool:
        question, right = self._ask(skill, rng)
        self._history.append((question, right))
        self._mastery = self._look()
        return right

    def answer(self, skill: int, rng: np.random.Generator) -> bool:
        return self._ask(skill, rng)[1]

    def achieved(self) -> float:
        return sum(self._mastery[skill] for skill in self._targets)

    def mastery(self, skill: int) -> float:
        return self._mastery[skill]

    def _ask(self, skill: int, rng: np.random.Generator) -> tuple[int, bool]:
        questions = self._questions[skill]
        question = int(questions[int(rng.integers(len(questions)))])
        ahead = {"question_seq": question, "correctness_seq": 0, "mask_seq": 1}
        chance, _ = self._env.step({"history_data": [_columns(self._history)], "next_rec_data": [ahead]})
        return question, bool(rng.random() < float(chance[0]))

    def _look(self) -> list[float]:
        _, state = self._env.step({"history_data": [_columns(self._history)]})
        return [float(value) for value in state[0]]


_History = Sequence[tuple[int, bool]]


def _columns(history: _History) -> dict[str, Any]:
    return {
        "question_seq": [question for question, _ in history],
        "correctness_seq": [int(right) for _, right in history],
        "mask_seq": [1] * len(history),
        "seq_len": len(history),
    }


def edmine(
    env: KnowledgeTracing,
    catalog: Catalog,
    questions: Sequence[Sequence[int]],
    histories: Sequence[_History],
    goal: Goal,
    *,
    name: str = "edmine",
) -> Simulator:
    """Worlds in which a trained model of edmine takes the learner's place.

    There is no truth in them: a gain is what that model believes, so it counts beside other judges only.

    Args:
        env: edmine's `KTEnv` around a trained model.
        catalog: The concepts as skills, in the order of the model's concepts, with prerequisites if any are known.
        questions: Of each concept, the numbers of its questions.
        histories: Of learners that the model was not trained on, (question, right) pairs, at least one a learner.
        goal: Draws a goal: level by concept.
        name: Of the simulator.
    """
    concept: dict[int, int] = {}
    for skill, numbers in enumerate(questions):
        for number in numbers:
            concept.setdefault(number, skill)

    def trial(luck: np.random.Generator) -> Trial:
        history = histories[int(luck.integers(len(histories)))]
        targets = goal(luck)
        seen = tuple((concept[question], right) for question, right in history)
        return Trial(
            Problem(catalog, targets, seen),
            float(len(targets)),
            lambda: _TracedLearner(env, questions, tuple(targets), history),
        )

    world = World(catalog, lambda luck: worlds.until_useful(lambda: trial(luck)))
    return Simulator(name, "a trained model of knowledge tracing by edmine in the learner's place", lambda _: world)


KSS = Simulator("edusim-kss", "EduSim's KSS, where EduSim is installed", _kss)
TMS = Simulator("edusim-tms", "EduSim's TMS, where EduSim is installed", _tms)
