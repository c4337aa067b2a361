"""The resources of xAPI over HTTP, a blueprint each. Not in here: rules; a route parses, makes one call and answers."""
