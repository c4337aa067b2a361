import pytest

from curriculum import catalog, check, errors
from tests.curriculum import builders


def problems(**changes):
    return check.problems(builders.tiny(**changes))


def skills(*entries):
    return [builders.skill("root"), *entries]


def test_a_sound_catalog_has_no_problem():
    assert problems() == []


@pytest.mark.parametrize("document", [None, [], "text", 3])
def test_a_document_that_is_no_mapping_is_refused(document):
    assert check.problems(document)[0].startswith("meta: the document is")


def test_a_cycle_is_named_from_end_to_end():
    cyclic = [builders.skill("x", "z"), builders.skill("y", "x"), builders.skill("z", "y")]

    found = problems(skills=cyclic, roles=[], rules=[])

    assert found == ["skills[0].prerequisites: they form a cycle: x -> z -> y -> x; remove one of these edges"]


def test_a_skill_that_needs_itself_is_a_cycle():
    found = problems(skills=[builders.skill("x", "x")], roles=[], rules=[])

    assert "x -> x" in found[0]


def test_a_cycle_behind_a_sound_part_is_found():
    entries = skills(
        builders.skill("b", "root"), builders.skill("c", "b", "e"), builders.skill("d", "c"), builders.skill("e", "d")
    )

    assert "c -> e -> d -> c" in problems(skills=entries, roles=[], rules=[])[0]


def test_a_role_must_be_closed_under_prerequisites():
    role = {"id": "r", "name": builders.names("r"), "targets": {"top": 3, "left": 3, "right": 3}}

    found = problems(roles=[role])

    assert found == [
        "roles[0].targets: 'left' needs 'root', no target of 'r'; add it with a level",
        "roles[0].targets: 'right' needs 'root', no target of 'r'; add it with a level",
    ]


@pytest.mark.parametrize("section", ["areas", "skills", "roles", "rules"])
def test_an_id_may_stand_once(section):
    entries = builders.tiny()[section]

    found = problems(**{section: [*entries, entries[0]]})

    assert found[0].startswith(f"{section}[{len(entries)}].id: '{entries[0]['id']}' is taken by {section}[0]")


def test_an_activity_may_stand_once():
    item = {"id": "i", "activity": "urn:tiny:root", "skills": ["root"]}

    assert "'urn:tiny:root' is taken by items[0]" in problems(items=[item])[0]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"skills": skills(builders.skill("x", area="nowhere")), "roles": [], "rules": []}, "skills[1].area: no area"),
        (
            {"skills": skills(builders.skill("x", "y")), "roles": [], "rules": []},
            "skills[1].prerequisites[0]: no skill",
        ),
        ({"items": [{"id": "i", "activity": "urn:i", "skills": ["y"]}]}, "items[0].skills[0]: no skill is called 'y'"),
        ({"roles": [{"id": "r", "name": builders.names("r"), "targets": {"y": 1}}]}, "roles[0].targets.y: no skill"),
        ({"rules": [builders.rule("r", "y")]}, "rules[0].affects[0]: no skill is called 'y'"),
        (
            {"misconceptions": [{"id": "m", "skill": "y", "name": builders.names("m"), "signature": "s"}]},
            "misconceptions[0].skill: no skill is called 'y'",
        ),
        ({"rules": [builders.rule("r", valid_to="2026-06-30")]}, "rules[0].valid_to: 2026-06-30 lies before"),
    ],
)
def test_a_wrong_reference_is_named_with_its_path(changes, path):
    assert problems(**changes)[0].startswith(path)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"meta": None}, "meta: missing"),
        ({"meta": {"id": "", "name": builders.names("x")}}, "meta.id: is ''"),
        ({"meta": {"id": "x", "name": {"en": "x"}}}, "meta.name:"),
        ({"meta": {"id": "x", "name": builders.names("x"), "pass_score": 75}}, "meta.pass_score: is 75"),
        ({"meta": {"id": "x", "name": builders.names("x"), "practice": {"activity": "nope"}}}, "meta.practice:"),
        ({"meta": {"id": "x", "name": builders.names("x"), "notice": {"en": "x"}}}, "meta.notice:"),
        ({"areas": []}, "areas: must be a list of at least one"),
        ({"skills": {}}, "skills: must be a list of at least one"),
        ({"roles": "x"}, "roles: must be a list"),
        ({"skills": ["x"]}, "skills[0]: is 'x'; it must be a mapping"),
        ({"skills": [builders.skill("x", name={"en": "x", "zh": " "})]}, "skills[0].name:"),
        ({"skills": [builders.skill("x", name={"en": "x"})]}, "skills[0].name:"),
        ({"skills": [builders.skill("x", kind="talent")]}, "skills[0].kind: is 'talent'; it must be one of knowledge"),
        ({"skills": [builders.skill("x", difficulty=6)]}, "skills[0].difficulty: is 6"),
        ({"skills": [builders.skill("x", difficulty=True)]}, "skills[0].difficulty: is True"),
        ({"skills": [builders.skill("x", half_life_days=0)]}, "skills[0].half_life_days: is 0"),
        ({"items": [{"id": "i", "activity": "no iri", "skills": ["root"]}]}, "items[0].activity: is 'no iri'"),
        ({"items": [{"id": "i", "activity": "urn:i", "skills": []}]}, "items[0].skills: is []"),
        (
            {"items": [{"id": "i", "activity": "urn:i", "skills": ["root"], "difficulty": 9}]},
            "items[0].difficulty: is 9",
        ),
        (
            {"items": [{"id": "i", "activity": "urn:i", "skills": ["root"], "repeatable": 1}]},
            "items[0].repeatable: is 1",
        ),
        ({"roles": [{"id": "r", "name": builders.names("r"), "targets": {"root": 0}}]}, "roles[0].targets: is"),
        ({"rules": [builders.rule("r", valid_from="soon")]}, "rules[0].valid_from: is 'soon'; it must be a date"),
        ({"rules": [builders.rule("r", valid_to=7)]}, "rules[0].valid_to: is 7"),
        ({"rules": [builders.rule("r", confidence="sure")]}, "rules[0].confidence: is 'sure'"),
        ({"rules": [builders.rule("r", params=[])]}, "rules[0].params: is []"),
    ],
)
def test_a_wrong_field_is_named_with_its_path_and_what_would_be_right(changes, path):
    assert problems(**changes)[0].startswith(path)


