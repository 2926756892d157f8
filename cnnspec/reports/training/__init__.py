"""What a run says: its recipe, an epoch a line, what came of it, and its pictures."""
