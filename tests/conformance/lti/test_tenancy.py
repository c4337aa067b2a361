"""Three platforms with two clients each and two deployments each: only what belongs together comes in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from flask import Flask, jsonify

from entrepot.sandbox import tokens
from lti_tool import keys, platforms
from lti_tool.settings import COURSES, LINKS
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench

PLATFORMS, CLIENTS, DEPLOYMENTS = range(3), range(2), range(2)
SIGNERS = [tokens.new_signer("the-same-id") for _ in PLATFORMS]
Place = tuple[int, int, int]
EVERY: list[Place] = list(itertools.product(PLATFORMS, CLIENTS, DEPLOYMENTS))


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> Iterator[tuple[Bench, str]]:
    """A tool with all of them registered; every key has the same id, every course and person the same number."""
    app = Flask("platforms")
    app.add_url_rule("/p<int:one>/jwks", "jwks", lambda one: jsonify({"keys": [tokens.jwk(SIGNERS[one])]}))
    with (
        builders.serving(app) as base,
        builders.bench(tmp_path_factory.mktemp("tenancy"), issuer, tool_key) as bench,
    ):
        for platform, client in itertools.product(PLATFORMS, CLIENTS):
            deployments = tuple(deployed((platform, client, one)) for one in DEPLOYMENTS)
            record = builders.registered(
                f"{base}/p{platform}", f"client-{client}", deployments=deployments, frames=("https://lms.example",)
            )
            platforms.register(bench.storage, record)
        yield bench, base


def deployed(place: Place) -> str:
    return "d{}-{}-{}".format(*place)


def launched(world: tuple[Bench, str], began: Place, token: Place, deployment: str, signer: int) -> int:
    """Begin a login at one place, and answer it with a token of another."""
    bench, base = world
    browser = bench.client()
    begun = builders.begin(browser, f"{base}/p{began[0]}", client_id=f"client-{began[1]}")
    claims = builders.claims(
        f"{base}/p{token[0]}", begun.nonce, bench.clock(), aud=f"client-{token[1]}", deployment_id=deployment, sub="4"
    )
    return builders.launch(browser, begun.state, tokens.sign(SIGNERS[signer], claims)).status_code


def test_of_the_whole_matrix_the_diagonal_comes_in(world: tuple[Bench, str]) -> None:
    begins = [place for place in EVERY if place[2] == 0]  # a login names no deployment
    found = {
        (began[:2], token): launched(world, began, token, deployed(token), token[0])
        for began, token in itertools.product(begins, EVERY)
    }

    assert len(found) == 72
    assert found == {pair: 200 if pair[0] == pair[1][:2] else 400 for pair in found}


def test_the_deployment_of_another_comes_in_nowhere(world: tuple[Bench, str]) -> None:
    found = {
        (place[:2], other): launched(world, place, place, deployed(other), place[0])
        for place in EVERY
        if place[2] == 0
        for other in EVERY
        if other[:2] != place[:2]
    }

    assert set(found.values()) == {400}


def test_the_key_of_another_signs_nowhere_even_under_the_same_id(world: tuple[Bench, str]) -> None:
    found = {
        (place, signer): launched(world, place, place, deployed(place), signer)
        for place in EVERY
        for signer in PLATFORMS
        if signer != place[0]
    }

    assert set(found.values()) == {400}


def test_the_same_numbers_at_two_places_are_two_courses_and_two_links(world: tuple[Bench, str]) -> None:
    bench, _ = world
    for place in EVERY:
        assert launched(world, place, place, deployed(place), place[0]) == 200

    courses = bench.storage.find(COURSES, {})
    assert len({course["course"] for course in courses}) == len(courses) == len(EVERY)
    assert len(bench.storage.find(LINKS, {})) == len(EVERY)
