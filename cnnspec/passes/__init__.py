"""Folds over the graph, and what they are made of. A pass asks layers for facts, names none, changes nothing, and
gives a table; fold.py is the walk that they share."""
