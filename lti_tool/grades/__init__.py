"""Scores on their way into the gradebook of a course (LTI Assignment and Grade Services 2.0), by an outbox. Floor 3.

A page queues a score (`outbox.put`) and never waits for the platform; a background thread of every process sends what
waits (`sender.step`). What must not be here: how a score comes about, a page, an HTTP request of its own.
"""
