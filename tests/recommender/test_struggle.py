from datetime import timedelta

from recommender import struggle, tracker, trail
from tests.recommender import builders, wanderers

TINY = builders.tiny()
INDEX = TINY.skill_index


def find(*answers, closed=(), later=0.0):
    history = wanderers.answered(TINY, *answers)
    now = int((builders.NOW + timedelta(seconds=later)).timestamp() * 1e6)
    return struggle.find(TINY, trail.follow(TINY, history), tracker.track(TINY, history), now, closed)


KNOWN = [("practice:root", 1)] * 3 + [("practice:right", 1)] * 3
FAILED = [("practice:top", 0)] * 3


def test_two_wrong_in_a_row_are_no_struggle():
    assert find(*FAILED[:2]) == {}


def test_three_wrong_in_a_row_rest_the_skill_and_lead_to_what_carries_least():
    found = find(*KNOWN, *FAILED)[INDEX["top"]]

    assert found.back[0] == INDEX["left"]
    assert (found.wrong, found.rows, found.resting, found.help) == (3, (6, 7, 8), True, False)


def test_five_wrong_in_a_row_ask_for_a_person():
    assert find(*KNOWN, *FAILED, *FAILED[:2])[INDEX["top"]].help


def test_a_root_has_nothing_to_step_back_to():
    assert find(*[("practice:root", 0)] * 3)[INDEX["root"]].back == ()


def test_where_all_that_comes_before_carries_there_is_no_way_back():
    known = [(f"practice:{name}", 1) for name in ("root", "left", "right") for _ in range(8)]

    assert find(*known, *FAILED)[INDEX["top"]].back == ()


def test_the_way_back_goes_down_to_what_is_unmet_before_it():
    assert find(*FAILED)[INDEX["top"]].back == (INDEX["root"],)


def test_the_way_back_does_not_go_beyond_what_is_done():
    assert set(find(*FAILED, closed={INDEX["root"]})[INDEX["top"]].back) == {INDEX["left"], INDEX["right"]}


def test_after_practice_elsewhere_it_may_be_tried_again():
    elsewhere = [("practice:alone", 0)] * 3

    assert find(*KNOWN, *FAILED, *elsewhere[:2])[INDEX["top"]].resting
    assert not find(*KNOWN, *FAILED, *elsewhere)[INDEX["top"]].resting


def test_after_a_right_answer_on_the_way_back_it_may_be_tried_again():
    assert find(*KNOWN, *FAILED, ("practice:left", 0))[INDEX["top"]].resting
    assert not find(*KNOWN, *FAILED, ("practice:left", 1))[INDEX["top"]].resting


def test_a_right_answer_before_it_went_wrong_is_none_on_the_way_back():
    found = find(*KNOWN, ("practice:left", 1), *FAILED)[INDEX["top"]]

    assert found.back[0] == INDEX["left"]
    assert found.resting


def test_a_day_later_it_may_be_tried_again():
    assert find(*KNOWN, *FAILED, later=85_000)[INDEX["top"]].resting
    assert not find(*KNOWN, *FAILED, later=86_400)[INDEX["top"]].resting


def test_a_right_answer_ends_it():
    assert find(*KNOWN, *FAILED, ("practice:top", 1)) == {}
