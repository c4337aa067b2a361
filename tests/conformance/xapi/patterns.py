"""Of each requirement on the form of a statement: forms that keep it and forms that break it.

A form is what changes in a valid statement; written from the tables of xAPI 1.0.3, Data 2 and 4.
"""

from tests.conformance.xapi.client import VOIDED, reference
from tests.xapi_collector.lrs import new_id

AGENT = {"objectType": "Agent", "mbox": "mailto:learner@example.org"}
ACTIVITY = {"id": "https://course.example/unit/1"}
TEAM = {"objectType": "Group", "member": [AGENT]}
VERB = {"id": "https://verbs.example/did"}
IFIS = {
    "mbox": "mailto:team@example.org",
    "mbox_sha1sum": "cd" * 20,
    "openid": "https://team.example/id",
    "account": {"homePage": "https://lms.example", "name": "team"},
}
NOT_STRINGS = (5, True, ["a"], {"a": "b"})
NOT_IRIS = ("no scheme", "course.example/1", "/1", "")
NOT_UUIDS = (
    "",
    "x",
    "6690e6c9-3ef0-4ed3-8b37",
    "6690e6c93ef04ed38b377f3964730bee",
    "g690e6c9-3ef0-4ed3-8b37-7f3964730bee",
)
NOT_TAGS = ("a12345678", "1", "en_US!", "")
NOT_MAPS = ("text", 5, ["en"], {"en": 5})
MISSING = object()


def definition(**changes):
    """An activity with a definition."""
    return {"object": ACTIVITY | {"definition": changes}}


def interaction(kind, **changes):
    """An activity that is an interaction."""
    return definition(type="http://adlnet.gov/expapi/activities/cmi.interaction", interactionType=kind, **changes)


def inner(**changes):
    """A SubStatement as object."""
    whole = {"objectType": "SubStatement", "actor": AGENT, "verb": VERB, "object": ACTIVITY} | changes
    return {"object": {name: value for name, value in whole.items() if value is not MISSING}}


def account(**changes):
    """An actor with an account."""
    whole = {"homePage": "https://lms.example", "name": "1"} | changes
    return {"actor": {"account": {name: value for name, value in whole.items() if value is not MISSING}}}


def attached(**changes):
    """An attachment that lies elsewhere."""
    whole = {
        "usageType": "https://usage.example/essay",
        "display": {"en": "an essay"},
        "contentType": "text/plain; charset=utf-8",
        "length": 3,
        "sha2": "ab" * 32,
        "fileUrl": "https://files.example/1",
    } | changes
    return {"attachments": [{name: value for name, value in whole.items() if value is not MISSING}]}


def each(make, name, values):
    """One form for each value of a property."""
    return [make(**{name: value}) for value in values]


def actor(value):
    return {"actor": value}


def result(**changes):
    return {"result": changes}


def score(**changes):
    return {"result": {"score": changes}}


def context(**changes):
    return {"context": changes}


def components(kind, name):
    """Right and wrong lists of interaction components."""
    right = [{"id": "a", "description": {"en": "first"}}, {"id": "b"}]
    wrong = [5, "a", {"id": "a"}, [5], ["a"], [{"description": {"en": "no id"}}]]
    return each(lambda **changes: interaction(kind, **changes), name, [right, []]), each(
        lambda **changes: interaction(kind, **changes), name, wrong
    )


def _texts(make, name, rights=("text", "")):
    return each(make, name, rights), each(make, name, NOT_STRINGS)


def _irises(make, name):
    return each(make, name, ["https://example.org/1", "tag:example.org,2026:1", "https://例.example/甲"]), each(
        make, name, NOT_IRIS
    )


def _maps(make, name):
    rights = [{"en": "a"}, {"zh-Hans": "甲", "en-GB": "a", "und": "a"}, {}]
    return each(make, name, rights), each(make, name, (*NOT_MAPS, *({tag: "a"} for tag in NOT_TAGS)))


def _objects(make, name, rights):
    return each(make, name, rights), each(make, name, ("text", 5, True, ["a"]))


