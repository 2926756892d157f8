"""The report of a network: measured once, shown in a terminal, as JSON, CSV, Markdown and HTML."""
