"""The `train` section: what a recipe may say, each word with its formula and source, and the plain data of it."""
