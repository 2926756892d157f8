"""What a unit sees of the inputs, and what it reaches: sizes, strides and starts, and exact sets of pixels."""
