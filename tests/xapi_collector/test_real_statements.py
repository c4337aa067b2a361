"""Statements as they occur in a video platform, from the request to the label and back."""

import gzip
import json
from pathlib import Path

import pytest

from xapi_collector import statements

LINES = gzip.decompress((Path(__file__).parent / "data" / "fun-video-statements.jsonl.gz").read_bytes()).splitlines()


@pytest.fixture
def filled(lrs):
    """All of them, sent in batches of 100."""
    for start in range(0, len(LINES), 100):
        assert lrs.post(b"[" + b",".join(LINES[start : start + 100]) + b"]").status_code == 200
    return lrs


def test_real_statements_come_back_as_they_were_sent(filled):
    found, page = [], filled.get(ascending="true", limit="120").json
    while True:
        found += page["statements"]
        if not page["more"]:
            break
        page = filled.client.get(page["more"], headers=filled.headers).json
    sent = [json.loads(line) for line in LINES]

    assert [{name: each[name] for name in one} for each, one in zip(found, sent, strict=True)] == sent


def test_each_learner_and_video_is_found_with_exactly_its_own(filled):
    sent = [json.loads(line) for line in LINES]
    actor, activity = sent[7]["actor"], sent[7]["object"]["id"]

    assert filled.ids(agent=actor, ascending="true") == [each["id"] for each in sent if each["actor"] == actor]
    assert filled.ids(activity=activity, ascending="true") == [
        each["id"] for each in sent if each["object"]["id"] == activity
    ]


def test_there_are_as_many_pseudonyms_as_learners(filled):
    learners = {json.loads(line)["actor"]["account"]["name"] for line in LINES}

    assert len({label.actor for label in statements.labels(filled.storage, purpose="service")}) == len(learners)
