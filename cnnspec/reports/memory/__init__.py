"""The memory of inference and of training."""
