"""Sums that nobody can take apart: pairwise masks, shares against drop-outs, numbers on a grid. Pure; floor 3."""
