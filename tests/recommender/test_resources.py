from datetime import date

from curriculum import catalog
from recommender import resources
from tests.curriculum import builders

TODAY = date(2026, 11, 26)


def choose(*pages, skill="left", today=TODAY, modes=None):
    listed = [
        {"activity": f"urn:tiny:{page['id']}", "skills": ["left"], "name": builders.names("Page"), **page}
        for page in pages
    ]
    found = resources.choose(catalog.parse(builders.tiny(resources=listed)), skill, today, modes or {})
    return found and found.id


def test_without_resources_there_is_none():
    assert choose() is None
    assert choose({"id": "other", "skills": ["right"]}) is None


def test_what_is_about_the_skill_comes_before_what_touches_it_and_the_short_before_the_long():
    assert (
        choose({"id": "wide", "skills": ["right", "left"]}, {"id": "long", "minutes": 40}, {"id": "brief"}) == "brief"
    )


def test_the_way_that_works_best_comes_first():
    pages = [{"id": "text", "minutes": 5}, {"id": "film", "mode": "video", "minutes": 9}]

    assert choose(*pages) == "text"
    assert choose(*pages, modes={"video": 1.3}) == "film"


def test_what_no_longer_holds_is_not_shown():
    assert choose({"id": "old", "valid_to": "2026-11-25"}) is None
    assert choose({"id": "coming", "valid_from": "2026-11-27"}) is None


def test_what_is_older_than_a_rule_about_its_skill_is_stale_from_the_day_of_the_rule():
    page = {"id": "page", "valid_from": "2026-01-01"}

    assert choose(page, today=date(2026, 6, 30)) == "page"
    assert choose(page, today=date(2026, 7, 1)) is None
    assert choose({"id": "new", "valid_from": "2026-07-01"}, today=date(2026, 7, 1)) == "new"
    assert choose({**page, "skills": ["right"]}, skill="right") == "page"
