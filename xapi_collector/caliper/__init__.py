"""Caliper events as xAPI statements, pure. Not in here: HTTP, a store."""
