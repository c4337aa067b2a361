"""Simulated learners, to measure what a path teaches. Floor 2.

`worlds` says what a simulator is; `bayes`, `ability`, `practice` and `coherence` are four laws of learning; `foreign`
drives simulators that others wrote; `families` names them all. No law here may import `tracker`, `policy`, `tracing`
or anything else that chooses or predicts: the judge is never the model that chose.
"""
