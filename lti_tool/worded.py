"""The collections of what a language model said in other words. Floor 3.

A part of `settings.COLLECTIONS`, in a module of its own because that one is long. None of them holds a person: what is
sent to the model, and so what comes back, are facts of a question.
"""

from __future__ import annotations

from storage.collection import Collection

PHRASES = Collection(
    "lti_phrases",
    ("phrase",),
    purpose="show once more what a language model said of a question and a cause, without asking it again",
    legal_basis="no personal data: facts of a question, its cause, a language, one of three levels",
    residency="institution",
    retention="180 days",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
PHRASING_LOG = Collection(
    "lti_phrasing_log",
    ("entry",),
    purpose="let the institution read what was sent to its language model, what came back and why it was dropped",
    legal_basis="no personal data: nothing of a learner is sent",
    residency="institution",
    retention="30 days, or as ENTREPOT_LTI_MODEL_LOG_DAYS says",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
PHRASING_DAYS = Collection(
    "lti_phrasing_days",
    ("day",),
    purpose="count how many texts of the language model passed the check and why others did not",
    legal_basis="no personal data",
    residency="institution",
    retention="400 days",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
PHRASING_COURSES = Collection(
    "lti_phrasing_courses",
    ("course",),
    purpose="know in which courses texts of the language model may be shown",
    legal_basis="no personal data: who switched it on is not kept",
    residency="institution",
    retention="until it is switched off; at the latest until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
COLLECTIONS = (PHRASES, PHRASING_LOG, PHRASING_DAYS, PHRASING_COURSES)
