"""The collections of partner enterprises: who they are, what learners grant them, openings, what is told of a class.

A part of `settings.COLLECTIONS`, in a module of its own because that one is long. Floor 3.
"""

from __future__ import annotations

from storage.collection import Collection

PARTNERS = Collection(
    "lti_partners",
    ("course", "partner"),
    purpose="know which enterprises are partners of a course, what for, until when, and what is in their room",
    legal_basis="no personal data of learners; name and contact are sealed under the institution's key",
    residency="institution; in no round of a federation",
    retention="until two years after the contract, or until the platform is removed",
    export="not applicable: no personal data of learners",
    erase="not applicable: no personal data of learners; an instructor changes or ends it on the page",
)
PARTNER_LOG = Collection(
    "lti_partner_log",
    ("course", "entry"),
    fields=("by", "partner"),
    person="by",
    purpose="say which instructor registered a partner, let somebody in, or decided on an opening, and when",
    legal_basis="GDPR Art. 6(1)(e): teaching, and to answer for it to learners",
    residency="institution; in no round of a federation",
    retention="until the platform is removed",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
PARTNER_SEATS = Collection(
    "lti_partner_seats",
    ("course", "learner"),
    person="learner",
    purpose="let somebody of a partner who has a role in the course come in by a launch, with the address they got",
    legal_basis="GDPR Art. 6(1)(f): security of the sign-in",
    residency="institution; in no round of a federation",
    retention="until the person ends it, or the platform is removed; it opens nothing once the address ended",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
GRANTS = Collection(
    "lti_grants",
    ("key",),
    fields=("learner", "course", "partner", "opening"),
    person="learner",
    purpose="let one partner enterprise see what a learner grants it, until a day, until the learner ends it",
    legal_basis="GDPR Art. 6(1)(a): consent, each grant of its own, withdrawn by one press on the same page",
    residency="institution; shown to the named partner alone; what is granted sealed under the learner's data key",
    retention="what is granted until it ends; that it was granted as long as the learner's statements",
    export="part of `entrepot lrs export-person`, opened",
    erase="deleted with the person by `entrepot lrs erase`, unreadable in backups too; the view is gone at once",
)
GRANT_LOG = Collection(
    "lti_grant_log",
    ("key",),
    fields=("learner", "course"),
    person="learner",
    purpose="tell a learner who saw what they granted, and when: a record of disclosures",
    legal_basis="GDPR Art. 6(1)(c): Art. 5(2) and 15(1)(c), to whom data was disclosed; 34 CFR 99.32",
    residency="institution; in no round of a federation",
    retention="as long as the learner's statements",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
OPENINGS = Collection(
    "lti_openings",
    ("course", "opening"),
    fields=("partner",),
    purpose="show learners the internships, jobs and projects of partners that an instructor approved",
    legal_basis="no personal data of learners; what the partner wrote is sealed under the institution's key",
    residency="institution; in no round of a federation",
    retention="until a year after it closes, or until the platform is removed",
    export="not applicable: no personal data of learners",
    erase="not applicable: no personal data of learners",
)
DECISIONS = Collection(
    "lti_opening_decisions",
    ("key",),
    fields=("learner", "grant"),
    person="learner",
    purpose="tell a learner what a person at a partner decided on their application, who it was and why",
    legal_basis="GDPR Art. 6(1)(b): steps before a contract, at the learner's request; Art. 22: a person decides",
    residency="institution; sealed under the learner's data key",
    retention="as long as the learner's statements",
    export="part of `entrepot lrs export-person`, opened",
    erase="deleted with the person by `entrepot lrs erase`, unreadable in backups too",
)
COHORTS = Collection(
    "lti_cohorts",
    ("course",),
    purpose="tell partners how the learners of a course who agreed to be counted are spread over levels",
    legal_basis="no personal data: sums over 20 learners or more, each by consent, withdrawn on the page",
    residency="institution; what partners see is rounded, and moves only when five learners or more did",
    retention="a figure until the first week in which five learners or more moved; at the latest with the platform",
    export="not applicable: no personal data",
    erase="not applicable: no personal data; the person is in no figure that is made after that",
)
COLLECTIONS = (PARTNERS, PARTNER_LOG, PARTNER_SEATS, GRANTS, GRANT_LOG, OPENINGS, DECISIONS, COHORTS)
