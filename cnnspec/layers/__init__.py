"""The words: one layer, or one close family, a file. A file is found by being here; `_` begins the families."""
