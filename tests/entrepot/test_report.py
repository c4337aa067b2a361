from entrepot import report

FOUND = {
    "institutions": [
        {
            "name": "Scotland",
            "learners": 1974,
            "statements": 14051,
            "auc": {"local": 0.81, "federated": 0.82, "personalised": 0.83},
        }
    ],
    "pooled": {"auc": {"local": 0.81, "federated": 0.82, "personalised": 0.83, "centralised": 0.8201}},
    "rounds": 4,
    "bytes_per_round": 123_456,
    "statements": 14051,
    "statements_per_second": 5000.0,
    "seconds": {"start": 1.0, "ingest": 2.0, "federate": 3.0, "total": 6.0},
    "peak_memory_mb": 900.0,
    "policy": "exact",
    "held_out_rule": "a fifth",
    "dropped": ["north: no answer in round 2"],
}


def test_the_table_says_that_centralised_was_pooled_only_to_compare():
    assert "Pooled here only to compare" in report.table(FOUND)


def test_the_table_shows_each_institution_and_who_was_left_out():
    text = report.table(FOUND)

    assert "Scotland         1,974      14,051        0.8100        0.8200        0.8300" in text
    assert "Left out: north: no answer in round 2" in text


def test_the_table_says_by_how_much_federated_differs_from_centralised():
    assert "federated differs by -0.00010" in report.table(FOUND)
