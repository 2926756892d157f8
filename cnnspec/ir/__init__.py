"""The graph that a text is elaborated to."""
