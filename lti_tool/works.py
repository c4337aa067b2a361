"""The collections of what learners hand in: works, who reviews them, what was said of them. Floor 3.

A part of `settings.COLLECTIONS`, in a module of its own because that one is long. Documents with a `blob` are sealed
under a person's data key (`vault`), so that erasing the key erases them in backups too.
"""

from __future__ import annotations

from storage.collection import Collection

PROJECTS = Collection(
    "lti_projects",
    ("course", "project"),
    purpose="know what an instructor set for a project or a discussion of a course: dates, reviews, the forum",
    legal_basis="no personal data",
    residency="institution",
    retention="until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
HANDINS = Collection(
    "lti_handins",
    ("key",),
    fields=("learner", "course", "project"),
    person="learner",
    purpose="take what a learner hands in for a project, once for each learner, and send its score where it belongs",
    legal_basis="GDPR Art. 6(1)(e): teaching; for reviewers from outside Art. 6(1)(a): consent, withdrawn on the page",
    residency="institution; who the learner is at the platform sealed under the learner's data key",
    retention="as long as the learner's statements",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`, unreadable in backups too",
)
ENCLOSURES = Collection(
    "lti_enclosures",
    ("key",),
    fields=("learner", "work"),
    person="learner",
    purpose="keep the text, the links and the file of every version that a learner handed in",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution; sealed under the learner's data key",
    retention="until the learner withdraws it; at the latest as long as the learner's statements",
    export="part of `entrepot lrs export-person`, opened",
    erase="deleted by the learner on the page, or with the person by `entrepot lrs erase`, unreadable in backups too",
)
ALLOTMENTS = Collection(
    "lti_allotments",
    ("key",),
    fields=("learner", "course", "project", "work"),
    person="learner",
    purpose="know which work of another a learner reviews, and keep what they wrote, for themselves",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution; what they wrote sealed under the reviewing learner's data key",
    retention="as long as the reviewing learner's statements",
    export="part of `entrepot lrs export-person`, opened",
    erase="deleted with the person by `entrepot lrs erase`; the copy of whose work it is stays, and names nobody",
)
VERDICTS = Collection(
    "lti_verdicts",
    ("key",),
    fields=("learner", "course", "project", "work"),
    person="learner",
    purpose="tell a learner what peers, reviewers from outside and the instructor said of their work by its rubric",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution; sealed under the data key of the learner whose work it is",
    retention="until that learner withdraws the work; at the latest as long as their statements",
    export="part of `entrepot lrs export-person`, opened; it names no learner",
    erase="deleted with the person by `entrepot lrs erase`, unreadable in backups too",
)
OUTSIDE = Collection(
    "lti_outside",
    ("id",),
    fields=("course", "project"),
    purpose="let a reviewer from outside see the works of one project whose learners said yes, until it is revoked",
    legal_basis="no personal data of learners; the label that the instructor gave the reviewer is sealed",
    residency="institution",
    retention="until a year after it ends; the address itself is not kept",
    export="not applicable: no personal data of learners",
    erase="not applicable: no personal data of learners; revoked on the page",
)
OUTSIDE_PACES = Collection(
    "lti_outside_paces",
    ("address",),
    purpose="count the requests of this minute for an address that needs no launch, in all processes together",
    legal_basis="no personal data: who asks is not kept",
    residency="institution",
    retention="a day after the address was last asked for",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
PROJECT_LOG = Collection(
    "lti_project_log",
    ("course", "entry"),
    fields=("by", "project"),
    person="by",
    purpose="say which instructor set dates, gave out reviews, decided on a work or let somebody from outside in",
    legal_basis="GDPR Art. 6(1)(e): teaching, and to answer for it to learners",
    residency="institution",
    retention="until the platform is removed",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
COLLECTIONS = (PROJECTS, HANDINS, ENCLOSURES, ALLOTMENTS, VERDICTS, OUTSIDE, OUTSIDE_PACES, PROJECT_LOG)
