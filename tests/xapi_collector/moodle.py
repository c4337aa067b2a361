"""Statements and requests of the shapes that Moodle's plugin logstore_xapi sends, written from its behaviour."""

import json

SITE = "https://moodle.example"
_ADL = "http://adlnet.gov/expapi/verbs/"
_TYPES = {
    "course": "https://w3id.org/xapi/cmi5/activitytype/course",
    "section": "http://id.tincanapi.com/activitytype/section",
    "quiz": "http://adlnet.gov/expapi/activities/assessment",
    "attempt": "http://adlnet.gov/expapi/activities/attempt",
    "question": "http://adlnet.gov/expapi/activities/cmi.interaction",
    "module": "http://adlnet.gov/expapi/activities/module",
    "discussion": "http://id.tincanapi.com/activitytype/discussion",
    "lms": "http://id.tincanapi.com/activitytype/lms",
    "assignment": "https://xapi.edlm/profiles/edlm-lms/concepts/activity-types/assignment",
    "submission": "https://xapi.edlm/profiles/edlm-lms/concepts/activity-types/submission",
}


def user(number, name="Zoë Müller 王小明"):
    """The plugin names people in full unless it is told not to."""
    return {"name": name, "account": {"homePage": SITE, "name": str(number)}}


def activity(path, kind, name, **definition):
    return {
        "objectType": "Activity",
        "id": f"{SITE}{path}",
        "definition": {"type": _TYPES[kind], "name": {"en": name}} | definition,
    }


COURSE = activity("/course/view.php?id=2", "course", "Einführung in <b>E-Commerce</b>")
SECTION = activity("/course/section.php?id=7", "section", "Week 1")
QUIZ = activity("/mod/quiz/view.php?id=31", "quiz", 'Customs & "duty"')
ASSIGNMENT = activity("/mod/assign/view.php?id=32", "assignment", "Essay")
ATTEMPT = activity("/mod/quiz/attempt.php?attempt=9&cmid=31", "attempt", "Attempt 9")


def statement(actor, verb, target, *, parent=(COURSE,), event="\\core\\event\\course_viewed", instructor=None, **more):
    """A statement without id, as the plugin sends it."""
    context = {
        "language": "en",
        "extensions": {
            "http://lrs.learninglocker.net/define/extensions/info": {
                "http://moodle.org": "4.5",
                "https://github.com/xAPI-vle/moodle-logstore_xapi": "v5.0.1",
                "event_name": event,
                "event_function": "\\src\\transformer" + event,
            }
        },
        "contextActivities": {"category": [activity("", "lms", "Campus")]} | ({"parent": [*parent]} if parent else {}),
    }
    if instructor is not None:
        context["instructor"] = instructor
    return {
        "actor": actor,
        "verb": {"id": verb, "display": {"en": verb.rpartition("/")[2]}},
        "object": target,
        "timestamp": "2026-11-02T10:15:30+00:00",
        "context": context,
    } | more


def question(number, response, *, success):
    """One answer of a quiz attempt."""
    target = activity(
        f"/question/question.php?cmid=31&id={number}",
        "question",
        f"Question {number}",
        interactionType="choice",
        correctResponsesPattern=["paid[,]due"],
        description={"en": "<p>Which?</p>"},
        choices=[{"id": "paid", "description": {"en": "Paid"}}, {"id": "due", "description": {"en": "Due"}}],
    )
    score = {"raw": 1 if success else 0, "min": 0, "max": 1, "scaled": 1 if success else 0}
    return statement(
        user(5),
        f"{_ADL}answered",
        target,
        parent=(ATTEMPT, QUIZ, SECTION, COURSE),
        event="\\mod_quiz\\event\\attempt_submitted",
        result={"response": response, "completion": response != "", "success": success, "score": score},
    )


def submitted():
    """A quiz attempt that is handed in: one event, a statement for it and one for each answer."""
    result = {"score": {"raw": 66.67, "min": 0, "max": 100, "scaled": 0.6667}, "completion": True, "success": True,
              "duration": "PT12M5S"}  # fmt: skip
    whole = statement(
        user(5), f"{_ADL}completed", ATTEMPT, parent=(QUIZ, SECTION, COURSE),
        event="\\mod_quiz\\event\\attempt_submitted", result=result)  # fmt: skip
    answers = [("paid[,]due", True), ("due", True), ("", False)]
    return [whole, *(question(number, text, success=right) for number, (text, right) in enumerate(answers, 1))]


