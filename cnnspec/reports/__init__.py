"""Everything that is shown: the only room that makes strings out of numbers and of diagnostics."""
