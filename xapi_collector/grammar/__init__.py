"""What the standard says a statement is: read, checked, completed, rendered. Not in here: a store, a secret, HTTP."""
