import csv
import gzip
import io
import uuid

from curriculum import catalog
from entrepot import oulad

ASSESSMENTS = """code_module,code_presentation,id_assessment,assessment_type,date,weight
AAA,2013J,12,TMA,54,20
AAA,2013J,11,TMA,19,10
AAA,2013J,14,Exam,?,100
AAA,2013J,13,CMA,54,5
AAA,2014J,22,TMA,19,10
"""
INFO = "code_module,code_presentation,id_student,region\nAAA,2013J,7,Wales\nAAA,2014J,8,Scotland\n"
RESULTS = """id_assessment,id_student,date_submitted,is_banked,score
12,7,60,0,78
11,7,18,0,55.5
14,7,200,1,90
13,7,50,0,?
22,8,-3,0,100
"""


def rows(packed):
    return list(csv.reader(io.StringIO(gzip.decompress(packed).decode())))[1:]


def write(directory):
    for name, text in (("assessments", ASSESSMENTS), ("studentInfo", INFO), ("studentAssessment", RESULTS)):
        (directory / f"{name}.csv").write_text(text)
    return directory


def test_the_compact_file_keeps_scored_results_by_region_and_time_and_drops_banked_and_empty_ones(tmp_path):
    assert rows(oulad.compact(write(tmp_path))) == [
        ["Scotland", "8", "AAA.2014J", "AAA.TMA.1", "-3", "100"],
        ["Wales", "7", "AAA.2013J", "AAA.TMA.1", "18", "55.5"],
        ["Wales", "7", "AAA.2013J", "AAA.TMA.2", "60", "78"],
    ]


def test_the_compact_file_is_the_same_bytes_each_time_from_plain_and_packed_tables(tmp_path):
    plain = oulad.compact(write(tmp_path))
    for path in list(tmp_path.glob("*.csv")):
        (tmp_path / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()

    assert oulad.compact(tmp_path) == plain


def test_an_assessment_without_a_due_date_ranks_last_of_its_type():
    table = list(csv.DictReader(io.StringIO(ASSESSMENTS.replace("11,TMA,19", "11,TMA,?"))))

    assert oulad.items(table)["11"] == "AAA.TMA.2"


def test_the_shipped_records_are_eleven_regions_of_real_results():
    regions = oulad.regions()

    assert list(regions) == sorted(regions)
    assert len(regions) == 11
    assert sum(len(results) for results in regions.values()) == 122_001
    assert len({result.learner for results in regions.values() for result in results}) == 16_526


def test_every_shipped_item_is_in_the_catalog():
    shipped = {result.item for results in oulad.regions().values() for result in results}

    assert shipped <= set(catalog.load("oulad").items)


def test_a_result_becomes_a_statement_about_the_learner_as_the_lms_knows_them():
    result = oulad.Result("11391", "AAA.2013J", "AAA.TMA.1", 18, 78.0)

    statement = oulad.statement(result, "http://lms.test")

    assert statement["actor"]["account"] == {"homePage": "http://lms.test", "name": "11391"}
    assert statement["object"]["id"] == f"{oulad.DATASET}#AAA.TMA.1"
    assert statement["result"]["score"] == {"scaled": 0.78, "raw": 78.0, "min": 0, "max": 100}
    assert statement["timestamp"] == "2013-10-19T12:00:00+00:00"


def test_the_same_result_has_the_same_statement_id_and_another_has_another():
    result = oulad.Result("11391", "AAA.2013J", "AAA.TMA.1", 18, 78.0)
    other = oulad.Result("11391", "AAA.2014J", "AAA.TMA.1", 18, 78.0)

    ids = [oulad.statement(each, "http://lms.test")["id"] for each in (result, result, other)]

    assert ids[0] == ids[1] != ids[2]
    assert uuid.UUID(ids[0]).version == 5
