"""Every ENTREPOT_* variable that anything reads, and the check for slips."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from entrepot import errors
from federated import settings as federated_settings
from lti_tool import settings as tool_settings
from storage import settings
from xapi_collector import settings as collector_settings

PREFIX = "ENTREPOT_"
OTHERS = {
    "ENTREPOT_SANDBOX_CONFIG": "Path of the sandbox LMS's JSON file.",
    "ENTREPOT_TEST_FUZZ": "How many made-up requests the record store is sent by the tests.",
    "ENTREPOT_TEST_MONGODB_URI": "A MongoDB that the tests may use besides their own server.",
    "ENTREPOT_TEST_SOAK": "1 has the tests of survival take their large numbers.",
}


def known() -> dict[str, str]:
    """Give each variable's name with what it says."""
    rooms = (collector_settings.Settings, tool_settings.Settings, federated_settings.Environment)
    return {name: text for room in rooms for name, text in settings.names(room).items()} | OTHERS


def check(environ: Mapping[str, str]) -> None:
    """Raise errors.UnknownVariable for the first ENTREPOT_* name that nothing reads."""
    names = known()
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in names:
            tails = [known_name.removeprefix(PREFIX) for known_name in names]
            near = difflib.get_close_matches(name.removeprefix(PREFIX), tails, n=1)
            raise errors.UnknownVariable(name, f"{PREFIX}{near[0]}" if near else None)
