"""How a platform becomes known here: invites, dynamic registration, registration by hand, and its check. Floor 3.

1EdTech LTI Dynamic Registration 1.0. What must not be here: a launch, and a connection that does not go through
`services`, for every address in a registration was named by somebody else.
"""
