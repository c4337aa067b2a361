"""The command that checks a file of questions, as an author runs it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from curriculum import catalog as catalogs
from curriculum.bank import check
from curriculum.practice import answers
from tests.curriculum.bank import samples


def test_a_sound_file_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cus.yaml"
    file.write_text(samples.TEXT, encoding="utf-8")

    assert check.main([str(file)]) == 0
    assert capsys.readouterr().out.startswith(
        f"{file}: 5 questions (1 choice, 1 several, 1 match, 1 text, 1 number) on"
    )


def test_few_questions_on_a_skill_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cus.yaml"
    file.write_text(samples.TEXT[: samples.TEXT.index("- id: cus.duty.2")], encoding="utf-8")

    assert check.main([str(file)]) == 0
    assert "fewer than 3 on cus.duty" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("bloom: apply", "bloom: none", "line 8: questions[0].bloom"),
        ("{what}, {price:2}", "{who}, {price:2}", "cus.duty.5: a placeholder cannot be filled: 'who'"),
        ("value: worth * rate", "value: lines * 3", "cus.duty.5: no draw keeps its wrong methods apart"),
        ('accept: ["6105.10"]', 'accept: ["6109 10 00"]', "the wrong answer '61091000' is named '', not 'm.hs_by_use'"),
    ],
)
def test_what_is_wrong_is_named(
    before: str, after: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cus.yaml"
    file.write_text(samples.TEXT.replace(before, after), encoding="utf-8")

    assert check.main([str(file)]) == 1
    assert problem in capsys.readouterr().out


def test_misconceptions_of_the_files_beside_it_may_be_named(tmp_path: Path) -> None:
    first, second = samples.TEXT.split("questions:", 1)
    (tmp_path / "a.yaml").write_text(f"{first}questions: []", encoding="utf-8")
    (tmp_path / "b.yaml").write_text(f"questions:{second}", encoding="utf-8")
    (tmp_path / "c.yaml").write_text("[", encoding="utf-8")

    assert check.main([str(tmp_path / "b.yaml")]) == 0


def test_a_right_answer_that_is_not_graded_so_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "kept", lambda value: "7" if value == Decimal(6) else "x")

    found = list(check.problems(samples.bank(), catalogs.load("cbec")))
    assert any("its own right answer" in problem for problem in found)
