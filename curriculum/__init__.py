"""Say what there is to learn: skills, prerequisites, roles, dated rules and items.

Floor 1. Pure: a catalog is data, read once from `curriculum/data`, and every question about a date takes the date as
an argument.

What must not be in this room: a learner or anything a learner did, a web framework, a database, the network, the clock,
an environment variable, and any import of another room.
"""
