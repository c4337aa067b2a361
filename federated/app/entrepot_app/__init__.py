"""Two adapters; all that they call is what the institution installed itself."""
