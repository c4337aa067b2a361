"""The institution's side, by name."""

from federated import client_app

app = client_app.app
