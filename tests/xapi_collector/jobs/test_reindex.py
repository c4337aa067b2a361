"""`entrepot lrs reindex`."""

from tests.xapi_collector import offices
from tests.xapi_collector.lrs import statement
from xapi_collector import progress
from xapi_collector.upkeep import reindex


def test_a_stale_index_is_made_anew_and_a_fresh_one_left(quick, capsys):
    quick.post([statement(), statement()])
    progress.write(quick.storage, progress.REINDEX, revision=1)
    assert offices.run(quick, "reindex") == 0
    assert capsys.readouterr().out == "2 statements were indexed.\n"
    assert offices.run(quick, "reindex") == 0

    assert capsys.readouterr().out == "The index is that of this version.\n"
    assert not reindex.pending(quick.storage)
