"""The platform of Open edX runs in an environment of its own: its module cannot be imported in that of the tests."""

collect_ignore = ["openedx.py"]
