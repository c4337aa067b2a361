"""Floor 0: keep documents of declared collections, durably, in SQLite or in MongoDB.

Not in here: the meaning of any field, any import of ours, HTTP, the clock (it is an argument), and SQL or MongoDB
anywhere outside the two adapters.
"""
