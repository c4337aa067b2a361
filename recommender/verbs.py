"""IRIs of verbs and extensions, floor 2. The only place where they are written.

Sources: ADL vocabulary (http://adlnet.gov/expapi/verbs/), TLA MOM profile (https://w3id.org/xapi/tla).
"""

from __future__ import annotations

from curriculum import check

SCORED = "http://adlnet.gov/expapi/verbs/scored"
ANSWERED = "http://adlnet.gov/expapi/verbs/answered"
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
# A practice was begun, and a step of it was tried again: neither is a graded answer, and no estimate moves by them.
INITIALIZED = "http://adlnet.gov/expapi/verbs/initialized"
ATTEMPTED = "http://adlnet.gov/expapi/verbs/attempted"
PASSED = "http://adlnet.gov/expapi/verbs/passed"
FAILED = "http://adlnet.gov/expapi/verbs/failed"
MASTERED = "http://adlnet.gov/expapi/verbs/mastered"

LAUNCHED = "http://adlnet.gov/expapi/verbs/launched"
RECOMMENDED = "https://w3id.org/xapi/tla/verbs/recommended"
# What a learner says of a step (TinCan registry): it moves no part of the profile.
RATED = "http://id.tincanapi.com/verb/rated"
# A lesson was opened, and was read to its end.
EXPERIENCED = "http://adlnet.gov/expapi/verbs/experienced"
READ = "http://activitystrea.ms/schema/1.0/read"
CHOSE = "http://adlnet.gov/expapi/verbs/preferred"
# A session was attended; a statement does not hold any more.
ATTENDED = "http://adlnet.gov/expapi/verbs/attended"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
# A work was handed in (Activity Streams): it moves no part of the profile; a word was said of the work of another.
SUBMITTED = "http://activitystrea.ms/schema/1.0/submit"
COMMENTED = "http://adlnet.gov/expapi/verbs/commented"
RESPONDED = "http://adlnet.gov/expapi/verbs/responded"
ASKED = "http://adlnet.gov/expapi/verbs/asked"

# What a grade may come with. `passed` and `mastered` mean success and `failed` the contrary where the statement does
# not say it.
GRADED = frozenset({SCORED, ANSWERED, COMPLETED, PASSED, FAILED, MASTERED})
IMPLIED_SUCCESS = {PASSED: True, MASTERED: True, FAILED: False}

# Extensions of what the tool itself says about a recommendation (context.extensions).
EXTENSION_BASIS = "https://entrepot.example/xapi/extensions/basis"
EXTENSION_CHANCE = "https://entrepot.example/xapi/extensions/chance"
EXTENSION_GAIN = "https://entrepot.example/xapi/extensions/gain"
EXTENSION_RANK = "https://entrepot.example/xapi/extensions/rank"
EXTENSION_MODEL = "https://entrepot.example/xapi/extensions/model"
EXTENSION_REASONS = "https://entrepot.example/xapi/extensions/reasons"
EXTENSION_CITED = "https://entrepot.example/xapi/extensions/cited_reason"
# Where an institution compares two ways of ordering: the name of the experiment, and the learner's arm. And what the
# IRI of the activity that groups the recommendation has before both, so that a label tells them too.
EXTENSION_EXPERIMENT = "https://entrepot.example/xapi/extensions/experiment"
EXTENSION_ARM = "https://entrepot.example/xapi/extensions/arm"
EXPERIMENT_IN_IRI = "/lti/experiments/"

# Extensions of what the tool says about an answer in practice (context.extensions).
EXTENSION_CASE = "https://entrepot.example/xapi/extensions/case"
EXTENSION_SEED = "https://entrepot.example/xapi/extensions/case_seed"
EXTENSION_STEP = "https://entrepot.example/xapi/extensions/step"
EXTENSION_MISCONCEPTION = "https://entrepot.example/xapi/extensions/misconception"
EXTENSION_RULES = "https://entrepot.example/xapi/extensions/rule_ids"
EXTENSION_SKILLS = "https://entrepot.example/xapi/extensions/skill_ids"
# The same number as EXTENSION_HINTS, under the name that step statements of simulations have for it.
EXTENSION_HINT_COUNT = "https://entrepot.example/xapi/extensions/hint_count"

# Extensions of any answer (result.extensions or context.extensions): hints asked for before it, and which try it was at
# the same task, from 1. The collector keeps both in its labels.
EXTENSION_HINTS = "https://entrepot.example/xapi/extensions/hints"
EXTENSION_ATTEMPT = "https://entrepot.example/xapi/extensions/attempt"

