"""Requests made from the OpenAPI document, right and wrong ones: none ends in a server error.

`make test` asks some hundred times, `make fuzz` 5,000 times: ENTREPOT_TEST_FUZZ says how often. Hypothesis shrinks and
shows the request that failed.
"""

import os
from importlib.resources import files

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode

from tests.xapi_collector import lrs as builders

REQUESTS = int(os.environ.get("ENTREPOT_TEST_FUZZ", "200"))
_DOCUMENT = yaml.safe_load(files("xapi_collector").joinpath("openapi.yaml").read_text(encoding="utf-8"))
_METHODS = {"get", "put", "post", "delete"}


def _cases():
    """Each operation with right requests, and with wrong ones where there is anything to get wrong."""
    for path, item in _DOCUMENT["paths"].items():
        for method in _METHODS & item.keys():
            wrong = "parameters" in item or "requestBody" in item[method]
            yield from ((path, method, mode) for mode in GenerationMode if wrong or mode.is_positive)


CASES = sorted(_cases())
_VARIED = sum(1 for path, *_ in CASES if path.startswith(("/xapi/a", "/xapi/s", "/caliper")))  # not /health and such
EACH = -(-REQUESTS // _VARIED)


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    directory = tmp_path_factory.mktemp("fuzz")
    made = builders.make(f"sqlite:///{directory}/store", directory)
    yield made
    made.storage.close()


@pytest.fixture(scope="module")
def surface(collector):
    return schemathesis.openapi.from_wsgi("/xapi/openapi.json", collector.client.application)


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_no_request_ends_in_a_server_error(collector, surface, path, method, mode):
    asked = []

    @settings(
        max_examples=EACH,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        database=None,
    )
    @given(case=surface[path][method].as_strategy(generation_mode=mode))
    def ask(case):
        answer = case.call(headers={"Authorization": collector.headers["Authorization"]})
        asked.append(answer.status_code)

        assert answer.status_code < 500, answer.text

    ask()

    assert asked
