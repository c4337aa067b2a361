"""What the operator decides about the tool, and the collections that it keeps. Floor 3.

Read once, in `app.application`, by `storage.settings.from_environ`; secrets do not show in a repr.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lti_tool import holdings, hours, kept, linkbook, partnered, polls, worded, works
from storage.collection import Collection

PLATFORMS = Collection(
    "lti_platforms",
    ("iss", "client_id"),
    purpose="know which learning platforms may launch this tool, and where their keys are",
    legal_basis="no personal data",
    residency="institution",
    retention="until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
INVITES = Collection(
    "lti_invites",
    ("digest",),
    purpose="let one learning platform register, once, with a code that the tool's administrator gave out",
    legal_basis="no personal data",
    residency="institution",
    retention="until a day after it expires; the code itself is not kept, only its digest",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
LOGINS = Collection(
    "lti_logins",
    ("state",),
    purpose="tie a launch to the login that began it, in the same browser, once",
    legal_basis="GDPR Art. 6(1)(f): security of the sign-in",
    residency="institution",
    retention="5 minutes, or until the launch",
    export="none: gone before a copy could be asked for, and sealed under what only the browser has",
    erase="deleted by use or by age",
)
PACES = Collection(
    "lti_paces",
    ("minute",),
    purpose="count the logins that are under way, so that nobody fills the store with them",
    legal_basis="no personal data",
    residency="institution",
    retention="6 minutes",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
VISITS = Collection(
    "lti_visits",
    ("learner",),
    person="learner",
    purpose="let the open pages of a person end when the person is erased",
    legal_basis="GDPR Art. 6(1)(c): erasure that holds at once",
    residency="institution",
    retention="as long as the learner's statements",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
ACCOUNTS = Collection(
    "lti_accounts",
    ("account",),
    fields=("learner",),
    person="learner",
    purpose="know which name in a platform's events belongs to an account of its launches, so that no link changes it",
    legal_basis="GDPR Art. 6(1)(f): security of the sign-in",
    residency="institution",
    retention="as long as the learner's statements",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
BLOCKED = Collection(
    "lti_blocked",
    ("learner",),
    person="learner",
    purpose="refuse a person whom the institution has suspended",
    legal_basis="GDPR Art. 6(1)(e): order in the course",
    residency="institution",
    retention="until the person is let in again",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`; block them again if they must stay out",
)
GOALS = Collection(
    "lti_goals",
    ("learner", "context"),
    person="learner",
    purpose="keep the role that a learner chose as goal in a course",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the learner's statements",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
PLANS = Collection(
    "lti_plans",
    ("learner", "context"),
    person="learner",
    purpose="keep how a learner wants their path in a course: how hard, hours a week, a deadline, what to rest",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the learner's statements",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
PLACEMENTS = Collection(
    "lti_placements",
    ("learner", "catalog"),
    person="learner",
    purpose="let a learner show what they know already, so that their path begins there; never practice, never a grade",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the learner's statements; a new placement takes the place of the former one",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
BACKGROUNDS = Collection(
    "lti_backgrounds",
    ("learner",),
    person="learner",
    purpose="begin a learner's path from what they say of themselves, while there are few answers; for nothing else",
    legal_basis="GDPR Art. 6(1)(a): consent, each field of its own, withdrawn on the same page",
    residency="institution; in no round of a federation",
    retention="until the learner withdraws it; at the latest as long as the learner's statements",
    export="part of `entrepot lrs export-person`",
    erase="deleted by the learner on the page, or with the person by `entrepot lrs erase`",
)
VOTES = Collection(
    "lti_votes",
    ("learner", "catalog", "item"),
    person="learner",
    purpose="let learners say that a step was useful, has a mistake or is out of date, and instructors see how many",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the learner's statements; a new word on a step takes the place of the former one",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
EVERYBODY = Collection(
    "lti_everybody",
    ("catalog",),
    purpose="know what all learners of an institution say together: what ways of learning do, where learners begin",
    legal_basis="no personal data: sums over 20 learners or more",
    residency="institution",
    retention="until the platform is removed; made anew every hour, and after an erasure at once",
    export="not applicable: no personal data",
    erase="not applicable: no personal data; made anew without the person",
)
COURSES = Collection(
    "lti_courses",
    ("course",),
    purpose="know the courses that the tool was launched from, and which services came with them",
    legal_basis="no personal data",
    residency="institution",
    retention="until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
HOSTS = Collection(
    "lti_hosts",
    ("iss", "client_id", "origin"),
    purpose="know on which servers a platform has its services, so that no token goes anywhere else",
    legal_basis="no personal data",
    residency="institution",
    retention="until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
LINKS = Collection(
    "lti_links",
    ("link",),
    fields=("course",),
    purpose="know what each link in a course opens, and where its scores go",
    legal_basis="no personal data",
    residency="institution",
    retention="until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
MEMBERS = Collection(
    "lti_members",
    ("course", "learner"),
    fields=("mark",),
    person="learner",
    purpose="show an instructor who is in the course, by pseudonym, role and group",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="30 days after the person left the course, 180 days after the course was last opened",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`; back while the platform lists them in a course in use",
)
ROSTERS = Collection(
    "lti_rosters",
    ("course",),
    fields=("wanted",),
    purpose="know when the members of a course were last read from the platform, and whether that worked",
    legal_basis="no personal data",
    residency="institution",
    retention="180 days after the course was last opened",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
SCORES = Collection(
    "lti_scores",
    ("learner", "link"),
    fields=("course", "platform", "state"),
    person="learner",
    purpose="bring a learner's score into the gradebook of their course, once, and say whether it arrived",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the learner's statements; the sealed id at the platform until the score is there",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
LINE_ITEMS = Collection(
    "lti_line_items",
    ("link",),
    purpose="know which column of the gradebook takes the scores of a link, where the platform did not say",
    legal_basis="no personal data",
    residency="institution",
    retention="until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
ATTEMPTS = Collection(
    "lti_attempts",
    ("learner", "link", "activity"),
    person="learner",
    purpose="let a learner go on with a practice case or an exam, and see what came of it",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the learner's statements; a new attempt takes the place of the former one",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
OVERRIDES = Collection(
    "lti_overrides",
    ("course", "id"),
    purpose="let an instructor put an item or a skill first, hide it or propose it, for a course, a group or learners",
    legal_basis="no personal data: whom it is for and who made it are kept apart",
    residency="institution",
    retention="until it is taken back or has run out; at the latest until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
OVERRIDDEN = Collection(
    "lti_overridden",
    ("course", "id", "learner"),
    person="learner",
    purpose="know for which learners an instructor put something first, hid or proposed it",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the override",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
OVERRIDE_LOG = Collection(
    "lti_override_log",
    ("course", "entry"),
    fields=("by",),
    person="by",
    purpose="say which instructor put something first, hid or proposed it, or took that back, and when",
    legal_basis="GDPR Art. 6(1)(e): teaching, and to answer for it to learners",
    residency="institution",
    retention="until the platform is removed",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
TRIES = Collection(
    "lti_tries",
    ("course", "learner"),
    person="learner",
    purpose="tell an instructor which causes were named in practice lately, and who may want a hand",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="a week after the learner last practised in the course",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
STANDINGS = Collection(
    "lti_standings",
    ("course", "learner"),
    person="learner",
    purpose="show a class at once: sums of what a learner did, made from their statements and made again from them",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the membership of the course",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
CHANGES = Collection(
    "lti_changes",
    ("catalog", "id"),
    purpose="keep what the institution changed in a catalog: rules, skills, what roles ask for, each with its reason",
    legal_basis="no personal data: who made a change is kept apart",
    residency="institution; in no round of a federation",
    retention="as long as the institution teaches with the catalog: an earlier version must stay readable",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
EDITIONS = Collection(
    "lti_editions",
    ("catalog", "number"),
    purpose="know which changes held since when, so that a version of a catalog can be read again and taken back",
    legal_basis="no personal data",
    residency="institution; in no round of a federation",
    retention="as long as the institution teaches with the catalog",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
PROPOSALS = Collection(
    "lti_proposals",
    ("catalog", "id"),
    fields=("state",),
    purpose="let an instructor or an import propose a change that whoever may edit then approves or declines",
    legal_basis="no personal data: who proposed it is kept apart",
    residency="institution; in no round of a federation",
    retention="until the catalog is taught no more; a declined one stays, so that no import brings it back",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
LOOKED = Collection(
    "lti_looked",
    ("catalog", "id"),
    purpose="know when somebody last looked whether a rule or a lesson still holds",
    legal_basis="no personal data: who looked is kept apart",
    residency="institution; in no round of a federation",
    retention="as long as the institution teaches with the catalog",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
EDIT_LOG = Collection(
    "lti_edit_log",
    ("catalog", "entry"),
    fields=("by",),
    person="by",
    purpose="say who changed a catalog, proposed, approved or took back a change, or looked at it, and when",
    legal_basis="GDPR Art. 6(1)(e): teaching, and to answer for what is taught",
    residency="institution; in no round of a federation",
    retention="as long as the institution teaches with the catalog",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`; the change itself stays, without a name",
)
TEAMS = Collection(
    "lti_teams",
    ("link", "team"),
    purpose="know the teams of a link: their order, which seat has which role, and which questions are settled",
    legal_basis="no personal data: seats have names of chance, and who sits on them is kept apart",
    residency="institution",
    retention="until the platform is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data; what a person answered goes with their seat",
)
TEAM_SEATS = Collection(
    "lti_team_seats",
    ("link", "learner"),
    fields=("table",),
    person="learner",
    purpose="let a learner work on an order in a team: their seat, their answers, and the time zone that they say",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the learner's statements; the sealed id at the platform until the team's score is queued",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
COLLECTIONS = (
    PLATFORMS,
    INVITES,
    LOGINS,
    PACES,
    VISITS,
    BLOCKED,
    ACCOUNTS,
    GOALS,
    PLANS,
    PLACEMENTS,
    BACKGROUNDS,
    VOTES,
    EVERYBODY,
    COURSES,
    HOSTS,
    LINKS,
    MEMBERS,
    ROSTERS,
    SCORES,
    LINE_ITEMS,
    ATTEMPTS,
    OVERRIDES,
    OVERRIDDEN,
    OVERRIDE_LOG,
    TRIES,
    STANDINGS,
    CHANGES,
    EDITIONS,
    PROPOSALS,
    LOOKED,
    EDIT_LOG,
    TEAMS,
    TEAM_SEATS,
    *(one for part in (works, kept, hours, holdings, linkbook, polls, worded, partnered) for one in part.COLLECTIONS),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """One institution's tool."""

    storage: str = field(
        metadata={
            "env": "ENTREPOT_STORAGE",
            "doc": "where records are kept: sqlite:///directory or mongodb://host/database",
        }
    )
    keyring: str = field(
        metadata={"env": "ENTREPOT_KEYRING", "doc": "the path of the institution's keyring, made by `entrepot init`"}
    )
    institution: str = field(
        metadata={"env": "ENTREPOT_INSTITUTION", "doc": "the institution's short id, such as scotland"}
    )
    url: str = field(
        metadata={"env": "ENTREPOT_LTI_URL", "doc": "the tool's public address, such as https://learn.example.org"}
    )
    key: str = field(
        metadata={"env": "ENTREPOT_LTI_KEY", "doc": "the path of the tool's RSA key, made by `entrepot init`"}
    )
    models: str = field(
        metadata={"env": "ENTREPOT_LTI_MODELS", "doc": "the directory of published models, one folder a catalog"}
    )
    xapi_url: str = field(
        metadata={
            "env": "ENTREPOT_LTI_XAPI_URL",
            "doc": "the LRS that the tool reports to, such as https://lrs.example/xapi",
        }
    )
    xapi_key: str = field(
        metadata={"env": "ENTREPOT_LTI_XAPI_KEY", "doc": "the key of the tool's credential at that LRS"}
    )
    xapi_secret: str = field(
        repr=False,
        metadata={"env": "ENTREPOT_LTI_XAPI_SECRET", "doc": "the secret of the tool's credential at that LRS"},
    )
    networks: str = field(
        default="",
        metadata={
            "env": "ENTREPOT_LTI_NETWORKS",
            "doc": "private networks in which platforms may be, such as 10.20.0.0/16,127.0.0.0/8; empty: none",
        },
    )
    experiment: str = field(
        default="",
        metadata={
            "env": "ENTREPOT_LTI_EXPERIMENT",
            "doc": "name of an experiment that compares two ways of ordering the path, such as path-2026; empty: none",
        },
    )
    editors: str = field(
        default="administrators",
        metadata={
            "env": "ENTREPOT_LTI_EDITORS",
            "doc": "who changes rules and skills at once: administrators (instructors then propose) or instructors too",
        },
    )
    zone: str = field(
        default="UTC",
        metadata={
            "env": "ENTREPOT_LTI_ZONE",
            "doc": "the time zone in which sessions are scheduled and shown, such as Europe/London; calendars get UTC",
        },
    )
    model_url: str = field(
        default="",
        metadata={
            "env": "ENTREPOT_LTI_MODEL_URL",
            "doc": "base address of the institution's own language model (OpenAI's API); empty: none is asked",
        },
    )
    model_name: str = field(
        default="",
        metadata={"env": "ENTREPOT_LTI_MODEL_NAME", "doc": "the name by which that address knows the model"},
    )
    model_key: str = field(
        default="",
        repr=False,
        metadata={"env": "ENTREPOT_LTI_MODEL_KEY", "doc": "the key that the model's address asks for; empty: none"},
    )
    model_log_days: int = field(
        default=30,
        metadata={
            "env": "ENTREPOT_LTI_MODEL_LOG_DAYS",
            "doc": "for how many days the institution keeps what was sent to its language model and what came back",
        },
    )
