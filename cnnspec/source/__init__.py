"""Where things stand in a text, and what is to be said of them: spans, source text, diagnostics."""
