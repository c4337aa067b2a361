"""Small worlds, and a stand-in for the simulators of others with the surface that is called."""

from __future__ import annotations

import random
import sys
import types

import numpy as np

from recommender.simulators import worlds

CHAIN = ((), (0,), (1,), (2,))  # 0 -> 1 -> 2 -> 3
CATALOG = worlds.catalog_of(CHAIN, "chain")


def every(_rng):
    """A goal of all four skills."""
    return dict.fromkeys(range(4), 5)


def last(_rng):
    """A goal of the last skill."""
    return {3: 5}


def luck(seed=0):
    return np.random.default_rng(seed)


class _Graph:
    def __init__(self, edges):
        self.edges = edges
        self.nodes = {node for edge in edges for node in edge}


class _KssLearner:
    """A learner as KSS keeps one: abilities, a goal, two histories."""

    def __init__(self, initial_state, knowledge_structure, learning_target):
        self._state = initial_state
        self.target = learning_target
        self.structure = knowledge_structure
        self.learning_history = []
        self.exercise_history = []

    def learn(self, item):
        self.learning_history.append(item)
        self._state[item] = min(5.0, self._state[item] + 1.0)

    def test(self, item):
        return self._state[item]


class _Tester:
    def begin_episode(self, learner):
        self.learner = learner

    def test(self, item):
        return 1 if self.learner.test(item) >= 1.0 else 0

    def exam(self):
        return sum(map(self.test, self.learner.target))


class _Kss:
    def __init__(self, learner_num, seed):
        random.seed(seed)
        self.ks = _Graph([(0, 1), (1, 2)])
        self.tester = _Tester()
        self.learners = self.generate_learners(learner_num)

    def generate_learners(self, learner_num, step=20):
        raise TypeError("Population must be a sequence.")  # as KSS does on Python 3.11

    @staticmethod
    def _get_learner_ability(learner_num):
        return [[random.randint(-3, 0) for _ in range(3)] for _ in range(learner_num)]

    def _learner_warm_up(self, learner, step):
        for _ in range(step):
            item = random.randint(0, 2)
            if learner.test(item) < 0:
                learner.learn(item)
            self.tester.begin_episode(learner)
            learner.exercise_history.append([item, self.tester.test(item)])


class _TreeLearner:
    def __init__(self):
        self._state = 0

    @property
    def state(self):
        return [int(self._state > skill) for skill in range(3)]

    def test(self, skill):
        return self.state[skill]


class _Tms:
    """Three skills in a chain; each is learnt by its first practice, if the one before is there."""

    def __init__(self, name):
        assert name == "tree"
        self.ks = iter([["0", "1"], ["1", "2"]])
        self.action_num = 3
        self.exercise_bank = {skill: [[0.1, 0.2], [0.2, 0.1]] for skill in range(3)}
        self._learner = _TreeLearner()

    def begin_episode(self):
        self._learner._state = random.choice([0, 1])

    def step(self, skill):
        if self._learner._state == skill and random.random() < 0.8:
            self._learner._state += 1
        state = self._learner.state
        return (
            [[1 - slip if state[each] else guess for guess, slip in self.exercise_bank[each]] for each in state],
            0,
            0,
            0,
        )


def install(monkeypatch):
    """Put the stand-in where EduSim would be."""

    def module(name, **names):
        made = types.ModuleType(name)
        made.__dict__.update(names)
        monkeypatch.setitem(sys.modules, name, made)

    for package in ("EduSim", "EduSim.Envs", "EduSim.Envs.KSS", "EduSim.Envs.TMS"):
        module(package)
    module("EduSim.Envs.KSS.Env", KSS=_Kss, Learner=_KssLearner, random=random)
    module("EduSim.Envs.TMS.Env", TMSEnv=_Tms)
    module("EduSim.Envs.TMS.Learner", random=random)


class Tracing:
    """A stand-in for edmine's environment: mastery of a concept is its smoothed rate, a question's chance too."""

    concepts = (0, 0, 1, 2)  # of each question

    def step(self, data):
        (history,) = data["history_data"]
        assert len(history["question_seq"]) == len(history["mask_seq"]) == history["seq_len"]
        state = []
        for concept in range(3):
            own = [
                right
                for question, right in zip(history["question_seq"], history["correctness_seq"], strict=True)
                if self.concepts[question] == concept
            ]
            state.append((sum(own) + 1) / (len(own) + 2))
        ahead = data.get("next_rec_data")
        chance = state[self.concepts[ahead[0]["question_seq"]]] if ahead else 0.0
        return [chance], [state]
