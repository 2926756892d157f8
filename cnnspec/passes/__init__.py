"""One fold over the graph a file. A pass asks layers for facts, names none, changes nothing, and gives a table."""
