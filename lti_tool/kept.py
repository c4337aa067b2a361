"""The collections of what a course does together: sessions, who was there, calendars. Floor 3.

A part of `settings.COLLECTIONS`, in a module of its own because that one is long.
"""

from __future__ import annotations

from storage.collection import Collection

EVENTS = Collection(
    "lti_events",
    ("course", "event"),
    purpose="know which sessions a course has, when and where, and which skills they are about",
    legal_basis="no personal data: who scheduled a session is not kept",
    residency="institution; in no round of a federation",
    retention="400 days after the session, or until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
ATTENDANCES = Collection(
    "lti_attendances",
    ("course", "event", "learner"),
    person="learner",
    purpose="know who was at a session, once, and what the facilitator saw of their skills; bound how often a code is "
    "guessed",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution; in no round of a federation but as the learner's statements",
    retention="as long as the session; the platform's id is sealed, so that a score can name the learner",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
CALENDARS = Collection(
    "lti_calendars",
    ("calendar",),
    fields=("learner",),
    person="learner",
    purpose="let a learner's own calendar read the sessions of a course by a link that they asked for and can end",
    legal_basis="GDPR Art. 6(1)(e): teaching, on the learner's request",
    residency="institution; in no round of a federation",
    retention="until the learner ends the link, or as long as the learner's statements",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`; the link is dead at once",
)
COLLECTIONS = (EVENTS, ATTENDANCES, CALENDARS)
