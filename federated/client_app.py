"""trivial"""
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
import numpy as np
app = ClientApp()

@app.query("sums")
def sums(message: Message, context: Context) -> Message:
    return Message(RecordDict({"arrays": ArrayRecord([np.ones(5)]), "m": MetricRecord({"a": 1.0})}), reply_to=message)