# Types of activity (ADL vocabulary).
ASSESSMENT = "http://adlnet.gov/expapi/activities/assessment"
SIMULATION = "http://adlnet.gov/expapi/activities/simulation"
LESSON = "http://adlnet.gov/expapi/activities/lesson"
# A project, the reviews of others' works in it, a discussion: what a course brings itself.
PROJECT = "https://entrepot.example/xapi/activities/project"
REVIEW = "https://entrepot.example/xapi/activities/peer-review"
DISCUSSION = "https://entrepot.example/xapi/activities/discussion"
MEETING = "http://adlnet.gov/expapi/activities/meeting"
# A question of a placement, and what its IRI has in it: what is answered there is no practice, and no way of learning.
PLACEMENT = "https://entrepot.example/xapi/activities/placement"
PLACED_IN_IRI = "/lti/placement/"

# What else a statement about learning may say (ADL vocabulary; the video profile, https://w3id.org/xapi/video; Activity
# Streams; TLA).
_ADL = "http://adlnet.gov/expapi/verbs/"
_STREAMS = "http://activitystrea.ms/"
_VIDEO = "https://w3id.org/xapi/video/verbs/"
PLAYED, PAUSED, SEEKED = _VIDEO + "played", _VIDEO + "paused", _VIDEO + "seeked"
TERMINATED = _ADL + "terminated"
# The profile takes these three from ADL; some players write them below its own address.
VIDEO_INITIALIZED, VIDEO_COMPLETED, VIDEO_TERMINATED = (
    _VIDEO + "initialized",
    _VIDEO + "completed",
    _VIDEO + "terminated",
)

# Where a part of the profile comes from: each verb belongs to one source, so each statement moves one part of it.
SOURCES = ("time", "content", "progress", "answers", "questions", "pages", "notes")
SOURCE_OF = {
    TERMINATED: "time",
    _ADL + "exited": "time",
    _ADL + "suspended": "time",
    _ADL + "logged-out": "time",
    PAUSED: "time",
    LAUNCHED: "content",
    INITIALIZED: "content",
    ATTENDED: "content",
    PLAYED: "content",
    _STREAMS + "watch": "content",
    _STREAMS + "consume": "content",
    _STREAMS + "schema/1.0/read": "content",
    _STREAMS + "read": "content",
    _ADL + "progressed": "progress",
    COMPLETED: "progress",
    **dict.fromkeys(GRADED - {COMPLETED}, "answers"),
    _ADL + "asked": "questions",
    _ADL + "commented": "questions",
    _ADL + "responded": "questions",
    _ADL + "experienced": "pages",
    "http://id.tincanapi.com/verb/viewed": "pages",
    _STREAMS + "schema/1.0/open": "pages",
    "http://risc-inc.com/annotator/verbs/annotated": "notes",
    "https://w3id.org/xapi/adb/verbs/noted": "notes",
    "http://risc-inc.com/annotator/verbs/modified": "notes",
}

# Ways of learning. What is done there: a simulated case, a quiz, an exam, a worked example, a video, a text, a
# discussion or peer review, a project, a scene in three dimensions, an event off line.
MODES = check.MODES
MODE_OF = {
    **dict.fromkeys(GRADED, "quiz"),
    PLAYED: "video",
    PAUSED: "video",
    _STREAMS + "watch": "video",
    _STREAMS + "consume": "reading",
    _STREAMS + "schema/1.0/read": "reading",
    _STREAMS + "read": "reading",
    _ADL + "experienced": "reading",
    "http://id.tincanapi.com/verb/viewed": "reading",
    _ADL + "asked": "discussion",
    _ADL + "commented": "discussion",
    _ADL + "responded": "discussion",
    ATTENDED: "event",
}
# Verbs that say the way of learning themselves, whatever the activity is a part of.
ALONE = frozenset({ATTENDED, PLAYED, PAUSED})
# Of one viewing of a video there are many statements.
VIEWING = frozenset({PLAYED, PAUSED})
# The tool's own practice names its kind in the activity that groups the steps.
MODE_IN_IRI = (
    ("/lti/practice/case/", "simulation"),
    ("/lti/practice/exam/", "exam"),
    ("/lti/practice/scene/", "scene"),
    ("/lti/practice/team/", "simulation"),
    # What a facilitator saw at a session is evidence of its own kind.
    ("/lti/events/", "event"),
    # By what a work was judged is evidence of a project; to review others', and to discuss, are one way of learning.
    ("/lti/practice/project/", "project"),
    ("/lti/practice/review/", "discussion"),
    ("/lti/practice/discussion/", "discussion"),
)
# Modes in which a skill is applied, and in which something new is made of it (Bloom's levels, revised by Anderson and
# Krathwohl, 2001).
APPLIED = frozenset({"simulation", "scene", "project", "event"})
CREATED = frozenset({"project"})
