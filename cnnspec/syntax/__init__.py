"""Text to tree: the grammar's tables, the parser with its recovery, and the tree."""
