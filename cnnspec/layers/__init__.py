"""The words of the language: one layer, or one close family, a file. A file in this folder is in the register."""
