"""Hand questions, a course and the graph to other systems, and take theirs in: QTI 3, Common Cartridge, CASE.

Floor 1. Pure: bytes in, plain data out, and back. Whatever comes from outside is taken or refused as a whole: each
problem with its file, its line and what would be right.

What must not be in this room: a file's path on this machine, the network, the clock, and any judgement on a question or
a skill that `bank.check` and `check` make already.
"""
