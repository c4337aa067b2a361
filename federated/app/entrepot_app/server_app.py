"""The coordinator's side, by name."""

from federated import server_app

app = server_app.app
