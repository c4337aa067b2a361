import os

import pytest

from federated import control, errors, pki, runtime
from tests.federated.test_pki import HOSTS, NOW


@pytest.fixture
def ca(tmp_path):
    return pki.ensure(tmp_path / "pki", HOSTS, NOW).ca


def test_a_superlink_that_is_not_there_is_said(ca):
    address = f"127.0.0.1:{runtime.free_port()}"

    with (
        pytest.raises(errors.RuntimeFailure, match=f"{address} failed to answer"),
        control.client(address, ca) as client,
    ):
        control.nodes(client)


@pytest.mark.parametrize("before", [None, ".example"])
def test_the_environment_is_as_before_when_a_client_was_made(ca, monkeypatch, before):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    if before:
        monkeypatch.setenv("NO_PROXY", before)

    with control.client("127.0.0.1:1", ca):
        found = (os.environ.get("NO_PROXY"), os.environ.get("no_proxy"))

    assert found == (before, None)


def test_a_client_goes_to_loopback_without_the_proxy_of_the_environment(ca, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{runtime.free_port()}")

    with control.client("127.0.0.1:1", ca) as client:
        transports = client._client._mounts.items()

    assert [transport for pattern, transport in transports if pattern.host == "127.0.0.1"] == [None]


def test_the_bundle_is_small_and_always_the_same():
    content, digest = control.bundle()

    assert control.bundle() == (content, digest)
    assert len(content) < 10_000
