"""Two networks side by side: which step of one is which of the other, and what differs."""
