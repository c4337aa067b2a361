"""`entrepot key` says what happened, what comes next, and when."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from entrepot import cli, variables
from lti_tool import keys
from tests.lti_tool import builders


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a tool whose key lies in a directory of its own."""
    for name in variables.known():
        monkeypatch.delenv(name, raising=False)
    settings = builders.settings(tmp_path)
    for field in type(settings).__dataclass_fields__.values():
        monkeypatch.setenv(field.metadata["env"], str(getattr(settings, field.name)))
    keys.create(settings.key)
    return Path(settings.key)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(["key", *words])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_a_rotation_from_the_first_step_to_the_last(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = keys.load(path).kid

    code, told = run(capsys, "rotate")
    assert code == 0
    assert "The tool publishes it now, and still signs with the old one." in told
    assert "Next: `entrepot key promote`, after 20" in told

    code, told = run(capsys, "promote")
    assert code == 1
    assert "platforms may not have seen the next key yet; wait 24 h 0 min, or add --now" in told

    day_ago = path.stat().st_mtime - 86_401
    os.utime(keys.beside_of(path, keys.NEXT), (day_ago, day_ago))
    code, told = run(capsys, "promote")
    assert code == 0
    assert "No restart is needed.\nNext: `entrepot key retire`, after 20" in told

    code, told = run(capsys, "list")
    assert code == 0
    assert [line.split()[0] for line in told.splitlines()] == ["signing", "previous"]
    assert f"previous  {old}  since 20" in told

    code, told = run(capsys, "retire", "--now")
    assert (code, told) == (0, "The earlier key is removed and published no more. The rotation is complete.\n")


def test_a_step_is_needed_and_must_be_one(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["steal"]):
        with pytest.raises(SystemExit) as stopped:
            cli.main(["key", *words])
        assert stopped.value.code == 2
