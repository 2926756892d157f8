"""What backward needs of a forward pass, by the rules of torch: a fold over the steps that layers state for it."""
