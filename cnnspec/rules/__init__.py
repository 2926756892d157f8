"""The catalogue of everything that `check` may say: one file a rule, whose docstring is its page."""
