"""Costs as formulas: polynomials of sizes, in a terminal, as JSON and Markdown, and as LaTeX."""
