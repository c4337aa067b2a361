from __future__ import annotations

import itertools
import re
from multiprocessing import util
from pathlib import Path

import psutil
import pytest

from lti_tool import app as tool_app
from lti_tool import errors, keys
from lti_tool import settings as tool_settings
from lti_tool.settings import PLATFORMS, Settings
from storage import errors as storage_errors
from storage import settings as storage_settings
from tests.lti_tool import builders
from xapi_collector import keyring


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An institution's files and variables."""
    keyring.create(tmp_path / "keyring.json")
    keys.create(tmp_path / "tool.pem")
    settings = builders.settings(tmp_path)
    for name, variable in zip(Settings.__slots__, storage_settings.names(Settings), strict=True):
        monkeypatch.setenv(variable, str(getattr(settings, name)))
    return tmp_path


@pytest.mark.usefixtures("environment")
def test_the_environment_describes_a_tool_that_answers_and_ends_with_its_process() -> None:
    app = tool_app.application()
    tool = app.extensions["lti_tool"]

    assert app.test_client().get("/health").status_code == 200
    util._run_finalizers(1)  # what the end of a worker does
    assert tool.emitter.stopping.is_set()
    with pytest.raises(storage_errors.StorageError):
        tool.storage.get(PLATFORMS, ("a", "b"))


@pytest.mark.usefixtures("environment")
def test_a_process_compiles_every_template_before_its_first_page() -> None:
    app = tool_app.application()
    util._run_finalizers(1)

    assert app.jinja_env.cache is not None
    compiled = {name for (_, name), _ in app.jinja_env.cache.items()}
    assert compiled == set(app.jinja_env.list_templates(extensions=["html"]))
    assert "today.html" in compiled


@pytest.mark.usefixtures("environment")
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENTREPOT_LTI_URL")

    with pytest.raises(storage_errors.SettingsError, match="ENTREPOT_LTI_URL"):
        tool_app.application()


def test_a_tool_key_that_is_gone_is_named(environment: Path) -> None:
    (environment / "tool.pem").unlink()

    with pytest.raises(errors.ConfigurationError, match="tool key"):
        tool_app.application()

    assert [file.path for file in psutil.Process().open_files() if file.path.startswith(str(environment))] == []


def test_the_secret_is_not_in_a_repr(tmp_path: Path) -> None:
    assert "very-secret" not in repr(builders.settings(tmp_path, xapi_secret="very-secret"))


def test_references_can_be_read_aloud_and_differ() -> None:
    found = {tool_app.new_reference() for _ in range(50)}

    assert len(found) == 50
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3}", reference) for reference in found)


def test_the_tool_s_collections_and_the_collector_s_do_not_collide() -> None:
    names = [collection.name for collection in tool_app.COLLECTIONS]

    assert len(set(names)) == len(names)
    assert set(tool_settings.COLLECTIONS) <= set(tool_app.COLLECTIONS)


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    drawn = [line.strip() for line in itertools.islice((errors.__doc__ or "").splitlines(), 2, 9)]

    assert drawn == [
        "LtiToolError",
        "ConfigurationError",
        "Refused",
        "LoginRefused",
        "LaunchRefused",
        "KeyUnavailable",
        "PageRefused",
    ]
