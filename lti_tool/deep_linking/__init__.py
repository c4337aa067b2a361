"""Deep linking: what a platform asks for, what can be added to a course, and the signed answer. Floor 3.

LTI Deep Linking 2.0. What must not be here: pages, and anything about a person; a choice belongs to a course.
"""
