"""The receptive field: of all layers, of one, of one unit."""
