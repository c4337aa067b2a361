"""Sums that nobody can take apart: pairwise masks, shares against drop-outs, numbers on a grid. Pure; floor 3.

A run is set up once: every member makes an offer of keys (`keys`), then seals shares of its secrets for the others
(`session`). A round is one exchange of masked vectors and one of shares (`turns` at a member, `totals` at the
coordinator). `fixed` and `sparse` make words of numbers and of keyed tables. Nothing here knows storage, network or
clock: secrets come in as entropy, and what must outlive a process goes out as bytes.
"""
