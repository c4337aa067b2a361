"""An LTI 1.3 tool inside Moodle or Canvas: the pages that people see. Floor 3.

A launch comes in, is checked against the login that began it, and ends as one page: what to do next, why, and how
sure that is.

What must not be in this room: a database call outside `storage`, a second way to name a person
(`xapi_collector.agents` is the one), a model's mathematics (`recommender`), anything of `federated` (the tool only
reads the model that a round published), a script, style or font of another host, and a token, a name or a secret in a
log or a URL.
"""
