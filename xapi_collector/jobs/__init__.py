"""The operator's jobs, a module each: `add(commands)` describes its commands, functions do them. Not in here: rules.

A long job tells its progress on standard error, may be killed at any time, and goes on when it is started again.
"""