EVENTS = {
    "course viewed": [statement(user(5), "http://id.tincanapi.com/verb/viewed", COURSE, parent=())],
    "module viewed": [statement(user(5), "http://id.tincanapi.com/verb/viewed", QUIZ, parent=(SECTION, COURSE))],
    "quiz attempt started": [statement(user(5), "http://activitystrea.ms/start", ATTEMPT, parent=(QUIZ, COURSE))],
    "quiz attempt submitted": submitted(),
    "assignment submitted": [statement(user(5), "http://activitystrea.ms/submit", ASSIGNMENT)],
    "assignment graded": [
        statement(
            user(5),
            "https://w3id.org/xapi/tla/verbs/scored",
            activity("/mod/assign/view.php?id=32#submission", "submission", "Essay Submission"),
            parent=(ASSIGNMENT, SECTION, COURSE),
            instructor=user(3, "A Teacher"),
            result={"score": {"raw": 1.5, "min": 0.0, "max": 2.0, "scaled": 0.75}, "success": True, "response": "Good"},
        )
    ],
    "forum post": [
        statement(
            user(5),
            "https://w3id.org/xapi/acrossx/verbs/posted",
            activity("/mod/forum/discuss.php?d=4#p11", "discussion", "Re: tariffs"),
            parent=(activity("/mod/forum/discuss.php?d=4", "discussion", "tariffs"), COURSE),
            result={"response": 'I think\nthat \t"both" / neither'},
        )
    ],
    "enrolment": [statement(user(3), "http://activitystrea.ms/schema/1.0/add", {"objectType": "Agent"} | user(5))],
    "module completed": [
        statement(user(5), f"{_ADL}completed", QUIZ, parent=(SECTION, COURSE), result={"completion": True})
    ],
    "course completed": [
        statement(user(5), f"{_ADL}completed", COURSE, parent=(), result={"completion": True, "score": {"raw": 80}})
    ],
    "logged in": [
        statement(user(5), "https://w3id.org/xapi/adl/verbs/logged-in", activity("", "lms", "Campus"), parent=())
    ],
    "scorm score": [
        statement(
            user(5),
            f"{_ADL}answered",
            activity("/mod/scorm/view.php?id=40", "module", "SCO"),
            result={"completion": True, "score": {"raw": 100, "min": 0, "max": 100, "scaled": 1}, "success": True},
        )
    ],
}
"""Kinds of events, each with the statements that the plugin makes of it."""


def encode(statements):
    """JSON as PHP writes it: slashes and all beyond ASCII escaped."""
    return json.dumps(statements, separators=(",", ":")).replace("/", "\\/").encode()


class Plugin:
    """The plugin's side of the talk: batches of events, halved where the answer is 400.

    Attributes:
        sent: The statuses of the answers, in order.
        failed: The events that were given up, with the text of the last answer.
    """

    def __init__(self, lrs, *, resend=True):
        self._lrs, self._resend = lrs, resend
        self.sent, self.failed = [], []

    def load(self, events, size=30):
        """Send events (lists of statements), `size` at a time."""
        for start in range(0, len(events), size):
            self._load(events[start : start + size])

    def _load(self, batch):
        headers = {"Authorization": self._lrs.headers["Authorization"], "X-Experience-API-Version": "1.0.3",
                   "Content-Type": "application/json"}  # fmt: skip
        body = encode([statement for event in batch for statement in event])
        answer = self._lrs.client.post("/xapi/statements", data=body, headers=headers)
        self.sent.append(answer.status_code)
        if answer.status_code == 200:
            return
        if len(batch) == 1 or answer.status_code != 400 or not self._resend:
            self.failed.extend((event, answer.get_data(as_text=True)) for event in batch)
            return
        half = round(len(batch) / 2 + 1e-9)
        for start in range(0, len(batch), half):
            self._load(batch[start : start + half])
