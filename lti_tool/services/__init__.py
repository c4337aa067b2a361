"""Calls from the tool to a platform: where they may go, with which token, and what may come back. Floor 3.

What must not be here: the meaning of a score, a member or a registration.
"""
