"""What an edit may do to a catalog: each act changes plain data, or says what is wrong with it. Floor 1.

The acts are the doors of `editing`, which gives them a copy: what they change is nobody's yet. Every refusal is a
sentence that says what would be right.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from curriculum import addresses, check, errors, telling, videos
from curriculum.telling import sentence

Plain = Mapping[str, Any]
_Made = dict[str, Any]

CLOSING = 2
"""Level at which a role takes in a prerequisite that it lacks, unless what needs it asks for less: with help."""
_ID = re.compile(r"[a-z0-9]+(?:[._:-][a-z0-9_]+)*")
_LONGEST = 80


@dataclass(frozen=True)
class Edit:
    """One change of a catalog.

    Attributes:
        id: Unique among the edits of an institution.
        act: One of `ACTS`.
        subject: Id of the skill, role, rule, misconception or content that it is about.
        value: What the act needs, as JSON; see `ACTS`.
    """

    id: str
    act: str
    subject: str
    value: Plain


def _skill_add(made: _Made, edit: Edit) -> None:
    _only(edit, "name", "area", "kind", "difficulty", "half_life_days", "prerequisites", "because", "sources")
    _free(made, "skills", edit.subject)
    value = edit.value
    _named(value.get("name"))
    _area(made, value.get("area"))
    needs = list(value.get("prerequisites") or ())
    for name in needs:
        _there(made, "skills", name)
    because = dict(value.get("because") or {})
    for name, text in because.items():
        if name not in needs:
            raise wrong("reason_of", name=name)
        _reason(text)
    made["skills"].append(
        {
            "kind": "skill",
            **copy.deepcopy(dict(value)),
            "id": edit.subject,
            "difficulty": _level(value.get("difficulty", 2)),
            "prerequisites": needs,
            "because": because,
        }
    )


def _skill_change(made: _Made, edit: Edit) -> None:
    _only(edit, "name", "area", "kind", "difficulty", "half_life_days", "sources")
    skill = _there(made, "skills", edit.subject)
    if "name" in edit.value:
        _named(edit.value["name"])
    if "area" in edit.value:
        _area(made, edit.value["area"])
    if "difficulty" in edit.value:
        _level(edit.value["difficulty"])
    skill.update(copy.deepcopy(dict(edit.value)))


def _skill_retire(made: _Made, edit: Edit) -> None:
    """Take a skill out: what needed it needs what it needed, and nothing points at it any more."""
    _only(edit)
    gone = _there(made, "skills", edit.subject)
    name, inherited = edit.subject, list(gone.get("prerequisites") or ())
    made["skills"] = [one for one in made["skills"] if one["id"] != name]
    for one in made["skills"]:
        needs = list(one.get("prerequisites") or ())
        if name in needs:
            rest = [other for other in needs if other != name]
            implied = set(rest).union(*(_above(made, other) for other in rest)) if rest else set()
            one["prerequisites"] = rest + [other for other in inherited if other not in implied]
            one["because"] = {key: text for key, text in (one.get("because") or {}).items() if key != name}
    for role in made.get("roles", ()):
        role["targets"] = {key: level for key, level in role["targets"].items() if key != name}
        if not role["targets"]:
            raise wrong("role_empty", role=role["id"], skill=name)
    for rule in made.get("rules", ()):
        rule["affects"] = [key for key in rule["affects"] if key != name]
    made["misconceptions"] = [one for one in made.get("misconceptions", ()) if one["skill"] != name]
    for section in ("items", "resources", "videos"):
        for one in made.get(section, ()):
            one["skills"] = [key for key in one["skills"] if key != name]
        if section in made:
            made[section] = [one for one in made[section] if one["skills"]]


def _edge_add(made: _Made, edit: Edit) -> None:
    _only(edit, "prerequisite", "because")
    skill, needed = _there(made, "skills", edit.subject), str(edit.value.get("prerequisite", ""))
    _there(made, "skills", needed)
    _reason(edit.value.get("because"))
    needs = list(skill.get("prerequisites") or ())
    if needed in needs:
        raise wrong("edge_there", skill=edit.subject, needed=needed)
    way = _way(made, needed, edit.subject)
    if way:
        raise wrong("cycle", skill=edit.subject, needed=needed, way=" → ".join((edit.subject, *way)))
    skill["prerequisites"] = [*needs, needed]
    skill["because"] = {**(skill.get("because") or {}), needed: dict(edit.value["because"])}
    for role in made.get("roles", ()):
        _close(made, role)


def _edge_change(made: _Made, edit: Edit) -> None:
    _only(edit, "prerequisite", "because")
    skill, needed = _edge(made, edit)
    _reason(edit.value.get("because"))
    skill["because"] = {**(skill.get("because") or {}), needed: dict(edit.value["because"])}


def _edge_retire(made: _Made, edit: Edit) -> None:
    _only(edit, "prerequisite")
    skill, needed = _edge(made, edit)
    skill["prerequisites"] = [name for name in skill["prerequisites"] if name != needed]
    skill["because"] = {name: text for name, text in (skill.get("because") or {}).items() if name != needed}


def _role_add(made: _Made, edit: Edit) -> None:
    _only(edit, "name", "targets")
    _free(made, "roles", edit.subject)
    _named(edit.value.get("name"))
    targets = dict(edit.value.get("targets") or {})
    if not targets:
        raise wrong("targets", role=edit.subject)
    for name, level in targets.items():
        _there(made, "skills", name)
        _level(level)
    role = {"id": edit.subject, "name": dict(edit.value["name"]), "targets": targets}
    _close(made, role)
    made.setdefault("roles", []).append(role)


def _retire(made: _Made, edit: Edit) -> None:
    """Take an entry out that nothing else stands on."""
    _only(edit)
    section = SECTION[edit.act.partition(".")[0]]
    _there(made, section, edit.subject)
    made[section] = [one for one in made[section] if one["id"] != edit.subject]


def _target_set(made: _Made, edit: Edit) -> None:
    _only(edit, "skill", "level")
    role, name = _there(made, "roles", edit.subject), str(edit.value.get("skill", ""))
    _there(made, "skills", name)
    role["targets"][name] = _level(edit.value.get("level"))
    _close(made, role)


def _target_retire(made: _Made, edit: Edit) -> None:
    _only(edit, "skill")
    role, name = _there(made, "roles", edit.subject), str(edit.value.get("skill", ""))
    if name not in role["targets"]:
        raise wrong("target_absent", role=edit.subject, skill=name)
    for other in role["targets"]:
        if name in _needs(made, other):
            raise wrong("target_needed", role=edit.subject, skill=name, other=other)
    del role["targets"][name]
    if not role["targets"]:
        raise wrong("role_empty", role=edit.subject, skill=name)


_RULE = (
    "jurisdiction", "valid_from", "valid_to", "affects", "statement", "params", "source", "confidence", "caveat",
    "instrument",
)  # fmt: skip


def _rule_add(made: _Made, edit: Edit) -> None:
    """A new rule; one that it replaces ends the day before."""
    _only(edit, *_RULE, "replaces", "checked")
    _free(made, "rules", edit.subject)
    rule: _Made = {"params": {}, "source": [], "confidence": "medium", "caveat": "", "instrument": "", "valid_to": None}
    rule = {**rule, **copy.deepcopy(dict(edit.value)), "id": edit.subject}
    _ruled(made, rule)
    replaced = edit.value.get("replaces")
    if replaced:
        old = _there(made, "rules", replaced)
        eve = check.day(rule["valid_from"]) - timedelta(days=1)
        if eve < check.day(old["valid_from"]):
            raise wrong("replaces", old=str(replaced), day=str(old["valid_from"]))
        if old.get("valid_to") is None or check.day(old["valid_to"]) > eve:
            old["valid_to"] = eve.isoformat()
    _apart(made, rule)
    made.setdefault("rules", []).append(rule)


def _rule_change(made: _Made, edit: Edit) -> None:
    _only(edit, *_RULE, "checked")
    rule = _there(made, "rules", edit.subject)
    rule.update(copy.deepcopy(dict(edit.value)))
    _ruled(made, rule)
    _apart(made, rule)


def _rule_end(made: _Made, edit: Edit) -> None:
    _only(edit, "valid_to")
    rule = _there(made, "rules", edit.subject)
    rule["valid_to"] = _day(edit.value.get("valid_to")).isoformat()
    _ruled(made, rule)


def _misconception_change(made: _Made, edit: Edit) -> None:
    _only(edit, "name")
    _named(edit.value.get("name"))
    _there(made, "misconceptions", edit.subject)["name"] = dict(edit.value["name"])


def _content_end(made: _Made, edit: Edit) -> None:
    """End a resource, or anything else that has an id (an item of the bank, a lesson), after a day."""
    _only(edit, "valid_to")
    last = _day(edit.value.get("valid_to")).isoformat()
    resource = find(made, "resources", edit.subject)
    if resource is None:
        made["ends"] = {**made.get("ends", {}), edit.subject: last}
    else:
        resource["valid_to"] = last


def _question_put(made: _Made, edit: Edit) -> None:
    """Add questions with the misconceptions that they name; one of the same id is replaced.

    Whether a question is sound only the item bank can say, which stands above: whoever enters this has asked it.
    """
    _only(edit, "misconceptions", "questions")
    for section in ("misconceptions", "questions"):
        added = _listed(edit, section)
        there = {one["id"]: one for one in made.get(section, ())}
        for one in added:
            _there(made, "skills", one.get("skill"))
            there[one["id"]] = copy.deepcopy(dict(one))
            if section == "misconceptions":
                _named(one.get("name"))
                there[one["id"]].setdefault("signature", one["name"]["en"])
        if added:
            made[section] = list(there.values())


def _case_put(made: _Made, edit: Edit) -> None:
    """Add own cases; one of the same id is replaced.

    Whether a case is sound only `kits.own` can say, which stands above: whoever enters this has asked it.
    """
    _put(made, edit, "cases")


def _course_put(made: _Made, edit: Edit) -> None:
    """Add courses that came from outside; `courses.own` says whether one is sound, as `kits.own` does of a case."""
    _put(made, edit, "courses")


def _link_put(made: _Made, edit: Edit) -> None:
    """Show one address in the place of another, wherever that stands."""
    _only(edit, "url")
    url = edit.value.get("url")
    if not isinstance(url, str) or addresses.problem(url) or addresses.problem(edit.subject) or url == edit.subject:
        raise wrong("address", name=str(url)[:80])
    kept = {old: url if new == edit.subject else new for old, new in dict(made.get("links", {})).items()}
    made["links"] = {old: new for old, new in {**kept, edit.subject: url}.items() if old != new}


def _put(made: _Made, edit: Edit, section: str) -> None:
    """Add entries with a name to a section; one of the same id is replaced."""
    _only(edit, section)
    there = {one["id"]: one for one in made.get(section, ())}
    for one in _listed(edit, section):
        _named(one.get("name"))
        there[one["id"]] = copy.deepcopy(dict(one))
    made[section] = list(there.values())


def _video_put(made: _Made, edit: Edit) -> None:
    """Add videos; one of the same id is replaced."""
    _only(edit, "videos")
    added = _listed(edit, "videos")
    skills = {one["id"] for one in made["skills"]}
    told = [sentence(f"video.{code}", **facts) for one in added for code, facts in videos.problems(one, skills)]
    there = {one["id"]: one for one in made.get("videos", ())}
    there |= {one["id"]: copy.deepcopy(dict(one)) for one in added}
    taken = [one["activity"] for one in (*check.items_of(made), *made.get("resources", ()))]
    if not told:
        taken += [videos.of(one).activity for one in there.values()]
        told = [sentence("video.twice", url=one) for one in dict.fromkeys(taken) if taken.count(one) > 1]
    if told:
        raise errors.InvalidEdit(told)
    made["videos"] = list(there.values())


ACTS: Mapping[str, Callable[[_Made, Edit], None]] = {
    "skill.add": _skill_add,
    "skill.change": _skill_change,
    "skill.retire": _skill_retire,
    "edge.add": _edge_add,
    "edge.change": _edge_change,
    "edge.retire": _edge_retire,
    "role.add": _role_add,
    "role.retire": _retire,
    "target.set": _target_set,
    "target.retire": _target_retire,
    "rule.add": _rule_add,
    "rule.change": _rule_change,
    "rule.end": _rule_end,
    "misconception.change": _misconception_change,
    "content.end": _content_end,
    "question.put": _question_put,
    "case.put": _case_put,
    "case.retire": _retire,
    "video.put": _video_put,
    "video.retire": _retire,
    "course.put": _course_put,
    "course.retire": _retire,
    "link.put": _link_put,
}
"""What may be done. The subject is the skill of "skill" and "edge", the role of "role" and "target", the rule, the
misconception or the content; the value holds the fields that the act names, as in `curriculum/data/*.yaml`."""
SECTION = {
    "skill": "skills", "edge": "skills", "role": "roles", "target": "roles", "rule": "rules",
    "misconception": "misconceptions", "content": "resources",
    "question": "questions", "case": "cases", "video": "videos", "course": "courses", "link": "links",
}  # fmt: skip
_CALLED = {
    "skills": {"en": "skill", "zh": "技能"},
    "roles": {"en": "role", "zh": "岗位"},
    "rules": {"en": "rule", "zh": "规则"},
    "misconceptions": {"en": "misconception", "zh": "常见误解"},
    "cases": {"en": "case", "zh": "案例"},
    "videos": {"en": "video", "zh": "视频"},
    "courses": {"en": "course", "zh": "课程"},
}


# What an edit may say


def wrong(code: str, **facts: telling.Fact) -> errors.InvalidEdit:
    """The error of one problem: `code` is its key below "edit." in the sentences."""
    return errors.InvalidEdit([sentence(f"edit.{code}", **facts)])


def _only(edit: Edit, *fields: str) -> None:
    for name in edit.value:
        if name not in fields:
            raise wrong("field", act=edit.act, field=str(name), fields=", ".join(fields) or "–")


def _listed(edit: Edit, section: str) -> list[Any]:
    """The entries of a list that an edit brings, each with an id."""
    added = edit.value.get(section) or []
    if not isinstance(added, list) or not all(isinstance(one, Mapping) and "id" in one for one in added):
        raise wrong("list", field=section)
    return added


def find(mapping: Plain, section: str, name: object) -> Any:
    """The entry of this id in a section of a catalog as plain data; None if there is none."""
    return next((one for one in mapping.get(section, ()) if one["id"] == name), None)


def _there(made: _Made, section: str, name: object) -> _Made:
    found: _Made | None = find(made, section, name)
    if found is None:
        raise wrong("unknown", kind=_CALLED[section], name=str(name))
    return found


def _free(made: _Made, section: str, name: str) -> None:
    if len(name) > _LONGEST or not _ID.fullmatch(name):
        raise wrong("id", name=name)
    if find(made, section, name) is not None:
        raise wrong("taken", kind=_CALLED[section], name=name)


def _named(value: Any, key: str = "name") -> None:
    for language in check.LANGUAGES:
        if not (isinstance(value, Mapping) and isinstance(value.get(language), str) and value[language].strip()):
            raise wrong(key, language=_LANGUAGE[language])


_LANGUAGE = {"en": {"en": "English", "zh": "英文"}, "zh": {"en": "Chinese", "zh": "中文"}}


def _reason(value: Any) -> None:
    _named(value, "reason")


def _area(made: _Made, value: Any) -> None:
    areas = [area["id"] for area in made["areas"]]
    if value not in areas:
        raise wrong("area", name=str(value), areas=", ".join(areas))


def _level(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
        raise wrong("level", value=str(value))
    return value


def _day(value: Any) -> date:
    try:
        return check.day(value)
    except (TypeError, ValueError):
        raise wrong("day", value=str(value)) from None


def _ruled(made: _Made, rule: _Made) -> None:
    first = _day(rule.get("valid_from"))
    if rule.get("valid_to") is not None and _day(rule["valid_to"]) < first:
        raise wrong("days", first=str(rule["valid_from"]), last=str(rule["valid_to"]))
    if not isinstance(rule.get("affects"), list) or not rule["affects"]:
        raise wrong("affects", rule=rule["id"])
    for name in rule["affects"]:
        _there(made, "skills", name)
    _named(rule.get("statement"), "statement")
    if not rule.get("jurisdiction"):
        raise wrong("jurisdiction", rule=rule["id"])
    if rule.get("confidence") not in check.CONFIDENCES:
        raise wrong("confidence", value=str(rule.get("confidence")))


def _apart(made: _Made, rule: _Made) -> None:
    """No two rules may say the same figures of the same place and skill on one day: nobody could tell which holds."""
    for other in made.get("rules", ()):
        if other["id"] != rule["id"] and check.overlap(rule, other):
            raise wrong("overlap", rule=rule["id"], other=other["id"], first=str(other["valid_from"]))


def _edge(made: _Made, edit: Edit) -> tuple[_Made, str]:
    skill, needed = _there(made, "skills", edit.subject), str(edit.value.get("prerequisite", ""))
    if needed not in (skill.get("prerequisites") or ()):
        raise wrong("edge_absent", skill=edit.subject, needed=needed)
    return skill, needed


def _needs(made: Plain, name: str) -> tuple[str, ...]:
    skill = find(made, "skills", name)
    return () if skill is None else tuple(skill.get("prerequisites") or ())


def _above(made: Plain, name: str) -> set[str]:
    found: set[str] = set()
    pending = list(_needs(made, name))
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending.extend(_needs(made, one))
    return found


def _way(made: Plain, start: str, goal: str) -> tuple[str, ...]:
    """A chain of prerequisites from a skill to another one, both included; empty if there is none."""
    pending: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for trail in pending:
        if trail[-1] == goal:
            return trail
        for name in _needs(made, trail[-1]):
            if name not in seen:
                seen.add(name)
                pending.append((*trail, name))
    return ()


def _close(made: Plain, role: _Made) -> None:
    """Give a role the prerequisites that it lacks, at the level of what needs them, `CLOSING` at most."""
    pending = list(role["targets"])
    while pending:
        name = pending.pop()
        for needed in _needs(made, name):
            if needed not in role["targets"]:
                role["targets"][needed] = min(CLOSING, role["targets"][name])
                pending.append(needed)
