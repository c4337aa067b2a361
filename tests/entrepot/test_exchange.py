"""`entrepot qti`, `case` and `cartridge`: what is written, what is said, and what one line refuses."""

from __future__ import annotations

import json
from xml.sax.saxutils import unescape

import pytest
import yaml

from curriculum import catalog as catalogs
from curriculum import check, courses
from curriculum.exchange import archive, qti
from entrepot import cli, variables
from tests.curriculum.exchange import items

URL = "https://learn.example.org"


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in variables.known():
        monkeypatch.delenv(name, raising=False)


def run(capsys, *arguments):
    code = cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_questions_go_out_and_come_in_as_a_draft(tmp_path, capsys):
    packed, draft = tmp_path / "fnd.zip", tmp_path / "fnd.yaml"
    code, out, _ = run(capsys, "qti", "export", "--area", "fnd", "--seed", "3", "--on", "2026-11-26", "--out", packed)
    count = len(qti.read(packed.read_bytes(), "fnd.zip").document["questions"])

    assert (code, out) == (0, f"Wrote {count} questions, each in 2 languages, to {packed}.\n")
    assert run(capsys, "qti", "import", packed, "--out", draft) == (0, f"Wrote {count} questions to {draft}.\n", "")
    assert len(yaml.safe_load(draft.read_text("utf-8"))["questions"]) == count


def test_one_skill_goes_out_alone(tmp_path, capsys):
    skill = "fnd.intl_trade"
    run(capsys, "qti", "export", "--skill", skill, "--out", tmp_path / "x.zip")
    found = qti.read((tmp_path / "x.zip").read_bytes(), "x.zip").document["questions"]

    assert {question["skill"] for question in found} == {skill}


def test_what_a_bank_of_others_lacks_is_said_with_its_lines(tmp_path, capsys):
    source, draft = tmp_path / "one.xml", tmp_path / "one.yaml"
    source.write_bytes(items.item())
    code, out, _ = run(capsys, "qti", "import", source, "--skill", "cus.duty", "--out", draft)

    assert code == 0
    assert "  cus.duty.q1: its texts are in en only; write them in zh too\n" in out
    assert "things are still to be written before the bank can take them:\n  line 3: questions[0].bloom: is None" in out


def test_of_many_notes_the_first_are_shown(tmp_path, capsys):
    graph, draft = tmp_path / "g.json", tmp_path / "g.yaml"
    run(capsys, "case", "export", "--catalog", "oulad", "--url", URL, "--out", graph)
    code, out, _ = run(capsys, "case", "import", graph, "--out", draft)

    assert code == 0
    assert "  26 names are missing in zh; write them\n" in out
    assert "more\n" in out.splitlines(keepends=True)[-1]


def test_the_graph_goes_out_in_two_languages_and_comes_in_as_one_catalog(tmp_path, capsys):
    files = [tmp_path / f"{language}.json" for language in check.LANGUAGES]
    for path in files:
        run(capsys, "case", "export", "--language", path.stem, "--url", URL + "/", "--out", path)
    draft = tmp_path / "cbec.yaml"
    code, out, _ = run(capsys, "case", "import", *files, "--out", draft)

    assert json.loads(files[0].read_text("utf-8"))["CFDocument"]["uri"].startswith(f"{URL}/ims/case/v1p1/CFDocuments/")
    assert (code, out) == (0, f"Wrote 143 skills in 14 areas to {draft}.\n")
    assert catalogs.parse_text(draft.read_text("utf-8")).skills.keys() == catalogs.load("cbec").skills.keys()


@pytest.mark.parametrize(("target", "profile"), [("moodle", "1.1"), ("canvas", "1.3")])
def test_a_course_goes_out_for_an_lms(tmp_path, capsys, monkeypatch, target, profile):
    monkeypatch.setenv("ENTREPOT_LTI_URL", URL)
    out_file = tmp_path / "c.imscc"
    code, out, _ = run(capsys, "cartridge", "--for", target, "--course", "ord", "--language", "zh", "--out", out_file)
    files = archive.unpack(out_file.read_bytes(), "c")

    assert (code, out) == (0, f"Wrote 1 modules as Common Cartridge {profile} to {out_file}.\n")
    assert f"<schemaversion>{profile}.0</schemaversion>".encode() in files["imsmanifest.xml"]
    assert any(f"{URL}/lti/launch?catalog=cbec&amp;activity=module".encode() in data for data in files.values())


def test_a_course_of_ours_goes_out_with_its_units(tmp_path, capsys):
    code, out, _ = run(capsys, "cartridge", "--course", "etiquette", "--url", URL, "--out", tmp_path / "c.imscc")
    course = courses.of_catalog(catalogs.load("cbec"))["etiquette"]
    manifest = archive.unpack((tmp_path / "c.imscc").read_bytes(), "c")["imsmanifest.xml"].decode()

    assert (code, out.split(" modules")[0]) == (0, f"Wrote {len(course.modules) + 1 + bool(course.exam)}")
    assert all(unit.name["en"] in unescape(manifest) for module in course.modules for unit in module.units)


def test_a_whole_catalog_goes_out_as_a_course(tmp_path, capsys):
    code, out, _ = run(capsys, "cartridge", "--catalog", "oulad", "--url", URL, "--out", tmp_path / "c.imscc")

    assert (code, out.split(" as ")[0]) == (0, f"Wrote {len(catalogs.load('oulad').areas) + 1} modules")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("qti", "export", "--area", "nope", "--out", "x"), "--area: no area is called 'nope'; use one of fnd, sel"),
        (("qti", "export", "--skill", "nope", "--out", "x"), "catalog 'cbec' has no skill 'nope'"),
        (("qti", "import", "missing.zip", "--out", "x"), "missing.zip: No such file or directory; name a file"),
        (("qti", "import", "missing.zip", "--skill", "nope", "--out", "x"), "--skill: no skill is called 'nope'"),
        (("case", "export", "--out", "x"), "--url: the tool's address is not known; give --url"),
        (("case", "export", "--url", URL, "--out", "/nowhere/x"), "--out: /nowhere/x: No such file or directory"),
        (("cartridge", "--url", URL, "--course", "nope", "--out", "x"), "--course: there is no 'nope'; use a course"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(tmp_path, capsys, monkeypatch, arguments, problem):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *arguments)

    assert (code, out) == (1, "")
    assert err.startswith(f"entrepot: {problem}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_refused_leaves_no_draft(tmp_path, capsys):
    bad = tmp_path / "bad.xml"
    bad.write_bytes(b"<!DOCTYPE a><a/>")
    code, _, err = run(capsys, "qti", "import", bad, "--out", tmp_path / "draft.yaml")

    assert (code, err.split(";")[0]) == (
        1,
        "entrepot: bad.xml: line 1: it has a document type (<!DOCTYPE) or an entity",
    )
    assert not (tmp_path / "draft.yaml").exists()
