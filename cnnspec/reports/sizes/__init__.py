"""For which sizes a network works, what is wrong with one, and others beside it."""
