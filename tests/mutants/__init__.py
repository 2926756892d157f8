"""Texts that nobody would write, made from ones that people or the random networks do."""
