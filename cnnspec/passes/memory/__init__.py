"""The memory of inference: what is alive at once, in the order of the text and in the best one."""
