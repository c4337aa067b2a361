"""What an operator sees of a running collector: figures, logs, readiness. Not in here: anything of a person."""
