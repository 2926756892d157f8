"""Costs as formulas: polynomials of sizes, in a terminal, as CSV, JSON, Markdown and LaTeX."""
