"""One network at several settings: a table, CSV and Markdown, a picture."""
