"""Statements sent on to other record stores. Not in here: what a filter means to a learner."""
