"""Who is in a course: read from the platform in the background, kept by pseudonym, role and group. Floor 3.

Names and Role Provisioning Services 2.0; Course Groups Service 1.0. What must not be here: a name, a mail address, a
picture or a basic-outcome id at rest (they are dropped on arrival), and the roster of a course that the tool was never
launched from.
"""
