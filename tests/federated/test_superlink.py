"""The coordinator's executor without a SuperLink; test_federation and test_conduct run it with one."""

import signal
import sys
import time
from types import SimpleNamespace

import pytest

from federated import control, forks, superlink


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Let functions stand in for the SuperLink and for who leads a run; return what runs the executor with them.

    The tasks are those of the SuperLink, each a hash and a token.
    """
    monkeypatch.setenv("FLWR_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(superlink, "_ASK_SECONDS", 0.05)
    monkeypatch.setattr(superlink.control, "runtime", lambda *arguments, **_named: arguments[0])
    (tmp_path / "ca.pem").write_text("ca")
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run(serve, *tasks):
        left = list(tasks)

        def acquire(client, kind):
            assert (client, kind) == ("127.0.0.1:8000", "flwr-serverapp")
            return SimpleNamespace(task=SimpleNamespace(fab_hash=left[0][0]), token=left.pop(0)[1]) if left else None

        monkeypatch.setattr(superlink.control, "acquire", acquire)
        monkeypatch.setattr(superlink, "flower_superlink", lambda: serve(sys.argv))
        return superlink.main(["0.0.0.0:8000", str(tmp_path / "ca.pem"), "--port", "8000"])

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_it_ends_with_its_superlink_which_gives_tasks_to_nobody_without_the_secret(stand_in, tmp_path):
    def serve(arguments):
        secret = str(tmp_path / "home" / "executor.secret")
        wanted = ["flower-superlink", "--port", "8000", "--isolation", "process"]
        sys.exit(7 if arguments == [*wanted, "--superexec-auth-secret-file", secret] else 1)

    assert stand_in(serve) == 7


def test_each_run_is_led_in_a_process_of_its_own_and_none_with_another_bundle(stand_in, monkeypatch, tmp_path):
    own = control.bundle()[1]
    monkeypatch.setattr(superlink, "_run", lambda _address, ca, token: (tmp_path / f"{token} {ca!r}").touch())
    monkeypatch.setattr(superlink, "_refuse", lambda _address, _ca, token: (tmp_path / f"refused {token}").touch())
    wanted = {"first b'ca'", "refused second", "third b'ca'"}

    def serve(_arguments):
        until = time.monotonic() + 30
        while not all((tmp_path / name).exists() for name in wanted) and time.monotonic() < until:
            time.sleep(0.02)

    assert stand_in(serve, (own, "first"), ("f" * 64, "second"), (own, "third")) == 0
    assert {path.name for path in tmp_path.iterdir()} == {*wanted, "home", "ca.pem"}


def test_a_run_does_not_outlive_its_superlink(stand_in, monkeypatch, tmp_path):
    def lead(*_arguments):
        (tmp_path / "led").touch()
        time.sleep(60)

    monkeypatch.setattr(superlink, "_run", lead)
    started, whole = [], forks.start
    monkeypatch.setattr(forks, "start", lambda *arguments: started.append(whole(*arguments)) or started[-1])

    def serve(_arguments):
        while not (tmp_path / "led").exists():
            time.sleep(0.02)

    assert stand_in(serve, (control.bundle()[1], "token")) == 0
    assert [one.exitcode for one in started] == [0, 128 + signal.SIGTERM]


def test_a_run_is_led_as_flower_would_lead_it(monkeypatch):
    seen = []
    monkeypatch.setattr(superlink, "mirror_output_to_queue", seen.append)
    monkeypatch.setattr(superlink, "run_serverapp", lambda *arguments, **named: seen.append((*arguments, named)))

    superlink._run("127.0.0.1:8000", b"ca", "token")

    (told, (address, queue, token, named)) = seen
    assert (address, queue is told, token) == ("127.0.0.1:8000", True, "token")
    assert (named["insecure"], named["certificates"]) == (False, b"ca")


def test_a_run_that_is_not_led_is_ended_with_the_reason(monkeypatch, capsys):
    asked = []
    client = SimpleNamespace(PushTaskOutput=asked.append)
    monkeypatch.setattr(superlink.control, "runtime", lambda *_arguments, token: {"token": client}[token])

    superlink._refuse("127.0.0.1:8000", b"ca", "token")

    assert (asked[0].sub_status, "is not the one that is installed" in asked[0].details) == ("failed", True)
    assert "nothing was run" in capsys.readouterr().err
