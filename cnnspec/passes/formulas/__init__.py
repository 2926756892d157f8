"""Costs as polynomials of the input's sizes, on the class of sizes that goes with the written one."""
