import os
import signal
import time
from multiprocessing import Pipe

import pytest

from federated import forks


def end(raised):
    raise raised


@pytest.mark.parametrize(
    ("raised", "code"), [(SystemExit(3), 3), (SystemExit("text"), 1), (SystemExit(None), 0), (SystemExit(0), 0)]
)
def test_a_fork_ends_with_its_code(raised, code):
    one = forks.start(end, raised)
    one.join()

    assert one.exitcode == code


def test_of_an_error_the_place_is_logged_and_nothing_of_its_text(capfd):
    one = forks.start(end, ValueError("canary alice"))
    one.join()

    assert one.exitcode == 1
    logged = capfd.readouterr().err
    assert "ValueError at test_forks.py:" in logged
    assert "canary" not in logged


def test_a_fork_whose_work_is_done_ends_well_and_changes_nothing_here(tmp_path):
    here = []
    one = forks.start(here.append, 1)
    one.join()

    assert (one.exitcode, here) == (0, [])


def test_who_waits_is_woken_by_the_end_of_a_process_or_by_a_bell():
    bell, other = Pipe()
    idle, brief = forks.start(time.sleep, 60), forks.start(int)
    begun = time.monotonic()

    forks.first([idle, brief], bell)
    other.send_bytes(b"!")
    other.send_bytes(b"!")
    forks.first([idle], bell)
    assert not bell.poll()  # all rings were taken
    forks.first([idle], bell, seconds=0.01)

    forks.end([idle, brief], 5.0)
    assert time.monotonic() - begun < 30
    assert (idle.exitcode, brief.exitcode) == (-signal.SIGTERM, 0)


def test_who_does_not_end_when_told_to_is_killed(tmp_path):
    def stubborn():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (tmp_path / "ready").touch()
        time.sleep(60)

    one = forks.start(stubborn)
    while not (tmp_path / "ready").exists():
        time.sleep(0.01)
    forks.end([one], 0.1)

    assert one.exitcode == -signal.SIGKILL


def test_the_secret_is_fresh_and_for_its_owner_only(tmp_path):
    first = forks.secret(tmp_path / "home").read_bytes()
    path = forks.secret(tmp_path / "home")

    assert path.read_bytes() != first
    assert path.stat().st_mode & 0o077 == 0


def test_a_signal_ends_a_process_as_others_expect():
    with pytest.raises(SystemExit, match=str(128 + signal.SIGTERM)):
        forks.leave(signal.SIGTERM, None)


def test_what_was_imported_is_not_collected_again():
    before = forks.gc.get_freeze_count()
    forks.settle()

    assert forks.gc.get_freeze_count() > before
    forks.gc.unfreeze()


def test_a_fork_whose_parent_is_gone_does_nothing(monkeypatch, tmp_path):
    """Its parent may die before the kernel is asked to tell of that."""
    monkeypatch.setattr(os, "getppid", lambda: 1)
    one = forks.start((tmp_path / "done").touch)
    one.join()

    assert (one.exitcode, (tmp_path / "done").exists()) == (1, False) if forks.sys.platform == "linux" else True
