"""Tree to graph: arguments to fields; blocks, repeats, conditions and merges to nodes with their shapes."""
