"""How a request comes in: version, credential, scopes, pace, origin, body. Not in here: what it asks for."""
