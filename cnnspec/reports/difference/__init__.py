"""Two networks side by side: what differs, in a terminal, in Markdown, as data."""
