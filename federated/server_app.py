"""trivial"""
import os, time, json
from pathlib import Path
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.serverapp import Grid, ServerApp
app = ServerApp()

@app.main()
def main(grid: Grid, context: Context) -> None:
    n = 3
    out = Path(os.environ["ENTREPOT_COORDINATOR"]) / "trivial.jsonl"
    t = time.time()
    while len(list(grid.get_nodes())) < n:
        time.sleep(0.2)
    log = [("joined", time.time()-t)]
    for r in range(4):
        t = time.time()
        ids = set(grid.push_messages([Message(RecordDict({"m": MetricRecord({"a": 1.0})}), i.node_id, "query.sums", group_id=str(r)) for i in grid.get_nodes()]))
        while ids:
            got = list(grid.pull_messages(ids))
            for g in got: ids.discard(g.metadata.reply_to_message_id)
            time.sleep(0.2)
        log.append((r, time.time()-t))
    out.write_text(json.dumps(log))
    print(log)
