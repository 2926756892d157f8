"""For which sizes of its inputs a network works: each size as it depends on them, and what must hold of it."""
