"""A small LMS that speaks LTI 1.3 as the specification does, to try the tool on one machine. Floor 4.

Institutions, courses and learners come from one JSON file; there are no passwords: whoever opens the page picks the
learner. It is for a laptop and for tests, never for real learners.

What must not be here: anything of the tool itself. The two meet by HTTP alone, as a Moodle and a tool would.
"""
