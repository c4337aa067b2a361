"""The operator's work on what is stored: persons, retention, rotation, backup. Not in here: a route, a command line."""
