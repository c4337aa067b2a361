"""Which version a request speaks."""

import pytest

from xapi_collector import errors
from xapi_collector.grammar import versions


@pytest.mark.parametrize(
    ("header", "version"),
    [
        ("1.0", "1.0.3"),
        ("1.0.0", "1.0.3"),
        ("1.0.3", "1.0.3"),
        ("1.0.99", "1.0.3"),
        ("2.0", "2.0.0"),
        ("2.0.0", "2.0.0"),
        ("2.0.1", "2.0.0"),
    ],
)
def test_a_version_is_spoken_as_its_latest_patch(header, version):
    assert versions.negotiate(header) == versions.announced(header) == version


@pytest.mark.parametrize(
    ("header", "rule", "answered"),
    [
        (None, "XAPI-00321", "0.9"),
        ("", "XAPI-00321", "1.0.3"),
        ("0.9", "XAPI-00331", "1.0.3"),
        ("0.95", "XAPI-00331", "1.0.3"),
        ("1.1.0", "XAPI-00331", "1.0.3"),
        ("1", "XAPI-00331", "1.0.3"),
        ("1.0.", "XAPI-00331", "1.0.3"),
        ("1.0.3 ", "XAPI-00331", "1.0.3"),
        ("1.0.3\n", "XAPI-00331", "1.0.3"),
        ("1.0.3.1", "XAPI-00331", "1.0.3"),
        ("1.0.٣", "XAPI-00331", "1.0.3"),
        ("2.1.0", "XAPI-00331", "2.0.0"),
        ("3.0.0", "XAPI-00331", "1.0.3"),
        ("1.0.3, 2.0.0", "XAPI-00331", "1.0.3"),
    ],
)
def test_another_version_is_refused_and_the_nearest_is_answered(header, rule, answered):
    with pytest.raises(errors.RequestError) as caught:
        versions.negotiate(header)

    assert (caught.value.status, caught.value.rule) == (400, rule)
    assert versions.announced(header) == answered


def test_over_http_the_answer_names_the_version_of_the_request(quick):
    def answered(path, **headers):
        credential = {"Authorization": quick.headers["Authorization"]}
        answer = quick.client.get(path, headers=credential | headers)
        return answer.status_code, answer.headers.getlist("X-Experience-API-Version")

    spoken = {version: {"X-Experience-API-Version": version} for version in ("1.0", "2.0.0", "3.0")}
    assert answered("/xapi/statements", **spoken["1.0"]) == (200, ["1.0.3"])
    assert answered("/xapi/statements", **spoken["2.0.0"]) == (200, ["2.0.0"])
    assert answered("/xapi/statements", **spoken["3.0"]) == (400, ["1.0.3"])
    assert answered("/xapi/statements") == (400, ["0.9"])
    assert answered("/xapi/about") == (200, ["1.0.3"])
    assert answered("/xapi/about", **spoken["2.0.0"]) == (200, ["2.0.0"])
    assert answered("/nothing", **spoken["2.0.0"]) == (404, ["2.0.0"])
