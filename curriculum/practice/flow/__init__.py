"""The whole flow of one order, from choosing what to sell to the budget of its ads: ten groups of questions. Floor 1.

A kind of case for each destination (`flow_eu`, `flow_uk`, `flow_us`, `flow_cn`), and a parcel on two dates
(`machine_eu`). What is law comes from the dated rules of the catalog; what is invented stands in the documents of a
case; the words are in `curriculum/data/flow.yaml`.

What must not be in here: a figure of the law, a text that a learner reads, and anything that is not exact.
"""
