from __future__ import annotations

from lti_tool import texts
from lti_tool.pages import meter
from recommender.profile import SkillState


def test_a_meter_says_name_value_range_and_goal() -> None:
    state = SkillState("x", 7, 4, 0, 0.32, 1.6, 1.0, 2.2)
    drawn = meter.of_skill(state, "Duty", 2, texts.speaker("en"))

    assert drawn.label == "Duty: level 1.6, likely 1.0 to 2.2, goal 2"
    assert (drawn.dot, drawn.band, drawn.width, drawn.target) == ("32.0%", "20.0%", "24.0%", "40.0%")


def test_a_meter_without_enough_data_is_a_dashed_track() -> None:
    state = SkillState("x", 2, 1, 0, None, None, None, None)
    drawn = meter.of_skill(state, "关税", 2, texts.speaker("zh"))

    assert drawn.label == "关税：数据还不够，目标 2 级"
    assert drawn.words == "数据还不够：已有 2 次作答，还需 1 次，目标 2 级"
    assert drawn.dot == ""
