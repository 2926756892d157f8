"""What a teacher says of one layer: its numbers step by step, how its field grows, which kernel equals a run."""
