import os
import stat

import pytest

from federated import files


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_kept_with_the_directories_that_it_needs(tmp_path):
    path = files.keep(tmp_path / "runs" / "secret", b"one")

    assert path.read_bytes() == b"one"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_what_others_may_read_says_so(tmp_path):
    path = files.keep(tmp_path / "shown" / "summary.json", b"{}", files.PUBLIC)

    assert mode(path) & 0o044 == 0o044 & ~current_mask()


def current_mask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = files.keep(tmp_path / "kept", b"before")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.keep(path, b"after")
    assert path.read_bytes() == b"before"


def test_content_and_name_are_on_the_disk_before_anybody_is_told(tmp_path, monkeypatch):
    synced, real = [], os.fsync

    def note(descriptor):
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    files.keep(tmp_path / "kept", b"content")

    assert synced == [False, True]