# The id of a requirement: forms that keep it, forms that break it. Data 2.2
PATTERNS = {
    3: ([actor(AGENT)], [actor(None)]),
    4: ([{"verb": VERB}], [{"verb": None}]),
    5: ([{"object": ACTIVITY}], [{"object": None}]),
    6: (
        [result(success=True), score(raw=1.5)],
        [result(success="true"), score(raw="1.5"), {"verb": "did"}, actor([AGENT])],
    ),
    7: (
        [{"timestamp": "2026-11-23T08:30:00Z"}, actor({"mbox": "mailto:a@example.org"})],
        [{"id": ""}, {"verb": {"id": ""}}, actor({"mbox": ""}), {"timestamp": ""}, context(registration="")],
    ),
    8: (
        [context(platform="p")],
        [
            {"Timestamp": "2026-11-23T08:30:00Z"},
            context(Platform="p"),
            result(Success=True),
            {"verb": VERB | {"Display": {}}},
        ],
    ),
    9: (
        [actor(AGENT), interaction("true-false")],
        [
            actor(AGENT | {"objectType": "agent"}),
            {"object": ACTIVITY | {"objectType": "activity"}},
            interaction("True-False"),
        ],
    ),
    10: (
        [result(extensions={"https://e.example/unknown": 1})],
        [{"unknown": 1}, result(unknown=1), context(unknown=1), actor(AGENT | {"unknown": 1}), definition(unknown=1)],
    ),
    11: (
        [{"object": {"id": "urn:uuid:6690e6c9-3ef0-4ed3-8b37-7f3964730bee"}}],
        [{"object": {"id": "course.example/1"}}, {"verb": {"id": "//verbs.example"}}, definition(moreInfo="/1")],
    ),
    13: (
        [{"verb": VERB | {"display": {"zh-Hans-CN": "a", "x-own": "b"}}}],
        [{"verb": VERB | {"display": {tag: "a"}}} for tag in NOT_TAGS],
    ),
    17: (
        [{"verb": VOIDED, "object": reference(new_id())}],
        [
            {"verb": VOIDED},
            {"verb": VOIDED, "object": AGENT},
            {"verb": VOIDED, "object": TEAM},
            {"verb": VOIDED} | inner(),
        ],
    ),
    19: ([{"verb": VERB, "object": ACTIVITY}], [{"verb": VOIDED, "object": ACTIVITY}]),
    20: (
        [{"verb": VOIDED | {"display": {"en": "voided"}}, "object": reference(new_id())}],
        [
            {"verb": VOIDED, "object": {"id": new_id(), "objectType": "Activity"}},
            {"verb": VOIDED, "object": {"id": new_id()}},
        ],
    ),
    22: (
        each(dict, "timestamp", ["2026-11-23T08:30:00Z", "2026-11-23T08:30:00.5+08:00", "2026-11-23T08:30Z"]),
        each(
            dict, "timestamp", ["yesterday", "2026-11-23", "08:30", "2026-02-30T08:30:00Z", 1795424345, True, {"a": 1}]
        ),
    ),
    24: (each(dict, "authority", [AGENT]), each(dict, "authority", ["x", 5, [AGENT], ACTIVITY, {"name": "no one"}])),
    25: ([attached(), {"attachments": []}], each(dict, "attachments", ["x", 5, {"a": 1}, [5], ["x"], [{"a": 1}]])),
    # Data 2.4.1
    27: ([{}], each(dict, "id", NOT_UUIDS)),
    28: ([{}], each(dict, "id", NOT_STRINGS)),
    29: (
        [context(registration="6690E6C9-3EF0-4ED3-8B37-7F3964730BEE")],
        [*each(context, "registration", NOT_UUIDS), {"id": "{6690e6c9-3ef0-4ed3-8b37-7f3964730bee}"}],
    ),
    30: (
        [context(registration="6690e6c9-3ef0-4ed3-8b37-7f3964730bee")],
        each(
            context, "registration", ["6690e6c9-3ef0-4ed3-8b37-7f3964730bee0", "MA97B177-9383-4934-8543-0F91A7A02836"]
        ),
    ),
    # Data 2.4.2
    31: (
        [actor(AGENT), actor(TEAM), actor({"mbox": "mailto:a@example.org"})],
        [actor(AGENT | {"objectType": kind}) for kind in ("Person", "Activity", "", "SubStatement")],
    ),
    32: ([actor(AGENT)], [actor(AGENT | {"objectType": kind}) for kind in NOT_STRINGS]),
    33: ([actor(AGENT | {"name": "A. Learner"})], [actor(AGENT | {"name": name}) for name in NOT_STRINGS]),
    34: (
        [actor({name: value}) for name, value in IFIS.items()],
        [
            actor({"name": "no one"}),
            *(actor(AGENT | {name: IFIS[name]}) for name in ("mbox_sha1sum", "openid", "account")),
        ],
    ),
    35: ([actor(TEAM)], [actor(AGENT | {"member": [AGENT]}), context(instructor=AGENT | {"member": []})]),
    36: (
        [actor({"objectType": "Group", "member": [AGENT, AGENT | {"name": "b"}]})],
        [actor({"objectType": "Group", "member": members}) for members in ("x", AGENT, [5], [{"name": "x"}], [TEAM])],
    ),
    37: (
        [actor({"objectType": "Group", name: value}) for name, value in IFIS.items()],
        [
            actor({"objectType": "Group"}),
            actor({"objectType": "Group", "member": []}),
            actor({"objectType": "Group"} | IFIS),
        ],
    ),
    38: (
        [actor({"mbox": "mailto:first.last+tag@mail.example.org"})],
        [
            actor({"mbox": mbox})
            for mbox in ("a@example.org", "mailto:", "mailto:a", "https://a.example", "mailto:a b@c", *NOT_STRINGS)
        ],
    ),
    39: (
        [actor({"mbox_sha1sum": "aB" * 20})],
        [actor({"mbox_sha1sum": digits}) for digits in ("ab", "x" * 40, "", *NOT_STRINGS)],
    ),
    40: ([actor({"openid": "https://id.example/a"})], [actor({"openid": uri}) for uri in (*NOT_IRIS, *NOT_STRINGS)]),
    41: ([account()], [actor({"account": value}) for value in ("x", 5, ["x"], {"unknown": 1})] + [account(unknown=1)]),
    42: ([account()], each(account, "homePage", [MISSING, *NOT_IRIS, *NOT_STRINGS])),
    43: (each(account, "name", ["1", "学习者"]), each(account, "name", [MISSING, *NOT_STRINGS])),
    # Data 2.4.3
    44: (
        [{"verb": VERB}],
        [{"verb": {"display": {"en": "did"}}}, *({"verb": {"id": iri}} for iri in (*NOT_IRIS, *NOT_STRINGS))],
    ),
    45: _maps(lambda **changes: {"verb": VERB | changes}, "display"),
    # Data 2.4.4
    46: (
        [
            {"object": AGENT},
            {"object": TEAM},
            {"object": reference(new_id())},
            inner(),
            {"object": ACTIVITY | {"objectType": "Activity"}},
        ],
        [{"object": ACTIVITY | {"objectType": kind}} for kind in ("Person", "", "substatement", *NOT_STRINGS)]
        + [{"object": "x"}],
    ),
    47: (
        _irises(lambda **changes: {"object": changes}, "id")[0],
        [{"object": {"objectType": "Activity"}}, *_irises(lambda **changes: {"object": changes}, "id")[1]],
    ),
    48: (
        [definition(name={"en": "a"}), {"object": ACTIVITY | {"definition": {"type": "https://t.example"}}}],
        [{"object": ACTIVITY | {"definition": value}} for value in ("x", 5, ["x"])] + [definition(unknown=1)],
    ),
    49: (
        [
            interaction(kind)
            for kind in (
                "true-false",
                "choice",
                "fill-in",
                "long-fill-in",
                "matching",
                "performance",
                "sequencing",
                "likert",
                "numeric",
                "other",
            )
        ],
        [interaction(kind) for kind in ("guess", "", *NOT_STRINGS)],
    ),
    50: (
        [interaction("choice", correctResponsesPattern=["a[,]b"]), interaction("choice", correctResponsesPattern=[])],
        [interaction("choice", correctResponsesPattern=value) for value in ("a", 5, {"a": "b"}, [5], [{"a": "b"}])],
    ),
    51: components("performance", "steps"),
    52: components("matching", "target"),
    53: components("matching", "source"),
    54: components("likert", "scale"),
    55: components("choice", "choices"),
    56: _maps(definition, "name"),
    57: (
        [definition(extensions={"https://e.example": [1]})],
        each(definition, "extensions", ["x", 5, ["x"], {"no iri": 1}]),
    ),
    58: (
        [interaction("choice", choices=[{"id": "a"}, {"id": "b"}])],
        [
            interaction("choice", choices=value)
            for value in ([{"id": "a"}, {"id": "a"}], [{"description": {"en": "a"}}], [{"id": 5}], [{"id": ["a"]}])
        ],
    ),
    59: _maps(definition, "description"),
    60: _irises(definition, "type"),
    61: (each(definition, "moreInfo", ["https://example.org/more"]), each(definition, "moreInfo", NOT_IRIS)),
    62: _maps(lambda **changes: interaction("choice", choices=[{"id": "a"} | changes]), "description"),
    63: (
        [interaction("choice", choices=[{"id": "a"}])],
        [interaction("choice", choices=[value]) for value in (5, "a", ["a"], {"id": "a", "unknown": 1})],
    ),
    64: ([interaction("choice", correctResponsesPattern=["a"])], [definition(correctResponsesPattern=["a"])]),
    65: (
        [{"object": AGENT}, {"object": TEAM}],
        [
            {"object": {"mbox": "mailto:a@example.org"}},
            {"object": {"member": [AGENT]}},
            {"object": {"account": IFIS["account"]}},
        ],
    ),
    66: (
        [inner(), inner(context={"team": TEAM}, result={"success": False}, timestamp="2026-11-23T08:30:00Z")],
        [
            *(inner(**{name: MISSING}) for name in ("actor", "verb", "object")),
            inner(verb={"id": "x"}),
            inner(result={"score": {"scaled": 2}}),
            inner(unknown=1),
        ],
    ),
    67: ([inner()], [inner(authority=AGENT)]),
    68: ([inner()], [inner(version="1.0.0")]),
    69: ([inner()], [inner(stored="2026-11-23T08:30:00Z")]),
    70: ([inner()], [inner(id=new_id())]),
    71: ([inner(object=reference(new_id()))], [inner(**inner())]),
    72: (
        [{"object": reference(new_id())}],
        [
            {"object": {"objectType": "StatementRef"}},
            *({"object": reference(each)} for each in (*NOT_UUIDS, *NOT_STRINGS)),
        ],
    ),
    73: (
        [{"object": reference(new_id())}, inner()],
        [{"object": {"id": new_id()}}, inner(objectType=MISSING)],
    ),
    # Data 2.4.5
    74: (each(result, "success", [True, False]), each(result, "success", ["true", 1, 0, [True]])),
    75: (each(result, "completion", [True, False]), each(result, "completion", ["false", 1, 0, [True]])),
    76: _texts(result, "response"),
    77: (
        each(result, "duration", ["PT4M12S", "P1Y2M3DT4H5M6.78S", "P4W", "PT0S"]),
        each(result, "duration", ["", "4 minutes", "P", "PT", "T4M", 240, ["PT4M"]]),
    ),
    78: (
        [result(extensions={"https://e.example": {}}), result(extensions={})],
        each(result, "extensions", ["x", 5, ["x"]]),
    ),
    79: ([score(scaled=0.5), score(raw=5, min=0, max=10)], [*_objects(result, "score", [])[1], score(unknown=1)]),
    80: (
        [score(max=5), score(max=5, min=4)],
        [score(max=4, min=5), score(max=5, min=5), *each(score, "max", ["5", True, [5]])],
    ),
    81: ([score(min=-5), score(min=4, max=4.5)], [score(min=5, max=4), *each(score, "min", ["5", True, [5]])]),
    82: (
        [score(raw=7), score(raw=4, min=4, max=5), score(raw=5, min=4, max=5)],
        [score(raw=6, max=5), score(raw=3, min=4), score(raw=9, min=0, max=5), *each(score, "raw", ["5", True, [5]])],
    ),
    83: (each(score, "scaled", [-1, -0.5, 0, 1]), each(score, "scaled", [1.01, -1.01, 2, "0.5", True])),
    # Data 2.4.6
    84: (
        [context(revision="1"), context(revision="1") | {"object": ACTIVITY | {"objectType": "Activity"}}],
        [
            context(revision="1") | changed
            for changed in ({"object": AGENT}, {"object": TEAM}, {"object": reference(new_id())}, inner())
        ],
    ),
    85: (
        [context(platform="p")],
        [
            context(platform="p") | changed
            for changed in ({"object": AGENT}, {"object": TEAM}, {"object": reference(new_id())}, inner())
        ],
    ),
    86: _objects(context, "contextActivities", [{"parent": [ACTIVITY]}]),
    87: (
        [context(registration=new_id()), context(instructor=AGENT), context(instructor=TEAM)],
        [
            *each(context, "registration", ("x", *NOT_STRINGS)),
            *each(context, "instructor", ("x", 5, [AGENT], {"name": "x"}, ACTIVITY)),
        ],
    ),
    88: ([context(team=TEAM)], each(context, "team", (AGENT, "x", 5, [TEAM], {"objectType": "Group"}))),
    89: _texts(context, "revision", ("1",)),
    90: _texts(context, "platform", ("p",)),
    91: (each(context, "language", ["en", "zh-Hans", "es-419"]), each(context, "language", (*NOT_TAGS, *NOT_STRINGS))),
    92: (
        [context(statement=reference(new_id()))],
        each(context, "statement", ("x", 5, {"id": new_id()}, reference("x"), ACTIVITY, AGENT)),
    ),
    93: (
        [context(contextActivities={name: [ACTIVITY]}) for name in ("parent", "grouping", "category", "other")],
        [context(contextActivities={name: [ACTIVITY]}) for name in ("child", "Parent", "")],
    ),
    94: (
        [
            context(contextActivities={"parent": ACTIVITY}),
            context(contextActivities={"other": [ACTIVITY, {"id": "https://a.example"}]}),
        ],
        [
            context(contextActivities={"parent": value})
            for value in ("x", 5, [5], ["x"], [AGENT], [{"id": "x"}], {"id": "x"})
        ],
    ),
    95: ([context(contextActivities={"parent": [ACTIVITY]})], [context(contextActivities={})]),
    # Data 2.4.9 to 2.4.11
    98: (
        [{"authority": {"objectType": "Group", "member": [{"account": IFIS["account"]}, AGENT]}}],
        [{"authority": {"objectType": "Group", "member": members}} for members in ([AGENT], [], [AGENT] * 3)],
    ),
    100: (
        [{"authority": {"objectType": "Group", "member": [AGENT, {"account": IFIS["account"]}]}}],
        [
            {
                "authority": {
                    "objectType": "Group",
                    "member": [AGENT, {"account": IFIS["account"]}, {"openid": IFIS["openid"]}],
                }
            }
        ],
    ),
    101: (
        each(dict, "version", ["1.0", "1.0.0", "1.0.3", "1.0.9"]),
        each(dict, "version", ["0.9", "0.9.9", "1", "1.1.0", "3.0.0", "1.0.x", "", 1.0]),
    ),
    102: (each(attached, "length", [0, 27]), each(attached, "length", [MISSING, "3", 3.5, -1, True])),
    103: (each(attached, "sha2", ["ab" * 32]), each(attached, "sha2", [MISSING, "", "xyz", 5, ["ab"]])),
    104: (each(attached, "fileUrl", ["https://files.example/2"]), each(attached, "fileUrl", [*NOT_IRIS, 5])),
    105: (
        each(attached, "contentType", ["text/plain", "application/vnd.a+json", "text/plain; charset=ascii"]),
        each(attached, "contentType", [MISSING, "text", "", 5, "/plain"]),
    ),
    106: (each(attached, "display", [{"en": "a"}, {"zh-Hans": "甲"}]), each(attached, "display", [MISSING, *NOT_MAPS])),
    107: (each(attached, "usageType", ["https://u.example"]), each(attached, "usageType", [MISSING, *NOT_IRIS, 5])),
    # Data 4
    118: (
        [result(extensions={"https://e.example/a": 1, "tag:e.example,2026:b": 2})],
        [result(extensions={key: 1}) for key in ("no iri", "e.example/a", "")]
        + [context(extensions={"x": 1}), definition(extensions={"x": 1})],
    ),
    119: ([result(extensions={"https://e.example": value}) for value in (None, "", {}, [], 0, False)], []),
    120: (
        [context(extensions={"https://e.example": {"a": "b"}})],
        [*each(context, "extensions", ["x", 5, ["x"]]), *each(result, "extensions", ["x", 5, ["x"]])],
    ),
    121: _maps(definition, "name"),
    123: (
        each(dict, "timestamp", ["20261123T083000Z", "2026-11-23T08:30:00.123456Z", "2026-11-23T16:30:00+08:00"]),
        each(
            dict,
            "timestamp",
            ["2026-11-23T08:30:00-00", "2026-11-23T08:30:00-0000", "2026-11-23T08:30:00-00:00", "23/11/2026"],
        ),
    ),
    124: (
        each(result, "duration", ["P3Y1M29DT4H35M59.14S", "PT16559.14S", "P3Y", "P4W"]),
        each(result, "duration", ["P0000-00-00T00:04:00", "P00000000T000400", "P4W1D", "P1DT", "P1D4H"]),
    ),
}
