"""Federated: train the recommender with other institutions; only numbers cross.

Floor 3. What must not be in this room: a page or a launch (that is `lti_tool`), the mathematics of the model (that is
`recommender`), and any reading of records outside `institution`, the one door. The coordinator's side (`server_app`,
`coordinator`) cannot reach a record.
"""
