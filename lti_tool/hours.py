"""The collections of timed exams: who has extra time, and which exams run. Floor 3.

A part of `settings.COLLECTIONS`, in a module of its own because that one is long.
"""

from __future__ import annotations

from storage.collection import Collection

ALLOWANCES = Collection(
    "lti_allowances",
    ("course", "learner"),
    person="learner",
    purpose="give a learner extra time in the exams of a course; the reason is not asked for and not kept",
    legal_basis="GDPR Art. 6(1)(e): teaching, and equal chances in examinations",
    residency="institution; in no round of a federation",
    retention="until whoever teaches takes it back; at the latest until the platform is removed",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
CLOCKS = Collection(
    "lti_clocks",
    ("learner", "link", "activity"),
    person="learner",
    purpose="end an exam at its deadline and score it although the learner closed the window",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution; who the learner is at the platform is sealed under a key of the keyring",
    retention="until the exam is over",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
COLLECTIONS = (ALLOWANCES, CLOCKS)
