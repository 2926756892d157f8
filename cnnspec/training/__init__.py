"""Training: data, recipe, loop, checkpoints. Everything here is told as plain records; reports say them."""