def test_all_problems_are_found_at_once():
    broken = [builders.skill("x", difficulty=0), builders.skill("y", kind="z")]

    assert [line.split(":")[0] for line in problems(skills=broken)] == ["skills[0].difficulty", "skills[1].kind"]


def test_the_error_names_file_line_path_and_what_would_be_right():
    head = "meta:\n  id: x\n  name: {en: X, zh: X}\nareas:\n- {id: a, name: {en: A, zh: A}}\n"
    text = head + "skills:\n- id: s\n  difficulty: 9\n"

    with pytest.raises(errors.InvalidCatalog) as caught:
        catalog.parse_text(text, where="my.yaml")

    assert "my.yaml: line 8: skills[0].difficulty: is 9; it must be a whole number 1 to 5" in str(caught.value)
    assert "my.yaml: line 7: skills[0].name: is None; it must be a text in each of en and zh" in str(caught.value)


def test_text_that_is_not_yaml_is_refused():
    with pytest.raises(errors.InvalidCatalog, match="not YAML"):
        catalog.parse_text("{")


def test_a_key_that_stands_twice_is_refused_with_its_line():
    with pytest.raises(errors.InvalidCatalog, match=r"(?s)the key 'id' stands twice.*line 3"):
        catalog.parse_text("meta:\n  id: x\n  id: y\n")


def test_an_empty_text_is_refused():
    with pytest.raises(errors.InvalidCatalog, match="must be a mapping"):
        catalog.parse_text("")


def test_yaml_that_would_build_an_object_is_refused():
    with pytest.raises(errors.InvalidCatalog, match="not YAML"):
        catalog.parse_text("meta: !!python/object/apply:os.getcwd []")


def test_a_problem_without_a_known_line_stays_as_it_is():
    assert check.with_line("nowhere: lost", {}) == "nowhere: lost"


RESOURCE = {"id": "page", "activity": "urn:tiny:page", "skills": ["left"], "name": builders.names("Page")}


def test_a_resource_is_checked_like_an_item():
    assert problems(resources=[{**RESOURCE, "minutes": 12, "mode": "video", "valid_to": "2026-06-30"}]) == []
    assert problems(resources=[{**RESOURCE, "mode": "osmosis"}])[0].startswith("resources[0].mode: is 'osmosis'")
    assert "no skill is called 'lost'" in problems(resources=[{**RESOURCE, "skills": ["lost"]}])[0]
    assert "is taken by resources[0]" in problems(resources=[RESOURCE, RESOURCE])[0]


def test_an_edge_is_explained_where_it_is():
    why = {"root": builders.names("One needs the other")}

    assert problems(skills=[builders.skill("root"), builders.skill("b", "root", because=why)], roles=[], rules=[]) == []
    assert problems(skills=[builders.skill("root"), builders.skill("b", because=why)], roles=[], rules=[]) == [
        "skills[1].because.root: 'root' is no prerequisite of it; name one of its own"
    ]
    assert problems(skills=[builders.skill("root", because={"b": "text"})], roles=[], rules=[])[0].startswith(
        "skills[0].because: is {'b': 'text'}"
    )
